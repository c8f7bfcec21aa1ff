# SPDX-License-Identifier: GPL-3.0-or-later
"""An endpoint that is read retires: mostly nobody is known who reads it, and caches keep what it says."""
import itertools
import json
import re
import unittest

import deprecations_test
from retiring import BASE, Retiring, moment, send, terms, window
from support import RegistryTest, wheel

PIP = "pip/24.0 " + json.dumps({"installer": {"name": "pip", "version": "24.0"}, "python": "3.12.1", "ci": None})
CI = "pip/24.0 " + json.dumps({"installer": {"name": "pip", "version": "24.0"}, "python": "3.12.1", "ci": True})
MIRROR = "bandersnatch/6.5.0 (cpython 3.11.4-final0, Linux x86_64) (aiohttp 3.8.4)"
NUMBERS = itertools.count(1)


class ReadersRetire(RegistryTest):
    """What these tests begin with."""

    tearDown, wait_for, person, upload = (getattr(deprecations_test.Deprecations, name) for name in ("tearDown", "wait_for", "person", "upload"))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice, cls.bob = (cls.registry.user(name, "admin") for name in ("alice", "bob"))
        cls.people = {name: cls.registry.user(name) for name in ("mira", "zoe")}
        cls.package = wheel("cheddar", "1.0")
        assert send(cls.registry, cls.package, cls.people["mira"]).status == 200

    def setUp(self):
        self.record = None

    def retiring(self, subject="project-json", **changed):
        self.record = Retiring(self.registry, self.alice, self.bob, title="The JSON pages", kind="endpoint", subject=subject,
                               replacement="the simple index as JSON", **changed)
        return self.record

    def get(self, path="/pypi/cheddar/json", agent=PIP, token=None, **headers):
        return self.registry.request("GET", path, headers={"User-Agent": agent, **headers}, token=token)


class Counted(ReadersRetire):
    """A registry that nobody has read before."""

    def test_readers_are_counted_by_class_and_network_and_who_is_known_by_name(self):
        self.assertEqual(self.get().status, 200)
        record = self.retiring()
        record.wait_rehearsed()
        for agent, times in ((PIP, 3), (CI, 2), (MIRROR, 5)):
            for _ in range(times):
                self.assertEqual(self.get(agent=agent).status, 200)
        self.assertEqual(self.get("/pypi/no-such-thing/json").status, 404)
        self.assertEqual(self.get(token=self.people["mira"], agent="poetry/1.8").status, 200)
        self.wait_for(lambda: record.evidence()["anonymous30"] == 10)
        evidence = record.evidence()
        classes = {one["client_class"]: one["uses"] for one in evidence["classes"]}
        self.assertEqual([classes[name] for name in ("ci", "mirror")], [2, 5], classes)
        self.assertEqual([(one["network"], one["uses"]) for one in evidence["networks"]], [("127.0.0.0/24", 10)])
        self.assertEqual(evidence["days"][-1]["anonymous"], evidence["anonymous90"])
        self.assertLess(evidence["lower90"], evidence["uses90"] + evidence["anonymous90"])
        self.assertGreater(evidence["upper90"], evidence["uses90"] + evidence["anonymous90"])
        mira = self.person(evidence, "mira")
        self.assertRegex(mira["credentials"][0], r"^token \d+")
        self.assertEqual(mira["clients"], ["poetry 1.8"])
        self.assertFalse(evidence["behind_caches"])
        listed = self.registry.call("GET", BASE, self.alice).json()
        self.assertEqual(next(item["anonymous"] for item in listed["items"] if item["id"] == record.id), evidence["anonymous30"])
        self.assertIn({"kind": "endpoint", "subject": "project-json", "is_read": True}, listed["retirable"])


