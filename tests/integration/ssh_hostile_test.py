# SPDX-License-Identifier: GPL-3.0-or-later
"""What people with a key, and people without one, try at a host of sshd besides uploading."""
import http.server
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

from nodes_test import wait_until
from sshd import SshTest, keygen, old_request
from support import Registry, free_port, sdist

QUESTION = b"GET /pypi HTTP/1.1\r\nHost: x\r\n\r\n"
ANSWER = re.compile(rb"HTTP/1\.1 \d{3} [^\r\n]*\r\nContent-Type: text/plain\r\nContent-Length: (\d+)\r\nConnection: close\r\n\r\n")


class Hostile(SshTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.core_config.write_text(f'[serve.ssh]\nkey_file = "{cls.secret}"\nnew_projects = true\n')
        cls.registry = Registry(cls.folder / "data", store=("--config", cls.core_config)).start()
        cls.addClassCleanup(cls.registry.kill)
        cls.ada = cls.registry.user("ada")
        cls.ssh = cls.host("ssh1", [cls.registry.url], settings='limit = "2MB"\nat_once = 8\nreceive = "10s"\n')
        cls.key, cls.key_id = cls.key_of(cls.registry, cls.ada, "laptop")
        cls.me = cls.client(cls.key, cls.ssh)

    def tearDown(self):
        """Whatever was tried: an upload works, and nothing of it is left."""
        wait_until(lambda: not self.ssh.gateways(), within=30)
        wait_until(lambda: len(self.ssh.processes()) <= 3, within=30)  # sshd, the keeper of the snapshot, and one that ends
        self.assertEqual([file.name for file in (self.ssh.home / "spool").iterdir() if not file.name.startswith("place-")], [])
        self.assertTrue(all(file.stat().st_size == 0 for file in (self.ssh.home / "spool").iterdir()))
        self.assertEqual(self.me.send(QUESTION).status, 200)
        self.assertIsNone(self.registry.process.poll())

    def assertAnswered(self, reply):
        """One whole answer on standard output and not a byte more."""
        match = ANSWER.match(reply.raw)
        self.assertTrue(match, reply)
        self.assertEqual(len(reply.raw), match.end() + int(match.group(1)), reply)

    def test_a_command_is_not_run(self):
        mark = self.ssh.home / "spool" / "mark"
        for words in (("id",), ("sh", "-c", f"touch {mark}"), (f"$(touch {mark})",), ("cheesemongerd", "admin"), ("scp", "-t", "/tmp"), ("rsync", "--server", "."),
                      ("git-upload-pack", "x"), ("; id",), ("\n id",)):
            reply = self.me.send(QUESTION, *words)
            self.assertAnswered(reply)
            self.assertEqual(reply.status, 200, (words, reply))
            self.assertNotIn(b"uid=", reply.raw + reply.errors.encode())
        self.assertFalse(mark.exists())

    def test_subsystems_are_none(self):
        reply = self.me.send(b"\0\0\0\x05\x01\0\0\0\x03", "sftp", more=("-s",))
        self.assertEqual((reply.raw, reply.code), (b"", 255), reply)

    def test_no_terminal(self):
        reply = self.me.send(QUESTION, more=("-tt",))
        self.assertEqual((reply.raw, reply.code), (b"", 255), reply)
        self.assertIn("PTY allocation request failed", reply.errors)

    def test_no_way_through(self):
        """A forward to the core's own port, in each of the ways that ssh has."""
        for how in ("-L", "-D"):
            port = free_port()
            target = f"{port}:127.0.0.1:{self.registry.port}" if how == "-L" else str(port)
            process = self.me.open(more=(how, f"127.0.0.1:{target}" if how == "-L" else f"127.0.0.1:{port}"))
            try:
                def listens():
                    try:
                        return socket.create_connection(("127.0.0.1", port), timeout=5)
                    except OSError:
                        return None
                link = None
                end = time.monotonic() + 20
                while link is None and time.monotonic() < end:
                    link = listens()
                    time.sleep(0.02)  # until ssh itself listens, before it asks for what it is refused
                self.assertIsNotNone(link)
                with link:
                    link.settimeout(20)
                    if how == "-D":
                        link.sendall(b"\x05\x01\x00")
                        self.assertEqual(link.recv(2), b"\x05\x00")
                        link.sendall(b"\x05\x01\x00\x01\x7f\0\0\x01" + self.registry.port.to_bytes(2, "big"))
                    link.sendall(b"GET / HTTP/1.0\r\n\r\n")
                    try:
                        data = link.recv(1000)
                    except ConnectionResetError:
                        data = b""
                self.assertNotIn(b"HTTP/", data)
            finally:
                process.kill()
                process.communicate()
        reply = self.me.send(b"GET / HTTP/1.0\r\n\r\n", more=("-W", f"127.0.0.1:{self.registry.port}"))
        self.assertNotIn(b"HTTP/", reply.raw)
        self.assertNotEqual(reply.code, 0)
        port = free_port()
        reply = self.me.send(QUESTION, more=("-R", f"127.0.0.1:{port}:127.0.0.1:{self.registry.port}", "-o", "ExitOnForwardFailure=yes"))
        self.assertEqual((reply.raw, reply.code), (b"", 255), reply)
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=2)
        agent = self.folder / "agent.sock"
        keeper = subprocess.Popen(["ssh-agent", "-D", "-a", agent], stdout=subprocess.DEVNULL)
        try:
            wait_until(agent.exists)
            reply = self.me.send(QUESTION, more=("-A", "-o", f"ForwardAgent={agent}"))
            self.assertEqual(reply.status, 200, reply)
        finally:
            keeper.kill()
            keeper.wait()

    def test_the_environment_says_nothing(self):
        wrong = self.ssh.home / "spool" / "wrong.toml"
        for variable in ("CHEESEMONGER_SSH_NODES=http://127.0.0.1:9", "LD_PRELOAD=/nowhere.so", "SSH_CONNECTION=203.0.113.9", "BASH_ENV=/etc/passwd",
                         "HTTP_PROXY=http://127.0.0.1:9", f"XDG_CONFIG_HOME={wrong}", "SSL_CERT_FILE=/nowhere", "PATH=/nowhere"):
            reply = self.me.send(QUESTION, more=("-o", f"SetEnv={variable}"))
            self.assertAnswered(reply)
            self.assertEqual(reply.status, 200, (variable, reply))
            self.assertNotIn("preload", reply.errors)
        self.registry.stop()
        self.registry.start()
        row = self.registry.call("GET", "/admin/v1/ssh-keys", self.ada).json()["items"][0]
        self.assertEqual(row["last_used_from"], "127.0.0.1")

    def test_other_accounts_are_closed(self):
        for account in ("root", "sshkeys", "nobody", "www-data"):
            done = subprocess.run(["ssh", "-F", self.me.config, "-T", "-l", account, "ssh.pypi.python.org"], stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, timeout=60)
            self.assertEqual((done.returncode, done.stdout), (255, ""), (account, done.stderr))
            self.assertIn("Permission denied (publickey)", done.stderr)

    def test_two_requests_in_one_session(self):
        package = sdist("twice", "1.0")
        other = sdist("twice", "2.0")
        reply = self.me.send(old_request(package) + old_request(other))
        self.assertAnswered(reply)
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual(list(self.registry.files("twice")), [package.filename])
        # A second session on the same connection.
        control = self.folder / "control"
        master = subprocess.Popen(["ssh", "-F", self.me.config, "-T", "-M", "-S", control, "-l", "submit", "ssh.pypi.python.org"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            wait_until(control.exists)
            # Refused there, ssh would come by a connection of its own: it may not.
            second = subprocess.run(["ssh", "-F", self.me.config, "-T", "-S", control, "-o", "ProxyCommand=false", "-l", "submit", "ssh.pypi.python.org"], input=QUESTION, capture_output=True,
                                    timeout=60)
            self.assertNotIn(b"HTTP/", second.stdout)
        finally:
            master.kill()
            master.communicate()

    def test_what_is_no_request(self):
        for request, status in ((b"\n\n", 400), (b"\0" * 5000 + b"\n\n", 400), (b"ls -la\n\n", 400), (b"GET /../../etc/passwd HTTP/1.1\r\n\r\n", 400),
                                (b"CONNECT x:22 HTTP/1.1\r\n\r\n", 400), (b"POST /pypi HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd", 400),
                                (b"POST /pypi HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501), (b"GET /pypi HTTP/1.1\r\n" + b"A: b\r\n" * 20_000 + b"\r\n", 413),
                                (b"POST /pypi HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400)):
            reply = self.me.send(request)
            self.assertAnswered(reply)
            self.assertEqual(reply.status, status, (request[:60], reply))
            self.assertEqual(reply.errors.strip(), "", reply)

    def test_a_name_breaks_out_of_nothing(self):
        for name in ('a\r\nX-Evil: 1', 'a"; filename="b', "../../x", "a\0b", "a" * 300, "é.tar.gz\x1b[2J"):
            package = sdist("names", "1.0")
            request = old_request(package).replace(package.filename.encode(), name.encode())
            body = request.index(b"\r\n\r\n") + 4
            request = re.sub(rb"Content-length: \d+", f"Content-length: {len(request) - body}".encode(), request)
            reply = self.me.send(request)
            self.assertAnswered(reply)
            self.assertEqual(reply.status // 100, 4, (name, reply))
            self.assertNotIn("X-Evil", reply.head)
            self.assertNotIn(b"\x1b", reply.raw)
        for version in ("1.0\r\nHTTP/1.1 200 OK", "1" * 5000, "\u20ac"):
            reply = self.me.send(old_request(sdist("names", "1.0"), version=version))
            self.assertAnswered(reply)
            self.assertEqual(reply.status, 400, reply)

    def test_a_file_that_is_too_large_is_read_away_and_refused(self):
        package = sdist("huge", "1.0", os.urandom(6_000_000))
        reply = self.me.send(old_request(package))
        self.assertAnswered(reply)
        self.assertEqual(reply.status, 413, reply)
        self.assertIn("MB, which is the most that is taken over ssh", reply.reason)

    def test_an_endless_request_has_an_end(self):
        begin = time.monotonic()
        reply = self.me.send(b"POST /pypi HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n--x\r\n")
        self.assertAnswered(reply)
        self.assertEqual(reply.status, 408, reply)
        print(f"who stops in the middle is told after {time.monotonic() - begin:.0f} s (receive is 10 s)")
        # A byte now and then does not make it longer.
        process = self.me.open()
        try:
            def drip():
                try:
                    while process.poll() is None:
                        process.stdin.write(b"X-Slow: 1\r\n")
                        process.stdin.flush()
                        time.sleep(0.3)  # slower than anybody's idea of a head
                except OSError:
                    pass
            process.stdin.write(b"POST /pypi HTTP/1.1\r\n")
            writer = threading.Thread(target=drip)
            writer.start()
            head = process.stdout.read()
            self.assertIn(b" 408 ", head)
        finally:
            process.kill()
            process.wait()
            writer.join()
            for stream in (process.stdin, process.stdout, process.stderr):
                try:
                    stream.close()
                except OSError:
                    pass

    def test_who_goes_away_leaves_no_process(self):
        request = old_request(sdist("gone", "1.0", os.urandom(100_000)))
        for part in (0, 10, len(request) // 2, len(request) - 1):
            process = self.me.open()
            process.stdin.write(request[:part])
            process.stdin.flush()
            wait_until(self.ssh.gateways)
            process.kill()
            process.communicate()
            wait_until(lambda: not self.ssh.gateways(), within=20)
        self.assertIsNone(self.registry.files("gone"))

    def test_who_goes_away_while_nodes_are_tried_leaves_no_process(self):
        # Let in before, by the node: what is known for five seconds may be over on a busy machine.
        process = self.me.open()
        wait_until(self.ssh.gateways, within=60)

        def sockets():
            return {link for pid in self.ssh.gateways() for link in links(pid) if target(link).startswith("socket:")}
        before = sockets()
        self.registry.process.send_signal(signal.SIGSTOP)
        try:
            process.stdin.write(old_request(sdist("waiting", "1.0")))
            process.stdin.flush()
            # It has read all, and holds a connection to the node that answers nothing.
            wait_until(lambda: sockets() - before, within=60)
            process.kill()
            process.communicate()
            wait_until(lambda: not self.ssh.gateways(), within=20)
        finally:
            self.registry.process.send_signal(signal.SIGCONT)

    def test_more_than_the_spool_has_places_for(self):
        waiting = []
        try:
            for _ in range(8):
                process = self.me.open()
                process.stdin.write(b"POST /pypi HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n--x\r\n")
                process.stdin.flush()
                waiting.append(process)
            places = self.ssh.home / "spool"
            wait_until(lambda: sum("/place-" in target(link) for pid in self.ssh.gateways() for link in links(pid)) == 8, within=60)
            reply = self.me.send(old_request(sdist("ninth", "1.0")))
            self.assertAnswered(reply)
            self.assertEqual(reply.status, 503, reply)
            self.assertIn("Too many uploads are under way", reply.reason)
        finally:
            for process in waiting:
                process.kill()
                process.communicate()

    def test_a_forged_answer_of_a_node_opens_nothing(self):
        """Somebody in the place of the node who has no secret."""
        stranger = keygen(self.folder / "keys" / "stranger")
        kind, data = stranger.with_suffix(".pub").read_text().split()[:2]

        class Forger(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = f"cheesemonger ssh keys 1\nnonce {'0' * 32}\ntime 0\nkey 1 0 {kind} {data}\nmac {'0' * 64}\n".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forger)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            host = self.host("believer", [f"http://127.0.0.1:{server.server_port}"])
            reply = self.client(stranger, host).send(QUESTION)
            self.assertEqual((reply.raw, reply.code), (b"", 255), reply)
        finally:
            server.shutdown()
            server.server_close()

    def test_a_statement_opens_one_upload_and_nothing_else(self):
        """What the gateway signed, taken on its way by somebody who reads along."""
        seen = []

        class Reader(http.server.BaseHTTPRequestHandler):
            registry = self.registry

            def relay(self, body):
                if self.path != "/ssh/keys":
                    seen.append((self.path, dict(self.headers), body))
                answer = self.registry.request(self.command, self.path, body, dict(self.headers))
                self.send_response(answer.status)
                for name in ("Content-Type",):
                    self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def do_GET(self):
                self.relay(None)

            def do_POST(self):
                self.relay(self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *words):
                pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Reader)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            host = self.host("overheard", [f"http://127.0.0.1:{server.server_port}"])
            package = sdist("overheard", "1.0")
            self.assertEqual(self.client(self.key, host).send(old_request(package)).status, 200)
        finally:
            server.shutdown()
            server.server_close()
        path, headers, body = seen[-1]
        signed = {"Authorization": headers["Authorization"], "Content-Type": headers["Content-Type"]}
        self.assertEqual(self.registry.request("POST", path, body, signed).status, 200)  # the same once more changes nothing
        other = sdist("overheard", "2.0")
        for changed in (body.replace(b"1.0", b"2.0"), body.replace(package.content, other.content).replace(package.sha256.encode(), other.sha256.encode()),
                        body.replace(b'name="name"\r\n\r\noverheard', b'name="name"\r\n\r\noverbeard')):
            answer = self.registry.request("POST", path, changed, signed)
            self.assertEqual(answer.status // 100, 4, answer)
        self.assertEqual(list(self.registry.files("overheard")), [package.filename])
        self.assertEqual(self.registry.request("GET", "/ssh/status", headers=signed).status, 403)
        self.assertEqual(self.registry.request("GET", "/ssh/keys", headers=signed).status, 401)
        self.assertEqual(self.registry.request("GET", "/admin/v1/me", headers=signed).status, 401)
        self.assertEqual(self.registry.call("DELETE", f"/admin/v1/ssh-keys/{self.key_id}?reason=x", self.ada).status, 200)
        answer = self.registry.request("POST", path, body, signed)
        self.assertEqual(answer.status, 403, answer)
        self.assertIn("Invalid ssh key: ssh key was revoked", answer.reason)
        type(self).key, type(self).key_id = self.key_of(self.registry, self.ada, "next-laptop")
        type(self).me = self.client(self.key, self.ssh)


def target(link):
    try:
        return os.readlink(link)
    except OSError:
        return ""  # it was closed meanwhile


def links(pid):
    try:
        return list(pathlib.Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return []


if __name__ == "__main__":
    unittest.main()
