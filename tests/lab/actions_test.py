# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole installation mended by an operator: plans and presses at the real monitor, carried out by the agents,
under load. Part of `make lab-test`."""
import time
import unittest

import faults
import hosts
from clients import Commits, Team
from lab_case import WatchedCase, figure
from watching import node_of


class ActionsTest(WatchedCase):
    def plan(self, action, target, **more):
        return self.monitor.plan(action, target, **more)

    def act(self, action, target, **more):
        ended = self.monitor.act(action, target, **more)
        self.assertEqual(ended["state"], "done", ended)
        return ended

    def team(self, label, uploaders=4):
        return Team(self.lab, self.network, self.cdn, self.token, uploaders, label)

    @staticmethod
    def ahead(seconds):
        return time.strftime("%FT%TZ", time.gmtime(time.time() + seconds))

    def test_a_planned_switch_over_under_uploaders(self):
        for round_, uploaders in enumerate((4, 4, 32, 32)):
            primary, standby = self.lab.database("primary"), self.lab.database("standby")
            commits = Commits(self.lab)
            with self.team(f"switch{round_}", uploaders) as team, commits:
                before, first = time.monotonic(), time.time()
                team.wait_for(40)
                begin, second = time.monotonic(), time.time()
                self.act("switch-over", standby)
                team.wait_for(20)
            figure(f"switch-over under {uploaders} uploaders: no commit for {commits.longest_pause(second):.2f} s (limit 1 s; without one, just before, "
                   f"{commits.longest_pause(first, second):.2f} s), no upload for {team.longest_pause(begin):.2f} s ({team.longest_pause(before, begin):.2f} s), "
                   f"{len(team.failed)} tries refused")
            self.bound(commits.longest_pause(second), 1)
            self.assertEqual(self.lab.database("primary"), standby)
            self.lab.wait_until_well(180)
            self.assertEqual(self.lab.database("standby"), primary)
            self.check(team)

    def test_a_web_node_is_drained_under_uploaders_and_none_fails(self):
        with self.team("drain") as team:
            self.act("drain-web", "web1", until=self.ahead(600))
            hosts.wait_for("the node to be called drained, and nothing else",
                           lambda: {code for node, _, code, _ in self.troubles() if node == "web1"} - {"NO_SPARE"} == {"DRAINED"}, 10)
            refused = self.plan("drain-web", "web2", until=self.ahead(600))
            self.assertFalse(refused["allowed"])
            team.wait_for(40)
            self.act("return-web", "web1")
            team.wait_for(20)
            self.assertEqual(team.failed, [])
        self.check(team)

    def test_a_standby_is_kept_out_of_the_pgpools_and_comes_back(self):
        standby = self.lab.database("standby")
        self.act("detach-backend", standby, until=self.ahead(600))
        for _ in range(10):  # nobody attaches it meanwhile
            time.sleep(0.5)
            views = [pool["backends"] for pool in self.monitor.get("monitor/pools")["pools"]]
            self.assertEqual({backend["status"] for view in views for backend in view if backend["node"] == standby}, {"down"})
        self.assertIn((standby, "SET_ASIDE"), {(node, code) for node, _, code, _ in self.troubles()})
        self.act("attach-backend", standby)

    def test_a_certificate_that_was_renewed_on_the_disk_only_is_found_and_read(self):
        faults.cause(self.lab, "certificate", ["web1_tls"])
        hosts.wait_for("the finding", lambda: "MEMORY_CERT_OLD" in [code for node, _, code, _ in self.troubles()
                                                                    if node == "web1_tls"], 30)
        self.act("reload-web", "web1")

    def test_a_replay_that_is_paused_is_resumed(self):
        standby = self.lab.database("standby")
        faults.cause(self.lab, "pause", [standby])
        self.act("resume-replay", standby)

    def test_a_fenced_primary_is_replaced_by_the_engine_and_comes_back_behind_it(self):
        primary, standby = self.lab.database("primary"), self.lab.database("standby")
        with self.team("fence") as team:
            self.act("fence", primary)
            hosts.wait_for("the other primary", lambda: (self.lab.supervisor.keeper(standby) or "").startswith("primary"), 60)
            team.wait_for(20)
            self.assertIn("FENCED", [finding["code"] for finding in node_of(self.monitor.get("monitor/state"), primary)["findings"]])
            self.act("unfence", primary)
        self.lab.wait_until_well(180)
        self.assertEqual(self.lab.database("standby"), primary)
        self.check(team)

    def refusals(self, plan):
        return {guard["name"]: guard["statement"] for guard in plan["guards"] if not guard["holds"]}

    def test_a_promotion_is_granted_where_the_engine_may_not_act(self):
        primary, standby = self.lab.database("primary"), self.lab.database("standby")
        with self.team("granted") as team:
            # Each pgpool answers whoever asks and sees no other one: without a quorum they give the primary up and promote nobody.
            apart = [faults.cause(self.lab, "silent", words)["id"] for words in (["pool1", "pool2", "witness"], ["pool2", "witness"])]
            hosts.wait_for("the quorum to be lost", lambda: {node for node, _, code, _ in self.troubles() if code == "NO_QUORUM"} >= {"pool1", "pool2", "witness"}, 60, 0.5)
            begin = time.monotonic()
            faults.cause(self.lab, "kill", [primary])
            hosts.wait_for("the monitor to miss it", lambda: (primary, "DOWN") in {(node, code) for node, _, code, _ in self.troubles()}, 30)
            # Whether it has stopped nobody there can say: not before it has had the time to stop itself.
            early = self.plan("promote", standby)
            self.assertIn("fenced", self.refusals(early))
            with self.assertRaisesRegex(hosts.LabError, "412"):
                self.monitor.press(early)
            plan = hosts.wait_for("the promotion to be allowed", lambda: (found := self.plan("promote", standby))["allowed"] and found, 90, 0.5)
            figure(f"a promotion past {primary}, killed while no quorum was there, is allowed after {time.monotonic() - begin:.1f} s")
            self.assertEqual(self.lab.supervisor.keeper(standby), "standby", "promoted by somebody else")
            stopped = len(team.acknowledged)
            pressed = self.monitor.press(plan)

            def promoted():
                steps = self.monitor.get(f"monitor/actions/{pressed['id']}")["steps"]
                return all(step["state"] in ("done", "failed") for step in steps) and steps
            steps = hosts.wait_for("the promotion", promoted, 60, 0.2)
            self.assertEqual([step["state"] for step in steps], ["done"], steps)
            self.assertTrue((self.lab.supervisor.keeper(standby) or "").startswith("primary"))
            for one in apart:  # who is primary the pgpools agree on when they see each other again
                faults.end(self.lab, one)
            ended = hosts.wait_for("its aftermath", lambda: (found := self.monitor.get(f"monitor/actions/{pressed['id']}"))["state"] != "running" and found, 120, 0.5)
            self.assertEqual(ended["state"], "done", ended)
            team.wait_for(20)
            figure(f"writes resume {team.pause_after(begin):.1f} s after the end of {primary}, {stopped} uploads acknowledged until the press, "
                   f"{len(team.acknowledged) - stopped} since")
            faults.end(self.lab, "all")
            hosts.wait_for("the old primary to follow", lambda: self.lab.supervisor.keeper(primary) == "standby", 120)
            self.act("rejoin", primary)
            team.wait_for(20)
        self.lab.wait_until_well(180)
        self.assertEqual((self.lab.database("primary"), self.lab.database("standby")), (standby, primary))
        self.check(team)


if __name__ == "__main__":
    unittest.main()
