# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents and keepers at work: who gets through, every order by its right way and by its guards, and what survives."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import ssl
import tempfile
import threading
import time
import unittest

from keepers import Agent, Authority, TwoServers, wait_for
from monitor import Monitor, section
from support import Registry, RegistryTest, in_seconds


class Writer(threading.Thread):
    """Inserts numbers wherever a primary is, one after the other, and remembers when each was acknowledged."""

    def __init__(self, keepers):
        super().__init__(daemon=True)
        self.keepers, self.acknowledged, self.ended = keepers, [], threading.Event()

    def run(self):
        number, at = 0, 0
        while not self.ended.is_set():
            keeper = self.keepers[at % len(self.keepers)]
            if keeper.psql(f"INSERT INTO written VALUES ({number})", check=False).returncode == 0:
                self.acknowledged.append((number, time.monotonic()))
            else:
                at += 1
            # One that was not acknowledged may be there all the same.
            number += 1

    def longest_pause(self):
        times = [moment for _, moment in self.acknowledged]
        return max((after - before for before, after in zip(times, times[1:])), default=0)


class AgentTest(TwoServers):
    def assertRefused(self, answer, status, code, *guards):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.json()["code"], code, answer)
        self.assertEqual([field["field"] for field in answer.json().get("fields", [])], list(guards), answer)

    def assertDone(self, answer):
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    # Who gets through.

    def test_01_only_certificates_of_the_authority_get_an_answer(self):
        agent = self.two.agents["pg1"]
        other = Authority(self.two.folder / "other")
        for who in (None, other.issue("monitor", "monitor"), self.two.authority.issue("agent", "other", "127.0.8.1")):
            with self.assertRaises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
                agent.request(who, "GET", "state")
        self.assertEqual(agent.request(self.two.observer, "GET", "state").status, 200)
        self.assertRefused(self.two.order("pg1", "database/fence", who=self.two.observer), 403, "forbidden")
        self.assertEqual(agent.request(self.two.monitor, "GET", "nothing").status, 404)
        self.assertEqual(agent.request(self.two.monitor, "GET", "database/fence").status, 405)
        self.assertRefused(agent.request(self.two.monitor, "POST", "database/fence", {"order": {"by": "", "reason": ""}}), 422, "invalid-input", "order.by")
        self.assertEqual(agent.request(self.two.monitor, "POST", "database/fence", {"unknown": 1}).status, 422)
        self.assertEqual(self.two.database("pg1")["state"], "primary, synchronous")

    def test_02_a_host_is_told(self):
        state = self.two.state("pg2")
        self.assertEqual([disk["name"] for disk in state["disks"]], ["pg2-data"])
        self.assertGreater(state["disks"][0]["total"], 0)
        self.assertEqual(state["database"]["state"], "standby")
        self.assertTrue(state["database"]["running"])
        self.assertEqual([(service["name"], service["running"]) for service in state["services"]], [("pg2", True)])
        self.assertNotIn("drain", state)

    def test_03_a_certificate_is_read_again(self):
        agent = self.two.agents["pg2"]
        self.two.authority.issue("agent", "pg2", "127.0.8.2", "renewed.example")
        agent.process.send_signal(signal.SIGHUP)

        def names():
            context = ssl.create_default_context(cafile=self.two.authority.folder / "authority.pem")
            context.load_cert_chain(*self.two.observer[:2])
            connection = http.client.HTTPSConnection(agent.address, agent.port, context=context, timeout=30)
            connection.connect()
            found = [value for _, value in connection.sock.getpeercert()["subjectAltName"]]
            connection.close()
            return found
        wait_for("the new certificate", lambda: "renewed.example" in names())

    # What is refused.

    def test_04_guards(self):
        primary, standby = self.settled()
        for name, path, words, guard in ((primary, "promote", {"received": "0/1"}, "standby"),
                                         (primary, "rejoin", {}, "standby"),
                                         (primary, "resume-replay", {}, "standby"),
                                         (primary, "step-down", {"successor": "nobody"}, "successor"),
                                         (primary, "step-down", {"successor": primary}, "successor"),
                                         (primary, "unfence", {}, "fenced"),
                                         (primary, "drop-slot", {"slot": "nothing"}, "slot"),
                                         (primary, "drop-slot", {"slot": standby}, "unused"),
                                         (primary, "set-aside", {"node": "nobody", "until": "2031-01-01T00:00:00Z"}, "node"),
                                         (standby, "step-down", {"successor": primary}, "primary"),
                                         (standby, "resume-replay", {}, "paused"),
                                         (standby, "promote", {"received": ""}, "no-other-primary")):
            with self.subTest(f"{path} {words}"):
                self.assertRefused(self.two.order(name, "database/" + path, **words), 412, "guard-failed", guard)
        self.assertRefused(self.two.order(primary, "web/drain", until="2031-01-01T00:00:00Z"), 501, "unsupported")
        self.assertEqual(self.settled(), (primary, standby))

    def test_05_a_paused_replay_goes_on(self):
        primary, standby = self.settled()
        self.keepers[standby].psql("SELECT pg_wal_replay_pause()")
        self.assertDone(self.two.order(standby, "database/resume-replay"))
        self.assertEqual(self.keepers[standby].psql("SELECT pg_get_wal_replay_pause_state()"), "not paused")

    def test_06_a_slot_is_dropped(self):
        primary, _ = self.settled()
        self.keepers[primary].psql("SELECT pg_create_physical_replication_slot('stray', true)")
        self.assertIn("stray", self.assertDone(self.two.order(primary, "database/drop-slot", slot="stray"))["statement"])
        self.assertNotIn("stray", self.keepers[primary].psql("SELECT slot_name FROM pg_replication_slots"))
        self.assertRefused(self.two.order(primary, "database/drop-slot", slot="x'; DROP TABLE y; --"), 412, "guard-failed", "slot")

    def test_07_a_node_is_set_aside_until_a_time_also_over_a_restart(self):
        primary, standby = self.settled()
        self.assertDone(self.two.order(primary, "database/set-aside", node=standby, until="2031-01-01T00:00:00Z"))
        self.assertEqual(self.two.database(primary)["set_aside"], [{"node": standby, "until": "2031-01-01T00:00:00.000000Z"}])
        self.keepers[primary].kill()
        self.keepers[primary].start()
        wait_for("the keeper", lambda: self.two.database(primary).get("set_aside"))
        self.assertDone(self.two.order(primary, "database/set-aside", node=standby, until="2001-01-01T00:00:00Z"))
        self.assertEqual(self.two.database(primary)["set_aside"], [])

    # What moves a primary.

    def test_10_a_planned_switch_over_loses_nothing(self):
        primary, standby = self.settled()
        self.keepers[primary].psql("CREATE TABLE written (number integer)")
        writer = Writer([self.keepers[primary], self.keepers[standby]])
        writer.start()
        wait_for("some writes", lambda: len(writer.acknowledged) > 20)
        mark = len(self.keepers[primary].log())
        begin = time.monotonic()
        stopped = self.assertDone(self.two.order(primary, "database/step-down", successor=standby))
        self.assertRegex(stopped["lsn"], "^[0-9A-F]+/[0-9A-F]+$")
        self.assertDone(self.two.order(standby, "database/promote", received=stopped["lsn"]))
        took = time.monotonic() - begin
        before = len(writer.acknowledged)
        wait_for("writes at the new primary", lambda: len(writer.acknowledged) > before + 20)
        self.two.wait_for_pair(standby, primary)
        writer.ended.set()
        writer.join()
        print(f"both orders took {took:.2f} s, writes paused for {writer.longest_pause():.2f} s")
        there = set(map(int, self.keepers[standby].psql("SELECT number FROM written").split()))
        self.assertLessEqual({number for number, _ in writer.acknowledged}, there)
        log = self.keepers[primary].log()[mark:]
        self.assertNotIn("rewind to", log)
        self.assertNotIn("copy ", log)
        self.assertEqual(self.two.state(primary)["services"][0].get("unclean_stop"), None)

    def test_11_without_a_promotion_the_primary_comes_back(self):
        primary, standby = self.settled()
        self.assertDone(self.two.order(primary, "database/step-down", successor=standby))
        self.assertEqual(self.two.database(primary)["state"], "stopped, waiting")
        self.assertRefused(self.two.order(standby, "database/promote", received="FFFF/0"), 412, "guard-failed", "received")
        wait_for("the old primary", lambda: self.two.database(primary)["state"].startswith("primary"))
        self.assertIn("this server is it again", self.keepers[primary].log())
        self.assertEqual(self.settled(), (primary, standby))

    def test_12_a_fence_holds_until_it_is_taken_away(self):
        primary, standby = self.settled()
        self.assertDone(self.two.order(standby, "database/fence", "it is to be repaired"))
        database = self.two.database(standby)
        self.assertEqual((database["state"], database["running"], database["fenced"], database["fenced_by"]), ("stopped", False, True, "ann"))
        self.assertRefused(self.two.order(standby, "database/rejoin"), 412, "guard-failed", "fenced")
        self.keepers[standby].stop()
        self.keepers[standby].start()
        wait_for("the keeper", lambda: self.two.database(standby).get("state") == "stopped")
        self.assertTrue(self.two.database(standby)["fenced"])
        self.assertFalse((self.keepers[standby].data / "postmaster.pid").exists())
        self.assertDone(self.two.order(standby, "database/unfence"))
        self.assertEqual(self.settled(), (primary, standby))
        self.assertFalse(self.two.database(standby)["fenced"])

    def test_13_a_copy_is_made_beside_the_old_data(self):
        primary, standby = self.settled()
        keeper = self.keepers[standby]
        self.keepers[primary].psql("CREATE TABLE large AS SELECT generate_series(1, 1000000) AS number")
        (keeper.data / "mark").touch()
        begun = self.assertDone(self.two.order(standby, "database/rejoin", copy=True))
        self.assertIn("copy", begun["statement"])
        seen = self.two.database(standby)
        if seen["work"]:
            self.assertEqual(seen["work"], f"copy {primary}")
            answer = self.two.order(standby, "database/fence")
            self.assertIn(answer.status, (409, 200), answer)
            if answer.status == 200:
                self.assertDone(self.two.order(standby, "database/unfence"))
        self.settled()
        self.assertFalse((keeper.data / "mark").exists())
        wait_for("the old data to go", lambda: not list(keeper.data.parent.glob("data.before-*")) and not list(keeper.data.parent.glob("data.new")))
        self.assertEqual(self.two.database(standby)["work"], "")

    def test_14_a_primary_that_was_left_behind_rejoins(self):
        primary, standby = self.settled()
        self.keepers[primary].kill()
        os.kill(self.keepers[primary].postmaster(), signal.SIGKILL)
        wait_for("the standby to see nobody", lambda: self.two.order(standby, "database/promote", received="").status == 200)
        self.keepers[primary].start()
        self.assertEqual(self.settled(), (standby, primary))
        self.assertIn("unclean_stop", self.two.state(primary)["services"][0])
        self.assertDone(self.two.order(primary, "database/rejoin", copy=False))
        self.assertEqual(self.settled(), (standby, primary))

    def test_14_who_is_unfenced_beside_a_new_primary_is_never_a_primary_itself(self):
        for _ in range(3):
            primary, standby = self.settled()
            self.assertDone(self.two.order(primary, "database/fence"))
            # At once: what the keeper of the old primary heard last is that the other one is a standby.
            self.assertDone(self.two.order(standby, "database/promote"))
            self.assertDone(self.two.order(primary, "database/unfence"))
            states = []

            def follows():
                states.append(self.two.database(primary)["state"])
                return states[-1] == "standby"
            wait_for(f"{primary} as a standby", follows)
            self.assertFalse([state for state in states if state.startswith("primary")], set(states))
            since = self.keepers[primary].log().rpartition("order unfence")[2]
            self.assertLess(since.index(f"rewind to {standby}"), since.index("Z start\n"), since)
            self.assertEqual(self.settled(), (standby, primary))

    def test_15_a_newer_primary_never_follows_an_older_one(self):
        """What it acknowledged since the failover would be thrown away."""
        primary, standby = self.settled()
        self.keepers[primary].psql("CREATE TABLE IF NOT EXISTS since (number integer)")
        self.assertDone(self.two.order(primary, "database/fence"))
        self.assertDone(self.two.order(standby, "database/promote", received=""))
        self.keepers[standby].psql("INSERT INTO since VALUES (1), (2), (3)")
        self.keepers[standby].kill()
        os.kill(self.keepers[standby].postmaster(), signal.SIGKILL)
        # The old one comes first, and knows of nobody.
        self.assertDone(self.two.order(primary, "database/unfence"))
        wait_for("the old primary to run", lambda: self.keepers[primary].psql("SELECT pg_is_in_recovery()", check=False).stdout.strip() == "f")
        self.keepers[standby].start()
        self.two.wait_for_pair(standby, primary, 120)
        self.assertEqual(self.keepers[standby].psql("SELECT count(*) FROM since"), "3")
        self.assertEqual(self.keepers[primary].psql("SELECT count(*) FROM since"), "3")

    def test_16_nobody_counts_as_a_second_copy_before_commits_wait(self):
        """A checkpointer that stands still has not read the setting yet, whatever new sessions are shown."""
        primary, standby = self.settled()
        self.keepers[standby].stop()
        wait_for("commits to go on alone", lambda: self.two.database(primary)["alone"])
        checkpointer = int(self.keepers[primary].psql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"))
        os.kill(checkpointer, signal.SIGSTOP)
        try:
            self.keepers[standby].start()
            self.two.wait_for_pair(primary, standby)
            time.sleep(3)
            self.assertTrue(self.two.database(primary)["alone"])
        finally:
            os.kill(checkpointer, signal.SIGCONT)
        wait_for("the standby to hold everything", lambda: self.two.database(primary)["alone"] is False)

    def test_17_a_keeper_that_is_gone_is_told_as_such(self):
        primary, standby = self.settled()
        self.keepers[standby].stop()
        self.assertIn("keeper", self.two.database(standby)["problem"])
        self.assertRefused(self.two.order(standby, "database/fence"), 503, "unavailable")
        # A standby that is not there can be nobody's successor.
        refused = self.two.order(primary, "database/step-down", successor=standby)
        self.assertEqual((refused.status, refused.json()["code"]), (412, "guard-failed"), refused)
        self.keepers[standby].start()
        self.assertEqual(self.settled(), (primary, standby))

    def watched(self):
        """A monitor of both hosts, with a token of an operator."""
        text = ""
        for name, keeper in self.keepers.items():
            agent = self.two.agents[name]
            text += section("host", name=name, address=agent.address, site="here")
            text += section("postgres", name=name, host=name, port=keeper.port, monitor_user="cheesemonger_monitor", slot=name, application=name)
            text += section("disk", name=f"{name}-data", host=name, path=self.two.folder)
            text += section("agent", host=name, listen=f"{agent.address}:{agent.port}")
        text += section("host", name="watch", address="127.0.8.3", site="here") + section("monitor", name="m1", host="watch", interval_ms=500)
        known = json.loads((self.two.folder / "rendered" / "secrets.json").read_text())
        monitor = Monitor(self.two.folder, text, secrets={"monitor_password": known["monitor"]})
        cert, key, ca = self.two.monitor
        monitor.config.write_text(f'[monitor.agents]\nca = "{ca}"\ncert = "{cert}"\nkey = "{key}"\n')
        monitor.start()
        self.addCleanup(monitor.kill)
        return monitor, monitor.token()

    def test_16_a_monitor_sees_hosts_through_their_agents(self):
        primary, standby = self.settled()
        monitor, token = self.watched()
        for name in ("pg1-data", "agent-pg1", "agent-pg2"):
            monitor.wait_for(name, None, token)
        self.assertFalse([spot for spot in monitor.get("monitor/state", token)["blind_spots"] if "disk" in spot])
        signals = {signal["name"]: signal.get("value") for signal in monitor.node("pg1-data", token)["facts"]}
        self.assertGreater(signals["available"], 0)
        self.assertDone(self.two.order(standby, "database/fence", "it is to be repaired"))
        node = monitor.wait_for(standby, "FENCED", token)
        self.assertIn("fenced by ann", " ".join(found["statement"] for found in node["findings"]))
        monitor.wait_until(lambda: "DOWN" not in [found["code"] for found in monitor.node(standby, token)["findings"]])
        self.assertDone(self.two.order(standby, "database/unfence"))
        self.assertDone(self.two.order(primary, "database/set-aside", node=standby, until="2031-01-01T00:00:00Z"))
        monitor.wait_for(standby, "SET_ASIDE", token)
        self.assertDone(self.two.order(primary, "database/set-aside", node=standby, until="2001-01-01T00:00:00Z"))
        self.settled()
        os.kill(self.keepers[standby].postmaster(), signal.SIGKILL)
        monitor.wait_for(standby, "UNCLEAN_STOP", token)
        agent = self.two.agents[standby]
        agent.stop()
        monitor.wait_for(f"agent-{standby}", "DOWN", token)
        monitor.wait_for(f"{standby}-data", "STALE_SAMPLE", token)
        self.assertEqual(monitor.node(f"{standby}-data", token)["cause"], f"agent-{standby}")
        agent.start()
        monitor.wait_for(f"{standby}-data", None, token)
        self.settled()

    def press(self, monitor, token, **wish):
        """The action once it is over."""
        def allowed():
            answer = monitor.call("POST", "/admin/v1/monitor/actions/plan", token, {"wish": wish})
            self.assertEqual(answer.status, 200, answer)
            return answer.json() if answer.json()["allowed"] else None
        plan = monitor.wait_until(allowed)
        pressed = monitor.call("POST", "/admin/v1/monitor/actions", token,
                               {"plan": plan["id"], "confirm": plan["confirm"], "reason": "a test"})
        self.assertEqual(pressed.status, 200, pressed)
        number = pressed.json()["id"]

        def over():
            action = monitor.get(f"monitor/actions/{number}", token)
            return action if action["state"] != "running" else None
        return monitor.wait_until(over, 180)

    def test_17_an_operator_switches_over_at_a_monitor(self):
        primary, standby = self.settled()
        monitor, token = self.watched()
        monitor.wait_for(f"agent-{standby}", None, token)
        action = self.press(monitor, token, action="switch-over", target=standby)
        self.assertEqual(action["state"], "done", action)
        self.assertEqual(self.settled(), (standby, primary))
        action = self.press(monitor, token, action="rejoin", target=primary, copy=True)
        self.assertEqual(action["state"], "done", action)
        self.assertEqual(self.settled(), (standby, primary))

    def test_20_orders_are_in_the_log_and_a_proper_end_leaves_no_marker(self):
        agent = self.two.agents["pg1"]
        lines = [json.loads(line) for line in agent.log().splitlines() if '"order"' in line]
        self.assertTrue(any(line.get("by") == "ann" and line.get("reason") == "a test" and line.get("through") == "monitor"
                            and line.get("outcome") == "guard-failed" for line in lines), agent.log()[-3000:])
        self.assertTrue((agent.folder / "state" / "running.json").exists())
        self.assertEqual(agent.stop(), 0)
        self.assertFalse((agent.folder / "state" / "running.json").exists())
        agent.start()


class WebTest(RegistryTest):
    """A web node that is drained by its agent, and one that is drained by a file alone."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-drain-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.drain = cls.folder / "drain.json"
        config = cls.folder / "cheesemongerd.toml"
        config.write_text(f'[serve]\ndrain_file = "{cls.drain}"\n')
        cls.registry = Registry(cls.folder / "data", "--config", config).start()
        cls.addClassCleanup(cls.registry.kill)
        cls.authority = Authority(cls.folder / "authority")
        cls.monitor = cls.authority.issue("monitor", "monitor")
        lock = cls.folder / "data" / "serve.lock"
        cls.agent = Agent(cls.folder, "web1", "127.0.0.1", cls.authority,
                          f'[[agent.service]]\nname = "web1"\npid_file = "{lock}"\nprocess = "cheesemongerd serve"\n'
                          f'[agent.web]\ndrain_file = "{cls.drain}"\npid_file = "{lock}"\n').start()
        cls.addClassCleanup(cls.agent.kill)

    def order(self, path, **words):
        return self.agent.request(self.monitor, "POST", path, {"order": {"by": "ann", "reason": "a new disk"}, **words})

    def test_1_a_drain_is_told_by_health_alone(self):
        self.assertEqual(self.registry.request("GET", "/_health/").status, 200)
        self.assertEqual(self.order("web/drain", until=in_seconds(600)).status, 200)
        health = self.registry.request("GET", "/_health/")
        self.assertEqual(health.status, 503)
        self.assertRegex(health.text, r"^drained until .* by ann: a new disk\n$")
        self.assertEqual(self.registry.request("GET", "/simple/").status, 200)
        state = self.agent.request(self.monitor, "GET", "state").json()
        self.assertEqual((state["drain"]["by"], state["drain"]["reason"]), ("ann", "a new disk"))
        self.assertEqual(self.order("web/return").status, 200)
        self.assertEqual(self.registry.request("GET", "/_health/").status, 200)
        self.assertEqual(self.order("web/return").status, 200)
        self.assertEqual(self.order("web/drain", until=in_seconds(-5)).status, 422)

    def test_2_it_ends_by_itself_without_the_agent(self):
        self.assertEqual(self.order("web/drain", until=in_seconds(3)).status, 200)
        self.assertEqual(self.registry.request("GET", "/_health/").status, 503)
        self.agent.kill()
        wait_for("the end of the drain", lambda: self.registry.request("GET", "/_health/").status == 200)
        self.assertTrue(self.drain.exists())
        self.agent.start()

    def test_3_what_cannot_be_read_drains_nobody(self):
        self.drain.write_text("nonsense")
        for _ in range(3):
            self.assertEqual(self.registry.request("GET", "/_health/").status, 200)
        self.assertEqual(self.registry.log().count("drain.unreadable"), 1)

    def test_4_a_web_node_reloads(self):
        self.assertIn(str(self.registry.process.pid), self.order("web/reload").json()["statement"])
        # Without a certificate there is nothing to read: what counts is that the signal has come.
        wait_for("the signal", lambda: "tls.reloaded" in self.registry.log() or "tls.kept" in self.registry.log())

    def test_5_an_unclean_stop_of_a_service_is_told_once(self):
        def service():
            return self.agent.request(self.monitor, "GET", "state").json()["services"][0]
        self.assertTrue(service()["running"])
        self.registry.stop()
        self.assertEqual((service()["running"], service().get("unclean_stop")), (False, None))
        self.registry.start()
        self.registry.kill()
        stopped = service()
        self.assertFalse(stopped["running"])
        self.assertIn("unclean_stop", stopped)
        self.assertEqual(self.order("web/reload").status, 412)
        self.registry.start()
        self.assertEqual(service()["unclean_stop"], stopped["unclean_stop"])
        self.assertTrue(service()["running"])


if __name__ == "__main__":
    unittest.main()
