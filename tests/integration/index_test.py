# SPDX-License-Identifier: GPL-3.0-or-later
"""The public index as installers and caches see it: negotiation, validators, ranges, serials."""
import json
import threading
import unittest

from support import SIMPLE_JSON, RegistryTest, sdist, wheel

PIP_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"


class Index(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls.registry.user("ada")
        cls.wheel = wheel("Index.Demo", "1.0", payload=bytes(range(256)) * 400, extra="Requires-Python: >=3.8\n")
        cls.sdist = sdist("Index.Demo", "1.0")
        for package in (cls.wheel, cls.sdist):
            assert cls.registry.upload(package, cls.token).status == 200

    def get(self, path, accept=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if accept:
            headers["Accept"] = accept
        return self.registry.request("GET", path, headers=headers)

    def test_each_client_gets_its_format(self):
        for accept, expected in ((PIP_ACCEPT, SIMPLE_JSON), ("text/html", "text/html"), ("*/*", "text/html"), (None, "text/html"),
                                 ("application/vnd.pypi.simple.v1+json;q=0.2, text/html", "text/html"),
                                 ("application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.v1+html"), ("image/png", "text/html")):
            for path in ("/simple/", "/simple/index-demo/"):
                answer = self.get(path, accept)
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.headers["Content-Type"].split(";")[0], expected, (path, accept))
                self.assertIn("Accept", answer.headers["Vary"])
        self.assertEqual(self.get("/simple/index-demo/", SIMPLE_JSON).headers["Content-Type"], SIMPLE_JSON)

    def test_json_page(self):
        page = self.get("/simple/index-demo/", SIMPLE_JSON).json()
        self.assertEqual(page["meta"]["api-version"], "1.4")
        self.assertEqual((page["name"], page["versions"], page["project-status"]["status"]), ("index-demo", ["1.0"], "active"))
        files = {file["filename"]: file for file in page["files"]}
        file = files[self.wheel.filename]
        self.assertEqual(file["hashes"]["sha256"], self.wheel.sha256)
        self.assertEqual((file["size"], file["requires-python"], file["yanked"]), (len(self.wheel.content), ">=3.8", False))
        self.assertIn("sha256", file["core-metadata"])
        self.assertNotIn("dist-info-metadata", file)
        self.assertTrue(file["upload-time"].endswith("Z"))
        self.assertIs(files[self.sdist.filename]["core-metadata"], False)

    def test_html_page(self):
        page = self.get("/simple/index-demo/", "text/html").text
        self.assertIn('<meta name="pypi:repository-version" content="1.4">', page)
        self.assertIn(f"#sha256={self.wheel.sha256}", page)
        self.assertIn('data-requires-python="&gt;=3.8"', page)
        self.assertRegex(page.rstrip(), r"<!--SERIAL \d+-->$")

    def test_names_lead_to_their_normal_form(self):
        for path in ("/simple/Index.Demo/", "/simple/index_demo", "/simple/index-demo"):
            answer = self.get(path)
            self.assertEqual((answer.status, answer.headers["Location"].removeprefix(self.registry.url)), (301, "/simple/index-demo/"), path)
        self.assertEqual(self.get("/simple").status, 301)
        self.assertEqual(self.get("/simple/no-such-project/").status, 404)

    def test_a_page_is_validated_by_its_tag(self):
        first = self.get("/simple/index-demo/", SIMPLE_JSON)
        again = self.get("/simple/index-demo/", SIMPLE_JSON, If_None_Match=first.headers["ETag"])
        self.assertEqual((again.status, again.body), (304, b""))
        self.assertEqual(self.get("/simple/index-demo/", "text/html", If_None_Match=first.headers["ETag"]).status, 200)
        self.assertIn("max-age=600", first.headers["Cache-Control"])

    def test_serials_rise_and_are_told(self):
        before = int(self.get("/simple/", SIMPLE_JSON).headers["X-PyPI-Last-Serial"])
        self.assertEqual(self.registry.upload(wheel("serial-demo", "1.0"), self.token).status, 200)
        answer = self.get("/simple/", SIMPLE_JSON)
        self.assertGreater(int(answer.headers["X-PyPI-Last-Serial"]), before)
        entry = {project["name"]: project for project in answer.json()["projects"]}["serial-demo"]
        page = self.get("/simple/serial-demo/", SIMPLE_JSON)
        self.assertEqual(int(page.headers["X-PyPI-Last-Serial"]), page.json()["meta"]["_last-serial"])
        self.assertGreaterEqual(int(self.get("/pypi/serial-demo/json").headers["X-PyPI-Last-Serial"]), entry["_last-serial"])

    def test_no_page_is_older_than_the_index(self):
        """What a mirror checks, while others upload: the serial of a project's page is at least that in the list."""
        def publish(number):
            for count in range(40):
                self.registry.upload(wheel(f"fresh-{number}", f"1.{count}"), self.token)

        uploaders = [threading.Thread(target=publish, args=(number,)) for number in range(3)]
        for thread in uploaders:
            thread.start()
        while any(thread.is_alive() for thread in uploaders):
            listed = {project["name"]: project["_last-serial"] for project in self.get("/simple/", SIMPLE_JSON).json()["projects"]}
            for name in ("fresh-0", "fresh-1", "fresh-2"):
                if name in listed:
                    shown = self.get(f"/simple/{name}/", SIMPLE_JSON).json()["meta"]["_last-serial"]
                    self.assertGreaterEqual(shown, listed[name], name)
        self.assertEqual([len(self.registry.files(f"fresh-{number}")) for number in range(3)], [40, 40, 40])

    def test_the_journal_tells_what_came_after_a_serial(self):
        before = self.get("/journal/?since=0").json()["meta"]["_last-serial"]
        self.registry.upload(wheel("journal-demo", "1.0"), self.token)
        answer = self.get(f"/journal/?since={before}")
        page = answer.json()
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertRegex(page["registry"], "^[0-9a-f]{16}$")
        self.assertEqual([change["serial"] for change in page["changes"]], list(range(before + 1, page["meta"]["_last-serial"] + 1)))
        self.assertEqual({change["name"] for change in page["changes"]}, {"journal-demo"})
        self.assertEqual(page["through"], page["meta"]["_last-serial"])
        self.assertEqual(int(answer.headers["X-PyPI-Last-Serial"]), page["through"])
        self.assertEqual(self.get(f"/journal/?since={before}", If_None_Match=answer.headers["ETag"]).status, 304)
        # In pieces it is the same.
        rows, since = [], 0
        while True:
            piece = self.get(f"/journal/?since={since}&limit=2").json()
            rows += piece["changes"]
            since = piece["through"]
            if since == piece["meta"]["_last-serial"]:
                break
        self.assertEqual(rows, self.get("/journal/").json()["changes"])
        self.assertEqual(self.get("/journal").headers["Location"], "/journal/")
        for query in ("since=-1", "since=x", "limit=0", "limit=50001", "since=99999999999999999999"):
            self.assertEqual(self.get(f"/journal/?{query}").status, 400, query)
        self.assertEqual(self.get("/journal/?since=999999").json()["changes"], [])

    def test_a_registry_keeps_its_identity(self):
        identity = self.get("/journal/").json()["registry"]
        self.registry.stop()
        self.registry.start()
        self.assertEqual(self.get("/journal/").json()["registry"], identity)

    def test_files_with_ranges(self):
        url = self.registry.files("index-demo")[self.wheel.filename]["url"].removeprefix(self.registry.url)
        self.assertTrue(url.startswith("/packages/"))
        content = self.wheel.content
        whole = self.get(url)
        self.assertEqual(whole.body, content)
        self.assertIn("immutable", whole.headers["Cache-Control"])
        self.assertEqual(whole.headers["Accept-Ranges"], "bytes")
        for wanted, expected in (("bytes=0-9", content[:10]), ("bytes=100-", content[100:]), ("bytes=-7", content[-7:]),
                                 (f"bytes=5-{len(content) * 2}", content[5:])):
            part = self.get(url, Range=wanted)
            self.assertEqual((part.status, part.body), (206, expected), wanted)
        self.assertEqual(self.get(url, Range=f"bytes={len(content)}-").status, 416)
        head = self.registry.request("HEAD", url)
        self.assertEqual((head.status, head.headers["Content-Length"], head.body), (200, str(len(content)), b""))
        self.assertEqual(self.get(url, If_None_Match=whole.headers["ETag"]).status, 304)

    def test_metadata_beside_the_wheel(self):
        file = self.registry.files("index-demo")[self.wheel.filename]
        metadata = self.get(file["url"].removeprefix(self.registry.url) + ".metadata")
        self.assertEqual(metadata.status, 200)
        self.assertIn(b"Name: Index.Demo", metadata.body)
        import hashlib
        self.assertEqual(hashlib.sha256(metadata.body).hexdigest(), file["core-metadata"]["sha256"])

    def test_json_api(self):
        answer = self.get("/pypi/index-demo/json")
        project = answer.json()
        self.assertEqual(answer.headers["Content-Type"].split(";")[0], "application/json")
        self.assertEqual((project["info"]["name"], project["info"]["version"]), ("Index.Demo", "1.0"))
        self.assertEqual({file["filename"] for file in project["releases"]["1.0"]}, {self.wheel.filename, self.sdist.filename})
        for key in ("description", "license", "summary", "home_page", "author", "author_email"):
            self.assertIsInstance(project["info"][key], str, key)
        self.assertEqual(self.get("/pypi/index-demo/1.0/json").json()["info"]["version"], "1.0")
        self.assertEqual(self.get("/pypi/index-demo/9.9/json").status, 404)
        self.assertEqual(json.loads(self.get("/pypi/nothing/json").body), {"message": "Not Found"})

    def test_yank_shows_in_both_formats(self):
        admin = self.registry.user("root", "admin")
        self.assertEqual(self.registry.upload(wheel("yank-demo", "1.0"), self.token).status, 200)
        self.registry.call("POST", "/admin/v1/projects/yank-demo/releases/1.0/yank", admin, {"reason": 'broken <"&'})
        self.assertEqual(self.get("/simple/yank-demo/", SIMPLE_JSON).json()["files"][0]["yanked"], 'broken <"&')
        self.assertIn('data-yanked="broken &lt;&quot;&amp;"', self.get("/simple/yank-demo/").text)


if __name__ == "__main__":
    unittest.main()
