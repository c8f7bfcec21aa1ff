# SPDX-License-Identifier: GPL-3.0-or-later
"""The mirror behind nginx, as installers, caches and other mirrors see it."""
import json
import shutil
import subprocess
import unittest

from mirrors import Mirror, MirroredSite
from support import SIMPLE_JSON, wheel

SIMPLE_HTML = "application/vnd.pypi.simple.v1+html"
PIP = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"
DEVPI = "application/vnd.pypi.simple.v1+html;q=0.2, application/vnd.pypi.simple.v1+json, text/html;q=0.01"


@unittest.skipUnless(shutil.which("nginx"), "nginx is not installed")
class Site(MirroredSite):
    def test_each_client_gets_its_form(self):
        for accept, expected in ((PIP, SIMPLE_JSON), (DEVPI, SIMPLE_JSON), ("text/html", "text/html"), ("*/*", "text/html"), (None, "text/html"),
                                 ("application/vnd.pypi.simple.v1+json;q=0.1, text/html", "text/html"),
                                 ("application/vnd.pypi.simple.v1+json;q=0.75,text/html;q=0.749", SIMPLE_JSON),
                                 ("text/html;q=0.7, application/vnd.pypi.simple.v1+json;q=0.70", "text/html"),
                                 ("text/*;q=0.1, application/*", SIMPLE_HTML), ("*/*;q=0.5, text/html;q=0, application/*;q=0.2", SIMPLE_HTML),
                                 ("text/html;q=0, application/vnd.pypi.simple.v1+html;q=0, */*", SIMPLE_JSON),
                                 ("application/vnd.pypi.simple.latest+json", SIMPLE_JSON), ("APPLICATION/VND.PYPI.SIMPLE.V1+JSON", SIMPLE_JSON),
                                 ("application/vnd.pypi.simple.latest+html", SIMPLE_HTML), (SIMPLE_HTML, SIMPLE_HTML)):
            for path in ("/simple/", "/simple/site-demo/"):
                answer = self.site.get(path, accept)
                self.assertEqual(answer.status, 200, (path, accept))
                kind = answer.headers["Content-Type"]
                self.assertEqual(kind.split(";")[0], expected, (path, accept))
                self.assertEqual(";" in kind, expected == "text/html", kind)
                self.assertIn("Accept", answer.headers.get_all("Vary"))
        for accept in ("image/png", "application/json", "text/html;q=0", "application/vnd.pypi.simple.v2+json", "*/*;q=0.000"):
            for path in ("/simple/", "/simple/site-demo/"):
                answer = self.site.get(path, accept)
                self.assertEqual((answer.status, answer.headers.get_all("Vary")), (406, ["Accept"]), (path, accept))
        # What was not there is asked for anew by others, too: a cache may keep it for the form that was asked for alone.
        self.assertEqual((self.site.get("/simple/nobody-has-this/", PIP).status, self.site.get("/simple/nobody-has-this/", PIP).headers.get_all("Vary")),
                         (404, ["Accept"]))

    def test_serials_validators_and_gzip(self):
        for path in ("/simple/site-demo/", "/simple/"):
            answer = self.site.get(path, SIMPLE_JSON)
            self.assertEqual(int(answer.headers["X-PyPI-Last-Serial"]), answer.json()["meta"]["_last-serial"], path)
            self.assertEqual(self.site.get(path, SIMPLE_JSON, If_None_Match=answer.headers["ETag"]).status, 304)
        packed = self.site.get("/simple/", SIMPLE_JSON, Accept_Encoding="gzip")
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        document = self.site.get("/pypi/site-demo/json")
        self.assertEqual(document.headers["Content-Type"], "application/json")
        self.assertEqual(int(document.headers["X-PyPI-Last-Serial"]), document.json()["last_serial"])
        self.assertEqual(document.json()["info"]["name"], "Site.Demo")
        self.assertEqual(document.json()["info"]["summary"], "made for a test")
        self.assertTrue(document.json()["releases"]["1.0"][0]["url"].startswith("/packages/"))

    def test_two_versions_never_share_a_validator(self):
        seen = set()
        for number in range(4):
            self.registry.upload(wheel("site-fast", f"1.{number}"), self.token)
            self.mirror.run()
            seen.add(self.site.get("/simple/site-fast/", SIMPLE_JSON).headers["ETag"])
        self.assertEqual(len(seen), 4)

    def test_names_as_people_write_them(self):
        for name in ("Site.Demo", "site_demo", "SITE--demo", "site-.-_demo", "site-demo"):
            answer = self.site.get(f"/simple/{name}")
            for _ in range(5):
                if answer.status != 301:
                    break
                self.assertTrue(answer.headers["Location"].startswith(f"{self.prefix}/simple/"), answer.headers["Location"])
                answer = self.site.get(answer.headers["Location"].removeprefix(self.prefix))
            self.assertEqual(answer.status, 200, name)
        self.assertEqual(self.site.get("/simple").headers["Location"], f"{self.prefix}/simple/")
        self.assertEqual(self.site.get("/pypi/Site.Demo/json").headers["Location"], f"{self.prefix}/pypi/site-demo/json")
        for path in ("/simple/nothing/", "/pypi/nothing/json", "/simple/..%2f..%2fstate.sqlite", "/.pages/", "/packages/", "/state.sqlite",
                     "/.serve/html", "/simple/site-demo/json"):
            self.assertIn(self.site.get(path).status, (400, 403, 404), path)
        self.assertEqual(self.site.get("/simple/site-demo/", method="POST").status, 405)

    def test_files_with_ranges_and_metadata(self):
        file = json.loads(self.site.get("/simple/site-demo/", SIMPLE_JSON).body)["files"]
        file = next(one for one in file if one["filename"] == self.wheel.filename)
        path = "/" + file["url"].removeprefix("../../")
        whole = self.site.get(path)
        self.assertEqual(whole.body, self.wheel.content)
        self.assertEqual(whole.headers["Content-Type"], "application/octet-stream")
        part = self.site.get(path, Range="bytes=5-9")
        self.assertEqual((part.status, part.body), (206, self.wheel.content[5:10]))
        self.assertEqual(self.site.get(path, If_None_Match=whole.headers["ETag"]).status, 304)
        metadata = self.site.get(path + ".metadata")
        self.assertEqual(metadata.headers["Content-Type"], "text/plain; charset=utf-8")
        self.assertIn(b"Name: Site.Demo", metadata.body)
        self.assertIsNone(self.site.get("/packages" + path[9:].rsplit("/", 1)[0] + "/" + self.sdist.filename).headers.get("Content-Encoding"))

    def test_pip_installs_from_it(self):
        target = self.folder / f"target{len(self.prefix)}"
        done = subprocess.run(["/usr/bin/python3", "-m", "pip", "install", "--no-deps", "--target", str(target), "--index-url",
                               f"{self.site.url}/simple/", "Site.Demo"], env=self.isolated(), capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(len(list(target.glob("*/__init__.py"))), 1, "the package is not there")

    def test_its_age_is_told(self):
        status = self.site.get("/status.json")
        self.assertEqual(status.headers["Content-Type"], "application/json")
        self.assertEqual(status.json()["serial"], self.mirror.status()["serial"])
        self.assertRegex(self.site.get("/last-modified").text, r"^\d{8}T\d\d:\d\d:\d\d\n$")

    def test_a_mirror_of_the_mirror(self):
        """By the static tree alone: index and serials."""
        second = Mirror(self.folder / f"second{len(self.prefix)}", self.site.url)
        second.run()
        self.assertEqual(second.files("site-demo"), self.mirror.files("site-demo"))
        self.assertEqual(second.status()["way"], "index")
        self.assertEqual(second.check(), [])
        self.assertIn(" 1 requests", second.run().stdout)


class BelowAPath(Site):
    prefix = "/far/pypi"


if __name__ == "__main__":
    unittest.main()
