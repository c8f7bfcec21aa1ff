# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation: taken by the form of former days and by the admin API, served at an origin of its own, removed
and had back."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from documentation import Reader, doc_form, put_docs, send_docs, site
from events_test import Stream
from support import Registry, RegistryTest, basic, wheel


class DocumentationTest(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = cls.registry.user("root", "admin")
        cls.ada = cls.registry.user("ada")
        cls.docs = Reader(cls.registry, cls.admin)

    def project(self, name, *versions):
        for version in versions or ("1.0",):
            self.assertEqual(self.registry.upload(wheel(name, version), self.ada).status, 200)
        return name

    def send(self, content, token=None, **fields):
        return send_docs(self.registry, token or self.ada, content, **fields)

    def listed(self, project):
        return self.registry.call("GET", f"/admin/v1/projects/{project}/documentation", self.admin).json()

    def act(self, method, path, token=None, **body):
        query = f"?reason={body['reason']}" if method == "DELETE" else ""
        return self.registry.call(method, f"/admin/v1/projects/{path}{query}", token or self.ada,
                                  None if method == "DELETE" else body)


class Serving(DocumentationTest):
    def test_an_archive_of_the_form_is_served_at_an_origin_of_its_own(self):
        self.project("gouda")
        answer = self.send(site("Gouda"), name="gouda", version="1.0")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.text.strip(), f"{self.docs.base}/gouda/1.0/")
        self.assertNotEqual(self.docs.base, self.registry.url)
        page = self.docs.get("/gouda/1.0/")
        self.assertEqual((page.status, page.text), (200, "<h1>Gouda</h1>"))
        self.assertEqual(self.docs.get("/gouda/latest/").text, "<h1>Gouda</h1>")
        self.assertEqual(self.docs.get("/gouda/1.0/api/").text, "<h1>API</h1>")
        for path in ("/gouda/1.0/", "/gouda/latest/index.html", "/docs/gouda/1.0/", "/packages/gouda/1.0/index.html"):
            self.assertEqual(self.registry.request("GET", path).status, 404, path)

    def test_pages_can_act_for_nobody(self):
        self.project("edam")
        self.send(site(), name="edam")
        for path in ("/edam/latest/", "/edam/latest/style.css", "/edam/latest/nowhere", "/edam", "/", "/edam/latest"):
            answer = self.docs.get(path, Origin="https://evil.example.org", Authorization="Bearer nonsense", Cookie="a=b")
            policy = answer.headers["Content-Security-Policy"]
            self.assertIn("sandbox", policy, path)
            self.assertNotIn("allow-same-origin", policy, path)
            self.assertIn("frame-ancestors 'none'", policy, path)
            # What lies beside a page is loaded, inline or in a file, and nothing from elsewhere.
            sources = {words.split()[0]: words.split()[1:] for words in policy.split(";")}
            self.assertEqual(sources["default-src"], ["'self'", "data:", "blob:", "'unsafe-inline'", "'unsafe-eval'"], path)
            self.assertEqual({source for name, allowed in sources.items() if name.endswith("-src") for source in allowed if "http" in source or source == "*"}, set())
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff", path)
            self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer", path)
            self.assertIn(answer.headers["Cross-Origin-Resource-Policy"], ("same-origin", "cross-origin"), path)
            self.assertIsNone(answer.headers["Set-Cookie"], path)
            self.assertIsNone(answer.headers["Access-Control-Allow-Origin"], path)
        # A whole page is a part of no other; what a sandboxed page loads comes from elsewhere by its own account.
        self.assertEqual(self.docs.get("/edam/latest/").headers["Cross-Origin-Resource-Policy"], "same-origin")
        self.assertEqual(self.docs.get("/edam/latest/style.css").headers["Cross-Origin-Resource-Policy"], "cross-origin")
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            self.assertEqual(self.docs.get("/edam/latest/", method).status, 405, method)
        for path in ("/admin/v1/me", "/legacy/", "/simple/", "/metrics", "/_health/"):
            answer = self.docs.get(path, Authorization=f"Bearer {self.admin}")
            self.assertIn(answer.status, (302, 404), path)
            self.assertEqual(self.docs.get(answer.headers["Location"] or path).status, 404, path)

    def test_media_types_come_from_a_closed_table(self):
        self.project("brie")
        pages = {"a.PNG": b"\x89PNG", "a.svg": "<svg/>", "a.exe": b"MZ", "Makefile": "all:", ".buildinfo": "x", "x.html.bak": "<b>", "empty.css": ""}
        self.assertEqual(self.send(site(**pages), name="brie").status, 200)
        expected = {"style.css": "text/css; charset=utf-8", "_static/app.js": "text/javascript; charset=utf-8", "a.PNG": "image/png",
                    "a.svg": "image/svg+xml", "empty.css": "text/css; charset=utf-8", "index.html": "text/html; charset=utf-8"}
        for path, media_type in expected.items():
            answer = self.docs.get(f"/brie/latest/{path}")
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, media_type), path)
            self.assertIsNone(answer.headers["Content-Disposition"], path)
        for path in ("a.exe", "Makefile", ".buildinfo", "x.html.bak", "objects.inv"):
            answer = self.docs.get(f"/brie/latest/{path}")
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/octet-stream"), path)
            self.assertEqual(answer.headers["Content-Disposition"], "attachment", path)

    def test_conditions_ranges_and_head(self):
        self.project("comte")
        self.send(site("0123456789"), name="comte")
        whole = self.docs.get("/comte/latest/")
        etag = whole.headers["ETag"]
        self.assertEqual(self.docs.get("/comte/latest/", If_None_Match=etag).status, 304)
        part = self.docs.get("/comte/latest/", Range="bytes=4-7")
        self.assertEqual((part.status, part.text), (206, "0123"))
        head = self.docs.get("/comte/latest/", "HEAD")
        self.assertEqual((head.status, head.body, head.headers["Content-Length"]), (200, b"", str(len(whole.body))))
        self.send(site("changed"), name="comte")
        again = self.docs.get("/comte/latest/", If_None_Match=etag)
        self.assertEqual((again.status, again.text), (200, "<h1>changed</h1>"))

    def test_addresses_lead_to_the_page(self):
        self.project("Wensley.Dale", "1.0")
        self.assertEqual(self.send(site(**{"a b/ü.html": "x"}), name="Wensley.Dale").status, 200)

        def moved(path):
            answer = self.docs.get(path)
            return answer.status, answer.headers["Location"]
        self.assertEqual(moved("/Wensley.Dale/1.0/api/?q=1"), (301, "/wensley-dale/1.0/api/?q=1"))
        self.assertEqual(moved("/wensley-dale"), (302, "/wensley-dale/latest/"))
        self.assertEqual(moved("/wensley-dale/"), (302, "/wensley-dale/latest/"))
        self.assertEqual(moved("/wensley-dale/1.0"), (301, "/wensley-dale/1.0/"))
        self.assertEqual(moved("/wensley-dale/latest/api"), (301, "/wensley-dale/latest/api/"))
        self.assertEqual(moved("/wensley-dale/1.0.0/api/"), (301, "/wensley-dale/1.0/api/"))
        self.assertEqual(self.docs.get("/wensley-dale/latest/a%20b/%C3%BC.html").text, "x")
        for path in ("/wensley-dale/2.0/", "/nobody/latest/", "/wensley-dale/1.0/../1.0/index.html", "/wensley-dale/1.0/%2e%2e/x",
                     "/wensley-dale/1.0//index.html", "//evil.example.org/x", "/-/", "/robots.txt"):
            answer = self.docs.get(path)
            self.assertIn(answer.status, (404,), (path, answer))
            self.assertTrue(answer.headers["Content-Type"].startswith("text/plain"), path)

    def test_latest_is_the_newest_final_version_with_documentation_unless_one_is_chosen(self):
        self.project("asiago", "1.0", "2.0", "3.0rc1", "4.0")
        for version in ("1.0", "2.0", "3.0rc1"):
            self.assertEqual(self.send(site(version), name="asiago", version=version).status, 200)
        self.assertEqual(self.docs.get("/asiago/latest/").text, "<h1>2.0</h1>")
        chosen = self.act("PUT", "asiago/latest-documentation", version="1.0", reason="2.0 is not done")
        self.assertEqual(chosen.status, 200, chosen)
        self.assertEqual(self.docs.get("/asiago/latest/").text, "<h1>1.0</h1>")
        self.assertEqual((self.listed("asiago")["latest"], self.listed("asiago")["chosen"]), ("1.0", "1.0"))
        self.assertEqual(self.act("PUT", "asiago/latest-documentation", version="4.0", reason="").status, 404)
        self.assertEqual(self.act("DELETE", "asiago/documentation/1.0", reason="old").status, 200)
        self.assertEqual(self.docs.get("/asiago/latest/").text, "<h1>2.0</h1>")
        self.assertEqual(self.act("PUT", "asiago/latest-documentation", version="", reason="").status, 200)
        # Without a version the archive is that of the release that stands for the project.
        self.assertEqual(self.send(site("four"), name="asiago").status, 200)
        self.assertEqual(self.docs.get("/asiago/latest/").text, "<h1>four</h1>")
        self.assertEqual(self.docs.get("/asiago/4.0/").text, "<h1>four</h1>")

    def test_the_json_api_names_it(self):
        self.project("feta", "1.0", "2.0")

        def url(path):
            return self.registry.request("GET", f"/pypi/feta/{path}").json()["info"]["docs_url"]
        self.assertIsNone(url("json"))
        self.send(site(), name="feta", version="1.0")
        self.assertEqual(url("json"), f"{self.docs.base}/feta/latest/")
        self.assertEqual(url("1.0/json"), f"{self.docs.base}/feta/1.0/")
        self.assertIsNone(url("2.0/json"))


