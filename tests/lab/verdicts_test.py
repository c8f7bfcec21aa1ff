# SPDX-License-Identifier: GPL-3.0-or-later
"""The real monitor over the real installation, broken on purpose: each fault has to have its verdict, within two polls
of the moment at which it can be seen, and be over after the repair. Part of `make lab-test`."""
import datetime
import http.server
import json
import sys
import threading
import time
import unittest

import faults
import hosts
from lab_case import POLLS, SILENT_POLLS, JudgedCase, figure
from watching import node_of, said, troubles

# A look at a pgpool whose database is silent takes three seconds.
SLOW_POOL_POLLS = 2 * 4 + 1


class Receiver(http.server.ThreadingHTTPServer):
    """Takes alerts at the client host; `calls` are their bodies with the moment of arrival."""

    daemon_threads = True

    def __init__(self, lab):
        self.calls = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                receiver.calls.append((time.time(), json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass
        host, _, port = lab.topology["webhook"][0]["url"].split("/")[2].rpartition(":")
        hosts.Network(lab).call(lambda: super(Receiver, self).__init__((host, int(port)), Handler))
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def firing(self, after):
        """Of what came about after a moment: the nodes for which somebody was woken, with the letter's arrival."""
        def begun(body):
            return min(datetime.datetime.fromisoformat(alert["startsAt"]).timestamp() for alert in body["alerts"])
        return [(body["groupLabels"]["node"], moment, body) for moment, body in list(self.calls) if body["status"] == "firing" and begun(body) > after]


class VerdictsTest(JudgedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver = Receiver(cls.lab)
        cls.addClassCleanup(cls.receiver.server_close)

    def setUp(self):
        self.well_again()
        self.addCleanup(self.well_again)

    def well_again(self):
        self.mend()
        since = time.time()
        state, polls = self.watch.until(lambda state: not troubles(state) and said(state) == "ok", since)
        self.assertIsNotNone(state, f"not ok after {polls} polls: {troubles(self.watch.states[-1])}")
        return polls

    def never(self, wrong, since):
        """What no conclusion since then may say: (node, finding) pairs, None for any."""
        for state in self.watch.after(since):
            for node, _, code, _ in troubles(state):
                for unwanted, which in wrong:
                    self.assertFalse(unwanted in (None, node) and which == code, f"{node} was called {code}")

    def blockers(self):
        return self.monitor.get("monitor/replication")["promotion_blockers"]

    def roots(self, state):
        return sorted({(node, code) for node, _, code, cause in troubles(state) if not cause})

    def pair(self):
        return self.lab.database("primary"), self.lab.database("standby")

    def over(self, at_most=20):
        polls = self.well_again()
        figure(f"ok again {polls} polls after all is well")
        self.bound(polls, at_most)  # pgpools take half of that to see each other again

    # Replication.

    def test_a_standby_that_is_cut_off_is_disconnected_and_not_in_step(self):
        primary, standby = self.pair()
        self.cause("silent", standby, primary)
        since = self.seen(lambda: self.lab.sql(primary, f"SELECT count(*) FROM pg_stat_replication WHERE application_name = '{standby}'") == "0")
        state = self.verdict(standby, "DISCONNECTED", "critical", since)
        facts = {fact["name"]: fact for fact in node_of(state, standby)["facts"]}
        self.assertNotIn("value", facts["lag-seconds"])
        self.assertNotEqual(facts["lag-bytes"].get("value"), 0, "what nobody knows is not 0")
        # Until commits go on alone, and after: one trouble.
        hosts.wait_for("commits to go on alone", lambda: self.lab.supervisor.keeper(primary) == "primary, alone", 60)
        time.sleep(4)
        for later in self.watch.after(state["moment"]):
            self.assertEqual(self.roots(later), [(standby, "DISCONNECTED")])
        self.over()

    def test_an_idle_primary_is_ok_and_its_standby_in_step(self):
        """Nothing is written for a minute. Held for that: heartbeat, write probe, autovacuum."""
        primary, standby = self.pair()
        monitor = self.lab.supervisor.on(self.monitor.node["host"], "monitor")[0]
        secrets = self.lab.layout.outside(monitor.host, self.lab.topology["paths"]["config"] + "/monitor/secrets.toml")
        before = secrets.read_text()

        def restart(text, how):  # the secrets keep their mode and owner
            secrets.write_text(text)
            self.lab.sql(primary, f"{how} cheesemonger_monitor")
            self.lab.sql(primary, "ALTER SYSTEM " + ("SET autovacuum = off" if how.startswith("REVOKE") else "RESET autovacuum"))
            self.lab.sql(primary, "SELECT pg_reload_conf()")
            self.lab.supervisor.kill(monitor)
            self.lab.supervisor.start(monitor)
            self.lab.supervisor.wait_until_works(monitor)
        self.addCleanup(lambda: restart(before, "GRANT INSERT, UPDATE ON cheesemonger_heartbeat TO"))
        restart("\n".join(line for line in before.splitlines() if not line.startswith("probe_token")), "REVOKE INSERT, UPDATE ON cheesemonger_heartbeat FROM")
        time.sleep(20)  # the server notes every 15 s which transactions run, if there were any
        self.begun, at = time.time(), self.lab.sql(primary, "SELECT pg_current_wal_lsn()")
        time.sleep(62)
        self.assertEqual(self.lab.sql(primary, "SELECT pg_current_wal_lsn()"), at, "something was written")
        naive = float(self.lab.sql(standby, "SELECT extract(epoch FROM now() - pg_last_xact_replay_timestamp())"))
        self.assertGreater(naive, 60)
        for state in self.watch.after(self.begun):
            node = node_of(state, standby)
            facts = {fact["name"]: fact.get("value") for fact in node["facts"]}
            wrong = [trouble for trouble in troubles(state) if trouble[0] == standby]
            self.assertEqual((wrong, facts["lag-bytes"], facts["lag-seconds"]), ([], 0, 0))
        figure(f"idle: {len(self.watch.after(self.begun))} polls, all ok with lag 0, where the age of the last replay says {naive:.0f} s")

    def test_replay_that_is_paused_is_stalled(self):
        _, standby = self.pair()
        self.cause("pause")
        self.verdict(standby, "STALLED", "warning", self.begun)
        self.over()

    def test_two_that_take_writes_are_a_split_brain(self):
        primary, standby = self.pair()
        self.cause("twoprimaries")
        since = self.seen(lambda: self.lab.sql(standby, "SELECT pg_is_in_recovery()") == "f")
        state = self.verdict(standby, "SPLIT_BRAIN", "critical", since)
        self.assertEqual(node_of(state, primary)["finding"], "SPLIT_BRAIN")
        self.assertIn("Two servers take writes already", self.blockers())
        time.sleep(6)
        for later in self.watch.after(state["moment"]):
            # Keepers stand still, and their agents say so.
            self.assertEqual({code for _, code in self.roots(later)} - {"NOT_WATCHED"}, {"SPLIT_BRAIN"}, troubles(later))
            self.assertEqual(later["line"]["finding"], "SPLIT_BRAIN")
        self.over()

    def test_a_lost_slot_asks_for_a_rebuild(self):
        primary, standby = self.pair()
        self.cause("slot")
        slot = next(node["slot"] for node in self.lab.topology["postgres"] if node["host"] == standby)
        since = self.seen(lambda: self.lab.sql(primary, f"SELECT wal_status FROM pg_replication_slots WHERE slot_name = '{slot}'") == "lost")
        self.verdict(standby, "REBUILD", "critical", since)
        self.assertTrue(any("cannot catch up" in blocker for blocker in self.blockers()))
        self.over(60)  # the copy begins when the keeper has waited in vain

    # What the monitor cannot see.

    def test_a_primary_that_only_the_monitor_does_not_see_is_not_replaced(self):
        primary, standby = self.pair()
        self.cause("samples", primary)
        state = self.verdict(primary, "MONITOR_BLIND", "unknown", self.begun, SILENT_POLLS)
        self.assertEqual(state["line"]["verdict"], "unknown")
        self.assertTrue(any("cannot reach" in blocker for blocker in self.blockers()), self.blockers())
        self.over()
        self.never([(primary, "NO_ANSWER"), (primary, "NO_PRIMARY"), (standby, "DISCONNECTED")], self.begun)

    def test_a_standby_that_only_the_monitor_does_not_see_is_not_dead(self):
        _, standby = self.pair()
        self.cause("samples", standby)
        self.verdict(standby, "MONITOR_BLIND", "unknown", self.begun, SILENT_POLLS)
        self.over()
        self.never([(standby, "NO_ANSWER"), (standby, "DISCONNECTED")], self.begun)

    def test_a_monitor_that_is_cut_off_calls_nobody_dead(self):
        self.cause("samples")
        state = self.verdict(self.monitor.node["name"], "MONITOR_BLIND", "unknown", self.begun, SILENT_POLLS)
        time.sleep(12)
        last = self.watch.states[-1]
        self.assertEqual(self.roots(last), [(self.monitor.node["name"], "MONITOR_BLIND")])
        others = [node for node in last["nodes"] if node["host"] != self.monitor.node["host"]]
        self.assertEqual({node["verdict"] for node in others}, {"unknown"})
        self.assertEqual({node["cause"] for node in others}, {self.monitor.node["name"]})
        self.over()
        self.never([(None, "NO_ANSWER"), (None, "DOWN"), (None, "NO_PRIMARY")], self.begun)
        self.assertEqual({said(state) for state in self.watch.after(self.begun)}, {"ok", "unknown"})
        # There was no way out for the letter meanwhile: it comes afterwards. It may be followed by one of a part that is
        # seen later than the rest, but by none that calls anything broken.
        letters = self.receiver.firing(self.begun)
        self.assertLessEqual({body["commonLabels"]["severity"] for _, _, body in letters}, {"unknown"})

    # pgpool.

    def test_pgpools_that_believe_different_things_disagree(self):
        _, standby = self.pair()
        self.cause("silent", "pool1", standby)
        pools = [self.lab.supervisor.on(name, "pgpool")[0] for name in ("pool1", "pool2")]

        def differ():
            views = [self.lab.supervisor.nodes_of(pool) for pool in pools]
            return all(views) and [status for status, _ in views[0]] != [status for status, _ in views[1]]
        since = self.seen(lambda: differ() and any(status == "quarantine" for status, _ in self.lab.supervisor.nodes_of(pools[0]) or []))
        # The standby answers and streams: it is known which of the two is wrong, and nobody is hit.
        state = self.verdict("pool1", "DISAGREE", "warning", since, SLOW_POOL_POLLS)
        self.assertEqual((node_of(state, "pool2")["finding"], node_of(state, "pool2")["cause"]), ("DISAGREE", "pool1"))
        self.over()
        self.never([("pool1", "NO_ANSWER"), (standby, "DOWN")], self.begun)

    def test_one_pgpool_killed_leaves_no_spare_two_no_quorum(self):
        self.cause("kill", "pool2", "pgpool")
        state = self.verdict("pool2", "DOWN", "critical", self.begun)
        role = next(role for role in state["roles"] if role["role"] == "pgpool")
        self.assertEqual(role["finding"], "NO_SPARE", role)
        since = self.seen(lambda: any(code == "NO_SPARE" for _, _, code, _ in troubles(self.watch.states[-1])))
        state = self.watch.states[-1]
        self.assertEqual(self.roots(state), [("pool2", "DOWN")])
        figure(f"one pgpool killed: the others miss it {since - self.begun:.1f} s after")
        self.cause("kill", "pool1", "pgpool")
        state = self.verdict("witness", "NO_QUORUM", "critical", self.begun, 2 * POLLS)
        self.assertIn("pool", next(found for found in node_of(state, "witness")["findings"] if found["code"] == "NO_QUORUM")["cause"])
        self.over()

    # Web nodes and certificates.

    def test_a_database_without_writes_behind_healthy_web_nodes(self):
        primary, _ = self.pair()
        self.cause("readonly")
        self.verdict(primary, "READ_ONLY_DB", "critical", self.begun)
        # A write waits for a primary that takes it, so the probe ends with its patience.
        state = self.verdict("web1", "READ_ONLY_DB", "critical", self.begun, 2 * SILENT_POLLS)
        self.assertEqual(state["line"]["affected"], "uploads and every other change")
        self.assertEqual(self.roots(state), [(primary, "READ_ONLY_DB")])
        self.over()

    def test_a_certificate_renewed_on_disk_only(self):
        """Of a web node and of the mirror, whose files agents read, and of the monitor's own. They are looked at every five polls."""
        for name in ("web1_tls", "away_tls", "monitor_tls"):
            with self.subTest(certificate=name):
                self.cause("certificate", name)
                self.verdict(name, "MEMORY_CERT_OLD", "warning", self.begun, 2 * 6 + 1)
                self.over()

    # Alerts.

    def test_a_killed_primary_wakes_somebody_once(self):
        primary, standby = self.pair()
        self.cause("kill", primary, "postgres")
        state = self.verdict(primary, "DOWN", "critical", self.begun)
        moment = self.seen(lambda: self.receiver.firing(self.begun), 10)
        node, arrived, body = self.receiver.firing(self.begun)[0]
        figure(f"primary killed: the alert arrives {arrived - state['moment']:.2f} s after the verdict, {arrived - self.begun:.1f} s after the kill")
        self.assertEqual(node, primary)
        self.bound(arrived - state["moment"], 2)
        hosts.wait_for("the new primary", lambda: (self.lab.supervisor.keeper(standby) or "").startswith("primary"), 60)
        time.sleep(max(0, 8 - (time.time() - moment)))
        self.assertEqual({node for node, _, _ in self.receiver.firing(self.begun)}, {primary})
        self.over()

    def test_both_databases_without_power_are_one_alert(self):
        primary, standby = self.pair()
        self.begun = begun = time.time()
        for host in (standby, primary):
            faults.cause(self.lab, "power", [host])
        self.seen(lambda: self.receiver.firing(begun), 30)
        time.sleep(15)
        alerts = self.monitor.get("monitor/alerts")["items"]
        last = self.watch.states[-1]
        letters = [node for node, _, _ in self.receiver.firing(begun)]
        figure(f"storm: {len(troubles(last))} findings on {sum(node['verdict'] != 'ok' for node in last['nodes'])} nodes, {len(alerts)} alert, {len(letters)} letter")
        self.assertEqual(len(alerts), 1, [(alert["node"], alert["finding"]) for alert in alerts])
        self.assertIn(alerts[0]["node"], (primary, standby))
        self.assertGreaterEqual({found["node"] for found in alerts[0]["consequences"]} | {alerts[0]["node"]}, {primary, standby, "web1", "web2"})
        self.assertEqual(set(letters), {alerts[0]["node"]})
        self.assertEqual(self.roots(last), [(alerts[0]["node"], "NO_ANSWER")])
        self.assertIn("No database answers", last["line"]["statement"])
        self.over()

    # Hosts, disks and ways.

    def apart_from(self, states, hosts_):
        """Roots of nodes on other hosts, in more than two conclusions in a row."""
        host_of = {node["name"]: node["host"] for node in self.watch.states[-1]["nodes"]}
        rows, found = {}, set()
        for state in states:
            now = {(node, code) for node, code in self.roots(state) if host_of.get(node, node) not in hosts_}
            rows = {one: rows.get(one, 0) + 1 for one in now}
            found |= {one for one, count in rows.items() if count > 2}
        return found

    def test_a_host_that_is_frozen_or_unplugged_does_not_answer(self):
        for word, host in (("freeze", "web1"), ("unplug", "web2"), ("freeze", "pool1")):
            with self.subTest(fault=word, host=host):
                self.cause(word, host)
                self.verdict(host, "NO_ANSWER", "critical", self.begun, SLOW_POOL_POLLS)
                time.sleep(6)
                self.assertEqual(self.apart_from(self.watch.after(self.begun), {host}), set())
                self.over()

    def test_a_full_disk_is_told_of(self):
        standby = self.lab.database("standby")
        disk = next(disk["name"] for disk in self.lab.topology["disk"] if disk["host"] == standby)
        self.cause("full", disk)
        self.verdict(disk, "DISK_FULL", "critical", self.begun, SILENT_POLLS)
        self.over(60)

    def test_a_primary_to_which_packets_are_lost_is_the_cause_of_what_follows(self):
        primary, standby = self.pair()
        self.cause("loss", primary, "30")
        named = {"UNSTEADY", "NO_ANSWER"}
        state, polls = self.watch.until(lambda state: {code for node, _, code, _ in troubles(state) if node == primary} & named, self.begun, 60)
        self.assertIsNotNone(state, f"nothing is said of {primary} after {polls} polls")
        figure(f"packets lost: {primary} is named after {polls} polls")
        time.sleep(30)
        self.assertEqual(self.apart_from(self.watch.after(state["moment"]), {primary, standby}), set())
        self.over(60)


if __name__ == "__main__":
    sys.exit(not unittest.main(argv=[sys.argv[0], *sys.argv[1:]], exit=False, verbosity=2).result.wasSuccessful())
