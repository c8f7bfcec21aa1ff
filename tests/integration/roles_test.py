# SPDX-License-Identifier: GPL-3.0-or-later
"""Walks every endpoint of the served OpenAPI with every role."""
import re
import unittest
import urllib.parse

from retiring import Retiring
from support import RegistryTest, wheel

# What each role may do besides reading, by operationId; the walk fails when an endpoint is in no line.
READING_POSTS = {"sign-in", "sign-out", "upload-preflight", "write-probe", "plan-deprecation-step"}
MODERATION = {"yank-release", "unyank-release", "quarantine-project", "lift-quarantine", "set-project-status", "set-project-limits"}
ADMINISTRATION = {"delete-project", "restore-project", "delete-release", "restore-release", "delete-file", "restore-file",
                  "set-role", "remove-role", "create-user", "set-user-role", "set-user-active", "set-user-email", "put-documentation", "remove-documentation",
                  "restore-documentation", "set-latest-documentation", "propose-deprecation", "edit-deprecation",
                  "take-deprecation-step", "confirm-deprecation-step", "exempt-from-deprecation", "write-deprecation-messages"}
OPERATION = {"set-read-only", "end-read-only", "purge-cdn", "add-annotation", "remove-annotation",
             "answer-deprecation", "end-brown-out", "forget-serving-node"}
OWN_THINGS = {"create-token", "revoke-token", "add-ssh-key", "change-ssh-key", "revoke-ssh-key"}


class Roles(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tokens = {role: cls.registry.user(f"the-{role}", role) for role in ("admin", "operator", "moderator", "observer", "user")}
        cls.owner = cls.registry.user("owner")
        cls.package = wheel("target", "1.0")
        assert cls.registry.upload(cls.package, cls.owner).status == 200
        cls.deprecation = Retiring(cls.registry, cls.tokens["admin"], cls.tokens["admin"]).id
        document = cls.registry.request("GET", "/admin/v1/openapi.json", token=cls.tokens["admin"]).json()
        cls.operations = [(method.upper(), path, operation) for path, methods in document["paths"].items()
                          for method, operation in methods.items()]

    def call(self, method, path, operation, token):
        values = {"project": "target", "version": "1.0", "filename": self.package.filename, "user": "the-user", "token": "1", "annotation": "1", "key": "1",
                  "deprecation": self.deprecation, "brown_out": "1", "node": "shop:8427"}
        path = re.sub(r"\{(\w+)\}", lambda match: urllib.parse.quote(values[match.group(1)], safe=""), path)
        # What cannot be asked without naming something.
        path += {"download-trends": "?projects=target"}.get(operation["operationId"], "")
        body = None
        if method in ("POST", "PUT"):
            body = {"reason": "walked"}
            extra = {"create-user": {"name": "intruder"}, "create-token": {"description": "x"}, "set-project-status": {"status": "archived"},
                     "set-role": {"role": "Owner"}, "set-user-role": {"role": "admin"},
                     "set-user-active": {"active": False}, "set-user-email": {"email": "a@example.org"}, "sign-in": {"name": "x", "password": "y"},
                     "upload-preflight": {"files": []}, "plan-deprecation-step": {"to": "measuring"},
                     "add-annotation": {"from": "2026-01-01T00:00:00Z", "text": "x"}}.get(operation["operationId"])
            if operation["operationId"] in ("create-user", "create-token", "sign-in", "upload-preflight", "plan-deprecation-step"):
                body = {}
            body |= extra or {}
        return self.registry.call(method, path, token, body)

    def state(self):
        admin = self.tokens["admin"]
        return (self.registry.call("GET", "/admin/v1/registry", admin).json()["serial"],
                self.registry.call("GET", "/admin/v1/audit?limit=1", admin).json()["total"])

    def changing(self):
        return [(method, path, op) for method, path, op in self.operations
                if method != "GET" and op["operationId"] not in READING_POSTS]

    def test_every_endpoint_is_known_to_this_test(self):
        known = MODERATION | ADMINISTRATION | OPERATION | OWN_THINGS
        self.assertEqual({op["operationId"] for _, _, op in self.changing()}, known)

    def test_nobody_gets_in_without_a_token(self):
        before = self.state()
        for method, path, operation in self.operations:
            if operation["operationId"] == "sign-in":
                continue
            for token in (None, "pypi-nonsense", "x" * 5000):
                answer = self.call(method, path, operation, token)
                self.assertEqual(answer.status, 401, (operation["operationId"], answer))
                self.assertIn("application/problem+json", answer.headers["Content-Type"])
        self.assertEqual(self.state(), before)

    def test_an_observer_changes_nothing(self):
        before = self.state()
        for method, path, operation in self.changing():
            answer = self.call(method, path, operation, self.tokens["observer"])
            self.assertEqual(answer.status, 403, (operation["operationId"], answer))
        self.assertEqual(self.registry.upload(wheel("observed", "1.0"), self.tokens["observer"]).status, 403)
        self.assertEqual(self.state(), before)

    def test_a_user_changes_nothing_of_others(self):
        before = self.state()
        for method, path, operation in self.changing():
            if operation["operationId"] in OWN_THINGS:
                continue
            answer = self.call(method, path, operation, self.tokens["user"])
            self.assertIn(answer.status, (403, 404), (operation["operationId"], answer))
        self.assertEqual(self.state(), before)

    def test_operators_and_moderators_stay_in_their_field(self):
        before = self.state()
        for method, path, operation in self.changing():
            name = operation["operationId"]
            if name in ADMINISTRATION | MODERATION:
                self.assertEqual(self.call(method, path, operation, self.tokens["operator"]).status, 403, name)
            if name in ADMINISTRATION | OPERATION:
                self.assertEqual(self.call(method, path, operation, self.tokens["moderator"]).status, 403, name)
        self.assertEqual(self.state(), before)

    def test_a_monitor_of_the_staff_may_try_to_write(self):
        for role, status in (("observer", 200), ("user", 403)):
            answer = self.registry.call("POST", "/admin/v1/write-probe", self.tokens[role], {})
            self.assertEqual(answer.status, status, (role, answer))
        used = self.registry.call("GET", "/admin/v1/tokens", self.tokens["observer"]).json()["items"]
        self.assertTrue(any("last_used" in token for token in used), used)

    def test_staff_may_read(self):
        for role in ("admin", "operator", "moderator", "observer"):
            for method, path, operation in self.operations:
                if method != "GET" or operation["operationId"] in ("events", "read-member"):
                    continue
                answer = self.call(method, path, operation, self.tokens[role])
                # The record of this test never had a brown-out.
                wanted = 404 if operation["operationId"] == "watch-brown-out" else 200
                self.assertEqual(answer.status, wanted, (role, operation["operationId"], answer))


if __name__ == "__main__":
    unittest.main()
