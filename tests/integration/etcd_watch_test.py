# SPDX-License-Identifier: GPL-3.0-or-later
"""A monitor over three real etcds: one that dies, a majority that dies, and all of them back."""
import pathlib
import subprocess
import tempfile
import unittest

import patroni
from monitor import Monitor, section
from support import free_port

NAMES = ("etcd1", "etcd2", "etcd3")


@unittest.skipUnless(patroni.available(), "etcd is not installed")
class EtcdWatchTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cheesemonger-etcd-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.ports = {name: (free_port(), free_port()) for name in NAMES}
        self.running = {}
        self.addCleanup(lambda: [self.kill(name) for name in NAMES])
        for name in NAMES:
            self.start(name)
        topology = 'name = "test"\n' + section("host", name="watch", address="127.0.0.1")
        for name in NAMES:
            topology += section("host", name=f"on_{name}", address="127.0.0.1") + section("etcd", name=name, host=f"on_{name}", port=self.ports[name][0],
                                                                                          peer_port=self.ports[name][1])
        topology += section("monitor", name="m1", host="watch", interval_ms=500)
        self.monitor = Monitor(self.folder, topology)
        self.token = self.monitor.token()
        self.monitor.start()
        self.addCleanup(self.monitor.kill)
        for name in NAMES:
            self.monitor.wait_for(name, None, self.token)

    def start(self, name):
        client, peer = (f"http://127.0.0.1:{port}" for port in self.ports[name])
        cluster = ",".join(f"{other}=http://127.0.0.1:{self.ports[other][1]}" for other in NAMES)
        words = ["etcd", "--name", name, "--data-dir", self.folder / name, "--listen-client-urls", client, "--advertise-client-urls", client,
                 "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", cluster, "--log-level", "error"]
        with open(self.folder / f"{name}.log", "ab") as log:
            self.running[name] = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self, name):
        process = self.running.pop(name, None)
        if process:
            process.kill()
            process.wait()

    def leader(self):
        """By name: whom the members follow, by the monitor's word."""
        for name in NAMES:
            facts = {fact["name"]: fact["text"] for fact in self.monitor.node(name, self.token)["facts"] if not fact["stale"]}
            if facts.get("leader") == "leads":
                return name
        return None

    def test_one_is_a_loss_of_spare_and_two_are_the_end_of_writes(self):
        first = self.monitor.wait_until(self.leader)
        others = [name for name in NAMES if name != first]
        # Whom the others follow is said by name.
        text = {fact["name"]: fact["text"] for fact in self.monitor.node(others[0], self.token)["facts"]}["leader"]
        self.assertEqual(text, f"follows {first}")
        self.kill(first)
        lost = self.monitor.wait_for(first, "DOWN", self.token)
        self.assertIn("one more, and Patroni lets nobody write", lost["statement"])
        self.monitor.wait_until(lambda: self.leader() in others)
        self.kill(others[0])
        alone = self.monitor.wait_for(others[1], "NO_LEADER", self.token)
        self.assertEqual(alone["verdict"], "critical")
        self.start(first)
        self.start(others[0])
        for name in NAMES:
            self.monitor.wait_for(name, None, self.token)


if __name__ == "__main__":
    unittest.main()
