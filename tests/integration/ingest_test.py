# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of a CDN's log by each of its ways into the counts, from real senders and hostile ones."""
import collections
import gzip
import json
import os
import signal
import socket
import subprocess
import time
import unittest

from ingesters import IngestCase, Ingester, Rsyslog, line
from postgres import shared_server
from support import BIN


class IngestTest(IngestCase):
    # Whole ways.

    def test_rsyslog_over_relp(self):
        ingester = self.ingester()
        sender = Rsyslog(self.folder / "sender", "omrelp", ingester.ports["relp"]).start()
        self.addCleanup(sender.stop)
        sender.write(line(f"project-{number % 7}") for number in range(20_000))
        # What came in is told some moments later than what was stored of it.
        ingester.wait_stored(20_000)
        status = ingester.wait_until(lambda status: status["received"] >= 20_000)
        self.assertEqual(status["received"], 20_000)
        self.assertEqual(status["repeated"], 0)
        expected = collections.Counter(f"project-{number % 7}" for number in range(20_000))
        self.assertEqual(ingester.counts(), dict(expected))
        self.assertEqual(ingester.tallies()["downloads"], 20_000)
        self.assertEqual(status["problem"], "")
        self.assertEqual(status["peers"][0]["transport"], "relp")

    def test_what_rsyslog_says_to_have_sent_is_held_against_what_came(self):
        ingester = self.ingester()
        sender = Rsyslog(self.folder / "sender", "omrelp", ingester.ports["relp"], reports="cdn-1").start()
        self.addCleanup(sender.stop)

        def headed(project):
            return f"<134>1 2026-01-01T00:00:00Z cdn-1 cdn - - - {line(project)}"

        def told():
            return ingester.rows("SELECT sum(received), sum(sent), sum(told) FROM download_sender_hours WHERE sender = 'cdn-1'")[0]

        def wait_told(lines):
            # Lines may come between what a report counts and the report itself: the next one tells of them.
            while (told()[1] or 0) < lines or told()[1] != told()[2]:
                time.sleep(0.1)  # the next report
            received, sent, _ = told()
            self.assertLessEqual(sent, received)

        # Its first report says where it begins.
        while not ingester.reasons().get("Report"):
            time.sleep(0.1)
        sender.write(headed("cheddar") for _ in range(5_000))
        wait_told(5_000)
        # Neither its restart nor ours is a loss.
        sender.stop()
        sender.start()
        sender.write(headed("brie") for _ in range(700))
        wait_told(5_700)
        ingester.kill()
        sender.write(headed("gouda") for _ in range(300))
        ingester.start()
        while ingester.counts().get("gouda") != 300:
            time.sleep(0.1)  # the sender comes back by itself
        sender.write(headed("feta") for _ in range(40))
        wait_told(5_740)
        # What monitors read, of what this process knows by itself.
        ingester.wait_until(lambda status: status["senders"]["sent"] > 0 and status["senders"]["sent"] == status["senders"]["came"])
        sender.stop()
        ingester.wait_counted()
        self.assertEqual(ingester.counts(), {"cheddar": 5_000, "brie": 700, "gouda": 300, "feta": 40})
        tallies = ingester.tallies()
        self.assertEqual(tallies["received"], 6_040 + ingester.reasons()["Report"])
        self.assertEqual(tallies["ignored"], ingester.reasons()["Report"])
        # Lines that it was given and that nobody has.
        reports = [f'<46>1 {time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())} cdn-2 rsyslogd-pstats - - - '
                   f'{{ "name": "downloads", "origin": "core.queue", "enqueued": {given} }}' for given in (100, 112)]
        lines = [f"<134>1 2026-01-01T00:00:00Z cdn-2 cdn - - - {line('gouda')}" for _ in range(8)]
        connection = self.relp(ingester).open()
        for text in [reports[0], *lines, reports[1]]:
            last = connection.send("syslog", text)
        connection.acknowledged(last)
        query = "SELECT sent, told FROM download_sender_hours WHERE sender = 'cdn-2'"
        while ingester.rows(query) in ([], [(None, None)]):
            time.sleep(0.1)  # until it is stored
        self.assertEqual(ingester.rows(query), [(12, 9)])

    def test_rsyslog_over_tcp_counted_and_by_lines_mixed(self):
        ingester = self.ingester(transports=("tcp",))
        sender = Rsyslog(self.folder / "sender", "omfwd", ingester.ports["tcp"]).start()
        self.addCleanup(sender.stop)
        sender.write(line("by-rsyslog") for _ in range(5000))
        text = line("mixed")
        head = "<134>1 2026-11-26T22:00:00Z cdn downloads - - - "
        framed = f"{len(text)} {text}{text}\n{len(head + text)} {head}{text}".encode()
        self.send_tcp(ingester.ports["tcp"], framed * 100)
        ingester.wait_stored(5300)
        self.assertEqual(ingester.counts(), {"by-rsyslog": 5000, "mixed": 300})

    def test_udp_counts_what_comes_and_what_is_lost(self):
        ingester = self.ingester(transports=("udp",))
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(sender.close)
        text = line("datagram").encode()
        sent = 0
        address = ("127.0.0.1", ingester.ports["udp"])
        # Nobody reads while the process stands still: the kernel's buffer runs over.
        ingester.process.send_signal(signal.SIGSTOP)
        try:
            for _ in range(60_000):
                sender.sendto(text, address)
                sent += 1
        finally:
            ingester.process.send_signal(signal.SIGCONT)
        for _ in range(100):
            sender.sendto(text, address)
            sent += 1
        status = ingester.wait_until(lambda status: status["received"] + status["lost"] == sent)
        self.assertGreater(status["lost"], 0)
        self.assertGreater(status["received"], 100)
        self.assertIn(f'cheesemonger_ingest_lost_total{{transport="udp",address="127.0.0.1:{ingester.ports["udp"]}"}} {status["lost"]}', ingester.get("/metrics"))
        print(f"{sent} datagrams, {status['lost']} lost and counted")
        ingester.wait_stored(status["received"])
        self.assertEqual(ingester.counts(), {"datagram": status["received"]})
        # Also for whoever asks after the process is gone.
        while ingester.reasons().get("Lost") != status["lost"]:
            time.sleep(0.05)  # it goes the way of the lines
        ingester.kill()
        ingester.start()
        ingester.wait_counted()
        self.assertEqual(ingester.status()["lost"], 0)
        self.assertEqual(ingester.reasons(), {"Lost": status["lost"]})

    # RELP by the letter.

    def test_an_acknowledgement_means_that_it_is_on_disk(self):
        ingester = self.ingester()
        sender = self.relp(ingester).open()
        for number in range(50):
            sender.send("syslog", line(f"kept-{number}"))
            sender.acknowledged(number + 2)
        ingester.kill()
        ingester.start()
        ingester.wait_counted()
        self.assertEqual(ingester.counts(), {f"kept-{number}": 1 for number in range(50)})

    def test_the_session_is_that_of_the_protocol(self):
        ingester = self.ingester()
        sender = self.relp(ingester)
        sender.send("open", "relp_version=0\nrelp_software=test\ncommands=syslog")
        number, command, data = sender.answer()
        self.assertEqual((number, command), (1, "rsp"))
        self.assertEqual(data.split(b"\n")[0], b"200 OK")
        self.assertIn(b"relp_version=0", data)
        self.assertIn(b"commands=syslog", data)
        sender.send("starttls")
        self.assertTrue(sender.answer()[2].startswith(b"500 "))
        sender.send("syslog", line("one") + "\n")
        self.assertEqual(sender.answer(), (3, "rsp", b"200 OK"))
        sender.send("close")
        self.assertEqual(sender.answer(), (4, "rsp", b"200 OK"))
        self.assertEqual(sender.answer(), (0, "serverclose", b""))
        self.assertIsNone(sender.answer())
        for wrong in (b"GET / HTTP/1.1\r\n\r\n", b"1 syslog 1 x\n", b"\0" * 1000, b"1 open 3 abc\n1 open 3 abc\n"):
            with self.subTest(wrong[:20]):
                stranger = self.relp(ingester)
                stranger.socket.sendall(wrong)
                while stranger.answer() is not None:
                    pass
        ingester.wait_stored(1)
        self.assertEqual(ingester.counts(), {"one": 1})

    def test_what_is_sent_again_is_counted_once(self):
        ingester = self.ingester()
        lines = [line("again", f"1.{number}") for number in range(100)]
        first = self.relp(ingester).open()
        for text in lines:
            first.send("syslog", text)
        first.acknowledged(101)
        for restart in (False, True):
            # The sender has read acknowledgements up to 60 and loses the connection, or we end.
            if restart:
                ingester.kill()
                ingester.start()
            else:
                first.close()
            again = self.relp(ingester).open()
            for text in lines[60:]:
                again.send("syslog", text)
            again.acknowledged(41)
            if not restart:
                self.assertEqual(ingester.wait_until(lambda status: status["repeated"] > 0)["repeated"], 40)
                first = again
        again.send("syslog", line("again", "new"))
        again.acknowledged(42)
        self.assertEqual(ingester.wait_until(lambda status: status["received"] == 1)["repeated"], 40)
        ingester.wait_counted()
        self.assertEqual(ingester.counts(), {"again": 101})
        # Of both times, also of before the kill: nothing but their reason, and no line of the sums.
        self.assertEqual(ingester.reasons(), {"Repeated": 80})
        self.assertEqual(ingester.tallies()["received"], 101)

    def test_after_a_proper_farewell_nothing_is_taken_for_a_repetition(self):
        ingester = self.ingester()
        for _ in range(3):
            sender = self.relp(ingester).open()
            sender.send("syslog", line("same", at=1_780_000_000))
            sender.send("close")
            while sender.answer() is not None:
                pass
        ingester.wait_stored(3)
        self.assertEqual(ingester.counts(), {"same": 3})

    # Hostile.

    def test_equal_lines_of_another_machine_are_its_own_also_after_a_break(self):
        ingester = self.ingester()
        lines = [line(f"project-{number % 3}", at=1_700_000_000) for number in range(30)]
        first = self.relp(ingester).open()
        for text in lines:
            last = first.send("syslog", text)
        first.acknowledged(last)
        first.close()
        # Two caches may log the same at the same second. Who breaks off is known by its address, and so are its repetitions.
        for address in ("127.0.0.2", "127.0.0.1"):
            again = self.relp(ingester, address).open()
            for text in [*lines, line("end")]:
                last = again.send("syslog", text)
            again.acknowledged(last)
        ingester.wait_counted()
        self.assertEqual(ingester.counts(), {"project-0": 20, "project-1": 20, "project-2": 20, "end": 2})
        self.assertEqual(ingester.status()["repeated"], 30)

    def test_a_hostile_sender_costs_the_others_nothing(self):
        ingester = self.ingester(transports=("relp", "tcp"))
        endless = socket.create_connection(("127.0.0.1", ingester.ports["tcp"]))
        self.addCleanup(endless.close)
        half = self.relp(ingester).open()
        half.socket.sendall(b"2 syslog 9999 not all of it")
        good = self.relp(ingester).open()
        garbage = os.urandom(200_000).replace(b"\n", b"") + b"|||@@@\0\0\xff\xfe" * 1000
        for number in range(40):
            endless.sendall(garbage)
            good.send("syslog", line("good"))
            good.acknowledged(number + 2)
        endless.sendall(b"\n" + b"\0\0\0\n" + b"\xff\xfe|\n" + line("old", at=5).encode() + b"\n" + line("future", at=4_102_444_800).encode() + b"\n\n")
        long = self.relp(ingester).open()
        long.send("syslog", b"y" * 50_000)
        long.acknowledged(2)
        endless.shutdown(socket.SHUT_WR)
        status = ingester.wait_stored(46)
        self.assertEqual(status["received"], 46)
        self.assertEqual(ingester.reasons().get("TooLong"), 2)
        self.assertEqual(status["refused"], 2)
        tallies = ingester.tallies()
        self.assertEqual(tallies["received"], 46)
        self.assertEqual(ingester.counts()["good"], 40)
        memory = int(next(row for row in open(f"/proc/{ingester.process.pid}/status") if row.startswith("VmHWM")).split()[1]) / 1024
        print(f"{memory:.0f} MB at most")

    def test_a_line_that_is_cut_off_is_told_and_not_believed(self):
        ingester = self.ingester(transports=("tcp",))
        self.send_tcp(ingester.ports["tcp"], (line("whole") + "\n" + line("cut")[:100]).encode())
        ingester.wait_stored(2)
        self.assertEqual(ingester.counts(), {"whole": 1})
        self.assertEqual(ingester.reasons()["CutOff"], 1)

    # The spool.

    def test_a_full_spool_holds_the_sender_back_and_not_memory(self):
        ingester = self.ingester("--spool-limit", "16MB", transports=("relp", "tcp"))
        blocker = self.block_database(ingester)
        sender = Rsyslog(self.folder / "sender", "omrelp", ingester.ports["relp"]).start()
        self.addCleanup(sender.stop)
        sender.write(line("held", padding=2000) for _ in range(20_000))
        status = ingester.wait_until(lambda status: status["spool"]["full"])
        self.assertLess(status["spool"]["on_disk"], 40_000_000)
        self.assertLess(status["received"], 20_000)
        self.assertIsNotNone(status["spool"]["oldest"])
        blocker()
        ingester.wait_stored(20_000)
        self.assertEqual(ingester.counts(), {"held": 20_000})

    def block_database(self, ingester):
        """Nobody can write to it until what is answered is called."""
        import sqlite3
        database = sqlite3.connect(ingester.data / "catalog.sqlite", isolation_level=None, timeout=60)
        database.execute("BEGIN IMMEDIATE")
        self.addCleanup(database.close)
        return lambda: database.execute("ROLLBACK")

    def test_a_database_that_is_away_holds_up_nobody_who_sends(self):
        server = shared_server()
        database = server.create_database()
        ingester = self.ingester("--database", server.url(database))
        sender = self.relp(ingester).open()
        sender.send("syslog", line("before"))
        sender.acknowledged(2)
        ingester.wait_stored(1)
        server.psql(f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
        server.psql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
        for number in range(100):
            sender.send("syslog", line("meanwhile"))
        sender.acknowledged(102)
        status = ingester.wait_until(lambda status: status["problem"])
        self.assertIsNotNone(status["spool"]["oldest"])
        self.assertEqual(status["received"], 101)
        # A new one begins without it, too.
        ingester.kill()
        ingester.start()
        again = self.relp(ingester).open()
        again.send("syslog", line("again"))
        again.acknowledged(2)
        server.psql(f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")
        ingester.wait_until(lambda status: status["received"] == 1 and status["spool"]["oldest"] is None and not status["problem"])
        self.assertEqual(server.psql("SELECT sum(downloads) FROM download_tallies WHERE tier = 1", database).strip(), "102")

    def test_sigterm_counts_what_was_taken(self):
        ingester = self.ingester(transports=("relp", "tcp"))
        sender = self.relp(ingester).open()
        for _ in range(500):
            sender.send("syslog", line("relp"))
        with socket.create_connection(("127.0.0.1", ingester.ports["tcp"])) as tcp:
            tcp.sendall(f"{line('tcp')}\n".encode() * 2000)
            sender.acknowledged(501)
            self.assertEqual(ingester.stop(), 0)
        self.assertEqual(sender.answer(), (0, "serverclose", b""))
        self.assertEqual(ingester.counts(), {"relp": 500, "tcp": 2000})

    def test_a_second_ingester_on_a_spool_is_refused_and_so_is_none_to_listen_for(self):
        ingester = self.ingester()
        words = [BIN / "cheesemongerd", "ingest", "--data", ingester.data, "--status", "none"]
        second = subprocess.run([*words, "--relp", "127.0.0.1:0"], capture_output=True, text=True)
        self.assertEqual(second.returncode, 1)
        self.assertIn("uses the spool", second.stderr)
        nothing = subprocess.run(words, capture_output=True, text=True)
        self.assertEqual(nothing.returncode, 2)
        self.assertIn("nothing to listen for", nothing.stderr)
        # What would only look as if somebody listened, or listened behind a certificate.
        file = self.folder / "some.log"
        file.write_text(line("unheard") + "\n")
        for wrong, told in (([*words, "--relp", "127.0.0.1:0", file], "--relp listens"),
                            ([*words, "--tcp", "127.0.0.1:0", "--tls-cert", file, "--tls-key", file], "listen.tls")):
            done = subprocess.run(wrong, capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn(told, done.stderr)

    # Files.

    def test_files_count_each_line_once_however_they_are_given(self):
        ingester = Ingester(self.folder)
        text = "".join(f"{line(f'p-{number % 5}', at=1_780_000_000 + number)}\n" for number in range(3000))
        grown = text + "".join(f"{line('grown')}\n" for _ in range(10))

        def count(*files, stdin=None):
            done = subprocess.run([BIN / "cheesemongerd", "ingest", "--data", ingester.data, *files], input=stdin, capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout.decode()

        first = self.folder / "access.log"
        first.write_text(text + line("unfinished")[:50])
        self.assertIn("3000 lines counted", count(first))
        self.assertIn("left for later", count(first))
        self.assertIn(" 0 lines counted", count(first, first))
        first.write_text(grown)
        renamed = first.rename(self.folder / "access.log.1")
        self.assertIn("10 lines counted", count(renamed))
        packed = self.folder / "access.log.2.gz"
        packed.write_bytes(gzip.compress(text[:100_000].encode()) + gzip.compress(grown[100_000:].encode()))
        self.assertIn(" 0 lines counted", count(packed))
        self.assertIn(" 0 lines counted", count("-", stdin=grown.encode()))
        self.assertEqual(ingester.counts(), {**{f"p-{number}": 600 for number in range(5)}, "grown": 10})
        other = self.folder / "small.log"
        for lines in (1, 3, 8, 2000):
            other.write_text("".join(f"{line('small', str(number), at=1_790_000_000)}\n" for number in range(lines)))
            count(other)
            self.assertEqual(ingester.counts()["small"], lines)

    def test_a_damaged_file_counts_what_can_be_read_and_says_so(self):
        ingester = Ingester(self.folder)
        packed = gzip.compress("".join(f"{line(f'p{number}')}\n" for number in range(5000)).encode())
        (self.folder / "cut.gz").write_bytes(packed[:len(packed) // 2])
        done = subprocess.run([BIN / "cheesemongerd", "ingest", "--data", ingester.data, self.folder / "cut.gz", self.folder / "absent"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cut.gz", done.stderr)
        self.assertIn("absent", done.stderr)
        partly = sum(ingester.counts().values())
        self.assertGreater(partly, 100)
        self.assertIn(f"{partly} lines of it are counted now", done.stderr)
        self.assertIn("give the whole file", done.stderr)
        (self.folder / "whole.gz").write_bytes(packed)
        subprocess.run([BIN / "cheesemongerd", "ingest", "--data", ingester.data, self.folder / "whole.gz"], check=True, capture_output=True)
        self.assertEqual(ingester.counts(), {f"p{number}": 1 for number in range(5000)})

    def test_a_folder_without_a_registry_is_refused_and_stays_as_it_is(self):
        log = self.folder / "lines.log"
        log.write_text(line("lost") + "\n")
        empty = self.folder / "empty"
        empty.mkdir()
        for folder in (self.folder / "mistyped", empty):
            for words in ([log], ["--relp", "127.0.0.1:0", "--status", "none"]):
                done = subprocess.run([BIN / "cheesemongerd", "ingest", "--data", folder, *words], capture_output=True, text=True)
                self.assertEqual(done.returncode, 1, done)
                self.assertIn(str(folder), done.stderr)
        self.assertFalse((self.folder / "mistyped").exists())
        self.assertEqual(list(empty.iterdir()), [])

    def test_lines_of_times_that_cannot_be_are_refused_in_both_modes_and_by_what_an_operator_says(self):
        ingester = Ingester(self.folder)
        log = self.folder / "lines.log"
        now = int(time.time())
        for mode in ("compatible", "strict"):
            times = [now, now - 3 * 365 * 86400, 0, 4_102_444_800]
            log.write_text("".join(f"{line(f'{mode}-{number}', at=at)}\n" for number, at in enumerate(times)))
            done = subprocess.run([BIN / "cheesemongerd", "ingest", "--data", ingester.data, "--mode", mode, "--earliest", time.strftime("%Y-01-01", time.gmtime(now - 365 * 86400)), log],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(ingester.counts(), {"compatible-0": 1, "strict-0": 1})
        reasons = dict(ingester.rows("SELECT reason, sum(lines) FROM download_reasons WHERE tier = 1 GROUP BY reason"))
        self.assertEqual(reasons, {"TimePast": 4, "TimeAhead": 2})
        self.assertEqual(subprocess.run([BIN / "cheesemongerd", "ingest", "--data", ingester.data, "--earliest", "yesterday", log], capture_output=True).returncode, 2)

    def test_the_status_is_what_monitors_read(self):
        ingester = self.ingester(transports=("relp", "udp"))
        status = ingester.status()
        self.assertIsNone(status["last_line"])
        self.assertIsNone(status["newest_line_time"])
        sender = self.relp(ingester).open()
        sender.send("syslog", line("seen"))
        sender.acknowledged(2)
        ingester.wait_stored(1)
        status = ingester.wait_until(lambda status: status["last_line"])
        for key in ("now", "started", "newest_line_time"):
            self.assertRegex(status[key], r"^\d{4}-\d\d-\d\dT")
        self.assertEqual(status["connections"], 1)
        self.assertEqual(status["spool"]["bytes"], 0)
        self.assertIn("cheesemonger_ingest_stored_lines_total{outcome=\"download\"} 1", ingester.get("/metrics"))
        self.assertEqual(json.loads(ingester.get("/status"))["stored"]["downloads"], 1)


if __name__ == "__main__":
    unittest.main()
