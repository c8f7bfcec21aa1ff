# SPDX-License-Identifier: GPL-3.0-or-later
"""Brown-outs on two nodes of which one is cut from the database, or both are under load."""
import concurrent.futures
import itertools
import time
import unittest

import nodes_test
from edges import Relay
from postgres import shared_server
from retiring import Retiring, moment, send, window
from support import Registry, wheel

NUMBERS = itertools.count(1)


class CutNode(nodes_test.TwoNodes):
    """The second node reaches the database through a relay."""

    @classmethod
    def node(cls, name):
        (cls.folder / name).mkdir(exist_ok=True)
        config = cls.config
        if name == "two":
            cls.relay = Relay(("127.0.0.1", shared_server().port))
            cls.addClassCleanup(cls.relay.close)
            config = cls.folder / "two.toml"
            config.write_text(cls.config.read_text().replace(f":{shared_server().port}/", f":{cls.relay.port}/"))
        return Registry(cls.folder / name / "data", store=("--config", config))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice, cls.bob = (cls.one.user(name, "admin") for name in ("alice", "bob"))

    def upload(self, node):
        return send(node, wheel("cut", f"1.{next(NUMBERS)}"), self.ada).status

    def wait_for(self, what):
        nodes_test.wait_until(what)

    def test_a_node_that_is_cut_ends_the_window_by_its_own_clock(self):
        self.publish(self.one, "read")
        record = Retiring(self.one, self.alice, self.bob, title="The JSON pages", kind="endpoint", subject="project-json")

        def get(node):
            return node.request("GET", "/pypi/read/json").status

        record.reach("warning")
        record.wait_rehearsed()
        self.assertEqual(len(record.record()["tombstones"]), 2)
        # Kept ready there, so that nothing but the window stands before it.
        self.wait_for(lambda: self.two.request("GET", "/pypi/read/json").headers["Deprecation"])
        begins, ends = time.time() + 4, time.time() + 12
        record.go("brown_out", starts=moment(begins - time.time()), ends=moment(ends - time.time()), on_call="alice")
        record.wait_rehearsed()
        self.wait_for(lambda: get(self.one) == 403 and get(self.two) == 403)
        self.relay.block(True)
        seen = []
        while time.time() < ends + 1:
            sent = time.time()
            seen.append((sent, get(self.two), time.time()))
        for sent, status, answered in seen:
            if answered < ends - 0.05:
                self.assertEqual(status, 403, f"{ends - answered:.2f} s before the end")
            elif sent > ends + 0.05:
                self.assertEqual(status, 200, f"{sent - ends:.2f} s after the end")
        self.assertTrue(any(sent > ends + 0.05 for sent, _, _ in seen))
        refused = sum(status == 403 for _, status, _ in seen)
        print(f"{refused} refusals while cut; the last {max(answered for _, status, answered in seen if status == 403) - ends:+.3f} s, "
              f"the first answer {min(sent for sent, status, _ in seen if status == 200) - ends:+.3f} s from the end")
        # What it refused meanwhile is told when it is back.
        self.relay.block(False)
        self.wait_for(lambda: record.record()["brown_outs"][0]["anonymous"] >= refused)
        past = record.record()["brown_outs"][0]
        self.wait_for(lambda: not self.watch(record, past["id"])["uncounted"])
        nodes = self.watch(record, past["id"])["collateral"]
        self.assertEqual(len(nodes), 2)
        record.must(record.step("cancelled"))

    def watch(self, record, window):
        return record.must(self.one.call("GET", f"{record.path}/brown-outs/{window}", self.alice)).json()

    def test_refusals_of_both_nodes_end_it_together(self):
        record = Retiring(self.one, self.alice, self.bob)
        record.reach("brown_out", lambda: window(2, 600, abort_at=60))
        record.wait_rehearsed()
        self.wait_for(lambda: self.upload(self.one) == 403 and self.upload(self.two) == 403)
        refusals = []

        def hammer(node):
            while (status := self.upload(node)) == 403:
                refusals.append(time.time())
            return status

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertEqual(set(pool.map(hammer, [self.one, self.two] * 4)), {200})
        self.wait_for(lambda: record.record()["brown_outs"][0]["state"] == "aborted")
        past = record.record()["brown_outs"][0]
        refusals.sort()
        self.wait_for(lambda: record.record()["brown_outs"][0]["refused"] >= len(refusals) + 2)
        print(f"{len(refusals)} refusals of both nodes, 60 were allowed; the last {refusals[-1] - refusals[min(57, len(refusals) - 1)]:.2f} s after the one that was too many")
        self.assertIn("to be aborted", past["end_reason"])
        self.assertGreaterEqual(past["refused"], 60)


if __name__ == "__main__":
    unittest.main()
