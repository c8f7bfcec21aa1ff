# SPDX-License-Identifier: GPL-3.0-or-later
"""Something retires while somebody works against it: forms that say two things, admins who go round each other, words
that are more than words."""
import concurrent.futures
import itertools
import pathlib
import shutil
import sqlite3
import tempfile
import time
import unittest
import urllib.parse

import deprecations_test
from mail_test import PostOffice
from retiring import BASE, Retiring, moment, send, terms, window
from support import ENGINE, Registry, RegistryTest, basic, form, wheel

# Of the fields that a form says twice the registry takes the first, and none has blanks around it.
SAID_TWICE = [("metadata_version", "1.0", [("metadata_version", "2.1")]),
              ("metadata_version", " 1.0 ", []),
              ("metadata_version", "", [("metadata_version", "1.0")])]


class Hostile(RegistryTest):
    setUp, tearDown, retiring, upload, wait_for, person = (
        getattr(deprecations_test.Deprecations, name) for name in ("setUp", "tearDown", "retiring", "upload", "wait_for", "person"))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice, cls.bob = (cls.registry.user(name, "admin") for name in ("alice", "bob"))
        cls.people = {name: cls.registry.user(name) for name in ("mira", "tomas", "zoe")}

    def edit(self, record, **changed):
        return self.registry.call("PUT", record.path, self.alice, {"revision": record.record()["revision"], "terms": terms(**changed), "reason": "better so"})

    def test_a_form_is_judged_as_it_is_stored(self):
        self.record = record = Retiring(self.registry, self.alice, self.bob, title="Metadata before 1.2", kind="metadata_version", subject="<1.2")
        record.reach("brown_out", lambda: window(1, 600))
        self.wait_for(lambda: self.upload("zoe", "twine/6.0.1", metadata_version="1.0").status == 403)
        for name, first, more in SAID_TWICE:
            with self.subTest(first=first, more=more):
                self.assertEqual(self.upload("zoe", "twine/6.0.1", fields=more, **{name: first}).status, 403)
        self.assertEqual(self.upload("zoe", "twine/6.0.1", metadata_version="2.1", fields=[("metadata_version", "1.0")]).status, 200)

    def test_four_eyes_are_not_closed_by_two_of_them(self):
        record = self.retiring(second_person=True)
        record.must(self.edit(record, second_person=False))
        record.must(self.edit(record, second_person=True))
        record.must(record.step("measuring"))
        self.assertIn("second", self.edit(record, second_person=False).text)
        self.assertTrue(record.record()["terms"]["second_person"])

    def test_a_client_is_one_however_it_is_written(self):
        record = self.retiring(subject="Twine  <3.0")
        self.assertEqual(self.upload("mira").status, 200)
        self.assertIsNotNone(self.person(record.evidence(), "mira"))
        again = self.registry.call("POST", BASE, self.alice, {"terms": terms(subject="twine<3.0"), "reason": "twice"})
        self.assertEqual(again.status, 409, again)

    def test_a_subject_is_one_line_of_text(self):
        for subject in ("tw\nine <3.0", "t" * 200 + " <3.0", "tw\x00ine <3.0"):
            self.assertIn("subject", self.registry.call("POST", BASE, self.alice, {"terms": terms(subject=subject), "reason": "x"}).text)

    def test_who_is_exempt_for_a_part_of_a_brown_out_is_refused_in_the_rest(self):
        record = self.retiring()
        self.assertEqual(self.upload("tomas").status, 200)
        record.must(self.registry.call("PUT", record.path + "/exemptions/tomas", self.alice, {"until": moment(3600), "reason": "until the release"}))
        record.must(record.step("measuring"))
        record.go("announced")
        record.go("warning")
        within = record.plan("brown_out", **window(60, 600))
        beyond = record.plan("brown_out", **window(60, 7200))
        self.assertEqual([(one["user"], one.get("exempt_until") is None) for one in within["refused"] if one["user"] == "tomas"], [("tomas", False)])
        self.assertEqual([(one["user"], one.get("exempt_until") is None) for one in beyond["refused"] if one["user"] == "tomas"], [("tomas", True)])

    def test_a_window_that_was_planned_after_a_later_one_has_its_figures(self):
        record = self.retiring().reach("brown_out", lambda: window(3600, 60))
        record.go("brown_out", **window(2, 600))
        self.wait_for(lambda: self.upload("mira").status == 403)
        self.wait_for(lambda: record.record()["brown_outs"][1]["refused"] >= 1)
        self.assertEqual(record.record()["brown_outs"][1]["people"], 1)

    @unittest.skipIf(ENGINE == "postgres", "reaches into the file of the embedded registry")
    def test_a_pause_is_taken_whatever_else_is_out_of_order(self):
        record = self.retiring().reach("brown_out", lambda: window(1, 600))
        running = record.record()["brown_outs"][0]
        record.must(self.registry.call("POST", f"{record.path}/brown-outs/{running['id']}/end", self.alice, {"reason": "enough"}))
        # By a node whose clock is ahead.
        store = sqlite3.connect(self.registry.data / "catalog.sqlite", timeout=30)
        store.execute("UPDATE brown_outs SET ended = ended + 60000000 WHERE id = ?", (int(running["id"]),))
        store.commit()
        store.close()
        record.must(record.step("paused"))

    @unittest.skipIf(ENGINE == "postgres", "reaches into the file of the embedded registry")
    def test_a_node_that_is_gone_is_forgotten_and_one_that_is_not_comes_back(self):
        record = self.retiring().reach("announced")
        record.wait_rehearsed()
        path = "/admin/v1/serving-nodes"
        own = self.registry.call("GET", path, self.alice).json()["items"]
        self.assertEqual([node["may_forget"] for node in own], [False])

        def forget(node, token=None, reason="taken down last week"):
            return self.registry.call("POST", f"{path}/{urllib.parse.quote(node, safe='')}/forget", token or self.alice, {"reason": reason})

        def report(seconds_ago):
            store = sqlite3.connect(self.registry.data / "catalog.sqlite", timeout=30)
            store.execute("INSERT INTO serving_nodes (node, seen) VALUES ('web9:8427', ?) ON CONFLICT (node) DO UPDATE SET seen = excluded.seen",
                          (int((time.time() - seconds_ago) * 1_000_000),))
            store.commit()
            store.close()

        self.assertIn("silent", forget(own[0]["node"]).text)
        self.assertEqual(forget("web9:8427").status, 404)
        report(300)
        self.assertEqual(record.guards("warning")["tombstone"]["state"], "unknown")
        self.assertEqual(forget("web9:8427").json()["code"], "guard-failed")
        report(601)
        self.assertEqual(forget("web9:8427", self.people["mira"]).status, 403)
        self.assertEqual(forget("web9:8427", reason=" ").json()["code"], "invalid-input")
        record.must(forget("web9:8427"))
        self.assertEqual(record.guards("warning")["tombstone"]["state"], "met")
        line = self.registry.call("GET", "/admin/v1/audit?action=serving-node.&limit=1", self.alice).json()["items"][0]
        self.assertEqual((line["action"], line["subject"], line["reason"]), ("serving-node.forget", "web9:8427", "taken down last week"))
        report(0)
        self.assertEqual(record.guards("warning")["tombstone"]["state"], "unknown")
        self.assertIn("web9:8427", record.guards("warning")["tombstone"]["detail"])
        report(601)
        record.must(forget("web9:8427"))

    def test_a_body_under_way_is_judged_when_it_has_come(self):
        record = self.retiring().reach("brown_out", lambda: window(3, 600))
        package = wheel("under-way", "1.0")
        body, kind = form(package)
        connection = self.registry.connection(60)
        self.addCleanup(connection.close)
        connection.putrequest("POST", "/legacy/")
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), "User-Agent": "twine/2.0.0", **basic("__token__", self.people["mira"])}.items():
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(body[:-200])
        refused = 1
        self.wait_for(lambda: self.upload("mira").status == 403)
        connection.send(body[-200:])
        self.assertEqual(connection.getresponse().status, 403)
        refused += 1
        self.assertIsNone(self.registry.files("under-way"))
        # Each of them once.
        self.wait_for(lambda: record.record()["brown_outs"][0]["refused"] >= refused)
        self.assertEqual(record.record()["brown_outs"][0]["refused"], refused)
        self.assertEqual(self.person(record.evidence(), "mira")["refused"], refused)

    def test_of_two_who_take_a_step_at_once_one_does(self):
        record = self.retiring()
        revision = record.record()["revision"]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = [answer.status for answer in pool.map(lambda token: record.step("measuring", revision=revision, token=token), [self.alice, self.bob] * 4)]
        self.assertEqual(sorted(answers), [200] + [409] * 7)
        self.assertEqual(len(record.record()["steps"]), 1)

    def test_words_in_a_report_stay_words(self):
        record = self.retiring()
        text = "![x](https://evil.example/a.png) <script> a\\|b"
        record.must(self.registry.call("POST", record.path + "/answers", self.alice, {"who": "a [list](https://evil.example)", "stance": "note", "text": text}))
        report = self.registry.call("GET", record.path + "/report", self.alice).json()["text"]
        self.assertIn("!\\[x\\](https://evil.example/a.png) &lt;script> a\\\\\\|b", report)
        self.assertIn("a \\[list\\](", report)

    def test_quiet_is_not_known_before_it_was_listened_for(self):
        record = self.retiring().reach("brown_out", lambda: window(60, 60))
        self.assertEqual(record.guards("sunset")["quiet"]["state"], "unknown")

    def test_texts_that_nobody_could_look_through_are_not_clean(self):
        record = self.retiring(mentions="").reach("brown_out", lambda: window(1, 1))
        self.wait_for(lambda: record.guards("sunset")["no-window"]["state"] == "met")
        record.go("sunset")
        self.assertEqual(record.guards("removed")["mentions"]["state"], "unknown")