class Rights(DocumentationTest):
    def test_owners_and_maintainers_by_whichever_token(self):
        self.project("cotija")
        bob, eve = self.registry.user("bob"), self.registry.user("eve")
        self.assertRefused(self.send(site(), eve, name="cotija"), 403, "eve")
        refused = put_docs(self.registry, eve, "cotija", "1.0", site())
        self.assertEqual(refused.status, 403)
        self.assertIn("only a maintainer or owner of cotija may do this", refused.text)
        self.registry.call("PUT", "/admin/v1/projects/cotija/roles/bob", self.ada, {"role": "Maintainer", "reason": ""})
        self.assertEqual(self.send(site("bob"), bob, name="cotija").status, 200)
        own = self.registry.admin("token", "create", "--user", "ada", "--project", "cotija")
        other = self.registry.admin("token", "create", "--user", "ada", "--project", "else")
        self.assertEqual(self.send(site("own"), own, name="cotija").status, 200)
        self.assertEqual(put_docs(self.registry, own, "cotija", "1.0", site("own put")).status, 200)
        self.assertRefused(self.send(site(), other, name="cotija"), 403, "token")
        self.assertEqual(put_docs(self.registry, other, "cotija", "1.0", site()).status, 403)
        self.assertEqual(self.docs.get("/cotija/latest/").text, "<h1>own put</h1>")
        observer = self.registry.user("watcher", "observer")
        self.assertEqual(put_docs(self.registry, observer, "cotija", "1.0", site()).status, 403)
        self.assertEqual(self.act("DELETE", "cotija/documentation/1.0", observer, reason="x").status, 403)
        self.assertEqual(put_docs(self.registry, "pypi-nonsense", "cotija", "1.0", site()).status, 401)
        body, content_type = doc_form(site(), name="cotija")
        answer = self.registry.request("POST", "/legacy/", body, {"Content-Type": content_type})
        self.assertIn(answer.status, (401, 403), answer)

    def test_every_change_leaves_its_lines_and_is_heard(self):
        self.project("manchego")
        stream = Stream(self.registry.port, self.ada)
        self.addCleanup(stream.close)
        self.send(site("one"), name="manchego")
        stream.wait("documentation.uploaded", "manchego/1.0")
        self.send(site("two"), name="manchego")
        before = self.registry.call("GET", "/admin/v1/audit?limit=1", self.admin).json()["total"]
        self.assertEqual(self.send(site("two"), name="manchego").status, 200)
        self.assertEqual(self.registry.call("GET", "/admin/v1/audit?limit=1", self.admin).json()["total"], before, "a repeat")
        self.act("DELETE", "manchego/documentation/1.0", reason="wrong")
        stream.wait("documentation.removed", "manchego/1.0")
        self.act("POST", "manchego/documentation/1.0/restore", reason="")
        stream.wait("documentation.restored", "manchego/1.0")
        audit = self.registry.call("GET", "/admin/v1/audit?action=documentation&limit=50", self.admin).json()["items"]
        mine = [line for line in audit if line["subject"] == "manchego/1.0"]
        self.assertEqual([line["action"] for line in mine], ["documentation.restore", "documentation.remove",
                                                             "documentation.upload", "documentation.upload"])
        self.assertEqual({line["actor"] for line in mine}, {"ada"})
        self.assertIsNotNone(mine[2]["before"])
        journal = self.registry.call("GET", "/admin/v1/journal?project=manchego", self.admin).json()["items"]
        self.assertEqual([line["action"] for line in journal[:4]],
                         ["restore documentation", "docdestroy", "add documentation", "add documentation"])
        self.assertTrue(self.registry.call("GET", "/admin/v1/audit/proof", self.admin).json()["intact"])

    def test_removals_and_replacements_can_be_taken_back(self):
        self.project("romano")
        self.send(site("one"), name="romano")
        self.send(site("two"), name="romano")
        self.assertEqual(self.act("POST", "romano/documentation/1.0/restore", reason="").status, 200)
        self.assertEqual(self.docs.get("/romano/latest/").text, "<h1>one</h1>")
        self.assertEqual(self.act("DELETE", "romano/documentation/1.0", reason="").status, 422, "without a reason")
        self.assertEqual(self.act("DELETE", "romano/documentation/1.0", reason="gone").status, 200)
        self.assertEqual(self.docs.get("/romano/latest/").status, 404)
        self.assertEqual(self.act("DELETE", "romano/documentation/1.0", reason="gone").status, 404)
        things = self.registry.call("GET", "/admin/v1/deleted", self.admin).json()["items"]
        self.assertIn(("documentation", "romano", "1.0"), [(t["kind"], t["project"], t["version"]) for t in things])
        removed = self.listed("romano")["removed"]
        self.assertEqual((removed[0]["reason"], removed[0]["actor"], removed[0]["replaced"]), ("gone", "ada", False))
        self.assertEqual(self.act("POST", "romano/documentation/1.0/restore", reason="").status, 200)
        self.assertEqual(self.docs.get("/romano/latest/").text, "<h1>one</h1>")
        # What an admin took down, owners do not put back.
        self.act("DELETE", "romano/documentation/1.0", self.admin, reason="harmful")
        self.assertEqual(self.act("POST", "romano/documentation/1.0/restore", reason="").status, 403)

    def test_it_follows_its_release_and_its_project(self):
        self.project("tilsit", "1.0", "2.0")
        for version in ("1.0", "2.0"):
            self.send(site(version), name="tilsit", version=version)
        call = self.registry.call
        self.assertEqual(call("DELETE", "/admin/v1/projects/tilsit/releases/2.0?confirm=2.0&reason=x", self.ada).status, 200)
        self.assertEqual(self.docs.get("/tilsit/2.0/").status, 404)
        self.assertEqual(self.docs.get("/tilsit/latest/").text, "<h1>1.0</h1>")
        call("POST", "/admin/v1/projects/tilsit/releases/2.0/restore", self.ada, {"reason": ""})
        self.assertEqual(self.docs.get("/tilsit/latest/").text, "<h1>2.0</h1>")
        call("POST", "/admin/v1/projects/tilsit/quarantine", self.admin, {"reason": "malware"})
        self.assertEqual(self.docs.get("/tilsit/2.0/").status, 404)
        self.assertRefused(self.send(site(), name="tilsit"), 403, "quarantined")
        call("POST", "/admin/v1/projects/tilsit/lift", self.admin, {"reason": "clean"})
        self.assertEqual(self.docs.get("/tilsit/2.0/").status, 200)
        call("DELETE", "/admin/v1/projects/tilsit?confirm=tilsit&reason=x", self.ada)
        self.assertEqual(self.docs.get("/tilsit/latest/").status, 404)

    def test_read_only_refuses(self):
        self.project("havarti")
        self.send(site("old"), name="havarti")
        self.registry.admin("read-only", "set", "--minutes", "30", "--reason", "disks", "--message", "Back soon.")
        try:
            self.assertRefused(self.send(site("new"), name="havarti"), 403, "Read-only", "Back soon.")
            self.assertNotEqual(self.act("DELETE", "havarti/documentation/1.0", reason="x").status, 200)
            self.assertEqual(self.docs.get("/havarti/latest/").text, "<h1>old</h1>")
        finally:
            self.registry.admin("read-only", "end")


