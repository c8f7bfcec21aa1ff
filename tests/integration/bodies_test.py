# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of a request before its body has come, and of bodies that are too large."""
import json
import select
import socket
import unittest

from support import RegistryTest, basic, form, wheel


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


class UploadHeads(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = cls.registry.user("root", "admin")

    def begun(self, length, *lines, content_type="multipart/form-data; boundary=b"):
        return Raw(self.registry, head_of("POST", "/legacy/", length, [f"Content-Type: {content_type}", *lines]))

    def credentials(self, token=None):
        return "Authorization: " + basic("__token__", token or self.root)["Authorization"]

    def test_who_waits_for_leave_is_judged_by_the_head(self):
        for lines, status, words in (([], 403, "Invalid or non-existent authentication"), ([self.credentials("pypi-AAAA")], 403, "Invalid API Token"),
                                     ([self.credentials()], 100, "")):
            answer = self.begun(5000, "Expect: 100-continue", *lines)
            self.assertEqual(answer.status, status, lines)
            self.assertIn(words, answer.reason)
            self.assertIn(words, answer.body.decode())
        answer = self.begun(5000, "Expect: 100-continue", self.credentials(), content_type="text/plain")
        self.assertEqual(answer.status, 400)

    def test_what_no_project_could_hold_is_refused_by_the_head(self):
        for expect in ([], ["Expect: 100-continue"]):
            answer = self.begun(500 << 30, self.credentials(), *expect)
            self.assertEqual(answer.status, 413)
            self.assertTrue(answer.reason.startswith("File too large. The largest limit of a project here is 100 MB."), answer.reason)
            self.assertIn("/help/uploads#file-size-limit", answer.body.decode())
            self.assertEqual(self.begun(500 << 30, *expect).status, 403)

    def test_a_raised_limit_counts(self):
        self.assertEqual(self.registry.upload(wheel("vast", "1.0"), self.root).status, 200)
        path = "/admin/v1/projects/vast/limits"
        self.assertEqual(self.registry.call("PUT", path, self.root, {"file_limit": 600 << 30, "total_limit": 600 << 30, "reason": "data"}).status, 200)
        try:
            self.assertEqual(self.begun(500 << 30, self.credentials(), "Expect: 100-continue").status, 100)
            answer = self.begun(700 << 30, self.credentials(), "Expect: 100-continue")
            self.assertEqual((answer.status, str(600 << 10) in answer.reason), (413, True))
        finally:
            self.assertEqual(self.registry.call("PUT", path, self.root, {"reason": "no longer"}).status, 200)

    def test_a_client_that_sends_at_once_reads_its_refusal(self):
        body, content_type = form(wheel("eager", "1.0", payload=b"x" * 100))
        answer = self.registry.request("POST", "/legacy/", body + b"-" * 20_000_000, {"Content-Type": content_type})
        self.assertRefused(answer, 403, "Invalid or non-existent authentication")

    def test_long_descriptions_come_in_and_longer_forms_do_not(self):
        package = wheel("wordy", "1.0")
        self.assertEqual(self.registry.upload(package, self.root, description="word " * 400_000).status, 200)
        self.assertRefused(self.registry.upload(wheel("wordy", "2.0"), self.root, description="w" * (3 << 20), comment="w" * (3 << 20)),
                           400, "The fields of the form are larger than 4 MiB together")
        names = [("n" * 16_000 + str(number), "") for number in range(400)]
        self.assertRefused(self.registry.upload(wheel("wordy", "3.0"), self.root, fields=names),
                           400, "The fields of the form are larger than 4 MiB together")

    def test_forms_that_stall_hold_little_and_stop_no_ordinary_upload(self):
        body = b'--b\r\nContent-Disposition: form-data; name="description"\r\n\r\n' + b"a" * 3_900_000
        held, refused = [], 0
        before = self.registry.memory_mb("VmRSS")
        try:
            for _ in range(40):
                connection = socket.create_connection(("127.0.0.1", self.registry.port), timeout=60)
                held.append(connection)
                connection.sendall(head_of("POST", "/legacy/", 90_000_000, ["Content-Type: multipart/form-data; boundary=b", self.credentials()]) + body)
            # Those for whom no memory is left are told so; 64 MiB are there for seventeen.
            waiting = list(held)
            while refused < 20:
                ready, _, _ = select.select(waiting, [], [], 60)
                self.assertTrue(ready, f"only {refused} were refused")
                for connection in ready:
                    self.assertEqual(connection.recv(12), b"HTTP/1.1 503")
                    waiting.remove(connection)
                    refused += 1
            self.assertLess(self.registry.memory_mb("VmRSS") - before, 250)
            self.assertEqual(self.registry.upload(wheel("ordinary", "1.0"), self.root).status, 200)
        finally:
            for connection in held:
                connection.close()


if __name__ == "__main__":
    unittest.main()