class Reads(ReadersRetire):
    def test_from_the_warning_to_the_tombstone(self):
        record = self.retiring().reach("warning")
        record.wait_rehearsed()
        told = self.get()
        self.assertEqual(told.status, 200)
        self.assertEqual(told.headers["Cache-Control"], "max-age=900, public")
        self.assertIn("endpoint/project-json", told.headers["Surrogate-Key"].split())
        unchanged = self.get(**{"If-None-Match": told.headers["ETag"]})
        self.assertEqual(unchanged.status, 304)
        for answer in (told, unchanged, self.get("/pypi/cheddar/1.0/json")):
            self.assertRegex(answer.headers["Deprecation"], r"^@\d{10}$")
            self.assertRegex(answer.headers["Sunset"], r" GMT$")
            self.assertIn('rel="deprecation"', answer.headers["Link"])
        self.assertIsNone(self.get("/simple/cheddar/").headers["Deprecation"])
        self.assertIsNone(self.get("/stats/").headers["Deprecation"])

        record.must(self.registry.call("PUT", record.path + "/exemptions/mira", self.alice, {"until": moment(3600), "reason": "moves on Friday"}))
        planned = window(5, 6)
        record.go("brown_out", **planned)
        record.wait_rehearsed()
        # No cache keeps an answer of before for longer than until then.
        begins = deprecations_test.parsed(planned["starts"])
        kept = []
        while (answer := self.get()).status == 200:
            now = deprecations_test.parsed(moment())
            kept.append(answer.headers["Cache-Control"])
            age = int(found.group(1)) if (found := re.match(r"max-age=(\d+)", kept[-1])) else 0
            # The answer is older than this moment.
            self.assertLessEqual(age, max((begins - now).total_seconds(), 0) + 1, kept)
        self.assertIn("no-store", kept)
        self.assertEqual((answer.status, answer.headers["Cache-Control"]), (403, "no-store"))
        self.assertRegex(answer.reason, r"^The JSON pages is off until .* \(brown-out 1\); use the simple index as JSON: https://")
        for path in ("/simple/cheddar/", "/stats/", "/journal/", "/simple/"):
            self.assertEqual(self.get(path).status, 200, path)
        exempt = self.get(token=self.people["mira"])
        self.assertEqual((exempt.status, exempt.headers["Cache-Control"]), (200, "private, no-store"))
        self.assertEqual(self.get(token=self.people["zoe"]).status, 403)
        self.assertEqual(self.upload("zoe", "twine/6.0.1").status, 200)
        self.wait_for(lambda: self.get().status == 200)
        self.assertGreaterEqual(deprecations_test.parsed(moment()), deprecations_test.parsed(planned["ends"]))
        told = {}

        def agree():
            """The last of many refusals are written down a moment after the window."""
            told["past"] = past = record.record()["brown_outs"][0]
            told["seen"] = seen = self.registry.call("GET", f"{record.path}/brown-outs/{past['id']}", self.alice).json()
            return past["anonymous"] >= 1 and sum(one["refused"] for one in seen["classes"]) == past["refused"] + past["anonymous"]
        self.wait_for(agree)
        past, seen = told["past"], told["seen"]
        self.assertEqual((past["refused"], past["people"], past["moved_over"]), (1, 1, 0))
        self.assertEqual([one["user"] for one in seen["people"]], ["zoe"])

        record.go("sunset")
        self.wait_for(lambda: self.get().status == 410)
        gone = self.get()
        self.assertRegex(gone.reason, r"^The JSON pages ended on \d{4}-\d\d-\d\d; use the simple index as JSON: https://")
        self.assertEqual(gone.headers["Cache-Control"], "no-store")
        self.wait_for(lambda: record.evidence()["unattributed"] >= 2)
        record.must(record.step("rolled_back"))
        self.wait_for(lambda: self.get().status == 200)
        # When it will end is not known any more.
        self.assertIsNone(self.get().headers["Sunset"])
        self.assertRegex(self.get().headers["Deprecation"], r"^@\d{10}$")

    def test_a_brown_out_of_readers_that_refuses_too_much_ends_by_itself(self):
        record = self.retiring("journal").reach("brown_out", lambda: window(1, 600, abort_at=20))
        self.wait_for(lambda: self.get("/journal/").status == 403)
        # Strangers of one network count once a minute.
        for _ in range(60):
            self.get("/journal/")
        self.wait_for(lambda: record.record()["brown_outs"][-1]["anonymous"] >= 60)
        self.assertEqual(record.record()["brown_outs"][-1]["state"], "running")
        for _ in range(20):
            self.get("/journal/", token=self.people["zoe"])
        self.wait_for(lambda: self.get("/journal/").status == 200)
        self.assertEqual(record.record()["brown_outs"][-1]["state"], "aborted")

    def test_what_every_installation_needs_cannot_retire(self):
        for subject in ("simple-index", "files"):
            answer = self.registry.call("POST", BASE, self.alice, {"terms": terms(kind="endpoint", subject=subject), "reason": "x"})
            self.assertEqual(answer.json()["code"], "invalid-input")
            self.assertIn("every installation needs", answer.text)

    def test_a_client_that_may_not_upload_any_more_still_reads(self):
        self.record = Retiring(self.registry, self.alice, self.bob)
        self.record.reach("brown_out", lambda: window(1, 600))
        self.wait_for(lambda: self.upload("mira").status == 403)
        self.assertEqual(self.get(agent="twine/2.0.0").status, 200)

    def test_a_sunset_before_its_time_is_no_earlier_than_the_deprecation(self):
        record = self.retiring("stats", deprecated=moment(10 * 86400)).reach("brown_out", lambda: window(1, 1))
        self.wait_for(lambda: record.guards("sunset")["no-window"]["state"] == "met")
        record.go("sunset")
        stands = record.record()["terms"]
        self.assertLessEqual(stands["deprecated"], stands["sunset"])
        self.wait_for(lambda: self.get("/stats/").status == 410)


if __name__ == "__main__":
    unittest.main()