class Forms(DocumentationTest):
    def test_the_command_of_setuptools(self):
        if subprocess.run(["/usr/bin/python3", "-c", "import setuptools.command.upload_docs"], capture_output=True).returncode != 0:
            self.skipTest("this setuptools has upload_docs no more")
        self.project("classic")
        source, environment = self.folder / "source", self.isolated()
        (source / "html").mkdir(parents=True)
        (source / "setup.py").write_text("from setuptools import setup\nsetup(name='classic', version='1.0', py_modules=[])\n")
        (source / "html" / "index.html").write_text("<h1>by setuptools</h1>")
        pypirc = pathlib.Path(environment["HOME"]) / ".pypirc"
        pypirc.write_text(f"[distutils]\nindex-servers = here\n[here]\nrepository = {self.registry.url}/legacy/\n"
                          f"username = __token__\npassword = {self.ada}\n")
        self.addCleanup(pypirc.unlink)
        done = subprocess.run(["/usr/bin/python3", "setup.py", "upload_docs", "--upload-dir=html", "-r", "here"], cwd=source,
                              env=environment, capture_output=True, text=True, timeout=120)
        self.assertIn("Server response (200)", done.stdout, done.stderr)
        self.assertEqual(self.docs.get("/classic/1.0/").text, "<h1>by setuptools</h1>")

    def test_fields_in_any_order(self):
        self.project("paneer")
        for number, order in enumerate(((":action", "name", "content"), ("content", "name", ":action"), ("name", "content", ":action"),
                                        (":action", "content", "version", "name"), ("content", ":action", "name", "version"))):
            body, content_type = doc_form(site(str(number)), order, name="paneer", version="1.0")
            answer = self.registry.request("POST", "/legacy/", body, {"Content-Type": content_type, **basic("__token__", self.ada)})
            self.assertEqual(answer.status, 200, (order, answer))
            self.assertEqual(self.docs.get("/paneer/latest/").text, f"<h1>{number}</h1>")

    def test_what_is_missing_is_told(self):
        self.project("quark")
        self.assertRefused(self.send(site(), name="nobody-has-this"), 404, "there is no project", "Upload a release")
        self.assertRefused(self.send(site(), name="quark", version="9.9"), 404, "no release 9.9")
        self.assertRefused(self.send(site()), 400, "no field name")
        body, content_type = doc_form(b"", (":action", "name"), name="quark")
        answer = self.registry.request("POST", "/legacy/", body, {"Content-Type": content_type, **basic("__token__", self.ada)})
        self.assertRefused(answer, 400, "no file content")
        empty = self.registry.request("PUT", "/admin/v1/projects/quark/documentation/1.0", None, {}, self.ada)
        self.assertEqual(empty.status, 422, empty)

    def test_the_admin_api_streams_and_answers(self):
        self.project("ricotta")
        answer = put_docs(self.registry, self.ada, "ricotta", "latest", site("put"))
        self.assertEqual(answer.status, 200, answer)
        receipt = answer.json()
        self.assertEqual((receipt["project"], receipt["version"], receipt["files"]), ("ricotta", "1.0", 5))
        self.assertEqual(receipt["url"], f"{self.docs.base}/ricotta/1.0/")
        version = self.listed("ricotta")["versions"][0]
        self.assertEqual((version["version"], version["latest"], version["uploaded_by"], version["size"]),
                         ("1.0", True, "ada", receipt["size"]))
        refused = put_docs(self.registry, self.ada, "ricotta", "1.0", b"no zip at all")
        self.assertEqual(refused.status, 422)
        self.assertIn("not a zip archive", refused.json()["detail"])
        self.assertEqual(refused.headers["Content-Type"], "application/problem+json")

    def test_restarted_it_is_all_there(self):
        self.project("skyr")
        self.send(site("kept"), name="skyr")
        self.assertEqual(self.registry.stop(), 0)
        self.registry.start()
        docs = Reader(self.registry, self.admin)
        type(self).docs = docs
        for cls in (Serving, Rights, Forms):
            cls.docs = docs
        self.assertEqual(docs.get("/skyr/latest/").text, "<h1>kept</h1>")
        self.assertEqual(self.registry.admin("fsck", "--rehash", check=False).returncode, 0)


