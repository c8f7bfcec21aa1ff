# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator presses, all the way: a real monitor, agents and keepers of two PostgreSQLs, two web nodes. Between
many a plan and its press the state is changed, and the press has to see it."""
import json
import os
import pathlib
import shutil
import signal
import socket
import tempfile
import threading
import unittest

from acting import Acting
from agent_test import Writer
from keepers import ADDRESSES, NAMES, Agent, Authority, TwoServers, wait_for
from monitor import Monitor, section
from support import Registry, basic, form, in_seconds, sdist


def agents_config(paths):
    cert, key, ca = paths
    return f'[monitor.agents]\nca = "{ca}"\ncert = "{cert}"\nkey = "{key}"\n'


def watch(test, folder, topology, certificates, interval_ms=500, config="", **secrets):
    monitor = Monitor(folder, topology + section("monitor", name="m1", host="watch", interval_ms=interval_ms), secrets=secrets,
                      config=config + agents_config(certificates))
    test.token, test.observer = monitor.token(), monitor.token("observer")
    return monitor.start()


class WatchedServers(TwoServers, Acting):
    config = ""  # of the monitor, besides

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        secrets = json.loads((cls.two.folder / "rendered" / "secrets.json").read_text())
        topology = 'name = "test"\n' + section("host", name="watch", address="127.0.0.1")
        for name in NAMES:
            topology += section("host", name=name, address=ADDRESSES[name])
        for name in NAMES:
            topology += section("postgres", name=name, host=name, port=cls.two.ports[name], slot=name, application=name)
            topology += section("agent", host=name, listen=f"{ADDRESSES[name]}:{cls.two.agents[name].port}")
        cls.monitor = watch(cls, cls.folder, topology, cls.two.monitor, config=cls.config, monitor_password=secrets["monitor"])
        cls.addClassCleanup(cls.monitor.kill)

    def settled(self):
        """Also once the monitor says so."""
        primary, standby = super().settled()
        wait_for("the monitor to see them", lambda: self.monitor.get("monitor/replication", self.token)["primary"] == primary
                 and set(self.monitor.codes(standby, self.token)) <= {"UNCLEAN_STOP"})
        return primary, standby

    def setUp(self):
        self.primary, self.standby = self.settled()


class Databases(WatchedServers):
    def test_01_an_observer_plans_and_does_not_press(self):
        answer = self.monitor.call("POST", "/admin/v1/monitor/actions/plan", self.observer, {"wish": {"action": "switch-over", "target": self.standby}})
        self.assertEqual(answer.status, 200, answer.body)
        plan = answer.json()
        self.assertTrue(plan["allowed"], plan["guards"])
        answer = self.monitor.call("POST", "/admin/v1/monitor/actions", self.observer,
                                   {"plan": plan["id"], "confirm": "", "reason": "curious"})
        self.assertEqual(answer.status, 403, answer.body)

    def test_02_a_press_needs_a_reason_and_a_plan(self):
        plan = self.plan(self.monitor, "switch-over", self.standby)
        for change, status in (({"reason": ""}, 422), ({"plan": ""}, 412), ({"plan": "0" * 32}, 412), ({"wish": plan["wish"]}, 422)):
            answer = self.monitor.call("POST", "/admin/v1/monitor/actions", self.token,
                                       {"plan": plan["id"], "confirm": "", "reason": "a test", **change})
            self.assertEqual(answer.status, status, (change, answer.body))
        self.assertEqual(self.settled(), (self.primary, self.standby))

    def test_03_a_switch_over_under_writes_loses_nothing(self):
        self.keepers[self.primary].psql("CREATE TABLE IF NOT EXISTS written (number integer); TRUNCATE written")
        writer = Writer([self.keepers[self.primary], self.keepers[self.standby]])
        writer.start()
        wait_for("some writes", lambda: len(writer.acknowledged) > 20)
        self.act(self.monitor, "switch-over", self.standby)
        writer.ended.set()
        writer.join()
        print(f"switch-over from the monitor: writes paused for {writer.longest_pause():.2f} s")
        self.assertEqual(self.settled(), (self.standby, self.primary))
        there = set(map(int, self.keepers[self.standby].psql("SELECT number FROM written").split()))
        self.assertLessEqual({number for number, _ in writer.acknowledged}, there)
        kinds = [event["kind"] for event in self.monitor.get("monitor/timeline?kind=action.", self.token)["items"]]
        self.assertEqual(kinds[:4], ["action.ended", "action.step", "action.step", "action.started"])

    def test_04_a_standby_that_went_between_plan_and_press(self):
        plan = self.plan(self.monitor, "switch-over", self.standby)
        self.assertTrue(plan["allowed"], plan["guards"])
        self.keepers[self.standby].stop()
        self.refused(self.press(self.monitor, plan), "standby")
        self.keepers[self.standby].start()
        self.assertEqual(self.settled(), (self.primary, self.standby))

    def test_05_a_replay_that_was_paused_between_plan_and_press(self):
        plan = self.plan(self.monitor, "switch-over", self.standby)
        self.keepers[self.standby].psql("SELECT pg_wal_replay_pause()")
        self.refused(self.press(self.monitor, plan), "replays")
        self.act(self.monitor, "resume-replay", self.standby)

    def test_06_a_primary_that_moved_between_plan_and_press(self):
        plan = self.plan(self.monitor, "switch-over", self.standby)
        self.act(self.monitor, "switch-over", self.standby)
        self.settled()
        self.refused(self.press(self.monitor, plan), "standby")

    def test_07_what_changes_after_the_monitor_has_looked_is_seen_by_the_agent(self):
        """Replication flaps all the time: whatever a press finds, either nothing moves or everything is there."""
        self.keepers[self.primary].psql("CREATE TABLE IF NOT EXISTS written (number integer); TRUNCATE written")
        writer = Writer([self.keepers[self.primary], self.keepers[self.standby]])
        writer.start()
        over, flaps = threading.Event(), [0]

        def flap():
            while not over.is_set():
                for keeper in self.keepers.values():
                    if keeper.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_replication", check=False).stdout.strip():
                        flaps[0] += 1
                over.wait(0.15)
        flapping = threading.Thread(target=flap)
        flapping.start()
        outcomes = []
        try:
            for _ in range(8):
                target = next((name for name in NAMES if self.two.database(name)["state"] == "standby"), self.standby)
                plan = self.plan(self.monitor, "switch-over", target)
                answer = self.press(self.monitor, plan)
                outcomes.append(self.ended(self.monitor, answer.json()["id"], 180)["state"] if answer.status == 200 else answer.status)
        finally:
            over.set()
            flapping.join()
            writer.ended.set()
            writer.join()
        print(f"presses while replication flapped {flaps[0]} times: {outcomes}")
        primary, _ = self.settled()
        there = set(map(int, self.keepers[primary].psql("SELECT number FROM written").split()))
        self.assertLessEqual({number for number, _ in writer.acknowledged}, there)

    def test_08_a_running_primary_is_not_promoted_past_although_the_monitor_cannot_see_it(self):
        rules = self.two.folder / self.primary / "etc" / "postgres" / "pg_hba.conf"
        text = rules.read_text()
        try:
            rules.write_text(f"host all cheesemonger_monitor all reject\n{text}")
            self.keepers[self.primary].psql("SELECT pg_reload_conf()")
            self.keepers[self.primary].psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'cheesemonger_monitor'")
            wait_for("the monitor to be blind", lambda: self.monitor.node(self.primary, self.token)["verdict"] == "unknown")
            plan = self.plan(self.monitor, "promote", self.standby)
            self.assertIn("fenced", self.guards(plan))
            self.refused(self.press(self.monitor, plan), "fenced")
        finally:
            rules.write_text(text)
            self.keepers[self.primary].psql("SELECT pg_reload_conf()")

    def test_09_a_promotion_past_a_dead_primary_keeps_that_fenced(self):
        keeper = self.keepers[self.primary]
        agent = self.two.agents[self.primary]
        # The machine's power is cut: its agent is gone as well, and nobody can prove that it has stopped.
        keeper.kill()
        os.kill(keeper.postmaster(), signal.SIGKILL)
        agent.kill()
        self.monitor.wait_for(self.primary, "DOWN", self.token)
        plan = self.plan(self.monitor, "promote", self.standby)
        self.refused(self.press(self.monitor, plan), "fenced")
        agent.start()
        keeper.start()
        self.settled()
        # Stopped by order while the service needs it: there the agent can tell.
        self.act(self.monitor, "fence", self.primary)
        plan = self.plan(self.monitor, "promote", self.standby)
        self.assertTrue(plan["allowed"], plan["guards"])
        self.assertEqual(plan["confirm"], self.standby)
        self.assertEqual(self.press(self.monitor, plan, "something else").status, 422)
        answer = self.press(self.monitor, plan)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.ended(self.monitor, answer.json()["id"])["state"], "done")
        self.assertTrue(self.two.database(self.primary)["fenced"])
        self.act(self.monitor, "unfence", self.primary)
        self.assertEqual(self.settled(), (self.standby, self.primary))

    def test_10_a_fence_that_was_lifted_between_plan_and_press(self):
        self.act(self.monitor, "fence", self.primary)
        plan = self.plan(self.monitor, "promote", self.standby)
        self.assertTrue(plan["allowed"], plan["guards"])
        self.assertEqual(self.two.order(self.primary, "database/unfence").status, 200)
        wait_for("the primary", lambda: self.two.database(self.primary)["running"])
        answer = self.press(self.monitor, plan)
        self.assertEqual(answer.status, 412, answer.body)
        self.assertEqual(self.settled(), (self.primary, self.standby))

    def test_11_a_copy_shows_how_far_it_is(self):
        self.keepers[self.primary].psql("CREATE TABLE IF NOT EXISTS large AS SELECT generate_series(1, 2000000) AS number")
        keeper = self.keepers[self.standby]
        config = keeper.folder / "etc" / "postgres" / "keeper.conf"
        slowly = 'copy_rate = "16M"\n'
        keeper.stop()
        config.write_text(slowly + config.read_text())
        keeper.start()
        self.settled()
        plan = self.plan(self.monitor, "rejoin", self.standby, copy=True)
        self.assertTrue(plan["allowed"], plan["guards"])
        room = next(guard["statement"] for guard in plan["guards"] if guard["name"] == "room")
        self.assertRegex(room, f"^A copy takes [1-9].* beside the data that is there, and .* are free on {self.standby}$")
        number = self.press(self.monitor, plan).json()["id"]
        seen, words = [], set()

        def over():
            action = self.monitor.get(f"monitor/actions/{number}", self.token)
            step = action["steps"][0]
            if step.get("progress") is not None and step["progress"] not in seen[-1:]:
                seen.append(step["progress"])
                words.add(step["statement"])
            return action["state"] != "running" and action
        self.assertEqual(self.monitor.wait_until(over, 120)["state"], "done")
        print(f"progress of a copy: {seen}")
        self.assertGreater(len(seen), 2)
        self.assertEqual(seen, sorted(seen))
        self.assertLess(seen[0], 0.5)
        self.assertGreater(seen[-1], 0.5)
        self.assertEqual(words, {f"copy {self.primary}"})
        config.write_text(config.read_text().replace(slowly, ""))
        self.assertEqual(self.settled(), (self.primary, self.standby))

    def test_12_a_slot_that_is_taken_between_plan_and_press(self):
        self.keepers[self.primary].psql("SELECT pg_create_physical_replication_slot('stray', true)")
        plan = self.plan(self.monitor, "drop-slot", self.primary, slot="stray")
        self.assertTrue(plan["allowed"], plan["guards"])
        self.assertEqual(self.press(self.monitor, plan, "another").status, 422)
        self.keepers[self.primary].psql("SELECT pg_drop_replication_slot('stray')")
        self.refused(self.press(self.monitor, plan), "there")
        self.keepers[self.primary].psql("SELECT pg_create_physical_replication_slot('stray', true)")
        self.act(self.monitor, "drop-slot", self.primary, slot="stray")
        self.assertNotIn("stray", self.keepers[self.primary].psql("SELECT slot_name FROM pg_replication_slots"))

    def test_13_the_audit_tells_it_all_and_is_whole(self):
        lines = self.monitor.get("audit?limit=1000", self.token)["items"]
        actions = {line["action"] for line in lines}
        self.assertLessEqual({"action.switch-over", "action.switch-over.refused", "action.promote", "action.fence", "action.unfence", "action.drop-slot"}, actions)
        self.assertTrue(all(line["reason"] for line in lines if line["action"].startswith("action.")), lines)
        self.assertTrue(self.monitor.get("audit/proof", self.token)["intact"])


class WatchedWebs(unittest.TestCase, Acting):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        authority = Authority(self.folder / "authority")
        topology = 'name = "test"\n' + "".join(section("host", name=name, address="127.0.0.1") for name in ("watch", "web1", "web2"))
        self.webs, self.agents = {}, {}
        for name in ("web1", "web2"):
            data, drain = self.folder / name / "data", self.folder / name / "drain.json"
            data.parent.mkdir()
            config = data.parent / "cheesemongerd.toml"
            config.write_text(f'[serve]\ndrain_file = "{drain}"\n')
            self.webs[name] = Registry(data, "--config", config)
            self.addCleanup(self.webs[name].start().kill)
            file = self.folder / name / "cert.pem"
            shutil.copy(authority.issue("agent", name, "127.0.0.1")[0], file)
            agent = Agent(self.folder, name, "127.0.0.1", authority, f'[agent.web]\ndrain_file = "{drain}"\npid_file = "{data / "serve.lock"}"\n'
                          f'[[agent.certificate]]\nname = "{name}-cert"\nfile = "{file}"\n').start()
            self.addCleanup(agent.kill)
            self.agents[name] = agent
            topology += section("web", name=name, host=name, port=self.webs[name].port)
            topology += section("agent", host=name, listen=f"127.0.0.1:{agent.port}")
        self.topology, self.certificates = topology, authority.issue("monitor", "monitor")
        self.monitor = watch(self, self.folder, topology, self.certificates)
        self.addCleanup(self.monitor.kill)
        self.monitor.wait_for("web1", None, self.token)
        self.monitor.wait_for("web2", None, self.token)


class Webs(WatchedWebs):
    def test_a_web_node_is_drained_and_returned_and_never_the_last(self):
        self.act(self.monitor, "drain-web", "web1", until=in_seconds(600))
        self.assertEqual(self.webs["web1"].request("GET", "/_health/").status, 503)
        plan = self.plan(self.monitor, "drain-web", "web2", until=in_seconds(600))
        self.assertEqual(self.guards(plan), ["another-works"])
        self.refused(self.press(self.monitor, plan), "another-works")
        self.act(self.monitor, "return-web", "web1")
        # The other one goes after the plan was made.
        plan = self.plan(self.monitor, "drain-web", "web1", until=in_seconds(600))
        self.assertTrue(plan["allowed"], plan["guards"])
        self.webs["web2"].kill()
        self.refused(self.press(self.monitor, plan), "another-works")
        self.assertEqual(self.webs["web1"].request("GET", "/_health/").status, 200)

    def test_a_press_that_comes_twice_does_nothing_twice(self):
        plan = self.plan(self.monitor, "drain-web", "web1", until=in_seconds(600))
        self.webs["web2"].kill()
        self.refused(self.press(self.monitor, plan), "another-works")
        # That led to nothing, so it is still good, as soon as its guards hold.
        self.webs["web2"].start()
        self.monitor.wait_for("web2", None, self.token)
        answer = self.press(self.monitor, plan)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.ended(self.monitor, answer.json()["id"])["state"], "done")
        self.act(self.monitor, "return-web", "web1")
        # Everything is as it was when the plan was made, and its guards hold: the client just sends its body again.
        self.refused(self.press(self.monitor, plan), "plan")
        self.assertEqual(self.webs["web1"].request("GET", "/_health/").status, 200)
        incident = self.monitor.get(f"monitor/incident?from={in_seconds(-600)}", self.token)
        self.assertEqual([action["wish"]["action"] for action in incident["actions"]], ["return-web", "drain-web"])
        self.assertTrue(all(step["state"] == "done" for action in incident["actions"] for step in action["steps"]), incident["actions"])
        # Nor is it known to a monitor that was started anew.
        plan = self.plan(self.monitor, "drain-web", "web1", until=in_seconds(600))
        self.monitor.stop()
        self.monitor.start()
        self.refused(self.press(self.monitor, plan), "plan")

    def test_a_node_that_dies_while_it_is_drained_does_not_work(self):
        def share():
            return next(one for one in self.monitor.get("monitor/availability", self.token)["nodes"] if one["node"] == "web1")
        self.monitor.wait_until(lambda: share()["watched_seconds"] > 0)
        self.act(self.monitor, "drain-web", "web1", until=in_seconds(600))
        self.monitor.wait_for("web1", "DRAINED", self.token)
        self.webs["web1"].kill()
        node = self.monitor.wait_for("web1", "DOWN", self.token)
        self.assertEqual((node["verdict"], node["finding"]), ("warning", "DRAINED"))
        self.monitor.wait_until(lambda: (now := share())["working"] + now["unknown"] < 0.95)
        self.assertEqual(share()["outages"], 0)
        changes = self.monitor.get("monitor/timeline?kind=verdict.&node=web1", self.token)["items"]
        self.assertEqual([(change["after"], change["finding"]) for change in changes[:2]], [("warning", "DOWN"), ("warning", "DRAINED")])

    def test_a_drain_waits_for_the_upload_that_is_under_way(self):
        package = sdist("slow", "1.0")
        body, content_type = form(package)
        head = (f"POST /legacy/ HTTP/1.1\r\nHost: web1\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
                f"Authorization: {basic('__token__', self.webs['web1'].user('ann'))['Authorization']}\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.webs["web1"].port), timeout=60) as client:
            client.sendall(head.encode() + body[:-10])
            plan = self.monitor.wait_until(lambda: (found := self.plan(self.monitor, "drain-web", "web1", until=in_seconds(600))) and
                                           "Under way through it now: 1 upload. What has begun is finished; no client notices" in found["effects"] and found)
            number = self.press(self.monitor, plan).json()["id"]

            def waits():
                steps = {step["name"]: step for step in self.monitor.get(f"monitor/actions/{number}", self.token)["aftermath"]}
                return steps["not-ready"]["state"] == "done" and steps["quiet"]["statement"] == "Under way through web1: 1 upload" and steps
            self.assertEqual(self.monitor.wait_until(waits)["quiet"]["state"], "running")
            client.sendall(body[-10:])
            self.assertIn(b" 200 ", client.recv(65536).split(b"\r\n")[0])
        self.assertEqual(self.ended(self.monitor, number)["state"], "done")

    def test_two_monitors_that_drain_at_once_leave_a_node_in_use(self):
        (self.folder / "second").mkdir()
        token = self.token
        second = watch(self, self.folder / "second", self.topology, self.certificates)
        self.addCleanup(second.kill)
        second.wait_for("web2", None, self.token)
        tokens, plans, answers = {"web1": (self.monitor, token), "web2": (second, self.token)}, {}, {}
        for name, (monitor, self.token) in tokens.items():
            plans[name] = self.plan(monitor, "drain-web", name, until=in_seconds(600))
            self.assertTrue(plans[name]["allowed"], plans[name]["guards"])

        def drain(name):
            monitor, mine = tokens[name]
            press = {"plan": plans[name]["id"], "confirm": "", "reason": "a test"}
            answers[name] = monitor.call("POST", "/admin/v1/monitor/actions", mine, press)
        pressing = [threading.Thread(target=drain, args=(name,)) for name in tokens]
        for thread in pressing:
            thread.start()
        for thread in pressing:
            thread.join()
        for name, answer in answers.items():
            monitor, self.token = tokens[name]
            if answer.status == 200:
                action = self.ended(monitor, answer.json()["id"])
                print(f"{name}: {action['state']}, {action['statement']}")
            else:
                self.refused(answer, "another-works")
        self.assertIn(200, [web.request("GET", "/_health/").status for web in self.webs.values()])

    def test_what_changes_while_the_look_waits_for_the_slowest_is_seen_before_the_press_acts(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and says nothing
            self.monitor.stop()
            # Its own round comes so seldom that it does not see the change either.
            self.monitor = watch(self, self.folder, self.topology + section("web", name="web3", host="watch", port=silent.getsockname()[1]), self.certificates,
                                 interval_ms=10000)
            self.addCleanup(self.monitor.kill)
            self.monitor.wait_for("web2", None, self.token)
            plan = self.plan(self.monitor, "drain-web", "web1", until=in_seconds(600))
            self.assertTrue(plan["allowed"], plan["guards"])
            answers = []
            pressing = threading.Thread(target=lambda: answers.append(self.press(self.monitor, plan)))
            pressing.start()
            # That long an ordinary look at it takes many times over; the press goes on until the silent one is given up.
            pressing.join(0.5)
            self.assertEqual(answers, [])
            self.webs["web2"].kill()
            pressing.join()
        self.refused(answers[0], "another-works")
        self.assertIn("web2", answers[0].json()["detail"])
        self.assertEqual(self.webs["web1"].request("GET", "/_health/").status, 200)

    def test_an_aftermath_that_is_watched_while_something_hangs_gives_way(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and says nothing
            self.monitor.stop()
            self.monitor = watch(self, self.folder, self.topology + section("web", name="web3", host="watch", port=silent.getsockname()[1]), self.certificates)
            self.addCleanup(self.monitor.kill)
            self.monitor.wait_for("web2", None, self.token)
            # It is dead, so it will never say that it is not ready.
            self.webs["web1"].kill()
            answer = self.press(self.monitor, self.plan(self.monitor, "drain-web", "web1", until=in_seconds(600)))
            self.assertEqual(answer.status, 200, answer.body)
            first = answer.json()["id"]
            self.monitor.wait_until(lambda: self.monitor.get(f"monitor/actions/{first}", self.token)["steps"][0]["state"] == "done")
            plan = self.plan(self.monitor, "return-web", "web1")
            # Nobody takes its place, nor ends it, where the audit takes no line of that.
            cancel = f"/admin/v1/monitor/actions/{first}/cancel"
            with self.monitor.without_audit():
                self.assertEqual(self.monitor.call("POST", cancel, self.token, {"reason": "enough"}).status, 500)
                self.assertEqual(self.monitor.get(f"monitor/actions/{first}", self.token)["state"], "running")
            answer = self.press(self.monitor, plan)
            self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(self.ended(self.monitor, first)["state"], "cancelled")
            second = self.monitor.get(f"monitor/actions/{answer.json()['id']}", self.token)
            self.assertEqual(second["statement"], "web1 takes requests again")


if __name__ == "__main__":
    unittest.main()
