# SPDX-License-Identifier: GPL-3.0-or-later
"""A file far larger than the memory the core may take, on its way in and out."""
import hashlib
import http.client
import unittest
import zipfile

from support import Registry, RegistryTest, basic, form, metadata, wheel

SIZE_MB = 300
ALLOWED_MB = 64


class LargeFile(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        config = cls.folder / "cheesemongerd.toml"
        config.write_text('[serve]\nlimits.file = "1 GiB"\n')
        cls.large = Registry(cls.folder / "large" / "data", "--config", str(config)).start()
        cls.addClassCleanup(cls.large.kill)

    def make(self):
        package = wheel("large", "1.0")
        path = self.folder / package.filename
        block = bytes(1 << 20)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            with archive.open(zipfile.ZipInfo("large/data.bin"), "w") as member:
                for _ in range(SIZE_MB):
                    member.write(block)
            archive.writestr("large-1.0.dist-info/METADATA", metadata("large", "1.0"))
            archive.writestr("large-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            archive.writestr("large-1.0.dist-info/RECORD", "large/data.bin,,\nlarge-1.0.dist-info/METADATA,,\n"
                             "large-1.0.dist-info/WHEEL,,\nlarge-1.0.dist-info/RECORD,,\n")
        digest = hashlib.sha256()
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        return package, path, digest.hexdigest()

    def test_memory_stays_flat(self):
        package, path, digest = self.make()
        token = self.large.user("ada")
        body, content_type = form(package, content=b"CONTENT", sha256_digest=digest)
        before, after = body.split(b"CONTENT")
        connection = http.client.HTTPConnection("127.0.0.1", self.large.port, timeout=300)
        self.addCleanup(connection.close)
        connection.putrequest("POST", "/legacy/")
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(before) + path.stat().st_size + len(after)),
                            **basic("__token__", token)}.items():
            connection.putheader(name, value)
        connection.endheaders(before)
        with open(path, "rb") as file:
            while chunk := file.read(1 << 20):
                connection.send(chunk)
        connection.send(after)
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()), (200, b""), answer.reason)
        listed = self.large.files("large")[package.filename]
        self.assertEqual(listed["hashes"]["sha256"], digest)
        self.assertEqual(self.digest_of(listed["url"]), digest)
        self.assertLessEqual(self.large.memory_mb(), ALLOWED_MB)

    def digest_of(self, url):
        connection = http.client.HTTPConnection("127.0.0.1", self.large.port, timeout=300)
        self.addCleanup(connection.close)
        connection.request("GET", url)
        answer = connection.getresponse()
        digest = hashlib.sha256()
        while chunk := answer.read(1 << 20):
            digest.update(chunk)
        return digest.hexdigest()


if __name__ == "__main__":
    unittest.main()