class Switches(unittest.TestCase):
    def registry(self, settings, *arguments, host="127.0.0.1"):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        config = folder / "c.toml"
        config.write_text("[serve.docs]\n" + settings)
        registry = Registry(folder / "data", "--config", config, *arguments, host=host).start()
        self.addCleanup(registry.kill)
        return registry

    def test_off_is_gone(self):
        registry = self.registry("hosting = false\n")
        ada = registry.user("ada")
        registry.upload(wheel("gone", "1.0"), ada)
        answer = send_docs(registry, ada, site(), name="gone")
        self.assertEqual(answer.status, 410)
        self.assertEqual(answer.text.strip(), "Uploading documentation is no longer supported, we recommend using https://readthedocs.org/.")
        self.assertEqual(put_docs(registry, ada, "gone", "1.0", site()).status, 410)
        self.assertEqual(registry.call("GET", "/admin/v1/registry", ada).json()["documentation"]["url"], "")
        self.assertNotIn("serving.docs", registry.log())

    def test_it_counts_in_the_size_of_its_project_as_unpacked(self):
        registry = self.registry('[serve.limits]\nfile = "2MB"\nproject = "4MB"\n')
        ada, admin = registry.user("ada"), registry.user("root", "admin")
        for version in ("1.0", "2.0", "3.0"):
            self.assertEqual(registry.upload(wheel("roomy", version), ada).status, 200)

        def zeros(megabytes, words="x"):
            return site(words, **{"zeros.bin": bytes(megabytes * 1_000_000)})

        def send(version, archive):
            return send_docs(registry, ada, archive, name="roomy", version=version)

        def files():
            return len([path for path in (registry.data / "files").rglob("*") if path.is_file()])

        large = zeros(2)
        self.assertEqual(send("1.0", zeros(1)).status, 200)
        self.assertEqual(send("2.0", large).status, 200)
        before = files()
        refused = send("3.0", zeros(1, "y"))
        self.assertEqual(refused.status, 400, refused)
        self.assertIn("roomy would take up more than 4000000 bytes with it", refused.text)
        self.assertEqual(put_docs(registry, ada, "roomy", "3.0", zeros(1, "y")).status, 422)
        self.assertEqual(files(), before, "of what is refused nothing is unpacked")
        # The very archive again adds nothing; another one in its place does, for the one before it can be had back.
        self.assertEqual(send("2.0", large).status, 200)
        self.assertEqual(send("2.0", zeros(2, "other")).status, 400)
        self.assertEqual(send("3.0", zeros(0)).status, 200)
        # Packages as well.
        answer = registry.upload(wheel("roomy", "4.0", payload=os.urandom(1_100_000)), ada)
        self.assertEqual(answer.status, 400)
        self.assertIn("Project size too large", answer.text)
        # What is removed counts until it is gone.
        self.assertEqual(registry.call("DELETE", "/admin/v1/projects/roomy/documentation/2.0?reason=x", admin).status, 200)
        self.assertEqual(send("2.0", zeros(1, "z")).status, 400)

    def test_a_host_of_its_own_on_the_same_address(self):
        registry = self.registry('base_url = "http://docs.example.org"\n')
        ada = registry.user("ada")
        registry.upload(wheel("hosted", "1.0"), ada)
        answer = send_docs(registry, ada, site("hosted"), name="hosted")
        self.assertEqual(answer.text.strip(), "http://docs.example.org/hosted/1.0/")
        docs = {"Host": "Docs.Example.org"}
        self.assertEqual(registry.request("GET", "/hosted/1.0/", headers=docs).text, "<h1>hosted</h1>")
        # Nothing of the one under the name of the other.
        self.assertEqual(registry.request("GET", "/hosted/1.0/").status, 404)
        for path in ("/simple/", "/simple/hosted/", "/admin/v1/me", "/metrics", "/packages/x"):
            answer = registry.request("GET", path, headers=docs, token=ada)
            self.assertIn(answer.status, (301, 302, 404), (path, answer))
            self.assertIn("sandbox", answer.headers["Content-Security-Policy"], path)
        answer = registry.request("POST", "/legacy/", b"x", docs, ada)
        self.assertEqual(answer.status, 405)

    def test_without_an_origin_pages_are_kept_and_not_served(self):
        registry = self.registry('listen = "none"\n')
        ada = registry.user("ada")
        registry.upload(wheel("kept", "1.0"), ada)
        answer = send_docs(registry, ada, site(), name="kept")
        self.assertEqual((answer.status, answer.text), (200, ""))
        self.assertEqual(registry.request("GET", "/kept/1.0/").status, 404)
        self.assertIsNone(registry.request("GET", "/pypi/kept/json").json()["info"]["docs_url"])
        self.assertIn("docs.unserved", registry.log())


if __name__ == "__main__":
    unittest.main()
