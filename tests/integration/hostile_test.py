# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input never crashes the core and always gets an explanation."""
import http.client
import io
import os
import socket
import ssl
import subprocess
import tarfile
import time
import unittest
import zipfile

from support import Package, Registry, RegistryTest, basic, form, sdist, wheel


class HostileUploads(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls.registry.user("ada")

    def tearDown(self):
        self.assertIsNone(self.registry.process.poll(), "the core has died: " + self.registry.log()[-3000:])
        self.assertEqual(self.registry.request("GET", "/_health/").status, 200)

    def send(self, package, **changes):
        return self.registry.upload(package, self.token, **changes)

    def raw(self, body, content_type):
        return self.registry.request("POST", "/legacy/", body, {"Content-Type": content_type, **basic("__token__", self.token)})

    def test_truncated_wheel(self):
        package = wheel("truncated", "1.0", payload=os.urandom(5000))
        package.content = package.content[: len(package.content) // 2]
        self.assertRefused(self.send(package), 400, "Invalid distribution file.")

    def test_truncated_sdist(self):
        package = sdist("truncated", "1.0", payload=os.urandom(5000))
        package.content = package.content[: len(package.content) // 2]
        self.assertRefused(self.send(package), 400, "Invalid distribution file.")

    def test_renamed_file(self):
        real = wheel("renamed", "1.0")
        as_sdist = Package("renamed", "1.0", "renamed-1.0.tar.gz", real.content, "sdist", "source")
        self.assertRefused(self.send(as_sdist), 400, "Invalid distribution file.")
        other = Package("renamed", "2.0", "renamed-2.0-py3-none-any.whl", real.content, "bdist_wheel", "py3")
        self.assertEqual(self.send(other).status, 400)
        text_file = Package("renamed", "1.0", "renamed-1.0.txt", b"hello", "sdist", "source")
        self.assertRefused(self.send(text_file), 400, "Invalid file extension")

    def test_empty_file(self):
        for package in (Package("empty", "1.0", "empty-1.0.tar.gz", b"", "sdist", "source"),
                        Package("empty", "1.0", "empty-1.0-py3-none-any.whl", b"", "bdist_wheel", "py3")):
            answer = self.send(package)
            self.assertEqual(answer.status, 400, answer)
            self.assertTrue(answer.text.strip(), "no explanation")

    def test_zip_bomb(self):
        content = io.BytesIO()
        bomb = wheel("bomb", "1.0")
        with zipfile.ZipFile(io.BytesIO(bomb.content)) as source, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in source.namelist():
                archive.writestr(name, source.read(name))
            archive.writestr("bomb/zeros.bin", b"\0" * (200 << 20))
        bomb.content = content.getvalue()
        self.assertRefused(self.send(bomb), 400, "compression ratio")

    def test_tar_bomb_costs_little(self):
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w:gz", compresslevel=9) as archive:
            for path, data in (("bomb-1.0/PKG-INFO", b"Metadata-Version: 2.1\nName: bomb\nVersion: 1.0\n"),
                               ("bomb-1.0/zeros", b"\0" * (300 << 20))):
                entry = tarfile.TarInfo(path)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
        before = self.registry.memory_mb("VmRSS")
        answer = self.send(Package("bomb", "1.0", "bomb-1.0.tar.gz", content.getvalue(), "sdist", "source"))
        self.assertEqual(answer.status, 400, answer)
        self.assertLess(self.registry.memory_mb("VmRSS") - before, 64)

    def test_names_that_climb_out(self):
        for evil in ("../../evil.py", "/etc/evil.py", "a/../../evil.py", "evil\x01.py"):
            answer = self.send(wheel("climber", "1.0", members=[(evil, b"x")]))
            self.assertEqual(answer.status, 400, (evil, answer))
            self.assertTrue(answer.text.strip())
        for evil in ("../climber-1.0.tar.gz", "a/climber-1.0.tar.gz", "a\\climber-1.0.tar.gz"):
            answer = self.send(sdist("climber", "1.0"), filename=evil)
            self.assertEqual(answer.status, 400, (evil, answer))
        for path in ("/packages/../../etc/passwd", "/packages/%2e%2e/%2e%2e/etc/passwd", "/packages/..%2f..%2fetc/passwd",
                     "/packages//etc/passwd", "/simple/../admin/", "/packages/" + "a/" * 3000):
            self.assertIn(self.registry.request("GET", path).status, (301, 400, 404, 414, 431), path)

    def test_wrong_digests(self):
        package = wheel("digests", "1.0")
        for field, length in (("sha256_digest", 64), ("md5_digest", 32), ("blake2_256_digest", 64)):
            answer = self.send(package, **{field: "0" * length})
            self.assertRefused(answer, 400, "The digest supplied does not match")
        self.assertRefused(self.send(package, sha256_digest="nonsense"), 400, "Use a valid, hex-encoded, SHA256 message digest.")
        self.assertRefused(self.send(package, sha256_digest=None), 400, "Include at least one message digest.")

    def test_metadata_that_is_no_utf8(self):
        package = wheel("latin", "1.0")
        content = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(package.content)) as source, zipfile.ZipFile(content, "w") as archive:
            for name in source.namelist():
                data = source.read(name)
                archive.writestr(name, data.replace(b"made for a test", b"caf\xe9 \xff") if name.endswith("METADATA") else data)
        package.content = content.getvalue()
        answer = self.send(package)
        self.assertEqual(answer.status, 400, answer)
        self.assertTrue(answer.text.strip())

    def test_form_without_file(self):
        self.assertRefused(self.send(wheel("nofile", "1.0"), content=False), 400, "Upload payload does not have a file.")

    def test_ten_thousand_fields(self):
        many = [(f"field{number}", "x") for number in range(10_000)]
        answer = self.send(wheel("many", "1.0"), fields=many)
        self.assertIn(answer.status, (400, 413), answer)
        self.assertTrue(answer.text.strip())

    def test_forms_that_are_none(self):
        body, content_type = form(wheel("broken", "1.0"))
        for broken, kind in ((body, "multipart/form-data"), (body, "multipart/form-data; boundary="),
                             (body, "text/plain"), (b"", content_type), (b"--", content_type), (body[:100], content_type),
                             (os.urandom(5000), content_type), (body.replace(b'name="name"', b"name="), content_type)):
            answer = self.raw(broken, kind)
            self.assertIn(answer.status, (400, 415), answer)
            self.assertTrue(answer.text.strip(), "no explanation")

    def test_values_that_break_lines_stay_in_theirs(self):
        answer = self.send(wheel("inject", "1.0"), version="1.0\r\nX-Evil: yes")
        self.assertEqual(answer.status, 400, answer)
        self.assertNotIn("X-Evil", answer.headers)

    def test_two_gigabytes_are_refused_with_the_reason(self):
        """More than the limit: the client is told why although it is still sending."""
        package = wheel("huge", "1.0")
        body, content_type = form(package, content=b"CONTENT")
        before, after = body.split(b"CONTENT")
        size = 2 << 30
        connection = http.client.HTTPConnection("127.0.0.1", self.registry.port, timeout=120)
        connection.putrequest("POST", "/legacy/")
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(before) + size + len(after)),
                            **basic("__token__", self.token)}.items():
            connection.putheader(name, value)
        connection.endheaders(before)
        block = b"\0" * (1 << 20)
        for _ in range(size >> 20):
            connection.send(block)
        connection.send(after)
        answer = connection.getresponse()
        self.assertIn(answer.status, (400, 413))
        self.assertIn("too large", answer.reason)
        connection.close()
        self.assertLess(self.registry.memory_mb(), 200)