class Killed(RegistryTest):
    """A registry of its own: it is killed."""

    wait_for = deprecations_test.Deprecations.wait_for

    def test_what_a_kill_may_have_lost_is_told_and_what_it_has_not_is_there(self):
        alice, bob, mira = (self.registry.user(name, role) for name, role in (("alice", "admin"), ("bob", "admin"), ("mira", "user")))
        numbers = itertools.count(1)

        def upload():
            return send(self.registry, wheel("of-mira", f"1.{next(numbers)}"), mira).status

        record = Retiring(self.registry, alice, bob)
        record.reach("brown_out", lambda: window(1, 3000))
        self.wait_for(lambda: upload() == 403)
        self.wait_for(lambda: record.evidence()["people"][0]["refused"] >= 1)
        self.assertEqual((record.evidence()["gaps"], record.evidence().get("lost_since")), ([], None))
        told = 0
        for _ in range(5):
            before = record.evidence()
            self.assertEqual(upload(), 403)
            at = moment()
            self.registry.kill()
            self.registry.start()
            self.wait_for(lambda: len(record.evidence()["gaps"]) > len(before["gaps"]) or
                          record.evidence()["people"][0]["refused"] > before["people"][0]["refused"])
            after = record.evidence()
            if len(after["gaps"]) > len(before["gaps"]):
                told += 1
                gap = after["gaps"][0]
                self.assertEqual((gap["cause"], gap.get("uses")), ("unclean_stop", None))
                self.assertLess(gap["from"], at)
                self.assertLess(at, gap["to"])
                # Nobody knows how many there were: the number is of those that are known to be missing.
                self.assertEqual(after["lost"], 0)
                self.assertLessEqual(after["lost_since"], gap["from"])
        self.assertGreater(told, 0)
        gaps = len(record.evidence()["gaps"])
        # A proper end writes what is held.
        before = record.evidence()["people"][0]["refused"]
        self.assertEqual(upload(), 403)
        self.registry.stop()
        self.registry.start()
        after = record.evidence()
        self.assertEqual((len(after["gaps"]), after["people"][0]["refused"]), (gaps, before + 1))
        # A record that came later misses nothing of before.
        later = Retiring(self.registry, alice, bob, title="Upload of eggs", kind="file_type", subject="bdist_egg")
        self.assertEqual(later.evidence()["gaps"], [])

    @unittest.skipIf(ENGINE == "postgres", "reaches into the file of the embedded registry")
    def test_a_record_of_a_newer_program_is_named_and_keeps_nobody_from_the_others(self):
        alice = self.registry.user("ann", "admin")
        one = Retiring(self.registry, alice, alice, title="Pages for the moon", kind="file_type", subject="bdist_rpm")
        store = sqlite3.connect(self.registry.data / "catalog.sqlite", timeout=30)
        store.execute("UPDATE deprecations SET kind = 'phase_of_the_moon' WHERE id = ?", (int(one.id),))
        store.commit()
        store.close()
        two = Retiring(self.registry, alice, alice, title="Old formats", kind="file_type", subject="bdist_dumb", owner="ann")
        items = {item["id"]: item for item in self.registry.call("GET", BASE, alice).json()["items"]}
        self.assertEqual(items[one.id]["title"], "Pages for the moon")
        self.assertIn("phase_of_the_moon", items[one.id]["unreadable"])
        self.assertEqual(items[two.id]["unreadable"], "")
        self.assertEqual(self.registry.call("GET", one.path, alice).json()["code"], "unsupported")
        two.wait_rehearsed()
        two.must(two.step("measuring"))
        two.wait_rehearsed()
        self.assertEqual(self.registry.log().count("deprecation.unreadable"), 1)


