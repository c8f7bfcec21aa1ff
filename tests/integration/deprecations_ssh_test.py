# SPDX-License-Identifier: GPL-3.0-or-later
"""The ssh channel retires: what the client of 2012 shows of it, through real ssh and two real sshds."""
import time
import unittest

from retiring import Retiring, window
from ssh_test import OneRegistry
from sshd import old_request
from support import sdist

TITLE = "Upload over ssh"


class SshRetires(OneRegistry):
    def test_the_old_client_is_told_refused_and_told_what_to_use_instead(self):
        alice, bob = (self.registry.user(name, "admin") for name in ("alice", "bob"))
        self.known("of-ada")
        number = iter(range(1, 1000))

        def upload(host=0):
            return self.client(self.key, self.hosts[host]).send(old_request(sdist("of-ada", f"1.{next(number)}")))

        def wait_for(status, within=30):
            end = time.monotonic() + within
            while (reply := upload()).status != status:
                self.assertLess(time.monotonic(), end, reply)
            return reply

        self.assertEqual(upload().status, 200)
        record = Retiring(self.registry, alice, bob, title=TITLE, kind="channel", subject="ssh upload", replacement="an API token over https",
                          mentions="ssh upload")
        person = record.evidence()["people"][0]
        self.assertEqual((person["user"], person["projects"]), ("ada", ["of-ada"]))
        self.assertRegex(person["credentials"][0], r"^ssh-ed25519 SHA256:")

        record.reach("warning")
        record.wait_rehearsed()
        told = upload(1)
        self.assertEqual((told.status, told.body), (200, b"OK\n"), told)
        self.assertIn(f"{TITLE} ends on ", told.errors)
        self.assertIn("use an API token over https: https://shop.example/help/twine", told.errors)

        would = {one["user"] for one in record.plan("brown_out", **window(60, 60))["refused"]}
        record.go("brown_out", **window(1, 600))
        refused = wait_for(403)
        self.assertRegex(refused.reason, rf"^{TITLE} is off until \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(brown-out 1\); use an API token over https: ")
        self.assertEqual(refused.body.decode(), refused.reason + "\n")
        self.assertEqual(upload(1).status, 403)
        # By another channel the same person goes on, and it is seen.
        self.assertEqual(self.registry.upload(sdist("of-ada", "2.0"), self.ada).status, 200)
        self.assertEqual({one["user"] for one in record.evidence()["people"] if one["refused"]}, would)
        self.assertEqual(record.evidence()["people"][0]["moved_to"], "https upload")
        running = record.record()["brown_outs"][0]
        self.assertEqual((running["people"], running["moved_over"]), (1, 1))
        record.must(self.registry.call("POST", f"{record.path}/brown-outs/{running['id']}/end", alice, {"reason": "seen enough"}))
        wait_for(200)

        record.go("sunset")
        gone = wait_for(410)
        self.assertRegex(gone.reason, rf"^{TITLE} ended on \d{{4}}-\d\d-\d\d; use an API token over https: ")
        self.assertEqual(self.registry.upload(sdist("of-ada", "2.1"), self.ada).status, 200)
        record.must(record.step("rolled_back"))
        wait_for(200)


if __name__ == "__main__":
    unittest.main()
