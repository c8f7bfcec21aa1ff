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

from ingesters import IngestCase, Ingester, line
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

    def test_a_sender_that_vanishes_without_a_word_is_noticed_within_a_minute_and_its_silence_is_no_0(self):
        ingester = self.ingester(transports=("relp", "tcp"))
        tcp = socket.create_connection(("127.0.0.1", ingester.ports["tcp"]))
        self.addCleanup(tcp.close)
        tcp.sendall(f"{line('before')}\n".encode())
        relp = self.relp(ingester).open()
        relp.send("syslog", line("before"))
        relp.acknowledged(2)
        ingester.wait_stored(2)
        cut = time.time()
        for sender in (tcp, relp.socket):
            self.cut(sender)
        status = ingester.wait_until(lambda status: status["connections"] == 0)
        noticed = time.time() - cut
        print(f"two senders gone, noticed after {noticed:.0f} s")
        self.assertEqual([peer for peer in status["peers"]], [])
        # The minutes that are known are those of the lines, and none that the cut has a part in.
        while time.time() < 60 * (int(cut // 60) + 2) + 2:
            time.sleep(0.5)  # until a minute is over that began after the cut
        known = [minute for (minute,) in ingester.rows("SELECT bucket FROM download_tallies WHERE tier = 0")]
        self.assertLessEqual(max(known), cut // 60)


if __name__ == "__main__":
    unittest.main()
