# SPDX-License-Identifier: GPL-3.0-or-later
"""A ClickHouse that takes connections and never answers holds up nobody who asks the registry for something else."""
import pathlib
import shutil
import socket
import tempfile
import threading
import unittest

from support import Registry


class Hanging:
    """A door behind which nobody is: notes what was asked, and answers nothing."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.asked = 0
        self.connections = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections.append(connection)
            self.asked += 1

    def stop(self):
        self.socket.close()
        for connection in self.connections:
            connection.close()


class ClickHouseHangTest(unittest.TestCase):
    def test_who_asks_after_one_that_had_no_answer_is_told_at_once(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        door = Hanging()
        self.addCleanup(door.stop)
        config = folder / "cheesemongerd.toml"
        config.write_text(f'[serve.clickhouse]\nurl = "http://127.0.0.1:{door.port}"\n')
        registry = Registry(folder / "data", "--config", config).start()
        self.addCleanup(registry.kill)
        token = registry.user("ada", "admin")

        def ask(path):
            return registry.call("GET", f"/admin/v1/{path}", token)

        answers = []
        many = [threading.Thread(target=lambda: answers.append(ask("downloads/series?split=none"))) for _ in range(12)]
        for one in many:
            one.start()
        # Meanwhile everybody else is answered.
        self.assertEqual(ask("projects").status, 200)
        for one in many:
            one.join()
        self.assertLessEqual({answer.status for answer in answers}, {503, 504})
        for path in ("downloads/completeness", "downloads/trends?projects=cheddar"):
            self.assertIn(ask(path).status, (503, 504), path)
        self.assertEqual(ask("projects").status, 200)
        # One of them asked and had no answer; the others were not even sent, but for one after each rest.
        self.assertLess(door.asked, 5)


if __name__ == "__main__":
    unittest.main()
