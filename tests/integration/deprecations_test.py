# SPDX-License-Identifier: GPL-3.0-or-later
"""Something retires: from the proposal to the tombstone, with what uploaders see on the way."""
import datetime
import itertools
import re
import time
import unittest

from retiring import BASE, Retiring, moment, send, terms, window
from support import RegistryTest, wheel

NUMBERS = itertools.count(1)


def parsed(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Deprecations(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice, cls.bob = (cls.registry.user(name, "admin") for name in ("alice", "bob"))
        cls.oscar, cls.olga = cls.registry.user("oscar", "operator"), cls.registry.user("olga", "observer")
        cls.people = {name: cls.registry.user(name) for name in ("mira", "tomas", "zoe")}

    def setUp(self):
        self.record = None

    def tearDown(self):
        # Two records of one thing cannot live beside each other.
        if self.record and self.record.record()["state"] == "sunset":
            self.record.must(self.record.step("rolled_back"))
        if self.record and "cancelled" in self.record.record()["possible"]:
            self.record.must(self.record.step("cancelled"))
        # Every node has heard of it.
        self.wait_for(lambda: (answer := self.upload("mira")).status == 200 and not answer.headers["Deprecation"])

    def retiring(self, **changed):
        self.record = Retiring(self.registry, self.alice, self.bob, **changed)
        return self.record

    def upload(self, name, agent="twine/2.0.0 pkginfo/1.5", project=None, **changes):
        return send(self.registry, wheel(project or f"of-{name}", f"1.{next(NUMBERS)}"), self.people[name], agent, **changes)

    def wait_for(self, what, within=20):
        end = time.monotonic() + within
        while not what():
            self.assertLess(time.monotonic(), end, "it did not come")
            time.sleep(0.05)  # until the registry has got so far

    def person(self, evidence, name):
        return next((person for person in evidence["people"] if person["user"] == name), None)

    def test_a_use_is_attributed_from_the_first_day(self):
        record = self.retiring()
        self.assertEqual(self.upload("mira").status, 200)
        self.assertEqual(self.upload("mira", project="second-of-mira").status, 200)
        self.assertEqual(self.upload("zoe", "twine/6.0.1 pkginfo/1.5").status, 200)
        evidence = record.evidence()
        mira = self.person(evidence, "mira")
        self.assertIsNone(self.person(evidence, "zoe"))
        self.assertGreaterEqual(mira["uses30"], 2)
        self.assertLessEqual({"of-mira", "second-of-mira"}, set(mira["projects"]))
        self.assertEqual(mira["clients"], ["twine 2.0.0"])
        self.assertRegex(mira["credentials"][0], r"^token \d+")
        self.assertFalse(mira["reachable"])
        self.assertEqual(evidence["lost"], 0)
        self.assertEqual(evidence["days"][-1]["accepted"], evidence["uses30"])
        # The very same file once more is a use as well, and only that.
        package = wheel("of-mira", f"1.{next(NUMBERS)}")
        self.assertEqual([send(self.registry, package, self.people["mira"]).status for _ in range(2)], [200, 200])
        self.wait_for(lambda: record.evidence()["uses30"] == evidence["uses30"] + 2)

    def test_from_the_proposal_to_the_tombstone_and_back(self):
        record = self.retiring()
        for name, agent in (("mira", "twine/2.0.0"), ("tomas", "twine/2.9.1"), ("zoe", "twine/6.0.1")):
            self.assertEqual(self.upload(name, agent).status, 200)
        record.must(record.step("measuring"))
        self.assertEqual(self.upload("mira").headers["Deprecation"], None)

        # Nobody was measured for two weeks: alone nobody can go on, nor can one person be two.
        guards = record.guards("announced")
        self.assertEqual(guards["measured"]["state"], "unmet")
        self.assertEqual(guards["dates"]["state"], "met")
        refused = record.step("announced")
        self.assertEqual(refused.json()["code"], "guard-failed", refused)
        self.assertIn("measured", refused.text)
        record.must(record.confirm("announced", self.alice))
        self.assertIn("no other admin", record.step("announced", override=True).text)
        record.must(record.confirm("announced"))
        record.must(record.step("announced", override=True))
        self.assertTrue(record.record()["steps"][-1]["overridden"])
        self.assertEqual(record.record()["steps"][-1]["confirmed_by"], "bob")

        record.go("warning")
        record.wait_rehearsed()
        told = self.upload("mira")
        self.assertEqual(told.status, 200)
        self.assertRegex(told.headers["Deprecation"], r"^@\d{10}$")
        self.assertRegex(told.headers["Sunset"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
        self.assertEqual(told.headers["Link"], '<https://shop.example/help/twine>; rel="deprecation"')
        self.assertIsNone(self.upload("zoe", "twine/6.0.1").headers["Deprecation"])
        self.assertGreaterEqual(self.person(record.evidence(), "mira")["notices"], 1)

        # Who is exempt is no person of the dry run's; the others are, and they alone are refused.
        record.must(self.registry.call("PUT", record.path + "/exemptions/tomas", self.alice, {"until": moment(3600), "reason": "releases on Friday"}))
        record.wait_rehearsed()
        planned = window(3)
        plan = record.plan("brown_out", **planned)
        would = {person["user"] for person in plan["refused"] if not person.get("exempt_until")}
        self.assertEqual(would, {"mira"})
        record.go("brown_out", **planned)
        record.wait_rehearsed()
        ends = parsed(planned["ends"])
        self.wait_for(lambda: self.upload("mira").status == 403)
        refused = self.upload("mira")
        self.assertEqual(refused.status, 403)
        self.assertIn(ends.strftime("is off until %Y-%m-%d %H:%M:%S UTC (brown-out 1); use twine 3.0 or newer: https://shop.example/help/twine"), refused.reason)
        self.assertEqual(self.upload("tomas", "twine/2.9.1").status, 200)
        self.assertEqual(self.upload("zoe", "twine/6.0.1").status, 200)
        self.wait_for(lambda: self.upload("mira").status == 200)
        self.assertGreaterEqual(datetime.datetime.now(datetime.timezone.utc), ends)
        self.wait_for(lambda: record.record()["brown_outs"][0]["state"] == "ended")
        self.assertEqual(self.upload("mira", "twine/6.0.1").status, 200)
        evidence = record.evidence()
        self.assertEqual({person["user"] for person in evidence["people"] if person["refused"]}, would)
        past = record.record()["brown_outs"][0]
        self.assertEqual((past["people"], past["moved_over"]), (1, 1))
        self.assertEqual(self.person(evidence, "mira")["moved_to"], "https upload")

        self.assertEqual(record.guards("sunset")["sunset-date"]["state"], "unmet")
        record.go("sunset")
        record.wait_rehearsed()
        gone = self.upload("mira")
        self.assertEqual(gone.status, 410)
        self.assertRegex(gone.reason, r"^Upload by twine before 3.0 ended on \d{4}-\d\d-\d\d; use twine 3.0 or newer: https://")
        self.assertEqual(self.upload("tomas", "twine/2.9.1").status, 200)
        self.assertEqual(self.upload("zoe", "twine/6.0.1").status, 200)

        record.must(record.step("rolled_back"))
        self.wait_for(lambda: self.upload("mira").status == 200)
        report = self.registry.call("GET", record.path + "/report", self.alice).json()["text"]
        for words in ("# Upload by twine before 3.0", "rolled back", "confirmed by", "| mira |", "releases on Friday"):
            self.assertIn(words, report)
        actions = [line["action"] for line in self.registry.call("GET", f"/admin/v1/audit?subject={record.id}&action=deprecation.&limit=50", self.alice).json()["items"]]
        self.assertEqual(actions.count("deprecation.step"), 6)
        self.assertIn("deprecation.exempt", actions)
        self.assertTrue(self.registry.call("GET", "/admin/v1/audit/proof", self.alice).json()["intact"])

    def test_a_brown_out_that_refuses_too_much_ends_by_itself(self):
        record = self.retiring().reach("brown_out", lambda: window(1, 600, abort_at=3))
        self.wait_for(lambda: self.upload("mira").status == 403)
        for _ in range(2):
            self.upload("mira")
        self.wait_for(lambda: self.upload("mira").status == 200)
        past = record.record()["brown_outs"][-1]
        self.assertEqual(past["state"], "aborted")
        self.assertGreaterEqual(past["refused"], 3)
        self.assertIn("to be aborted", past["end_reason"])

    def test_an_operator_ends_it_at_once(self):
        record = self.retiring().reach("brown_out", lambda: window(1, 600))
        self.wait_for(lambda: self.upload("mira").status == 403)
        running = record.record()["brown_outs"][-1]
        path = f"{record.path}/brown-outs/{running['id']}/end"
        self.assertEqual(self.registry.call("POST", path, self.olga, {"reason": "x"}).status, 403)
        record.must(self.registry.call("POST", path, self.oscar, {"reason": "the support is swamped"}))
        self.wait_for(lambda: self.upload("mira").status == 200)
        self.assertEqual(record.record()["brown_outs"][-1]["ended_by"], "oscar")
        self.assertEqual(self.registry.call("POST", path, self.oscar, {"reason": "again"}).status, 409)

    def test_a_pause_lets_everybody_through(self):
        record = self.retiring().reach("brown_out", lambda: window(1, 600))
        self.wait_for(lambda: self.upload("mira").status == 403)
        record.must(record.step("paused"))
        self.wait_for(lambda: self.upload("mira").status == 200)
        self.assertIsNone(self.upload("mira").headers["Deprecation"])
        self.assertEqual(record.record()["paused_from"], "brown_out")
        self.assertEqual(record.record()["possible"], ["brown_out", "cancelled", "frozen"])

    def test_a_tombstone_that_cannot_be_sent_keeps_its_stage_from_being_reached(self):
        record = self.retiring(replacement="a t\u00f6ken over https").reach("announced")
        record.wait_rehearsed()
        guard = record.guards("warning")["tombstone"]
        self.assertEqual(guard["state"], "unmet")
        self.assertIn("characters that a status line cannot hold", guard["detail"])
        record.must(record.confirm("warning"))
        self.assertNotEqual(record.step("warning", override=True).status, 200)
        edited = record.record()
        record.must(self.registry.call("PUT", record.path, self.alice, {"revision": edited["revision"], "terms": terms(), "reason": "no umlaut"}))
        record.wait_rehearsed()
        self.assertEqual(record.guards("warning")["tombstone"]["state"], "met")

    def test_a_word_is_for_one_step_and_no_other(self):
        record = self.retiring(second_person=True)
        record.must(record.step("measuring"))
        record.go("announced")
        record.go("warning")
        record.wait_rehearsed()
        agreed = window(600, 60, abort_at=5)
        others = {"the window": {"starts": moment(700), "ends": agreed["ends"]}, "who watches it": {"on_call": "bob"},
                  "the number of refusals that ends it": {"abort_at": 500}, "whether guards are overridden": {}}
        revision = record.record()["revision"]
        plan = self.registry.call("POST", record.path + "/plan", self.alice, {"to": "brown_out", "override_guards": True, **agreed}).json()
        record.must(record.confirm("brown_out", override=True, **agreed))
        word = record.record()["agreed"]
        self.assertEqual((word["by"], word["revision"], word["digest"], word["override_guards"], word["abort_at"]), ("bob", revision, plan["digest"], True, 5))
        for what, changed in others.items():
            with self.subTest(changed=what):
                answer = record.step("brown_out", override=what != "whether guards are overridden", **{**agreed, **changed})
                self.assertEqual(answer.json()["code"], "guard-failed", answer)
                self.assertIn(f"differs in: {what}", answer.text)
                other = self.registry.call("POST", record.path + "/plan", self.alice, {"to": "brown_out", "override_guards": what != "whether guards are overridden", **agreed, **changed}).json()
                self.assertNotEqual(other["digest"], plan["digest"])
        # Nor is it one for the record as it is after a change.
        record.must(self.registry.call("PUT", record.path + "/exemptions/mira", self.alice, {"until": moment(3600), "reason": "asked for it"}))
        self.assertNotIn("agreed", record.record())
        self.assertIn("no other admin", record.step("brown_out", override=True, **agreed).text)
        # As agreed it is taken, and by nobody who gave the word.
        record.wait_rehearsed()
        record.must(record.confirm("brown_out", override=True, **agreed))
        self.assertIn("no other admin", record.step("brown_out", override=True, token=self.bob, **agreed).text)
        record.must(record.step("brown_out", override=True, **agreed))
        self.assertEqual(record.record()["steps"][-1]["confirmed_by"], "bob")
        record.must(record.confirm("warning", override=True))
        self.assertIn("differs in: the stage", record.step("sunset", override=True).text)

    def test_a_record_that_moved_takes_no_step_that_was_planned_before(self):
        record = self.retiring()
        record.must(record.step("measuring"))
        planned = record.plan("announced")
        record.must(record.confirm("announced"))
        record.must(self.registry.call("PUT", record.path + "/exemptions/mira", self.alice, {"until": moment(3600), "reason": "asked for it"}))
        self.assertEqual(record.step("announced", revision=planned["revision"], override=True).status, 409)
        # The word that was given for the other revision counts no more.
        self.assertIn("no other admin", record.step("announced", override=True).text)

    def test_steps_that_do_not_exist_are_refused(self):
        record = self.retiring()
        for to in ("announced", "warning", "brown_out", "sunset", "removed", "closed", "paused", "rolled_back", "proposed", "frozen"):
            self.assertEqual(record.step(to).status, 409, to)
        self.assertEqual(record.record()["state"], "proposed")
        self.assertEqual(record.step("soon").json()["code"], "invalid-input")

    def test_terms_are_checked_and_one_thing_has_one_record(self):
        record = self.retiring()
        again = self.registry.call("POST", BASE, self.alice, {"terms": terms(), "reason": "twice"})
        self.assertEqual(again.status, 409)
        wrong = self.registry.call("POST", BASE, self.alice, {"terms": terms(subject="twine three", link="ftp://x", sunset=moment(-120), title=""), "reason": "x"})
        self.assertEqual(wrong.status // 100, 4)
        for field in ("subject", "link", "sunset", "title"):
            self.assertIn(field, wrong.text)
        record.must(record.step("measuring"))
        moved = self.registry.call("PUT", record.path, self.alice, {"revision": record.record()["revision"], "terms": terms(subject="twine <4.0"), "reason": "more"})
        self.assertIn("once it is measured", moved.text)

    def test_answers_stay_beside_the_decision(self):
        record = self.retiring()
        record.must(self.registry.call("POST", record.path + "/answers", self.oscar, {"who": "the packagers' list", "stance": "against", "text": "RHEL has 2.0"}))
        answer = record.record()["answers"][0]
        self.assertEqual((answer["who"], answer["stance"], answer["text"], answer["by"]), ("the packagers' list", "against", "RHEL has 2.0", "oscar"))
        self.assertIn("RHEL has 2.0", self.registry.call("GET", record.path + "/report", self.olga).json()["text"])

    def test_each_person_gets_a_draft_with_their_own_projects(self):
        record = self.retiring(command="twine upload --user {user} dist/{project}*")
        self.assertEqual(self.upload("mira", project="geo-flux").status, 200)
        drafts = self.registry.call("GET", record.path + "/messages", self.alice).json()
        self.assertFalse(drafts["can_send"])
        mira = next(draft for draft in drafts["items"] if draft["user"] == "mira")
        self.assertIn("twine upload --user mira dist/geo-flux*", mira["text"])
        unsent = self.registry.call("POST", record.path + "/messages", self.alice, {"messages": [mira], "delivery": "send", "reason": "tell them"})
        self.assertEqual(unsent.json()["code"], "unsupported", unsent)
        saved = record.must(self.registry.call("POST", record.path + "/messages", self.alice, {"messages": [mira], "delivery": "saved", "reason": "sent by hand"})).json()
        self.assertEqual(saved["items"][0]["outcome"], "saved")
        self.assertEqual(self.person(record.evidence(), "mira")["told_how"], "saved")

    def test_texts_that_still_speak_of_it_are_found(self):
        record = self.retiring(mentions="twine upload, no such words")
        found = self.registry.call("GET", record.path + "/mentions", self.alice).json()
        self.assertGreaterEqual(found["texts"], 3)
        self.assertIn("help page for uploads", {mention["where"] for mention in found["items"]})
        self.assertTrue(all(mention["word"] == "twine upload" and "twine upload" in mention["text"].lower() for mention in found["items"]))

    def test_who_is_nobody_is_counted_and_not_told_apart_beyond_measure(self):
        record = self.retiring().reach("warning")
        record.wait_rehearsed()

        def knock(number):
            return send(self.registry, wheel("nobodys", "1.0"), "pypi-not-a-token", f"twine/2.{number} x{number}").status
        # Served as ever, nobody is a use of nothing.
        self.assertEqual(knock(0), 403)
        record.go("brown_out", **window(1, 600, abort_at=5))
        self.wait_for(lambda: self.upload("mira").status == 403)
        self.assertEqual([knock(number) for number in range(300)], [403] * 300)
        self.wait_for(lambda: record.evidence()["unattributed"] == 300)
        # Nor has anybody who is nobody ended it.
        self.assertEqual(record.record()["brown_outs"][-1]["state"], "running")
        evidence = record.evidence()
        self.assertEqual({person["user"] for person in evidence["people"] if person["refused"]}, {"mira"})
        self.assertEqual(evidence["days"][-1]["refused"], next(person for person in evidence["people"] if person["user"] == "mira")["refused"])

    def test_what_the_form_says_can_retire_as_well(self):
        self.record = record = Retiring(self.registry, self.alice, self.bob, title="Metadata before 1.2", kind="metadata_version", subject="<1.2")
        record.reach("brown_out", lambda: window(1, 600))
        self.wait_for(lambda: self.upload("zoe", "twine/6.0.1", metadata_version="1.0").status == 403)
        self.assertEqual(self.upload("zoe", "twine/6.0.1", metadata_version="2.1").status, 200)


if __name__ == "__main__":
    unittest.main()
