# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of an ingester under load, again and again: over RELP every line is counted, and once; over plain TCP some are
lost, and how many is bounded by what the kernels hold."""
import collections
import os
import pathlib
import random
import socket
import threading
import time
import unittest

from ingesters import IngestCase, Rsyslog, line

KILLS = int(os.environ.get("CHEESEMONGER_KILLS", "8"))


PENDING = (4 << 20) + (1 << 19)  # bytes of TCP that an ingester holds before they are on disk, at most, and one read


def lengths_of_runs(numbers):
    """How many of the rising `numbers` follow each other without a gap, for each run of them."""
    runs = []
    for before, number in zip([None, *numbers], numbers):
        if before is not None and number == before + 1:
            runs[-1] += 1
        else:
            runs.append(1)
    return runs


class Plain:
    """Lines over TCP from a sender that knows of none which has arrived, and sends none twice."""

    def __init__(self, port):
        self.port = port
        self.socket = None
        self.breaks = 0
        self.buffer = 0

    def write(self, lines):
        for text in lines:
            while self.socket is None:
                try:
                    self.socket = socket.create_connection(("127.0.0.1", self.port))
                    self.buffer = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
                except OSError:
                    time.sleep(0.02)  # until somebody listens again
            try:
                self.socket.sendall(f"{text}\n".encode())
            except OSError:
                self.close()
                self.breaks += 1

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None


class IngestKillTest(IngestCase):
    def setUp(self):
        super().setUp()
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        self.dice = random.Random(seed)

    def write_and_kill(self, ingester, write, lines):
        """Has numbered lines written all the time and kills now and then; each number is a version, a hundred a project."""
        written = 0
        done = threading.Event()

        def run():
            nonlocal written
            while written < lines:
                step = min(200, lines - written)
                write([line(f"project-{number // 100}", f"1.{number}") for number in range(written, written + step)])
                written += step
                time.sleep(0.01)  # the load comes as a stream
            done.set()

        writer = threading.Thread(target=run)
        writer.start()
        kills = 0
        while kills < KILLS:
            # Not before it has done something, so that kills fall into its work.
            before = ingester.status()["spool"]["durable"]
            while ingester.status()["spool"]["durable"] == before and not done.is_set():
                time.sleep(0.01)  # until something has come
            time.sleep(self.dice.uniform(0, 0.3))  # a moment that nobody has chosen
            ingester.kill()
            ingester.start()
            kills += 1
        writer.join()
        return kills

    def test_relp_loses_nothing_and_doubles_nothing(self):
        ingester = self.ingester(transports=("relp",))
        senders = [Rsyslog(self.folder / f"sender-{number}", "omrelp", ingester.ports["relp"], window).start() for number, window in enumerate((128, 1000))]
        for sender in senders:
            self.addCleanup(sender.stop)
        lines = 60_000
        # The second one sends other lines from the same address.
        other = threading.Thread(target=lambda: [(senders[1].write(line(f"other-{part}", f"2.{number}") for number in range(200)), time.sleep(0.02))
                                                 for part in range(200)])
        other.start()
        kills = self.write_and_kill(ingester, senders[0].write, lines)
        other.join()
        expected = collections.Counter({f"project-{number}": 100 for number in range(lines // 100)})
        expected.update({f"other-{part}": 200 for part in range(200)})
        everything = sum(expected.values())
        while sum(ingester.counts().values()) < everything:
            time.sleep(0.2)  # the senders come back to us in their own time
        for sender in senders:
            sender.stop()
        ingester.wait_counted()
        status = ingester.status()
        counts = ingester.counts()
        wrong = {project: (counts.get(project), count) for project, count in expected.items() if counts.get(project) != count}
        self.assertEqual(wrong, {}, f"after {kills} kills")
        self.assertEqual(sum(counts.values()), everything)
        self.assertEqual(ingester.tallies()["received"], everything)
        print(f"{everything} lines, {kills} kills, none lost, none twice; {status['repeated']} repeated since the last one")

    def test_tcp_loses_no_more_than_the_kernels_held(self):
        ingester = self.ingester(transports=("tcp",))
        sender = Plain(ingester.ports["tcp"])
        self.addCleanup(sender.close)
        lines = 100_000
        kills = self.write_and_kill(ingester, sender.write, lines)
        sender.write([line("last", "2.0")])
        while "last" not in ingester.counts():
            time.sleep(0.2)  # counted within a second or two
        ingester.wait_counted()
        counts = ingester.counts()
        counts.pop("last")
        self.assertEqual({project: count for project, count in counts.items() if count > 100}, {})
        # Each number is a version: what is missing is the end of what was sent before a break, in one piece.
        arrived = {int(version.split(".")[1]) for (version,) in ingester.rows("SELECT version FROM download_versions WHERE version LIKE '1._%'")}
        missing = sorted(set(range(lines)) - arrived)
        runs = lengths_of_runs(missing)
        self.assertLessEqual(len(runs), sender.breaks)
        # What a connection can hold when it breaks: the kernels' buffers, and one group on its way to the disk.
        receives = int(pathlib.Path("/proc/sys/net/ipv4/tcp_rmem").read_text().split()[2])
        bound = (receives + sender.buffer + PENDING) // len(line("project-1", "1.1"))
        longest = max(runs, default=0)
        print(f"{lines} lines, {kills} kills: {len(missing)} lost ({100 * len(missing) / lines:.2f} %), at {sender.breaks} breaks, {longest} at most at one of"
              f" {bound} that buffers could have held")
        self.assertLessEqual(longest, bound)
        self.assertEqual(sum(counts.values()), lines - len(missing))


if __name__ == "__main__":
    unittest.main()
