# SPDX-License-Identifier: GPL-3.0-or-later
"""What real uploaders sent, byte for byte (tests/data/client-requests), and what they are answered."""
import http.client
import pathlib
import re
import socket
import unittest

from support import Registry, RegistryTest

REQUESTS = pathlib.Path(__file__).resolve().parent.parent / "data" / "client-requests"
PASSWORDS = {"ada": "p\u00e4ss:w0rd"}


class ClientRequests(RegistryTest):
    """Each request meets an empty registry of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config = cls.folder / "cheesemongerd.toml"
        cls.config.write_text("[serve]\nuploads.passwords = true\n")

    def replay(self, name):
        registry = Registry(self.folder / pathlib.Path(name).stem / "data", "--config", str(self.config)).start()
        self.addCleanup(registry.kill)
        registry.admin("user", "add", "ada", "--role", "user", "--password-stdin", stdin=PASSWORDS["ada"] + "\n")
        token = registry.admin("token", "create", "--user", "ada")
        content = (REQUESTS / name).read_bytes()
        head, separator, body = content.partition(b"\r\n\r\n")
        # Short passwords of the old clients, and the ssh gateway's part, are a token's.
        if b"Basic YWRhOnB3" in head or head.startswith(b"POST /pypi "):
            head = re.sub(rb"(?im)^authorization:[^\r]*\r?\n?", b"", head).rstrip(b"\r\n")
            head += b"\r\nAuthorization: Bearer " + token.encode()
            head = head.replace(b"POST /pypi ", b"POST /legacy/ ", 1)
        with socket.create_connection(("127.0.0.1", registry.port), timeout=20) as connection:
            connection.sendall(head + separator + body)
            response = http.client.HTTPResponse(connection, method="POST")
            response.begin()
            return registry, response.status, response.reason, response.read().decode()

    def assertStored(self, name, project, *files):
        registry, status, reason, text = self.replay(name)
        self.assertEqual(status, 200, (name, reason, text))
        self.assertEqual(sorted(registry.files(project)), sorted(files), name)
        registry.kill()

    def test_uploads_are_taken(self):
        for name, project, file in UPLOADS:
            with self.subTest(name):
                self.assertStored(name, project, file)

    def test_registrations_are_told_that_they_are_of_the_past(self):
        for name in ("tw4-register-1.req", "distu-reg-1.req", "pypissh-py27-register.req"):
            with self.subTest(name):
                registry, status, reason, text = self.replay(name)
                words = "Project pre-registration is no longer required or supported, upload your files instead."
                self.assertEqual((status, reason), (410, words))
                self.assertIn(words, text)
                registry.kill()

    def test_every_recorded_request_is_known_to_this_test(self):
        known = {name for name, *_ in UPLOADS} | {"tw4-register-1.req", "distu-reg-1.req", "pypissh-py27-register.req", "xml-1.req"}
        self.assertEqual({path.name for path in REQUESTS.glob("*.req")} - known, set())


WHEEL, SDIST = "Demo.Pkg-1.0.0-py3-none-any.whl", "Demo.Pkg-1.0.0.tar.gz"
UPLOADS = (
    *((f"{name}.req", "demo-pkg", WHEEL) for name in ("curl-1", "pdm22-1", "pdm220-1", "tw4-sig-1", "tw4-wheel-1", "tw6-att-1", "tw6-both-1")),
    *((f"{name}.req", "demo-pkg", SDIST) for name in ("pdm22-2", "pdm220-2", "tw4-sdist-1", "tw4-sig-2", "tw6-both-2")),
    *((f"{name}.req", "flitp", "flitp-1.0-py3-none-any.whl") for name in ("flit38-1", "flit312-1")),
    *((f"{name}.req", "flitp", "flitp-1.0.tar.gz") for name in ("flit38-2", "flit312-2")),
    *((f"{name}.req", "poe-p", "poe_p-1.0.0-py3-none-any.whl") for name in ("poe13-1", "poe21-1")),
    *((f"{name}.req", "poe-p", "poe_p-1.0.0.tar.gz") for name in ("poe13-2", "poe21-2")),
    *((f"{name}.req", "old-demo", "Old.Demo-0.1.tar.gz")
      for name in ("distu-2.7.18-1", "distu-3.6.15-1", "pypissh-py26style-upload", "pypissh-py27-upload")),
)

if __name__ == "__main__":
    unittest.main()
