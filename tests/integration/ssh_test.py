# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads over ssh as the client of 2012 makes them: real ssh, two real sshds with one identity, the real core."""
import hashlib
import json
import pathlib
import subprocess
import threading
import time
import unittest

from nodes_test import wait_until
from sshd import LIFE, RECORDED, SshTest, keygen, old_request
from support import SIMPLE_JSON, Registry, Package, in_seconds, sdist, wheel


def recorded(name):
    return (RECORDED / f"{name}.req").read_bytes()


def file_in(request):
    """The file of a recorded upload, byte for byte."""
    head = request.index(b'filename="')
    line = b"\r\n" if request[request.index(b'"', head + 10) + 1:][:1] == b"\r" else b"\n"
    begin = request.index(line + line, head) + 2 * len(line)
    return request[begin:request.index(line + b"----------------GHSK", begin)]


class OneRegistry(SshTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.core_config.write_text(f'[serve.ssh]\nkey_file = "{cls.secret}"\n')
        cls.registry = Registry(cls.folder / "data", store=("--config", cls.core_config)).start()
        cls.addClassCleanup(cls.registry.kill)
        cls.ada = cls.registry.user("ada")
        cls.root = cls.registry.user("root", "admin")
        cls.hosts = [cls.host(name, [cls.registry.url]) for name in ("ssh1", "ssh2")]
        cls.key, cls.key_id = cls.key_of(cls.registry, cls.ada, "laptop")

    def known(self, name):
        answer = self.registry.upload(sdist(name, "0.0.1"), self.ada)
        self.assertEqual(answer.status, 200, answer)

    def stored(self, project, filename):
        files = self.registry.files(project) or {}
        if filename not in files:
            return None
        return self.registry.request("GET", files[filename]["url"][files[filename]["url"].index("/packages/"):]).body

    def key_row(self, key_id, token=None):
        keys = self.registry.call("GET", "/admin/v1/ssh-keys?ended=true", token or self.ada).json()["items"]
        return next(key for key in keys if key["id"] == key_id)


class Uploads(OneRegistry):
    def test_a_recorded_upload_is_stored_byte_for_byte_and_its_other_file_is_refused_readably(self):
        self.known("Old.Demo")
        for host, name, status in ((self.hosts[0], "pypissh-py26style-upload", 200), (self.hosts[1], "pypissh-py26style-upload", 200),
                                   (self.hosts[1], "pypissh-py27-upload", 400)):
            reply = self.client(self.key, host).send(recorded(name))
            self.assertEqual((reply.status, reply.code), (status, 0), reply)
            if status == 200:
                self.assertEqual(reply.raw, b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nOK\n")
        self.assertIn("File already exists", reply.reason)
        self.assertEqual(reply.body.decode("latin-1"), reply.reason + "\n")
        self.assertEqual(self.stored("old-demo", "Old.Demo-0.1.tar.gz"), file_in(recorded("pypissh-py26style-upload")))
        line = next(line for line in self.registry.call("GET", "/admin/v1/audit?action=file.upload", self.root).json()["items"]
                    if "Old.Demo-0.1" in line["subject"])
        self.assertEqual((line["actor"], line["channel"]), ("ada", "ssh upload"))

    def test_register_is_told_what_has_become_of_it(self):
        reply = self.client(self.key, self.hosts[0]).send(recorded("pypissh-py27-register"))
        self.assertEqual(reply.status, 410, reply)
        self.assertEqual(reply.reason, "Project pre-registration is no longer required or supported, upload your files instead.")

    def test_a_question_is_answered_on_one_line(self):
        for request in (b"GET /pypi HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /pypi HTTP/1.0\n\n"):
            reply = self.client(self.key, self.hosts[0]).send(request)
            self.assertEqual(reply.status, 200, reply)
            self.assertEqual(reply.body.count(b"\n"), 1)
            self.assertIn(b"open for ada", reply.body)
        verify = old_request(Package("x", "1", None, None, "sdist", ""), action="verify")
        self.assertEqual(self.client(self.key, self.hosts[0]).send(verify).body, b"OK\n")

    def test_documentation_goes_the_same_way(self):
        import io
        import zipfile
        self.known("documented")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as pages:
            pages.writestr("index.html", "<h1>read me</h1>")
        docs = Package("documented", None, "documented.zip", archive.getvalue(), None, None)
        request = old_request(docs, action="doc_upload", version=None, filetype=None, pyversion=None)
        reply = self.client(self.key, self.hosts[0]).send(request)
        self.assertEqual(reply.status, 200, reply)
        listed = self.registry.call("GET", "/admin/v1/projects/documented/documentation", self.ada).json()
        self.assertEqual(len(listed["versions"]), 1, listed)

    def test_refusals_are_readable(self):
        client = self.client(self.key, self.hosts[0])
        reply = client.send(old_request(sdist("never-heard-of", "1.0")))
        self.assertEqual(reply.status, 403, reply)
        self.assertIn("uploads over ssh create none", reply.reason)
        self.assertIsNone(self.registry.files("never-heard-of"))
        eve = self.registry.user("eve")
        self.assertEqual(self.registry.upload(sdist("eves", "1.0"), eve).status, 200)
        reply = client.send(old_request(sdist("eves", "1.1")))
        self.assertEqual(reply.status, 403, reply)
        self.assertIn("The user 'ada' isn't allowed to upload to project 'eves'", reply.reason)
        self.known("eggs")
        egg = sdist("eggs", "1.0")
        egg.filetype, egg.filename = "bdist_egg", "eggs-1.0-py2.7.egg"
        self.assertIn("Use a known file type", client.send(old_request(egg)).reason)
        reply = client.send(old_request(sdist("eggs", "1.0"), md5_digest="0" * 32))
        self.assertEqual(reply.status, 400, reply)
        self.assertEqual(list(self.registry.files("eggs")), ["eggs-0.0.1.tar.gz"])

    def test_a_key_for_some_projects_opens_these(self):
        self.known("narrow")
        self.known("broad")
        key, _ = self.key_of(self.registry, self.ada, "narrow-key", projects=["narrow"])
        client = self.client(key, self.hosts[0])
        self.assertEqual(client.send(old_request(sdist("narrow", "1.0"))).status, 200)
        reply = client.send(old_request(sdist("broad", "1.0")))
        self.assertEqual(reply.status, 403, reply)
        self.assertIn("broad", reply.reason)

    def test_every_kind_of_key(self):
        for kind in ("rsa", "ecdsa"):
            key, _ = self.key_of(self.registry, self.ada, f"kind-{kind}", kind)
            self.assertEqual(self.client(key, self.hosts[0]).send(b"GET /pypi HTTP/1.1\r\n\r\n").status, 200)

    def test_uses_of_a_key_are_noted(self):
        self.client(self.key, self.hosts[0]).send(b"GET /pypi HTTP/1.1\r\n\r\n")
        self.registry.stop()  # what is noted each minute is noted at the end as well
        self.registry.start()
        row = self.key_row(self.key_id)
        self.assertEqual(row["last_used_from"], "127.0.0.1")
        self.assertIn("last_used", row)

    def test_twenty_megabytes_and_fifty_at_once(self):
        import os
        self.known("large")
        large = sdist("large", "1.0", os.urandom(20_000_000))
        begin = time.monotonic()
        reply = self.client(self.key, self.hosts[0]).send(old_request(large))
        took = time.monotonic() - begin
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual(hashlib.sha256(self.stored("large", large.filename)).hexdigest(), large.sha256)
        self.known("many")
        packages = [sdist("many", f"1.{number}", os.urandom(200_000)) for number in range(50)]
        replies = [None] * len(packages)

        def send(number):
            replies[number] = self.client(self.key, self.hosts[number % 2]).send(old_request(packages[number]), patience=240)
        threads = [threading.Thread(target=send, args=(number,)) for number in range(len(packages))]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(f"20 MB in {took:.1f} s; 50 uploads at once in {time.monotonic() - begin:.1f} s")
        self.assertEqual({reply.status for reply in replies}, {200}, [reply for reply in replies if reply.status != 200][:3])
        self.assertEqual(set(self.registry.files("many")) - {"many-0.0.1.tar.gz"}, {package.filename for package in packages})
        for package in packages[::10]:
            self.assertEqual(self.stored("many", package.filename), package.content)


class Keys(OneRegistry):
    def refused(self, key, host):
        reply = self.client(key, host).send(b"GET /pypi HTTP/1.1\r\n\r\n")
        return reply.code == 255 and "Permission denied (publickey)" in reply.errors and not reply.raw

    def test_an_unknown_key_is_told_nothing(self):
        stranger = keygen(self.folder / "keys" / "stranger")
        for host in self.hosts:
            self.assertTrue(self.refused(stranger, host))

    def test_a_key_ends_with_its_revocation_its_end_and_its_person(self):
        key, key_id = self.key_of(self.registry, self.ada, "passing")
        for host in self.hosts:
            self.assertEqual(self.client(key, host).send(b"GET /pypi HTTP/1.1\r\n\r\n").status, 200)
        self.assertEqual(self.registry.call("DELETE", f"/admin/v1/ssh-keys/{key_id}?reason=lost", self.ada).status, 200)
        begin = time.monotonic()
        for host in self.hosts:
            self.assertTrue(self.refused(key, host))
        print(f"closed on both hosts {time.monotonic() - begin:.2f} s after it was revoked, two logins included")
        key, key_id = self.key_of(self.registry, self.ada, "ending")
        end = in_seconds(3)
        answer = self.registry.call("PUT", f"/admin/v1/ssh-keys/{key_id}", self.ada, {"projects": [], "expires": end, "reason": ""})
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.client(key, self.hosts[0]).send(b"GET /pypi HTTP/1.1\r\n\r\n").status, 200)
        wait_until(lambda: self.refused(key, self.hosts[0]), within=20)
        self.assertGreaterEqual(time.time(), time.mktime(time.strptime(end, "%Y-%m-%dT%H:%M:%SZ")) - time.timezone)

    def test_without_a_core_the_snapshot_holds_for_five_seconds(self):
        key, _ = self.key_of(self.registry, self.ada, "in-the-dark")
        for host in self.hosts:
            wait_until(lambda host=host: key.with_suffix(".pub").read_text().split()[1] in (host.home / "run/keys").read_text())
        self.addCleanup(self.registry.start)
        self.registry.kill()
        begin = time.monotonic()
        process = self.client(key, self.hosts[0]).open()
        try:
            process.stdin.write(b"GET /pypi HTTP/1.1\r\n\r\n")
            process.stdin.flush()
            # sshd let it in, and the gateway says what it cannot do.
            reply = process.stdout.readline()
            self.assertTrue(reply.startswith(b"HTTP/1.1 503 Registry is failing over"), reply)
        finally:
            process.kill()
            process.communicate()
        wait_until(lambda: time.monotonic() - begin > LIFE + 1)
        for host in self.hosts:
            self.assertTrue(self.refused(key, host))

    def test_a_snapshot_that_was_touched_is_none(self):
        key, _ = self.key_of(self.registry, self.ada, "forged")
        host = self.host("tampered", [self.registry.url])
        file = host.home / "run/keys"
        wait_until(lambda: file.exists() and key.with_suffix(".pub").read_text().split()[1] in file.read_text())
        stranger = keygen(self.folder / "keys" / "forger")
        self.addCleanup(self.registry.start)
        self.registry.kill()
        host.stop_following()
        text = file.read_text().replace(key.with_suffix(".pub").read_text().split()[1], stranger.with_suffix(".pub").read_text().split()[1])
        file.write_text(text)
        self.assertTrue(self.refused(stranger, host))

    def test_a_host_with_another_secret_is_not_believed(self):
        other = self.folder / "other-secret"
        other.write_text("ab" * 32 + "\n")
        other.chmod(0o600)
        liar = self.host("liar", [self.registry.url])
        (liar.home / "secret").write_text("ab" * 32 + "\n")
        self.assertTrue(self.refused(self.key, liar))

    def test_the_number_of_a_key_opens_nothing(self):
        """Who knows a key's id and no secret gets nothing from the core."""
        for header in ("Cheesemonger-Ssh key=1", "Cheesemonger-Ssh key=1&remote=&time=1&action=status&project=&version=&filename=&sha256=&mac=" + "0" * 64):
            answer = self.registry.request("GET", "/ssh/status", headers={"Authorization": header})
            self.assertEqual(answer.status, 403, answer)
            self.assertEqual(self.registry.request("GET", "/ssh/keys", headers={"Authorization": header}).status, 401)
            self.assertEqual(self.registry.request("GET", "/admin/v1/me", headers={"Authorization": header}).status, 401)
        self.assertEqual(self.registry.request("GET", "/ssh/keys").status, 401)


if __name__ == "__main__":
    unittest.main()
