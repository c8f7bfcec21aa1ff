# SPDX-License-Identifier: GPL-3.0-or-later
"""What tokens and passwords open, for how long, and what nobody gets without them."""
import http.client
import json
import resource
import socket
import subprocess
import unittest

from events_test import Stream
from support import RegistryTest, basic, form, wheel


class ScopedTokens(RegistryTest):
    """A token for one project lies where machines build; it must not be worth more than that project."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = cls.registry.user("root", "admin")
        cls.package, cls.other = wheel("mine", "1.0"), wheel("other", "1.0")
        for package in (cls.package, cls.other):
            assert cls.registry.upload(package, cls.root).status == 200
        # Of an admin, who might do everything.
        cls.scoped = cls.registry.admin("token", "create", "--user", "root", "--project", "mine")

    def test_the_admin_api_is_closed_but_for_its_own_projects(self):
        document = self.registry.request("GET", "/admin/v1/openapi.json").json()
        operations = {(method.upper(), path): operation["operationId"] for path, methods in document["paths"].items()
                      for method, operation in methods.items()}
        own = {"who-am-i", "registry-info", "list-projects", "get-project", "get-release", "list-members", "read-member",
               "upload-preflight", "sign-in", "sign-out", "events", "list-documentation", "put-documentation"}
        self.assertLess(own, set(operations.values()))
        before = self.registry.call("GET", "/admin/v1/audit?limit=1", self.root).json()["total"]
        for (method, path), name in operations.items():
            if name in own:
                continue
            path = path.format(project="mine", version="1.0", filename=self.package.filename, user="root", token="1", annotation="1", key="1",
                               deprecation="1", brown_out="1", node="shop")
            answer = self.registry.call(method, path, self.scoped, {"reason": "x"} if method in ("POST", "PUT") else None)
            self.assertEqual(answer.status, 403, (name, answer))
        self.assertEqual(self.registry.call("GET", "/admin/v1/audit?limit=1", self.root).json()["total"], before)

    def test_it_reads_its_own_project_and_no_other(self):
        def get(path):
            return self.registry.call("GET", "/admin/v1/" + path, self.scoped)
        self.assertEqual(get("projects/mine").status, 200)
        self.assertEqual(get("projects/mine/releases/1.0").status, 200)
        self.assertEqual(get(f"files/{self.package.filename}/members").status, 200)
        self.assertEqual(get("projects/other").status, 403)
        self.assertEqual(get(f"files/{self.other.filename}/members").status, 403)
        self.assertEqual([item["name"] for item in get("projects").json()["items"]], ["mine"])

    def test_it_hears_public_events_only(self):
        stream = Stream(self.registry.port, self.scoped)
        self.addCleanup(stream.close)
        everything = Stream(self.registry.port, self.root)
        self.addCleanup(everything.close)
        self.registry.admin("user", "add", "secretive", "--role", "user")
        everything.wait("user.created", "secretive")
        self.assertEqual(self.registry.upload(wheel("mine", "2.0"), self.root).status, 200)
        stream.wait("file.uploaded", "mine-2.0")
        self.assertFalse([event for event in stream.events if event[1].startswith("user.")])


class Withdrawal(RegistryTest):
    def open(self, token):
        stream = Stream(self.registry.port, token)
        self.addCleanup(stream.close)
        self.assertEqual(stream.answer.status, 200)
        return stream

    def test_a_stream_ends_with_the_token_it_was_opened_with(self):
        token = self.registry.user("leaving", "moderator")
        row = self.registry.call("GET", "/admin/v1/tokens", token).json()["items"][0]
        stream = self.open(token)
        self.assertEqual(self.registry.call("DELETE", f"/admin/v1/tokens/{row['id']}", token).status, 200)
        stream.thread.join(20)
        self.assertFalse(stream.thread.is_alive(), "the stream goes on")
        self.assertFalse([event for event in stream.events if event[1] == "token.revoked"])

    def test_a_stream_ends_with_the_role_that_opened_it(self):
        admin = self.registry.user("root", "admin")
        stream = self.open(self.registry.user("demoted", "moderator"))
        self.assertEqual(self.registry.call("PUT", "/admin/v1/users/demoted/role", admin, {"role": "user", "reason": "x"}).status, 200)
        stream.thread.join(20)
        self.assertFalse(stream.thread.is_alive(), "the stream goes on")

    def test_whoever_is_frozen_is_refused_everywhere_at_once_and_comes_back_whole(self):
        admin = self.registry.user("chief", "admin")
        token = self.registry.user("icy", "moderator")
        self.registry.admin("user", "add", "cold", "--role", "user", "--password-stdin", stdin="correct horse\n")
        def sign_in():
            return self.registry.request("POST", "/admin/v1/session", json.dumps({"name": "cold", "password": "correct horse"}),
                                         {"Content-Type": "application/json"})
        session = sign_in().json()["token"]
        stream = self.open(token)
        def freeze(user, active):
            return self.registry.call("PUT", f"/admin/v1/users/{user}/active", admin, {"active": active, "reason": "account was taken over"})
        for user in ("icy", "cold"):
            answer = freeze(user, False)
            self.assertEqual(answer.status, 200, answer)
        stream.thread.join(20)
        self.assertFalse(stream.thread.is_alive(), "the stream goes on")
        self.assertEqual(self.registry.call("GET", "/admin/v1/me", token).status, 401)
        self.assertEqual(self.registry.call("GET", "/admin/v1/me", session).status, 401)
        self.assertEqual(sign_in().status, 401)
        refused = self.registry.upload(wheel("frozen", "1.0"), token)
        self.assertEqual(refused.status, 403, refused)
        frozen = self.registry.call("GET", "/admin/v1/users?active=false&sort=name&descending=true", admin).json()
        self.assertEqual([user["name"] for user in frozen["items"]], ["icy", "cold"])
        self.assertEqual(self.registry.call("GET", "/admin/v1/tokens?user=icy", admin).json()["total"], 1)
        for user in ("icy", "cold"):
            self.assertEqual(freeze(user, True).status, 200)
        self.assertEqual(self.registry.call("GET", "/admin/v1/me", token).status, 200)
        self.assertEqual(self.registry.call("GET", "/admin/v1/me", session).status, 200)
        refused = freeze("chief", False)
        self.assertEqual(refused.status, 412, refused)

    def test_signing_out_leaves_an_api_token_alone(self):
        token = self.registry.user("builder")
        answer = self.registry.call("DELETE", "/admin/v1/session", token)
        self.assertEqual(answer.status, 422, answer)
        self.assertIn("API token", answer.json()["detail"])
        self.assertEqual(self.registry.call("GET", "/admin/v1/me", token).status, 200)


class Nobody(RegistryTest):
    def head_only(self, method, path, host="127.0.0.1"):
        """The answer to a head whose body never comes."""
        with socket.create_connection((host, self.registry.port), timeout=20) as connection:
            connection.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n".encode())
            response = http.client.HTTPResponse(connection, method=method)
            response.begin()
            return response.status, response.read().decode()

    def test_no_body_is_collected_of_somebody_without_credentials(self):
        self.assertEqual(self.head_only("POST", "/admin/v1/tokens")[0], 401)

    def test_an_upload_without_credentials_is_refused_for_that(self):
        body, content_type = form(wheel("mine", "1.0"))
        for kind in (content_type, "text/plain"):
            answer = self.registry.request("POST", "/legacy/", body, {"Content-Type": kind})
            self.assertRefused(answer, 403, "Invalid or non-existent authentication information.")

    def test_uploads_to_an_address_of_former_days_are_told_the_new_one(self):
        answer = self.registry.request("POST", "/pypi?:action=file_upload", b"x")
        self.assertRefused(answer, 410, f"This API has moved to {self.registry.url}/legacy/. See ")

    def test_guessing_passwords_is_limited(self):
        self.registry.admin("user", "add", "ada", "--role", "user", "--password-stdin", stdin="correct horse\n")
        def sign_in(password):
            body = json.dumps({"name": "ada", "password": password})
            return self.registry.request("POST", "/admin/v1/session", body, {"Content-Type": "application/json"})
        for _ in range(10):
            self.assertEqual(sign_in("wrong horse").status, 401)
        answer = sign_in("correct horse")
        # The six seconds to the next try may be over on a slow machine.
        if answer.status != 200:
            self.assertEqual(answer.status, 429, answer)
            self.assertGreater(int(answer.headers["Retry-After"]), 0)
            body, content_type = form(wheel("mine", "1.0"))
            upload = self.registry.request("POST", "/legacy/", body, {"Content-Type": content_type, **basic("ada", "wrong horse")})
            self.assertEqual(upload.status, 429, upload)


class OtherMachines(RegistryTest):
    @classmethod
    def setUpClass(cls):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # sends nothing
            except OSError:
                raise unittest.SkipTest("this machine has no address but loopback") from None
            cls.address = probe.getsockname()[0]
        super().setUpClass()
        cls.registry.kill()
        cls.registry.host = "0.0.0.0"
        cls.registry.start()

    def test_no_password_is_taken_over_plain_http(self):
        connection = http.client.HTTPConnection(self.address, self.registry.port, timeout=20)
        self.addCleanup(connection.close)
        connection.request("POST", "/admin/v1/session", json.dumps({"name": "ada", "password": "correct horse"}),
                           {"Content-Type": "application/json"})
        self.assertEqual(connection.getresponse().status, 403)


class Descriptors(RegistryTest):
    def test_idle_connections_do_not_take_the_store_its_files(self):
        self.registry.stop()
        launched = subprocess.Popen

        def limited(*arguments, **options):
            return launched(*arguments, **options, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, 1024)))
        subprocess.Popen = limited
        try:
            self.registry.start()
        finally:
            subprocess.Popen = launched
        token = self.registry.user("ada")
        with open(f"/proc/{self.registry.process.pid}/limits") as limits:
            line = next(line for line in limits if line.startswith("Max open files"))
        self.assertEqual(line.split()[3], "1024")
        kept = http.client.HTTPConnection("127.0.0.1", self.registry.port, timeout=20)
        self.addCleanup(kept.close)
        kept.request("GET", "/_health/")
        kept.getresponse().read()
        idle = []
        try:
            for _ in range(1100):
                idle.append(socket.create_connection(("127.0.0.1", self.registry.port), timeout=20))
            body, content_type = form(wheel("mine", "1.0"))
            kept.request("POST", "/legacy/", body, {"Content-Type": content_type, **basic("__token__", token)})
            answer = kept.getresponse()
            self.assertEqual(answer.status, 200, answer.read())
        finally:
            for connection in idle:
                connection.close()


if __name__ == "__main__":
    unittest.main()
