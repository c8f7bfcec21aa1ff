# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's other topology, PostgreSQL under Patroni, broken and mended under uploaders: what was acknowledged is there,
the monitor names what is gone, and whoever comes back follows. Patroni replaces a primary that is gone after its ttl
of 20 seconds: pauses are printed, not judged. Part of `make lab-test`; CHEESEMONGER_LAB_SHORT=1 means a small load.

    make lab-test ARGS=patroni_test"""
import contextlib
import os
import time
import unittest

import faults
import hosts
from clients import Team, request, upload, wheel
from lab_case import WatchedCase, figure, lab_command
from laboratory import has_patroni

SHORT = "CHEESEMONGER_LAB_SHORT" in os.environ
UPLOADERS, MORE = (4, 10) if SHORT else (32, 60)


@unittest.skipUnless(has_patroni(), "Patroni and etcd are not installed")
class PatroniTest(WatchedCase):
    topology = "patroni"

    def roles(self):
        return self.lab.database("primary"), self.lab.database("standby")

    def keeper(self, host):
        return self.lab.supervisor.keeper(host)

    def team(self, label):
        return Team(self.lab, self.network, self.cdn, self.token, UPLOADERS, label)

    def end_and_check(self, team, what, standby=None):
        """All faults end; everybody is back in place without being asked, and nothing that was acknowledged is lost."""
        faults.end(self.lab, "all")
        figure(f"{what}: all is well {self.lab.wait_until_well(180):.1f} s after its end")
        if standby:
            self.assertEqual(self.keeper(standby), "standby")
        figure(f"{what}: {len(team.acknowledged)} uploads acknowledged, {len(team.failed)} tries refused; {self.check(team)} found")

    def named(self, name, codes, patience=30):
        """The monitor says one of these of the node, as the root of the trouble. Answers how long it took."""
        begun = time.monotonic()
        hosts.wait_for(f"the monitor to say {codes} of {name}", lambda: [
            code for node, verdict, code, cause in self.troubles() if node == name and code in codes and not cause and verdict == "critical"], patience, 0.2)
        return time.monotonic() - begun

    @contextlib.contextmanager
    def replaced(self, how, codes, resumes=True):
        """The primary is lost that way under uploaders; Patroni takes the other one, the monitor names the lost one."""
        primary, standby = self.roles()
        with self.team(how) as team:
            begin = time.monotonic()
            faults.cause(self.lab, how, [primary])
            figure(f"{how}: the monitor names {primary} after {self.named(primary, codes):.1f} s")
            hosts.wait_for("the other primary", lambda: (self.keeper(standby) or "").startswith("primary"), 60)
            figure(f"{how}: {standby} is the primary after {time.monotonic() - begin:.1f} s")
            if not resumes:
                faults.end(self.lab, "all")
            team.wait_for(MORE)
            figure(f"{how}: writes resume after {team.pause_after(begin):.1f} s")
            yield primary
        self.end_and_check(team, how, primary)

    def lose(self, how, codes, **more):
        with self.replaced(how, codes, **more):
            pass

    # What an operator does.

    def test_1_a_planned_switch_over_under_uploaders(self):
        for round_ in range(1 if SHORT else 3):
            primary, standby = self.roles()
            with self.team("switch-" + "abc"[round_]) as team:
                begin = time.monotonic()
                ended = self.monitor.act("switch-over", standby)
                self.assertEqual(ended["state"], "done", ended)
                figure(f"switch-over by Patroni under {UPLOADERS} uploaders: done after {time.monotonic() - begin:.1f} s with its aftermath")
                team.wait_for(MORE)
                figure(f"switch-over by Patroni: the longest pause of uploads is {team.longest_pause(begin):.2f} s")
            self.assertEqual(self.lab.database("primary"), standby)
            self.end_and_check(team, "switch-over", primary)

    def test_1_orders_to_a_keeper_are_refused_with_what_to_do_instead(self):
        primary, standby = self.roles()
        for action, target in (("fence", primary), ("resume-replay", standby)):
            plan = self.monitor.plan(action, target)
            self.assertFalse(plan["allowed"])
            words = [guard["statement"] for guard in plan["guards"] if not guard["holds"]]
            self.assertTrue(any("Patroni" in word for word in words), words)

    def test_1_a_promotion_is_refused_while_the_lock_is_held(self):
        primary, standby = self.roles()
        names = {guard["name"] for guard in self.monitor.plan("promote", standby)["guards"] if not guard["holds"]}
        self.assertEqual(names, {"no-primary", "no-leader", "fenced"})
        faults.cause(self.lab, "kill", [primary])
        self.named(primary, ("DOWN",), 15)
        # Nobody is primary now, and Patroni's lock lasts for up to 20 s.
        plan = self.monitor.plan("promote", standby)
        refused = {guard["name"]: guard["statement"] for guard in plan["guards"] if not guard["holds"]}
        self.assertIn(f"{primary} holds Patroni's lock", refused.get("no-leader", ""), plan)
        with self.assertRaisesRegex(hosts.LabError, "GuardFailed|guard"):
            self.monitor.press(plan)
        hosts.wait_for("Patroni to promote by itself", lambda: (self.keeper(standby) or "").startswith("primary"), 60)

    def test_1_a_standby_is_copied_anew_by_order(self):
        primary, standby = self.roles()
        started = "SELECT pg_postmaster_start_time()"
        before = self.lab.sql(standby, started)
        with self.team("copied") as team:
            begin = time.monotonic()
            ended = self.monitor.act("rejoin", standby)
            self.assertEqual(ended["state"], "done", ended)
            figure(f"copied anew by Patroni under {UPLOADERS} uploaders: it streams after {time.monotonic() - begin:.1f} s")
        self.assertNotEqual(self.lab.sql(standby, started), before)
        self.assertEqual(self.roles(), (primary, standby))
        self.end_and_check(team, "copied anew", standby)

    def test_1_nobody_orders_patroni_without_its_password(self):
        door = self.lab.supervisor.door(next(node for node in self.lab.topology["postgres"] if node["host"] == self.lab.database("primary")))
        done = self.lab.machine.run("client", "curl", "-skm", "5", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST", "-d", "{}", f"{door}/restart")
        self.assertEqual(done.stdout, "401")

    # What Patroni does by itself.

    def test_2_a_primary_whose_power_is_cut_is_replaced(self):
        self.lose("power", ("DOWN", "NO_ANSWER"))

    def test_2_a_primary_whose_processes_are_killed_is_replaced(self):
        self.lose("kill", ("DOWN",))

    def test_3_a_primary_that_is_cut_off_lets_go_before_another_takes_over(self):
        with self.replaced("silent", ("DOWN", "NO_ANSWER")) as primary:
            self.assertNotEqual((self.keeper(primary) or "")[:7], "primary", "two primaries")

    def test_3_a_primary_that_stood_still_does_not_go_on_as_one(self):
        # A web node waits for the answer to a commit as long as the connection lives, which it does while the server
        # only stands still: writes resume with its end.
        self.lose("freeze", ("DOWN", "NO_ANSWER"), resumes=False)

    def test_4_a_server_that_is_killed_alone_starts_again_in_place(self):
        primary, _ = self.roles()
        with self.team("alone") as team:
            begin = time.monotonic()
            faults.cause(self.lab, "kill", [primary, "postgres"])
            team.wait_for(MORE)
            figure(f"PostgreSQL killed: writes resume after {team.pause_after(begin):.1f} s")
        self.assertEqual(self.lab.database("primary"), primary)
        self.end_and_check(team, "PostgreSQL killed")

    def test_5_a_standby_that_is_killed_stalls_uploads_for_a_moment(self):
        primary, standby = self.roles()
        with self.team("standby") as team:
            begin = time.monotonic()
            faults.cause(self.lab, "kill", [standby])
            team.wait_for(MORE)
            figure(f"standby killed: uploads go on after {team.pause_after(begin):.1f} s")
            hosts.wait_for("Patroni to say so", lambda: self.keeper(primary) == "primary, alone", 20)
            hosts.wait_for("the monitor to say so", lambda: (primary, "NO_SECOND_COPY") in {(node, code) for node, _, code, _ in self.troubles()}, 20)
        self.end_and_check(team, "standby killed", standby)

    def test_5_what_stands_alone_is_not_replaced_by_what_lacks_commits(self):
        primary, standby = self.roles()
        faults.cause(self.lab, "kill", [standby])
        package = wheel("alone-acknowledged", "1.0")
        self.assertEqual(self.network.call(upload, self.cdn, package, self.token).status, 200)
        self.assertEqual(self.keeper(primary), "primary, alone")
        faults.cause(self.lab, "power", [primary])
        faults.end(self.lab, f"kill:{standby}")
        time.sleep(30)  # well over the ttl of the lock
        self.assertFalse((self.keeper(standby) or "").startswith("primary"), "promoted, though it lacks a commit")
        self.mend()
        self.assertEqual(self.network.call(request, self.cdn, "GET", "/simple/alone-acknowledged/").status, 200)

    def test_6_other_faults_can_be_caused_and_ended(self):
        for name, arguments in (("pause", ()), ("readonly", ()), ("twoprimaries", ()), ("certificate", ("pg1_tls",)), ("silent", ("pg1", "witness"))):
            with self.subTest(fault=name):
                record = lab_command("fault", name, *arguments)
                if name == "twoprimaries":
                    hosts.wait_for("a split brain", lambda: "SPLIT_BRAIN" in [code for _, _, code, _ in self.troubles()], 30)
                ended = lab_command("end", record["id"], "--wait", 180)
                figure(f"{name}: all is well {ended['well_after_seconds']:.1f} s after its end")
        self.assertIn("Patroni", lab_command("fault", "slot", check=False)["error"])


if __name__ == "__main__":
    unittest.main()
