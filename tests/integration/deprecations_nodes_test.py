# SPDX-License-Identifier: GPL-3.0-or-later
"""A brown-out on two nodes of one registry: it begins and ends by each node's own clock, whatever else dies."""
import itertools
import time
import unittest

import nodes_test
from retiring import Retiring, moment, send
from support import FAKETIME, SANITIZED, Registry, needs_faketime, wheel

# How far the clock of the second node is ahead, in seconds.
AHEAD = 2


class Ahead(Registry):
    """A node whose clock is wrong."""

    environment = {"LD_PRELOAD": FAKETIME, "FAKETIME": f"+{AHEAD}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


@unittest.skipIf(SANITIZED, "a sanitizer's own library has to be the first that is loaded, and that of the wrong clock would be")
@needs_faketime
class BrownOutOnTwoNodes(nodes_test.TwoNodes):
    @classmethod
    def node(cls, name):
        (cls.folder / name).mkdir(exist_ok=True)
        kind = Ahead if name == "two" else Registry
        return kind(cls.folder / name / "data", store=("--config", cls.config))

    def test_it_ends_on_the_node_that_is_left_to_the_second(self):
        alice, bob = (self.one.user(name, "admin") for name in ("alice", "bob"))
        numbers = itertools.count(1)
        begins, ends = {}, {}

        def window():
            now = time.time()
            begins["one"], ends["one"] = now + 6, now + 14
            return {"starts": moment(6), "ends": moment(14), "on_call": "alice"}

        def upload(node):
            """When it was sent, when it was answered, and whether it was refused for what it is."""
            sent = time.time()
            answer = send(node, wheel("brown", f"1.{next(numbers)}"), self.ada)
            self.assertIn(answer.status, (200, 403), answer)
            return sent, time.time(), answer.status == 403

        record = Retiring(self.one, alice, bob)
        record.reach("brown_out", window)
        # Both have heard of it before it begins.
        record.wait_rehearsed()
        self.assertEqual(len(record.record()["tombstones"]), 2)
        begins["two"], ends["two"] = begins["one"] - AHEAD, ends["one"] - AHEAD
        answers = {"one": [], "two": []}
        while time.time() < begins["one"] + 1.5:
            for name, node in (("one", self.one), ("two", self.two)):
                answers[name].append(upload(node))
        self.one.kill()
        while time.time() < ends["one"] + 1:
            answers["two"].append(upload(self.two))
        for name, seen in answers.items():
            for sent, answered, refused in seen:
                # By the node's own clock, to the moment: no machine is too slow for that.
                if sent >= begins[name] + 0.01 and answered < ends[name] - 0.01:
                    self.assertTrue(refused, f"{name} let one through {sent - begins[name]:.2f} s after the beginning")
                if sent >= ends[name] + 0.01 or answered < begins[name] - 0.01:
                    self.assertFalse(refused, f"{name} refused one {sent - ends[name]:.2f} s after the end")
        self.assertTrue(any(refused for _, _, refused in answers["one"]))
        last = max(answered for _, answered, refused in answers["two"] if refused)
        first = min(sent for sent, _, refused in answers["two"] if not refused and sent > last)
        print(f"the node that was left refused until {last - ends['two']:+.2f} s and served from {first - ends['two']:+.2f} s of its own end")


if __name__ == "__main__":
    unittest.main()