class HostileConnections(RegistryTest):
    def tearDown(self):
        self.assertIsNone(self.registry.process.poll(), "the core has died: " + self.registry.log()[-3000:])
        self.assertEqual(self.registry.request("GET", "/_health/").status, 200)

    def say(self, content, wait=3.0):
        with socket.create_connection(("127.0.0.1", self.registry.port), timeout=10) as connection:
            try:
                connection.sendall(content)
                connection.settimeout(wait)
                answer = b""
                while piece := connection.recv(65536):
                    answer += piece
                return answer
            except (TimeoutError, ConnectionError):
                return b""

    def test_garbage_is_answered_or_dropped(self):
        for _ in range(50):
            self.say(os.urandom(2000), wait=0.3)
        for garbage in (b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"A" * 100_000,
                        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
                        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
                        b"POST /legacy/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
            answer = self.say(garbage)
            if answer:
                self.assertRegex(answer.split(b"\r\n")[0], rb"^HTTP/1\.[01] [45]\d\d ")

    def test_slow_loris_does_not_keep_others_waiting(self):
        idle = [socket.create_connection(("127.0.0.1", self.registry.port)) for _ in range(300)]
        try:
            for connection in idle:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
            for _ in range(5):
                for connection in idle:
                    connection.sendall(b"a")
                self.assertEqual(self.registry.request("GET", "/simple/", timeout=5).status, 200)
                time.sleep(0.1)
        finally:
            for connection in idle:
                connection.close()


class HostileTls(RegistryTest):
    @classmethod
    def setUpClass(cls):
        import pathlib
        import shutil
        import tempfile
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cert, key = cls.folder / "cert.pem", cls.folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                        "-out", cert, "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
        cls.registry = Registry(cls.folder / "data", "--tls-cert", cert, "--tls-key", key).start()
        cls.addClassCleanup(cls.registry.kill)

    def get(self, path):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.registry.port, timeout=10, context=context)
        connection.request("GET", path)
        return connection.getresponse()

    def test_garbage_on_the_tls_port(self):
        for garbage in (os.urandom(3000), b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\xff\xff", b"\x16\x03\x01\x00\x05hello"):
            with socket.create_connection(("127.0.0.1", self.registry.port), timeout=10) as connection:
                connection.sendall(garbage)
                connection.settimeout(0.5)
                try:
                    connection.recv(1000)
                except (TimeoutError, ConnectionError):
                    pass
        self.assertIsNone(self.registry.process.poll())
        self.assertEqual(self.get("/_health/").status, 200)

    def test_serves_over_tls(self):
        answer = self.get("/simple/")
        self.assertEqual(answer.status, 200)
        self.assertIn("max-age", answer.headers.get("Strict-Transport-Security", ""))


if __name__ == "__main__":
    unittest.main()
