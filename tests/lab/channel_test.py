# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads over ssh through the door, two hosts of sshd, two web nodes and two databases, any of which dies: the user's one
command succeeds, or says in one line that it has to be run again. Part of `make lab-test`."""
import os
import pathlib
import time
import unittest

import faults
import hosts
from clients import request, upload
from lab_case import WatchedCase, figure
from sshd import Client, ended, keygen, old_request, talk
from support import sdist
from watching import node_of


class ChannelTest(WatchedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = cls.lab.state / "hosts/client/tmp/ssh"
        cls.folder.mkdir()
        cls.key = keygen(cls.folder / "laptop")
        node = cls.lab.topology["web"][0]
        cls.web = (cls.lab.hosts[node["host"]]["address"], node["port"])
        cls.known_hosts = cls.folder / "known_hosts"
        identity = cls.lab.state / "config/ssh_identity"
        cls.known_hosts.write_text("".join(f"registry {path.read_text()}" for path in sorted(identity.glob("ssh_host_*.pub"))))
        cls.call("POST", "ssh-keys", {"public_key": cls.key.with_suffix(".pub").read_text()})
        cls.key_id = cls.call("GET", "ssh-keys")["items"][0]["id"]
        cls.door = cls.place("ssh_door")

    @classmethod
    def place(cls, kind, number=0):
        node = cls.lab.topology[kind][number]
        return cls.lab.hosts[node["host"]]["address"], node["port"]

    @classmethod
    def call(cls, method, path, body=None):
        import json
        headers = {"Authorization": f"Bearer {cls.token}", "Content-Type": "application/json"}
        answer = cls.network.call(request, cls.web, method, f"/admin/v1/{path}", json.dumps(body) if body is not None else None, headers, tls=True)
        assert answer.status == 200, answer
        return answer.json()

    def client(self, place=None):
        address, port = place or self.door
        return Client(self.folder, self.key, port, self.known_hosts, address)

    def send(self, package, accident=None, place=None):
        """The command of the user, with an accident when half of it has gone out."""
        client, data = self.client(place), old_request(package)

        def run():
            with ended(client.open()) as process:
                process.stdin.write(data[:len(data) // 2])
                process.stdin.flush()
                if accident:
                    time.sleep(0.5)  # so that it is past the login: the forced command waits for the rest
                    accident()
                return talk(process, data[len(data) // 2:], 180, False)
        begin = time.monotonic()
        reply = self.network.call(run)
        reply.seconds = time.monotonic() - begin
        return reply

    def known(self, name):
        answer = self.network.call(upload, self.web, sdist(name, "0.0.1"), self.token, tls=True)
        self.assertEqual(answer.status, 200, answer)

    def stored(self, package):
        answer = self.network.call(request, self.web, "GET", f"/simple/{package.name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}, tls=True)
        found = [file for file in answer.json()["files"] if file["filename"] == package.filename]
        return bool(found) and found[0]["hashes"]["sha256"] == package.sha256

    def cause(self, *words):
        return faults.cause(self.lab, words[0], list(words[1:]))

    def test_1_an_upload_through_the_door_and_by_each_host(self):
        self.known("doors")
        for number, place in enumerate((self.door, self.place("ssh", 0), self.place("ssh", 1))):
            package = sdist("doors", f"1.{number}", os.urandom(300_000))
            reply = self.send(package, place=place)
            self.assertEqual(reply.status, 200, reply)
            self.assertTrue(self.stored(package))
            figure(f"an upload of 300 kB over ssh took {reply.seconds:.2f} s")

    def test_2_a_web_node_loses_its_power_in_the_middle(self):
        self.known("nodes")
        for number, node in enumerate(self.lab.topology["web"]):
            package = sdist("nodes", f"1.{number}", os.urandom(300_000))
            reply = self.send(package, lambda node=node: self.cause("power", node["host"]))
            figure(f"{node['name']} lost its power in the middle: {reply.status} after {reply.seconds:.1f} s")
            self.assertEqual(reply.status, 200, reply)
            self.mend()
            self.assertTrue(self.stored(package))

    def busy_host(self):
        """The host of sshd at which the session is, whichever the door has chosen."""
        def found():
            for node in self.lab.topology["ssh"]:
                for pid, status in self.lab.machine.processes(node["host"]).items():
                    words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if status["Name"].startswith("cheesemongerd") else []
                    # The monitor's own are over at once.
                    if b"ssh-gateway" in words and self.key_id.encode() == words[words.index(b"--key-id") + 1]:
                        return node["host"]
            return None
        return hosts.wait_for("the session to be somewhere", found, 20)

    def test_3_a_host_of_sshd_loses_its_power_in_the_middle(self):
        self.known("hosts")
        for number in range(2):
            package = sdist("hosts", f"1.{number}", os.urandom(300_000))
            gone = []

            def accident():
                gone.append(self.busy_host())
                self.cause("power", gone[0])
            reply = self.send(package, accident)
            figure(f"{gone[0]} lost its power in the middle: the client's ssh ends with {reply.code} after {reply.seconds:.1f} s")
            self.assertIsNone(reply.status, reply)
            self.assertEqual(reply.code, 255)
            self.assertFalse(self.stored(package))
            begin = time.monotonic()
            again = self.send(package)
            figure(f"the same command through the door is {again.status} after {again.seconds:.1f} s")
            self.assertEqual(again.status, 200, again)
            self.assertTrue(self.stored(package))
            name = next(node["name"] for node in self.lab.topology["ssh"] if node["host"] == gone[0])
            hosts.wait_for(f"the monitor to say that {name} is gone", lambda: node_of(self.monitor.get("monitor/state"), name)["verdict"] == "critical", 60)
            figure(f"the monitor said so {time.monotonic() - begin:.1f} s after that command began")
            self.assertEqual(node_of(self.monitor.get("monitor/state"), self.lab.topology["ssh_door"][0]["name"])["verdict"], "ok")
            self.mend()

    def test_4_the_primary_loses_its_power_in_the_middle(self):
        self.known("primaries")
        for number in range(2):
            package = sdist("primaries", f"1.{number}", os.urandom(300_000))
            primary = self.lab.database("primary")
            reply = self.send(package, lambda primary=primary: self.cause("power", primary))
            figure(f"the primary lost its power in the middle: {reply.status} after {reply.seconds:.1f} s")
            if reply.status != 200:
                self.assertIn("run the same command again", reply.reason, reply)
                reply = self.send(package)
            self.assertEqual(reply.status, 200, reply)
            self.mend()
            self.assertTrue(self.stored(package))

    def test_5_a_key_is_closed_on_both_hosts_after_its_revocation(self):
        key = keygen(self.folder / "passing")
        self.call("POST", "ssh-keys", {"public_key": key.with_suffix(".pub").read_text()})
        known = next(item["id"] for item in self.call("GET", "ssh-keys")["items"] if item["title"] == "passing")
        question = b"GET /pypi HTTP/1.1\r\n\r\n"

        def ask(number):
            address, port = self.place("ssh", number)
            return self.network.call(lambda: Client(self.folder, key, port, self.known_hosts, address).send(question))
        for number in range(2):
            self.assertEqual(ask(number).status, 200)
        # One of them hears nothing of it: no web node answers there.
        deaf = self.lab.topology["ssh"][1]["host"]
        for web in self.lab.topology["web"]:
            self.cause("silent", deaf, web["host"])
        self.call("DELETE", f"ssh-keys/{known}?reason=lost")
        begin = time.monotonic()
        self.assertEqual(ask(0).code, 255)
        figure(f"a host of sshd closed a revoked key within {time.monotonic() - begin:.1f} s")
        hosts.wait_for("five seconds to pass", lambda: time.monotonic() - begin > 5, 10)
        self.assertEqual(ask(1).code, 255)
        figure(f"one that is cut off from every web node, within 5 s; who asked then heard so after {time.monotonic() - begin:.1f} s")
        # The door has noticed as well: whoever comes now is sent to the other one.
        self.known("deaf")
        for number in range(4):
            package = sdist("deaf", f"1.{number}")
            self.assertEqual(self.send(package).status, 200)
            self.assertTrue(self.stored(package))

    def test_6_no_web_node_answers(self):
        self.known("nobody")
        package = sdist("nobody", "1.0")
        webs = [node["host"] for node in self.lab.topology["web"]]

        def accident():
            for host in webs:
                self.cause("kill", host, "web")
        reply = self.send(package, accident)
        self.assertEqual(reply.status, 503, reply)
        self.assertEqual(reply.reason, "Registry is failing over; nothing was stored; run the same command again")
        figure(f"no web node answered: told so after {reply.seconds:.0f} s")
        name = self.lab.topology["ssh"][0]["name"]
        hosts.wait_for("the monitor to say that ssh is broken", lambda: node_of(self.monitor.get("monitor/state"), name)["verdict"] != "ok", 60)
        self.mend()
        self.assertEqual(self.send(package).status, 200)
        self.assertTrue(self.stored(package))


if __name__ == "__main__":
    unittest.main()