class Mails(unittest.TestCase):
    def test_no_mail_goes_out_that_could_not_be_noted(self):
        with PostOffice() as office:
            folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
            self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
            config = folder / "cheesemongerd.toml"
            config.write_text(f'[serve]\nmail.server = "smtp://127.0.0.1:{office.port}"\nmail.from = "shop@example.org"\n')
            registry = Registry(folder / "data", "--config", config).start()
            self.addCleanup(registry.kill)
            alice, bob = (registry.user(name, "admin") for name in ("alice", "bob"))
            record = Retiring(registry, alice, bob)
            token = registry.user("mira")
            record.must(registry.call("PUT", "/admin/v1/users/mira/email", alice, {"email": "mira@example.org", "reason": "told us"}))
            self.assertEqual(send(registry, wheel("of-mira", "1.0"), token).status, 200)
            mira = registry.call("GET", record.path + "/messages", alice).json()["items"][0]
            # The subject is nobody's to end a head with.
            mira["subject"] += "\r\nBcc: everybody@example.org"
            for messages, reason in (([mira, dict(mira, user="ghost")], "tell them"), ([mira, mira], "tell them"), ([mira], " ")):
                refused = registry.call("POST", record.path + "/messages", alice, {"messages": messages, "delivery": "send", "reason": reason})
                self.assertEqual(refused.json()["code"], "invalid-input", refused)
            self.assertEqual(len(office.mails), 0)
            record.must(registry.call("POST", record.path + "/messages", alice, {"messages": [mira], "delivery": "send", "reason": "tell them"}))
            self.assertEqual(len(office.mails), 1)
            self.assertIsNone(office.mails[0][2]["Bcc"])


if __name__ == "__main__":
    unittest.main()
