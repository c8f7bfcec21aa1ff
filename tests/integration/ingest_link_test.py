# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to an ingester themselves: TLS from its first byte on, and senders that vanish."""
import ctypes
import pathlib
import signal
import socket
import ssl
import struct
import time
import unittest

from ingesters import IngestCase, Ingester, Link, Rsyslog, line
from keepers import Authority

SO_ATTACH_FILTER = 26  # Linux; Python has no name for it


class IngestLinkTest(IngestCase):
    def test_tls_counts_what_comes_with_the_last_bytes_of_the_handshake(self):
        certificate, key, root = Authority(self.folder / "ca").issue("agent", "log", "127.0.0.1")
        ingester = self.ingester("--tls-cert", certificate, "--tls-key", key, transports=("tls",))
        context = ssl.create_default_context(cafile=root)
        context.check_hostname = False
        open_ones = []
        for number, version in enumerate((ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2)):
            context.minimum_version = context.maximum_version = version
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = context.wrap_bio(incoming, outgoing)
            raw = socket.create_connection(("127.0.0.1", ingester.ports["tls"]))
            self.addCleanup(raw.close)
            open_ones.append(raw)
            while True:
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    raw.sendall(outgoing.read())
                    incoming.write(raw.recv(65536))
            # In 1.3 our Finished still waits to be sent, and goes with the lines.
            for again in range(3):
                tls.write(f"{line('first')}\n".encode())
            raw.sendall(outgoing.read())
            # The sender stays, and says nothing more.
            ingester.wait_stored(3 * (number + 1))
        self.assertEqual(ingester.counts(), {"first": 6})
        self.assertEqual(ingester.feed("tls")["connections"], 2)

    def test_tls_with_and_without_the_certificate_of_a_sender(self):
        authority = Authority(self.folder / "ca")
        certificate, key, root = authority.issue("agent", "log", "127.0.0.1")
        client = authority.issue("monitor", "cdn")
        ingester = self.ingester("--tls-cert", certificate, "--tls-key", key, "--tls-client-ca", root, transports=("tls",))
        context = ssl.create_default_context(cafile=root)
        context.check_hostname = False
        context.load_cert_chain(*client[:2])
        with socket.create_connection(("127.0.0.1", ingester.ports["tls"])) as raw, context.wrap_socket(raw) as connection:
            connection.sendall("".join(f"{line('secret')}\n" for _ in range(3000)).encode())
        ingester.wait_stored(3000)
        self.assertEqual(ingester.counts(), {"secret": 3000})
        stranger = ssl.create_default_context(cafile=root)
        stranger.check_hostname = False
        with self.assertRaises(OSError), socket.create_connection(("127.0.0.1", ingester.ports["tls"])) as raw, stranger.wrap_socket(raw) as connection:
            connection.sendall(b"x\n")
            connection.recv(1)
        self.send_tcp(ingester.ports["tls"], b"no TLS at all\n")
        status = ingester.wait_until(lambda status: status["feeds"][0]["protocol_errors"] == 2)
        self.assertEqual(status["received"], 3000)
        told = [text for text in ingester.log().splitlines() if "ingest.tls_failed" in text]
        self.assertEqual(len(told), 2)
        self.assertIn("did not return a certificate", told[0])
        self.assertIn('"peer":"127.0.0.1"', told[1])
        # A certificate that cannot be used does not take the place of one that can.
        for content, told in ((pathlib.Path(certificate).read_bytes(), "tls.reloaded"), (b"no certificate", "tls.kept")):
            pathlib.Path(certificate).write_bytes(content)
            ingester.process.send_signal(signal.SIGHUP)
            while told not in ingester.log():
                time.sleep(0.02)  # until it has looked
        with socket.create_connection(("127.0.0.1", ingester.ports["tls"])) as raw, context.wrap_socket(raw) as connection:
            connection.sendall(f"{line('secret')}\n".encode())
        ingester.wait_stored(3001)

    def cut(self, sender):
        """What comes to this socket is thrown away before TCP sees it, so that nobody answers for it: as behind a cut cable,
        with everything of the sender's in place. One instruction of BPF: return 0."""
        nothing = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
        sender.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(nothing)))

    def test_who_goes_to_another_ingester_has_its_open_window_counted_twice_and_no_more(self):
        data = self.folder / "data"
        ingesters = []
        for name in ("first", "second"):
            ingester = Ingester(self.folder / name, "--spool", self.folder / name / "spool")
            ingester.data = data
            self.addCleanup(ingester.start().kill)
            ingesters.append(ingester)
        first, second = ingesters
        sender = self.relp(first).open()
        for _ in range(100):
            last = sender.send("syslog", line("told"))
        sender.acknowledged(last)
        # The first ingester has these on its disk, and nothing that it says arrives.
        self.cut(sender.socket)
        window = [line("open", f"1.{number}") for number in range(50)]
        for text in window:
            sender.send("syslog", text)
        first.wait_stored(150)
        again = self.relp(second).open()
        for text in [*window, *(line("new") for _ in range(100))]:
            last = again.send("syslog", text)
        again.acknowledged(last)
        second.wait_stored(150)
        self.assertEqual(first.counts(), {"told": 100, "open": 100, "new": 100})
        # The first one says what may have been counted elsewhere as well, once it knows that the sender has gone.
        first.wait_until(lambda status: status["connections"] == 0)
        self.assertGreaterEqual(first.feed("relp")["unanswered"], 50)
        self.assertLess(first.feed("relp")["unanswered"], 100)
        # Back at the first one it begins with something new.
        back = self.relp(first).open()
        back.acknowledged(back.send("syslog", line("later")))
        first.wait_stored(151)
        self.assertEqual(first.counts(), {"told": 100, "open": 100, "new": 100, "later": 1})

    def test_rsyslog_whose_link_breaks_and_stands_still_within_what_it_sends_again_has_no_line_counted_twice(self):
        ingester = self.ingester()
        # A window of rsyslog's, 128 lines, has about 50 KB.
        link = Link(ingester.ports["relp"], [{"mute": 200_000}, {"stall": 20_000, "cut": 35_000}, {"stall": 15_000}])
        self.addCleanup(link.close)
        sender = Rsyslog(self.folder / "sender", "omrelp", link.port)
        sender.write(line("again", f"1.{number}") for number in range(2000))
        self.addCleanup(sender.start().stop)
        ingester.wait_stored(2000)
        sender.write([line("last")])
        ingester.wait_until(lambda status: status["spool"]["oldest"] is None and ingester.counts().get("last"))
        self.assertEqual(ingester.counts(), {"again": 2000, "last": 1})
        self.assertGreaterEqual(link.connections, 3)
        self.assertGreater(ingester.status()["repeated"], 100)

    def test_connections_that_bring_nothing_keep_no_sender_out(self):
        ingester = self.ingester(transports=("relp", "tcp"))
        empty = []
        for _ in range(400):
            connection = socket.create_connection(("127.0.0.1", ingester.ports["tcp"]))
            self.addCleanup(connection.close)
            connection.sendall(b"\n")
            empty.append(connection)
        sender = self.relp(ingester).open()
        sender.acknowledged(sender.send("syslog", line("good")))
        ingester.wait_stored(1)
        status = ingester.wait_until(lambda status: status["problem"])
        self.assertIn("max_connections_of_address", status["problem"])
        self.assertLessEqual(status["connections"], 250)
        self.assertIn("ingest.gave_way", ingester.log())
        self.assertIn("127.0.0.1", ingester.log().split("ingest.gave_way", 1)[1].split("\n", 1)[0])

    def test_who_speaks_something_else_is_named_in_the_log(self):
        ingester = self.ingester()
        for _ in range(30):
            stranger = socket.create_connection(("127.0.0.1", ingester.ports["relp"]))
            stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
            try:
                while stranger.recv(100):
                    pass
            except ConnectionError:
                pass
            stranger.close()
        told = [text for text in ingester.log().splitlines() if "ingest.not_understood" in text]
        # All of one kind: a few of them are enough.
        self.assertEqual(len(told), 10)
        self.assertIn("127.0.0.1", told[0])
        self.assertIn("no frame of RELP", told[0])

    def test_a_sender_that_vanishes_without_a_word_is_noticed_within_a_minute_and_its_silence_is_no_0(self):
        ingester = self.ingester(transports=("relp", "tcp"))
        tcp = socket.create_connection(("127.0.0.1", ingester.ports["tcp"]))
        self.addCleanup(tcp.close)
        tcp.sendall(f"{line('before')}\n".encode())
        relp = self.relp(ingester).open()
        relp.send("syslog", line("before"))
        relp.acknowledged(2)
        ingester.wait_stored(2)
        # Its kernel answers for this one, as for a sender that is stopped; and that one only looks whether somebody listens.
        stopped = self.relp(ingester).open()
        stopped.acknowledged(stopped.send("syslog", line("before")))
        looking = socket.create_connection(("127.0.0.1", ingester.ports["tcp"]))
        self.addCleanup(looking.close)
        looking.sendall(b"\n")
        ingester.wait_stored(3)
        cut = time.time()
        for sender in (tcp, relp.socket):
            self.cut(sender)
        status = ingester.wait_until(lambda status: status["connections"] == 1)
        noticed = time.time() - cut
        print(f"two senders gone, noticed after {noticed:.0f} s")
        self.assertEqual([(peer["transport"], peer["received"]) for peer in status["peers"]], [("relp", 1)])
        # The minutes that are known are those of the lines, and none that the cut has a part in.
        while time.time() < 60 * (int(cut // 60) + 2) + 2:
            time.sleep(0.5)  # until a minute is over that began after the cut
        known = [minute for (minute,) in ingester.rows("SELECT bucket FROM download_tallies WHERE tier = 0")]
        self.assertLessEqual(max(known), cut // 60)
        # A line of the one that is still there says that it had none to send in between.
        stopped.acknowledged(stopped.send("syslog", line("after")))
        between = int(cut // 60) + 1
        while not ingester.rows(f"SELECT 1 FROM download_tallies WHERE tier = 0 AND bucket = {between}"):
            time.sleep(0.1)  # until it is told
        self.assertEqual(ingester.rows(f"SELECT received FROM download_tallies WHERE tier = 0 AND bucket = {between}"), [(0,)])


if __name__ == "__main__":
    unittest.main()
