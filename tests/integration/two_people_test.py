# SPDX-License-Identifier: GPL-3.0-or-later
"""A promotion by which acknowledged work may be lost, where two people have to agree to it."""
import shutil
import unittest

import operations_test
from keepers import wait_for


class TwoPeople(operations_test.WatchedServers):
    config = "two_people = true\n"

    def order(self, name, path, **words):
        answer = self.two.order(name, "database/" + path, **words)
        self.assertEqual(answer.status, 200, answer.body)

    def setUp(self):
        """The old primary is back and waits, for the promoted one has taken writes since, and is stopped."""
        super().setUp()
        self.ada, self.ben = self.monitor.token(user="ada"), self.monitor.token(user="ben")
        primary, standby = self.primary, self.standby
        self.order(primary, "fence")
        self.order(standby, "promote", received="")
        wait_for("writes", lambda: self.keepers[standby].psql("CREATE TABLE IF NOT EXISTS newer (number integer)", check=False).returncode == 0)
        self.order(standby, "fence")
        self.order(primary, "unfence")
        wait_for("it to wait", lambda: self.two.database(primary).get("state") == "primary, waiting")

    def tearDown(self):
        if self.two.database(self.standby)["fenced"]:
            self.order(self.standby, "unfence")
        # It is the newer one.
        self.pair(self.standby, self.primary)
        for name in self.keepers:
            for folder in self.keepers[name].data.parent.glob("data.kept-*"):
                shutil.rmtree(folder)

    def planned(self, token):
        """Once it could be pressed by somebody."""
        self.token = token
        return self.monitor.wait_until(lambda: (plan := self.plan(self.monitor, "promote", self.primary)) and set(self.guards(plan)) <= {"second-person"} and plan)

    def asked(self, token):
        """Its action, once a press was taken: what a plan saw may have changed, for the servers have just been moved."""
        refusals = []

        def pressed():
            answer = self.press(self.monitor, self.planned(token))
            refusals.append(answer.body)
            return answer if answer.status == 200 else None
        answer = self.monitor.wait_until(pressed)
        self.assertIsNotNone(answer, refusals[-1])
        return answer.json()

    def word(self, plan):
        return next(guard for guard in plan["guards"] if guard["name"] == "second-person")

    def actions(self):
        return [(line["action"], line["actor"]) for line in self.monitor.get("audit", self.token)["items"] if line["action"].startswith("action.")]

    def test_1_it_waits_for_another_account_and_both_names_are_kept(self):
        plan = self.planned(self.ada)
        self.assertTrue(plan["allowed"], plan["guards"])
        self.assertIn("needs a second operator", self.word(plan)["statement"])
        asked = self.press(self.monitor, plan)
        self.assertEqual(asked.status, 200, asked.body)
        asked = asked.json()
        self.assertEqual((asked["state"], asked["actor"], asked["second"]), ("running", "ada", ""))
        self.assertIn("a second operator's word is awaited until", asked["statement"])
        self.assertEqual(self.two.database(self.primary)["state"], "primary, waiting")
        self.assertEqual(self.actions(), [("action.promote.asked", "ada")])
        # Neither by the same plan nor by another one does the same person agree.
        self.refused(self.press(self.monitor, plan), "plan")
        again = self.planned(self.ada)
        self.assertEqual(self.guards(again), ["second-person"])
        self.assertEqual(self.press(self.monitor, again).json()["id"], asked["id"])
        self.assertEqual(self.two.database(self.primary)["state"], "primary, waiting")
        # The other one sees who has asked, and why, before and when he plans the same.
        self.token = self.ben
        newest = self.monitor.get("monitor/actions?limit=1", self.token)["items"][0]
        self.assertEqual((newest["id"], newest["statement"], newest["awaited"]), (asked["id"], asked["statement"], asked["awaited"]))
        plan = self.planned(self.ben)
        self.assertTrue(plan["allowed"], plan["guards"])
        self.assertIn("ada has asked for it (a test)", self.word(plan)["statement"])
        answer = self.press(self.monitor, plan)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json()["id"], asked["id"])
        ended = self.ended(self.monitor, asked["id"])
        self.assertEqual((ended["state"], ended["actor"], ended["second"], ended.get("awaited")), ("done", "ada", "ben", None), ended)
        wait_for("it to go on alone", lambda: self.two.database(self.primary)["state"] == "primary, alone")
        line = self.monitor.get("audit", self.token)["items"][0]
        self.assertEqual((line["action"], line["actor"], line["reason"]), ("action.promote", "ben", "a test (asked for by ada: a test)"))
        kinds = [event["kind"] for event in self.monitor.get("monitor/timeline?kind=action.", self.token)["items"]]
        self.assertEqual(kinds[-2:], ["action.started", "action.asked"])

    def test_2_what_is_taken_back_or_asked_for_on_other_ground_needs_two_words_again(self):
        asked = self.asked(self.ada)
        answer = self.monitor.call("POST", f"/admin/v1/monitor/actions/{asked['id']}/cancel", self.token, {"reason": "the other one comes back"})
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json()["state"], "cancelled")
        plan = self.planned(self.ben)
        self.assertIn("needs a second operator", self.word(plan)["statement"])
        self.assertEqual(self.asked(self.ben)["actor"], "ben")
        # It comes back: nobody agrees to what was asked for before that.
        plan = self.planned(self.ada)
        self.order(self.standby, "unfence")
        wait_for("the newer one", lambda: (self.two.database(self.standby).get("state") or "").startswith("primary"))
        self.assertEqual(self.press(self.monitor, plan).status, 412)
        self.assertEqual(self.actions()[0], ("action.promote.refused", "ada"))


if __name__ == "__main__":
    unittest.main()
