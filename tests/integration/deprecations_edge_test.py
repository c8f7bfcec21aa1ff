# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read retires behind a CDN: nothing that it keeps is served beyond the edge of a brown-out."""
import time
import unittest

from edges import FrontedNodes, wait_for
from retiring import Retiring, moment

PATH = "/pypi/project-0/json"
# Ages are whole seconds.
STEP = 1.5


class BehindCaches(FrontedNodes):
    def test_a_cache_serves_nothing_of_before_in_a_brown_out_and_nothing_of_it_afterwards(self):
        alice, bob = (self.one.user(name, "admin") for name in ("alice", "bob"))
        record = Retiring(self.one, alice, bob, title="The JSON pages", kind="endpoint", subject="project-json")
        self.assertTrue(record.evidence()["behind_caches"])
        # Of readers whom a cache answers nobody knows anything.
        guard = record.guards("measuring")["indirect"]
        self.assertEqual((guard["state"], guard["overridable"]), ("unmet", True), guard)
        record.go("measuring")
        # What is kept from before the warning goes with it.
        self.cdn.get(PATH)
        self.assertEqual(self.cdn.get(PATH).headers["X-Cache"], "HIT")
        record.go("announced")
        record.go("warning")
        wait_for("the warning behind the cache", lambda: self.cdn.get(PATH).headers["Deprecation"])
        kept = self.cdn.get(PATH)
        self.assertEqual((kept.status, kept.headers["X-Cache"]), (200, "HIT"))
        self.assertIn(" GMT", kept.headers["Sunset"])

        begins, ends = time.time() + 8, time.time() + 14
        record.go("brown_out", starts=moment(begins - time.time()), ends=moment(ends - time.time()), on_call="alice")
        seen = []
        while time.time() < ends + 3:
            sent = time.time()
            answer = self.cdn.get(PATH)
            seen.append((sent, answer.status, answer.headers["X-Cache"], time.time()))
        for sent, status, cache, answered in seen:
            if answered < begins - 0.1 or sent > ends + STEP:
                self.assertEqual(status, 200, (sent - begins, cache))
            elif sent > begins + STEP and answered < ends - 0.1:
                self.assertEqual(status, 403, (sent - begins, cache))
        inside = [sent - begins for sent, status, _, _ in seen if status == 200 and begins < sent < begins + STEP]
        print(f"{len(seen)} answers; the last of before was served {max(inside, default=0):+.2f} s after the beginning, "
              f"the first refusal {min(sent for sent, status, _, _ in seen if status == 403) - begins:+.2f} s, "
              f"the first answer {min(sent for sent, status, _, _ in seen if status == 200 and sent > begins + STEP) - ends:+.2f} s from the end")
        self.assertTrue(any(cache == "HIT" for sent, status, cache, _ in seen if sent < begins))
        wait_for("kept again", lambda: self.cdn.get(PATH).headers["X-Cache"] == "HIT")


if __name__ == "__main__":
    unittest.main()
