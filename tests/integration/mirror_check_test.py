# SPDX-License-Identifier: GPL-3.0-or-later
"""`--check` finds what is wrong with a tree, and nothing else: with what the mirror remembers, and without."""
import gzip
import hashlib
import json
import unittest

from mirrors import UpstreamTest

NASTY = "see http://x/f.tgz#sha256=abc <a href=\"#sha256=\"> \U0001f600 \u202e\u0000\n\\ & ' <!--SERIAL 9-->"


class Check(UpstreamTest):
    def setUp(self):
        super().setUp()
        for name in ("apple", "pear", "plum"):
            self.upstream.publish(name, f"{name}-1.0.tar.gz", name.encode())
        self.upstream.publish("pear", "pear-2.0-py3-none-any.whl", b"no wheel, and nobody asks")
        self.upstream.tells["pear-1.0.tar.gz"] = {"yanked": NASTY, "requires-python": ">=3.8,<4 '\"", "upload-time": "2024-05-06T07:08:09.123456Z"}
        self.upstream.tells["pear-2.0-py3-none-any.whl"] = {"yanked": True, "provenance": "https://example.org/?a=1&b=2"}

    def found(self, path, change, *words):
        """One finding with these words for a file that was changed so, with what is remembered and without."""
        whole = path.read_bytes()
        path.write_bytes(change(whole))
        self.assertNotEqual(path.read_bytes(), whole)
        found = self.mirror.check()
        path.write_bytes(whole)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def find_damage(self):
        pages = self.mirror.web / "simple"
        html, digest = pages / "apple/index.html", b"#sha256="
        self.found(html, lambda text: text[:text.index(digest) + 8] + b"0" * 64 + text[text.index(digest) + 72:], "apple", "HTML")
        self.found(html, lambda text: text.replace(b'href="../../packages', b'href="../../elsewhere'), "apple", "HTML")
        self.found(pages / "pear/index.html", lambda text: text.replace(b"data-yanked", b"data-yenked"), "pear", "HTML")
        self.found(pages / "pear/legacy.json", lambda text: text[:-40], "pear", "/pypi/ JSON")
        self.found(pages / "pear/legacy.json", lambda text: text.replace(b'"yanked":true', b'"yanked":false'), "pear", "/pypi/ JSON")
        self.found(pages / "plum/legacy.json", lambda text: text.replace(b"packages/plum", b"packages/plom"), "plum", "/pypi/ JSON")
        self.found(pages / "plum/index.v1_json", lambda text: text[:-1], "plum", "cut off")

    def test_each_form_of_a_page_is_held_to_the_others(self):
        self.mirror.arguments = ("--base-url", "https://mirror.example/packages/pre")
        self.mirror.run()
        self.assertEqual(self.mirror.check(), [])
        self.find_damage()
        # What no other form tells of is known by the digest of what was published.
        self.found(self.mirror.web / "simple/apple/legacy.json", lambda text: text.replace(b'"summary":""', b'"summary":"x"'), "apple", "published")
        self.mirror.forget()
        self.assertEqual(self.mirror.check(), [])
        self.find_damage()

    def test_pages_of_another_version_of_this_program_are_no_fault(self):
        """They look otherwise, and have the bytes that they had."""
        self.mirror.run()
        page = self.mirror.web / "simple/apple"
        html = page / "index.html"
        html.write_bytes(html.read_bytes().replace(b"Links for", b"Files of"))
        self.assertEqual(len(self.mirror.check()), 1)
        forms = [hashlib.sha256((page / form).read_bytes()).hexdigest() for form in ("index.html", "index.v1_json", "legacy.json")]
        self.mirror.state("UPDATE projects SET digest = ? WHERE name = 'apple'", hashlib.sha256("".join(forms).encode()).hexdigest())
        self.assertEqual(self.mirror.check(), [])

    def test_the_list_of_all_is_held_to_the_pages(self):
        self.mirror.run()
        index = self.mirror.web / "simple"

        def write(form, text):
            (index / form).write_bytes(text)
            (index / (form + ".gz")).write_bytes(gzip.compress(text))

        html, text = (index / "index.html").read_bytes(), (index / "index.v1_json").read_bytes()
        write("index.html", html.replace(b'    <a href="plum/">plum</a>\n', b""))
        self.assertEqual(self.mirror.check(), ["the global index: its HTML is not what its JSON tells"])
        for remembered in (True, False):
            listed = json.loads(text)
            listed["projects"] = [one for one in listed["projects"] if one["name"] != "plum"]
            write("index.v1_json", json.dumps(listed, separators=(",", ":")).encode())
            found = self.mirror.check()
            self.assertEqual(len(found), 1, found)
            self.assertIn("plum: there is a page and the global index does not list it", found[0])
            write("index.v1_json", text)
            write("index.html", html)
            self.assertEqual(self.mirror.check(), [])
            write("index.html", html.replace(b'    <a href="plum/">plum</a>\n', b""))
            if remembered:
                self.mirror.forget()

    def test_what_is_withdrawn_is_no_fault(self):
        self.mirror.run()
        self.upstream.quarantine("plum")
        self.upstream.remove("apple")
        self.mirror.run()
        self.assertEqual(sorted(self.mirror.listed()), ["pear"])
        self.assertEqual(self.mirror.check(), [])
        self.mirror.forget()
        self.assertEqual(self.mirror.check(), [])

    def test_a_file_that_nobody_knows_is_found(self):
        self.mirror.arguments = ("--deny", "apple")
        self.mirror.run()
        (self.mirror.web / "packages/apple").mkdir()
        (self.mirror.web / "packages/apple/apple-1.0.tar.gz").write_bytes(b"left")
        found = self.mirror.check()
        self.assertEqual(len(found), 1, found)
        self.assertIn("packages/apple/apple-1.0.tar.gz", found[0])
        # One that a filter has taken out is served to the end of its time.
        (self.mirror.web / "packages/apple/apple-1.0.tar.gz").unlink()
        self.mirror.arguments = ("--sdists", "false")
        self.mirror.run()
        self.assertTrue(list((self.mirror.web / "packages").rglob("pear-1.0.tar.gz")))
        self.assertEqual(self.mirror.check(), [])

    def test_it_makes_nothing(self):
        self.mirror.run()
        self.mirror.forget()
        self.mirror.check()
        self.assertFalse((self.mirror.folder / "state.sqlite").exists())


if __name__ == "__main__":
    unittest.main()
