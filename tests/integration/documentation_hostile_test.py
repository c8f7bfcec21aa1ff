# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives made to harm, and documentation under a kill -9 and on two nodes: what was there stays whole."""
import io
import os
import random
import struct
import threading
import time
import unittest
import zipfile

from documentation import Reader, docs_zip, put_docs, send_docs, site, special, symlink
from documentation_test import DocumentationTest
from nodes_test import TwoNodes, wait_until
from support import ENGINE, RegistryTest, wheel

KILLS = int(os.environ.get("CHEESEMONGER_DOC_KILLS", "25"))


class Hostile(DocumentationTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry.upload(wheel("target", "1.0"), cls.ada)
        assert send_docs(cls.registry, cls.ada, site("honest"), name="target").status == 200

    def refuse(self, content, *words, status=400):
        answer = self.send(content, name="target")
        self.assertRefused(answer, status, *words)
        self.assertEqual(self.docs.get("/target/latest/").text, "<h1>honest</h1>")

    def test_names_that_lead_elsewhere(self):
        for name, word in (("../../etc/cron.d/x", "outside"), ("a/../../x", "outside"), ("/etc/passwd", "absolute"), ("C:/x", "absolute"),
                           ("c:x", "absolute"), ("a//b", "empty part"), ("./a", "empty part"), ("a/./b", "empty part"),
                           ("x" * 600, "longer than 512"), ("a\x01b", "control character"), ("a\nb", "control character")):
            with self.subTest(name=name):
                self.refuse(docs_zip({"index.html": "x", name: "y"}), word)
        # Python's zipfile turns a backslash into a slash on some systems: made by hand.
        self.refuse(docs_zip({"index.html": "x", "a@b": "y"}).replace(b"a@b", b"a\\b"), "backslash")

    def test_names_that_are_no_unicode(self):
        self.refuse(docs_zip({"index.html": "x", "caf@": "y"}).replace(b"caf@", b"caf\xe9"), "UTF-8")

    def test_links_and_devices(self):
        self.refuse(docs_zip([("index.html", "x"), symlink("passwd")]), "'passwd' is a link", "in its place")
        for kind in (0o020000, 0o060000, 0o010000, 0o140000):
            self.refuse(docs_zip([("index.html", "x"), special("device", kind, "")]), "neither a file nor a folder")

    def test_names_in_each_others_way(self):
        self.refuse(docs_zip({"index.html": "x", "Api.html": "1", "api.html": "2"}), "differ only in upper and lower case", "Rename")
        self.refuse(docs_zip({"index.html": "x", "API/a": "1", "api": "2"}), "both a file and a folder")
        self.refuse(docs_zip({"index.html": "x", "a@": "1", "aa": "2"}).replace(b"a@", b"aa"), "twice")

    def test_encrypted(self):
        content = bytearray(docs_zip({"index.html": "x"}))
        content[6] |= 1
        content[content.index(b"PK\x01\x02") + 8] |= 1
        self.refuse(bytes(content), "encrypted", "without a password")

    def test_an_index_page_in_the_wrong_place(self):
        self.refuse(docs_zip({"html/index.html": "x"}), "is in the folder 'html'", "Zip the contents")
        self.refuse(docs_zip({"readme.html": "x"}), "no index.html")
        self.refuse(docs_zip({}), "no index.html")
        self.refuse(b"", "not a zip")
        self.refuse(b"PK\x03\x04 nothing", "not a zip")

    def test_bombs(self):
        before = self.registry.memory_mb("VmRSS")
        # Tells the truth: 600 MB of zeros.
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("index.html", "x")
            with archive.open("zeros.bin", "w") as member:
                for _ in range(600):
                    member.write(bytes(1 << 20))
        self.refuse(content.getvalue(), "unpacks to more than", "docs.unpacked", status=413)
        # Lies about it: says 10 bytes in both records.
        small = bytearray(docs_zip({"index.html": "x", "zeros.bin": bytes(50 << 20)}))
        local = small.index(b"zeros.bin") - 30
        central = small.rindex(b"zeros.bin") - 46
        struct.pack_into("<I", small, local + 22, 10)
        struct.pack_into("<I", small, central + 24, 10)
        self.refuse(bytes(small), "damaged")
        self.assertLess(self.registry.memory_mb("VmRSS") - before, 150)

    def test_members_that_share_their_bytes(self):
        """The dense kind of bomb: many entries of the directory over one member."""
        content = docs_zip({"index.html": "x" * 1000})
        start, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
        central = content[start:end]
        directory = central + b"".join(central.replace(b"index.html", f"page{n:06}".encode()) for n in range(50))
        tail = bytearray(content[end:])
        struct.pack_into("<HHII", tail, 8, 51, 51, len(directory), start)
        self.refuse(content[:start] + directory + bytes(tail), "not accepted", "Make it anew")

    def test_a_hundred_thousand_entries(self):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("index.html", "x")
            for number in range(100_000):
                archive.writestr(f"p/{number}", b"")
        self.refuse(content.getvalue(), "files", "docs.files", status=413)

    def test_too_large(self):
        self.refuse(docs_zip({"index.html": os.urandom(101 << 20)}, zipfile.ZIP_STORED), "larger than", "docs.archive", status=413)

    def test_a_damaged_member_leaves_nothing_behind(self):
        content = bytearray(docs_zip({"index.html": "x", "a.html": os.urandom(5000)}, zipfile.ZIP_STORED))
        content[content.index(b"a.html") + 100] ^= 0xff
        self.refuse(bytes(content), "damaged", "a.html")
        done = self.registry.admin("fsck", check=False)
        self.assertIn("all sound", done.stdout)

    def test_random_bytes_in_an_honest_archive(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        dice = random.Random(seed)
        honest = site("honest")
        for _ in range(60):
            bent = bytearray(honest)
            for _ in range(dice.randint(1, 4)):
                bent[dice.randrange(len(bent))] = dice.randrange(256)
            answer = self.send(bytes(bent), name="target")
            self.assertIn(answer.status, (200, 400, 413), answer)
            if answer.status == 200:
                self.assertEqual(self.docs.get("/target/latest/").status, 200)
        self.assertEqual(self.send(honest, name="target").status, 200)
        self.assertEqual(self.docs.get("/target/latest/").text, "<h1>honest</h1>")


class Kill(RegistryTest):
    def test_the_old_pages_stay_whole_whenever_it_is_killed(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        dice = random.Random(seed)
        ada = self.registry.user("ada")
        admin = self.registry.user("root", "admin")
        self.registry.upload(wheel("kill", "1.0"), ada)

        def archive(number):
            pages = {f"p/{page}.html": f"{number} {page} " + "x" * dice.randrange(3000) for page in range(150)}
            return docs_zip({"index.html": str(number), **pages})
        start = time.monotonic()
        self.assertEqual(send_docs(self.registry, ada, archive(0), name="kill").status, 200)
        usual = time.monotonic() - start
        shown, interrupted = 0, 0
        for number in range(1, KILLS + 1):
            answers = []

            def send():
                try:
                    answers.append(send_docs(self.registry, ada, archive(number), name="kill").status)
                except OSError:
                    pass
                except Exception:  # the connection broke in the middle of an answer
                    pass
            thread = threading.Thread(target=send)
            thread.start()
            time.sleep(dice.uniform(0, usual * 1.1))
            self.registry.kill()
            thread.join()
            self.registry.start()
            docs = Reader(self.registry, admin)
            now = int(docs.get("/kill/latest/").text)
            if answers == [200]:
                self.assertEqual(now, number, "acknowledged and lost")
            else:
                interrupted += 1
                self.assertIn(now, (shown, number))
            shown = now
            for page in range(150):
                answer = docs.get(f"/kill/latest/p/{page}.html")
                self.assertEqual((answer.status, answer.text.split()[:2]), (200, [str(now), str(page)]), "half of another archive")
        self.assertGreater(interrupted, KILLS // 5, "too few kills fell into an upload to prove anything")
        self.assertEqual(self.registry.admin("fsck", "--rehash", check=False).returncode, 0)


class Nodes(TwoNodes):
    def test_what_one_node_takes_the_other_shows(self):
        self.publish(self.one, "shared")
        one, two = Reader(self.one, self.admin), Reader(self.two, self.admin)
        self.assertNotEqual(one.base, two.base)
        self.assertEqual(send_docs(self.one, self.ada, site("first"), name="shared").status, 200)
        wait_until(lambda: two.get("/shared/latest/").text == "<h1>first</h1>")
        self.assertEqual(send_docs(self.two, self.ada, site("second"), name="shared").status, 200)
        wait_until(lambda: one.get("/shared/latest/").text == "<h1>second</h1>")
        self.one.call("POST", "/admin/v1/projects/shared/quarantine", self.admin, {"reason": "x"})
        wait_until(lambda: two.get("/shared/latest/").status == 404)
        self.one.call("POST", "/admin/v1/projects/shared/lift", self.admin, {"reason": "x"})
        wait_until(lambda: two.get("/shared/latest/").status == 200)

    def test_equal_pages_at_once_are_stored_once_and_both_served(self):
        for name in ("left", "right"):
            self.publish(self.one, name)
        for number in range(5):
            content = site(f"same {number}")
            answers = []
            threads = [threading.Thread(target=lambda node=node, name=name: answers.append(send_docs(node, self.ada, content, name=name)))
                       for node, name in ((self.one, "left"), (self.two, "right"))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual([answer.status for answer in answers], [200, 200])
            reader = Reader(self.one, self.admin)
            for name in ("left", "right"):
                wait_until(lambda: reader.get(f"/{name}/latest/").text == f"<h1>same {number}</h1>")
        pages = [path for path in (self.folder / "files" / "packages").rglob("documentation") if b"same 4" in path.read_bytes()]
        self.assertEqual(len(pages), 1)
        self.assertEqual(self.one.admin("fsck", "--rehash", check=False).returncode, 0)


del DocumentationTest, TwoNodes, RegistryTest


if __name__ == "__main__":
    unittest.main()
