# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees who runs a mirror by hand: how far it is, on one line of the terminal, and at the end what came of it."""
import os
import pty
import re
import subprocess
import threading
import unittest

from keepers import wait_for
from mirrors import UpstreamTest

PROGRESS = re.compile(r"(\d+) projects done, (\d+) under way, (\d+) requests, (\d+\.\d) MB")


class Terminal:
    """A terminal with its program: what was written, and what stands on the screen."""

    def __init__(self, test, command):
        master, slave = pty.openpty()
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)
        test.addCleanup(self.process.wait)
        test.addCleanup(self.process.kill)
        self.written, self.master = b"", master
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        # An error is the end: nobody holds the other side any more.
        try:
            while part := os.read(self.master, 65536):
                self.written += part
        except OSError:
            pass
        os.close(self.master)

    def ended(self):
        code = self.process.wait()
        self.reader.join()
        return code

    def screen(self):
        lines = []
        for written in self.written.decode().split("\n"):
            line, at = "", 0
            for part in re.split(r"(\r|\x1b\[K)", written):
                if part == "\r":
                    at = 0
                elif part == "\x1b[K":
                    line = line[:at]
                else:
                    line = line[:at] + part + line[at + len(part):]
                    at += len(part)
            lines.append(line)
        return [line for line in lines if line]


class ByHand(UpstreamTest):
    def setUp(self):
        super().setUp()
        for name in ("one", "two", "three", "slow"):
            self.upstream.publish(name, f"{name}-1.0.tar.gz", os.urandom(1000))
        self.upstream.slow.add("slow-1.0.tar.gz")

    def test_a_terminal_shows_one_line_that_changes_and_then_what_came_of_it(self):
        terminal = Terminal(self, self.mirror.command("--once"))
        wait_for("what is under way", lambda: b"3 projects done, 1 under way" in terminal.written)
        # All of it on one line, each time anew.
        shown = [line for line in terminal.screen() if "under way" in line]
        self.assertEqual(len(shown), 1, terminal.screen())
        self.assertRegex(shown[0], PROGRESS)
        self.upstream.slow.clear()
        self.assertEqual(terminal.ended(), 0, terminal.written)
        # Nothing of it is left beside the last word.
        self.assertFalse([line for line in terminal.screen() if "under way" in line], terminal.screen())
        said = [line for line in terminal.screen() if line.startswith("serial ")]
        self.assertEqual(len(said), 1, terminal.screen())
        self.assertRegex(said[0], r"serial 4 of 4: 4 projects published, 0 removed, 0 failed, 0 pending; 4 files, \d+ requests, \d+ ms")

    def test_whoever_reads_it_from_a_pipe_gets_no_signs_for_a_terminal(self):
        process = subprocess.Popen(self.mirror.command("--once"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_for("the slow file", lambda: self.upstream.trickling)
        wait_for("a word of the run", lambda: (self.mirror.web / "status.json").exists() and self.mirror.status()["running"])
        self.upstream.slow.clear()
        said = process.stdout.read()
        self.assertEqual(process.wait(), 0, said)
        self.assertNotIn(b"\r", said)
        self.assertNotIn(b"\x1b", said)
        self.assertIn(b"serial 4 of 4: 4 projects published", said)


if __name__ == "__main__":
    unittest.main()
