# SPDX-License-Identifier: GPL-3.0-or-later
"""Live events: they come at once, carry an id, and are resumed without loss."""
import http.client
import json
import threading
import time
import unittest

from support import RegistryTest, wheel


class Stream:
    """A reader of text/event-stream in a thread of its own."""

    def __init__(self, port, token, last_id=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
        if last_id:
            headers["Last-Event-ID"] = last_id
        self.connection.request("GET", "/admin/v1/events", headers=headers)
        self.answer = self.connection.getresponse()
        self.events, self.changed = [], threading.Condition()
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        event = {}
        try:
            for line in self.answer:
                line = line.decode().rstrip("\r\n")
                if line:
                    key, _, value = line.partition(":")
                    event[key] = value.strip()
                    continue
                if "event" in event:
                    with self.changed:
                        self.events.append((event.get("id"), event["event"], json.loads(event["data"]) if event.get("data") else None, time.monotonic()))
                        self.changed.notify_all()
                event = {}
        except (OSError, ValueError, AttributeError):
            pass

    def wait(self, kind, subject=None):
        def found():
            return next((e for e in self.events if e[1] == kind and (subject is None or subject in (e[2] or {}).get("subject", ""))), None)
        with self.changed:
            if not self.changed.wait_for(found, 20):
                raise AssertionError(f"no {kind} among {self.events}")
            return found()

    def close(self):
        self.connection.close()


class Events(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.registry.user("ada")
        cls.admin = cls.registry.user("root", "admin")

    def open(self, last_id=None):
        stream = Stream(self.registry.port, self.admin, last_id)
        self.addCleanup(stream.close)
        self.assertEqual(stream.answer.status, 200)
        self.assertEqual(stream.answer.headers["Content-Type"].split(";")[0], "text/event-stream")
        return stream

    def test_an_upload_and_a_yank_are_heard(self):
        stream = self.open()
        self.assertEqual(self.registry.upload(wheel("heard", "1.0"), self.ada).status, 200)
        _, _, data, _ = stream.wait("file.uploaded", "heard")
        self.assertEqual(data["actor"], "ada")
        self.registry.call("POST", "/admin/v1/projects/heard/releases/1.0/yank", self.admin, {"reason": "x"})
        stream.wait("release.yanked", "heard")

    def test_what_was_missed_comes_after_resuming(self):
        stream = self.open()
        self.assertEqual(self.registry.upload(wheel("resumed", "1.0"), self.ada).status, 200)
        last_id = stream.wait("file.uploaded", "resumed-1.0")[0]
        stream.close()
        self.assertEqual(self.registry.upload(wheel("resumed", "2.0"), self.ada).status, 200)
        again = self.open(last_id)
        again.wait("file.uploaded", "resumed-2.0")
        self.assertFalse([e for e in again.events if "resumed-1.0" in (e[2] or {}).get("subject", "")], "an event came twice")

    def test_a_position_that_is_not_kept_is_reset(self):
        self.open("999999999").wait("reset")

    def test_an_admin_command_of_another_process_is_heard(self):
        stream = self.open()
        self.registry.admin("user", "add", "newcomer", "--role", "user")
        stream.wait("user.created", "newcomer")


if __name__ == "__main__":
    unittest.main()
