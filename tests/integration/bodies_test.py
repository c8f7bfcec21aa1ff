# SPDX-License-Identifier: GPL-3.0-or-later
"""What the admin API says of a request before its body has come, and of bodies that are too large."""
import json
import socket
import unittest

from support import RegistryTest, basic


def head_of(method, path, length, lines=()):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", f"Content-Length: {length}", *lines, "", ""]).encode()


class Raw:
    """A request of which no more is sent than a test wants, and what is answered to so much."""

    def __init__(self, registry, content):
        with socket.create_connection(("127.0.0.1", registry.port), timeout=60) as connection:
            connection.sendall(content)
            received = b""
            while b"\r\n\r\n" not in received and (piece := connection.recv(65536)):
                received += piece
            head, _, self.body = received.partition(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            self.status, self.reason = int(lines[0].split(" ", 2)[1]), lines[0].split(" ", 2)[2]
            self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
            while len(self.body) < int(self.headers.get("content-length", 0)) and (piece := connection.recv(65536)):
                self.body += piece

    def problem(self):
        assert self.headers["content-type"] == "application/problem+json", self.headers
        problem = json.loads(self.body)
        assert problem["status"] == self.status, problem
        return problem


class AdminBodies(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = cls.registry.user("root", "admin")
        cls.watcher = cls.registry.user("watcher", "observer")

    def begun(self, method, path, length, *lines):
        """The answer to a body that never comes."""
        return Raw(self.registry, head_of(method, path, length, lines))

    def test_nobody_is_told_so_before_the_body(self):
        for credentials in ("Bearer nonsense", "Bearer pypi-AAAA", "Digest abc", "Bearer ", "", basic("root", "guess")["Authorization"],
                            f"Bearer {self.root[:-4]}AAAA"):
            answer = self.begun("POST", "/admin/v1/users", 40_000, f"Authorization: {credentials}")
            self.assertEqual(answer.status, 401, credentials)
            self.assertEqual(answer.problem()["code"], "unauthorized")
            self.assertIn("Bearer", answer.headers["www-authenticate"])

    def test_a_caller_without_the_right_is_told_so_before_the_body(self):
        answer = self.begun("POST", "/admin/v1/users", 40_000, f"Authorization: Bearer {self.watcher}", "Expect: 100-continue")
        self.assertEqual(answer.status, 403)
        self.assertEqual(answer.problem()["code"], "forbidden")

    def test_who_has_the_right_is_asked_for_the_body(self):
        answer = self.begun("POST", "/admin/v1/users", 40, f"Authorization: Bearer {self.root}", "Expect: 100-continue")
        self.assertEqual(answer.status, 100)
        answer = self.registry.call("POST", "/admin/v1/users", self.root, {"name": "grace", "role": "user"})
        self.assertEqual(answer.status, 200, answer)

    def test_each_address_has_its_own_bound(self):
        for path, length, fits in (("/admin/v1/session", 8 << 10, True), ("/admin/v1/session", (8 << 10) + 1, False),
                                   ("/admin/v1/users", 64 << 10, True), ("/admin/v1/users", (64 << 10) + 1, False),
                                   ("/admin/v1/upload-preflight", 1 << 20, True), ("/admin/v1/upload-preflight", (1 << 20) + 1, False)):
            answer = self.begun("POST", path, length, f"Authorization: Bearer {self.root}", "Expect: 100-continue")
            self.assertEqual(answer.status, 100 if fits else 413, (path, length))
            if not fits:
                self.assertEqual(answer.problem()["code"], "too-large")
        chunked = Raw(self.registry, b"POST /admin/v1/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2800\r\n" + b"x" * 0x2800 + b"\r\n")
        self.assertEqual(chunked.status, 413)
        chunked.problem()

    def test_bodies_of_nobody_fill_no_memory(self):
        self.begun("POST", "/admin/v1/users", 1 << 20)
        before = self.registry.memory_mb("VmRSS")
        body = b'{"name":"' + b"a" * 1_000_000
        held = []
        try:
            for lines in (["Authorization: Bearer nonsense"], []):
                for _ in range(100):
                    held.append(socket.create_connection(("127.0.0.1", self.registry.port), timeout=60))
                    held[-1].sendall(head_of("POST", "/admin/v1/users" if lines else "/admin/v1/session", 1 << 20, lines) + body)
            for connection in held:
                self.assertIn(connection.recv(12), (b"HTTP/1.1 401", b"HTTP/1.1 413"))
            self.assertLess(self.registry.memory_mb("VmRSS") - before, 40)
        finally:
            for connection in held:
                connection.close()

    def test_a_wrong_method_is_one_thing_throughout(self):
        for method, path, allowed in (("PUT", "/admin/v1/me", "GET, HEAD"), ("POST", "/admin/v1/openapi.json", "GET, HEAD"),
                                      ("GET", "/admin/v1/session", "POST, DELETE"), ("PATCH", "/admin/v1/users", "GET, HEAD, POST")):
            answer = self.registry.request(method, path)
            self.assertEqual(answer.status, 405, (path, answer))
            self.assertEqual(answer.headers["Allow"], allowed)
            problem = answer.json()
            self.assertEqual((problem["status"], problem["title"]), (405, "Method Not Allowed"))
        self.assertEqual(self.registry.request("HEAD", "/admin/v1/openapi.json").status, 200)
        self.assertEqual(self.registry.request("POST", "/admin/v1/openapi.yaml").status, 404)


if __name__ == "__main__":
    unittest.main()
