# SPDX-License-Identifier: GPL-3.0-or-later
"""The CDN in front: documentation at an origin of its own is never taken for the registry, and nobody is taken for the mirror
who is not it."""
import shutil
import signal
import subprocess
import unittest

from documentation import docs_zip, put_docs
from edges import DOCS, NODES, FrontedNodes, make_certificates, wait_for
from support import SIMPLE_JSON, wheel

# Of projects that are called as addresses of the registry are.
NAMES = ("simple", "packages", "admin", "metrics")


class Documentation(FrontedNodes):
    projects = 3

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in NAMES:
            assert cls.one.upload(wheel(name, "1.0"), cls.owner).status == 200
            answer = put_docs(cls.one, cls.owner, name, "1.0", docs_zip({"index.html": f"<h1>The pages of {name}</h1>", "project-1/index.html": "<h1>Inside</h1>"}))
            assert answer.status in (200, 201), answer

    def setUp(self):
        self.wait_until_settled()
        self.cdn.purge("all")

    def page(self, path, accept=None, host=DOCS, **headers):
        return self.cdn.get(path, accept, Host=host, **headers)

    def test_pages_are_the_projects_whatever_they_are_called(self):
        for name in NAMES:
            path = f"/{name}/1.0/"
            direct = self.one.request("GET", path, headers={"Host": DOCS})
            self.assertEqual((direct.status, f"The pages of {name}" in direct.text), (200, True), direct)
            for host in (DOCS, DOCS.upper(), DOCS + ":80"):
                for accept in (None, SIMPLE_JSON, "image/png"):
                    answer = self.page(path, accept, host)
                    self.assertEqual((answer.status, answer.body), (200, direct.body), (path, host, accept))
                    self.assertEqual(answer.headers["Content-Security-Policy"], direct.headers["Content-Security-Policy"])
            # As other pages are answered, and not passed as somebody's own.
            self.assertEqual(self.page(path).headers["X-Cache"], "MISS", path)
            # The registry's own addresses are at its own host alone.
            self.assertNotEqual(self.cdn.get(path).body, direct.body, path)
        # Their answers are told apart by what was asked for.
        moved = self.page("/simple/1.0?theme=dark")
        self.assertEqual(moved.headers.get("Location"), self.one.request("GET", "/simple/1.0?theme=dark", headers={"Host": DOCS}).headers.get("Location"))

    def test_none_of_it_is_a_download(self):
        log = self.folder / "cdn-downloads.log"
        writer = subprocess.Popen(["sh", self.cdn.rendered / "edge/cdn/downloads.sh"], stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            def written():
                for name in ("simple", "packages"):
                    self.page(f"/{name}/1.0/")
                    self.page(f"/{name}/1.0/", host=DOCS.title() + ":80")
                self.cdn.get("/simple/project-1/")
                self.cdn.get(self.paths["project-1"])
                return log.exists() and all(log.read_text().count(f'"GET {path}') > 2 for path in ("/simple/project-1/", self.paths["project-1"]))
            wait_for("lines of downloads", written)
        finally:
            writer.terminate()
            writer.wait(10)
        self.assertEqual([line for line in log.read_text().splitlines() if "/1.0/" in line], [])

    def test_the_mirror_does_not_answer_for_it(self):
        # Asked for by a monitor it is a web node's all the same.
        self.assertIn(self.page("/simple/1.0/", X_Cheesemonger_Backend="mirror").headers["X-Served-By"], NODES)
        for node in self.nodes:
            node.kill()
        wait_for("nobody lives", lambda: "nothing was stored" in self.cdn.get("/legacy/", method="POST", body=b"x").text)
        self.cdn.purge("all")
        self.assertEqual(self.cdn.get("/simple/project-1/", SIMPLE_JSON).headers["X-Served-By"], "far")
        for path in ("/simple/project-1/", "/simple/", "/packages/1.0/", self.paths["project-1"], "/pypi/project-1/json"):
            answer = self.page(path, SIMPLE_JSON)
            self.assertEqual((answer.status, answer.headers.get("X-Served-By")), (503, None), path)


class TheMirror(FrontedNodes):
    projects = 3

    def present(self, certificate, key):
        """As somebody at the mirror's address who has that one."""
        tls = self.folder / "tls"
        shutil.copy(certificate, tls / "far.pem")
        shutil.copy(key, tls / "far.key")
        self.cdn.processes["nginx"].send_signal(signal.SIGHUP)

    def drill(self):
        return self.cdn.get("/simple/project-1/", SIMPLE_JSON, X_Cheesemonger_Backend="mirror")

    def test_only_who_has_its_certificate_is_the_mirror(self):
        self.assertEqual((self.drill().status, self.drill().headers["X-Served-By"]), (200, "far"))
        tls = self.folder / "tls"
        for name in ("far.pem", "far.key"):
            shutil.copy(tls / name, tls / f"own-{name}")
        make_certificates(self.folder / "others")
        # Of another authority, in the mirror's name; and of the right one, in the name of somebody else.
        for label, folder, name in (("another authority", "others", "far"), ("another name", "tls", "node")):
            with self.subTest(of=label):
                self.present(self.folder / folder / f"{name}.pem", self.folder / folder / f"{name}.key")
                wait_for("nobody is taken for the mirror", lambda: self.drill().status == 503)
                for node in self.nodes:
                    node.kill()
                wait_for("nobody lives", lambda: "nothing was stored" in self.cdn.get("/legacy/", method="POST", body=b"x").text)
                self.cdn.purge("all")
                for path in ("/simple/project-1/", self.paths["project-1"]):
                    answer = self.cdn.get(path, SIMPLE_JSON)
                    self.assertEqual((answer.status, answer.headers.get("X-Served-By")), (503, None), path)
                # The right one is read without a restart, as after a renewal.
                self.present(tls / "own-far.pem", tls / "own-far.key")
                wait_for("the mirror", lambda: self.cdn.get("/simple/project-1/", SIMPLE_JSON).headers.get("X-Served-By") == "far")
                for node in self.nodes:
                    node.start()
                self.wait_until_ready()


if __name__ == "__main__":
    unittest.main()
