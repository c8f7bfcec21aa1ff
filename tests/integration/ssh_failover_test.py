# SPDX-License-Identifier: GPL-3.0-or-later
"""One command of the user through accidents: two web nodes, two hosts of sshd with one identity behind HAProxy, a database
that dies. Whatever dies, the command succeeds, or fails with nothing stored and says so."""
import os
import pathlib
import signal
import subprocess
import threading
import time
import unittest

from nodes_test import wait_until
from postgres import PostgresServer
from sshd import SshTest, ended, old_request, talk
from support import Registry, free_port, sdist


class Balancer:
    """HAProxy as installer/topology makes it for ssh, in front of hosts of sshd."""

    def __init__(self, folder, hosts):
        self.port = free_port()
        config = pathlib.Path(folder) / "haproxy.cfg"
        config.write_text(
            "global\n    maxconn 500\ndefaults\n    mode tcp\n    timeout connect 2s\n    timeout client 15m\n    timeout server 15m\n    retries 3\n"
            f"    option redispatch 1\nlisten ssh\n    bind 127.0.0.1:{self.port}\n    balance leastconn\n    option tcp-check\n"
            "    tcp-check expect rstring ^SSH-2.0-\n    default-server inter 300ms fall 2 rise 1\n" +
            "".join(f"    server {host.home.name} 127.0.0.1:{host.port} check\n" for host in hosts))
        self.process = subprocess.Popen(["haproxy", "-db", "-q", "-f", config], stdin=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Accidents(SshTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.primary = PostgresServer()
        cls.addClassCleanup(cls.primary.remove)
        database = cls.primary.create_database()
        cls.standby = PostgresServer(cls.primary)
        cls.addClassCleanup(cls.standby.remove)
        cls.primary.psql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        cls.primary.psql("SELECT pg_reload_conf()")
        wait_until(lambda: cls.primary.psql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1")
        both = f"host=127.0.0.1,127.0.0.1 port={cls.primary.port},{cls.standby.port} user=postgres dbname={database}"
        cls.core_config.write_text(f'[serve]\nfiles = "{cls.folder}/files"\nnode_key = "{cls.folder}/node.key"\n[serve.database]\nurl = "{both}"\n'
                                   f'[serve.ssh]\nkey_file = "{cls.secret}"\n')
        cls.nodes = []
        for name in ("web1", "web2"):
            (cls.folder / name).mkdir()
            cls.nodes.append(Registry(cls.folder / name / "data", store=("--config", cls.core_config)).start())
            cls.addClassCleanup(cls.nodes[-1].kill)
        cls.ada = cls.nodes[0].user("ada")
        urls = [node.url for node in cls.nodes]
        cls.hosts = [cls.host("ssh1", urls, follow=40), cls.host("ssh2", urls[::-1], follow=40)]
        cls.key, _ = cls.key_of(cls.nodes[0], cls.ada, "laptop")
        cls.balancer = Balancer(cls.folder, cls.hosts)
        cls.addClassCleanup(cls.balancer.kill)
        wait_until(lambda: cls.client(cls.key, cls.balancer).send(b"GET /pypi HTTP/1.1\r\n\r\n").status == 200)

    def known(self, name):
        answer = self.nodes[1].upload(sdist(name, "0.0.1"), self.ada)
        self.assertEqual(answer.status, 200, answer)

    def stored(self, package, registry=None):
        registry = registry or self.nodes[1]
        files = registry.files(package.name)
        if package.filename not in files:
            return None
        return registry.request("GET", files[package.filename]["url"][files[package.filename]["url"].index("/packages/"):]).body

    def send_in_halves(self, package, accident, client):
        """The first half of the request, the accident, the rest, the reply."""
        request = old_request(package)
        with ended(client.open()) as process:
            process.stdin.write(request[:len(request) // 2])
            process.stdin.flush()
            wait_until(lambda: any(host.process and host.gateways() for host in self.hosts))
            accident()
            return talk(process, request[len(request) // 2:], 120, False)

    def test_a_node_dies_in_the_middle(self):
        self.known("nodes")
        for number, node in enumerate(self.nodes):
            package = sdist("nodes", f"1.{number}", os.urandom(500_000))
            reply = self.send_in_halves(package, node.kill, self.client(self.key, self.balancer))
            other = self.nodes[1 - number]
            self.assertEqual(reply.status, 200, reply)
            self.assertEqual(self.stored(package, other), package.content)
            node.start()

    def test_a_node_that_hangs_is_left(self):
        self.known("hanging")
        for number, node in enumerate(self.nodes):
            package = sdist("hanging", f"1.{number}", os.urandom(100_000))
            node.process.send_signal(signal.SIGSTOP)
            try:
                begin = time.monotonic()
                # The host that asks this node first.
                reply = self.client(self.key, self.hosts[number]).send(old_request(package), patience=120)
                print(f"past a node that hangs: {reply.status} after {time.monotonic() - begin:.1f} s")
            finally:
                node.process.send_signal(signal.SIGCONT)
            self.assertEqual(reply.status, 200, reply)
            wait_until(lambda: self.stored(package) == package.content)  # also where it has just come back

    def test_a_node_dies_while_it_stores(self):
        self.known("storing")
        for number in range(6):
            package = sdist("storing", f"1.{number}", os.urandom(4_000_000))
            client, node = self.client(self.key, self.balancer), self.nodes[number % 2]
            timer = threading.Timer(0.25 + 0.08 * number, node.kill)
            timer.start()
            reply = client.send(old_request(package))
            timer.join()
            self.assertEqual(reply.status, 200, reply)
            self.assertEqual(self.stored(package, self.nodes[1 - number % 2]), package.content)
            node.start()

    def test_a_host_of_sshd_dies_and_the_next_command_goes_to_the_other(self):
        self.known("hosts")
        for number, host in enumerate(self.hosts):
            package = sdist("hosts", f"1.{number}", os.urandom(200_000))
            host.kill()
            # What HAProxy has not noticed yet it tries at the other one.
            reply = self.client(self.key, self.balancer).send(old_request(package))
            self.assertEqual(reply.status, 200, reply)
            host.start()
            wait_until(lambda: self.client(self.key, host).send(b"GET /pypi HTTP/1.1\r\n\r\n").status == 200)

    def test_a_host_of_sshd_dies_in_the_middle(self):
        self.known("middle")
        package = sdist("middle", "1.0", os.urandom(500_000))
        busy = next(host for host in self.hosts)
        client = self.client(self.key, busy)
        reply = self.send_in_halves(package, busy.kill, client)
        self.assertEqual((reply.raw, reply.code), (b"", 255))
        self.assertIsNone(self.stored(package))
        busy.start()
        self.assertEqual(self.client(self.key, self.balancer).send(old_request(package)).status, 200)
        self.assertEqual(self.stored(package), package.content)

    def test_nobody_answers(self):
        self.known("nobody")
        host = self.host("impatient", [node.url for node in self.nodes], follow=3)
        package = sdist("nobody", "1.0")
        client = self.client(self.key, host)

        def accident():
            for node in self.nodes:
                node.kill()
        try:
            request = old_request(package)
            process = client.open()
            process.stdin.write(request[:100])
            process.stdin.flush()
            wait_until(lambda: host.gateways())
            accident()
            reply = talk(process, request[100:], 60, False)
            process.stdout.close()
            process.stderr.close()
        finally:
            for node in self.nodes:
                node.start()
        self.assertEqual(reply.status, 503, reply)
        self.assertEqual(reply.reason, "Registry is failing over; nothing was stored; run the same command again")
        self.assertIsNone(self.stored(package))
        self.assertEqual(client.send(old_request(package)).status, 200)

    def test_zz_the_primary_dies_in_the_middle(self):
        """Last: the database has no second server afterwards."""
        self.known("primaries")
        package = sdist("primaries", "1.0", os.urandom(2_000_000))

        def accident():
            self.primary.kill()

            def promote():
                time.sleep(2)  # as long as whoever watches the database takes
                self.standby.psql("SELECT pg_promote()")
                self.standby.psql("ALTER SYSTEM SET synchronous_standby_names = ''")
                self.standby.psql("SELECT pg_reload_conf()")
            threading.Thread(target=promote).start()
        begin = time.monotonic()
        reply = self.send_in_halves(package, accident, self.client(self.key, self.balancer))
        print(f"the primary killed in the middle of an upload: {reply.status} after {time.monotonic() - begin:.1f} s")
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual(self.stored(package), package.content)


if __name__ == "__main__":
    unittest.main()
