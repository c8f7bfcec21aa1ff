# SPDX-License-Identifier: GPL-3.0-or-later
"""A monitor over a real PostgreSQL pair and two nodes of a registry: each fault gives its verdict, and ok again."""
import datetime
import os
import pathlib
import shutil
import signal
import tempfile
import time
import unittest
import urllib.parse

from documentation import put_docs, site
from events_test import Stream
from monitor import Hook, Monitor, section
from postgres import PostgresServer
from support import SIMPLE_JSON, Registry, free_port, in_seconds, wheel

SETUP = """
CREATE ROLE watcher LOGIN; GRANT pg_monitor TO watcher;
CREATE TABLE cheesemonger_heartbeat (writer text PRIMARY KEY, stamp timestamptz NOT NULL);
GRANT SELECT, INSERT, UPDATE ON cheesemonger_heartbeat TO watcher;
SELECT pg_create_physical_replication_slot('db2', true);
"""


class Watched(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.primary = PostgresServer()
        cls.addClassCleanup(cls.primary.remove)
        cls.primary.psql(SETUP)
        cls.standby = PostgresServer(primary=cls.primary)
        cls.addClassCleanup(cls.standby.remove)
        cls.standby.psql("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=%d user=postgres application_name=db2'" % cls.primary.port)
        cls.standby.psql("ALTER SYSTEM SET primary_slot_name = 'db2'")
        cls.standby.psql("SELECT pg_reload_conf()")
        database = cls.primary.create_database()
        # The second node asks whichever server takes writes; the first one is tied to where a test sends it.
        cls.config = cls.folder / "cheesemongerd.toml"
        cls.config.write_text(f'[serve]\nfiles = "{cls.folder}/files"\nnode_key = "{cls.folder}/node.key"\n'
                              f'database.url = "{cls.primary.url(database)}"\ndocs.base_url = "http://docs.test"\n')
        # Its documentation by the name alone, the other's also at a port of its own.
        other, cls.docs_port = cls.folder / "other.toml", free_port()
        other.write_text(cls.config.read_text() + f'docs.listen = "127.0.0.1:{cls.docs_port}"\n')
        cls.webs = [Registry(cls.folder / f"web{number}" / "data", store=("--config", config)) for number, config in ((1, cls.config), (2, other))]
        for web in cls.webs:
            web.data.parent.mkdir()
            cls.addClassCleanup(web.start().kill)
        cls.probe_token = cls.webs[0].user("probe", "observer")
        maker = cls.webs[0].user("maker")
        answer = cls.webs[0].upload(wheel("canary", "1.0"), maker)
        if answer.status != 200:
            raise AssertionError(answer)
        cls.maker = maker
        put_docs(cls.webs[0], maker, "canary", "1.0", site())
        page = cls.webs[0].request("GET", "/simple/canary/", headers={"Accept": SIMPLE_JSON}).json()
        cls.canary = urllib.parse.urljoin("/simple/canary/", urllib.parse.urlsplit(page["files"][0]["url"]).path)
        cls.hook = Hook()
        cls.addClassCleanup(cls.hook.stop)
        cls.monitor = Monitor(cls.folder, cls.topology(), hook=cls.hook, secrets={"probe_token": cls.probe_token, "upload_token": maker})
        cls.addClassCleanup(cls.monitor.kill)
        cls.token = cls.monitor.token()
        cls.monitor.start()

    @classmethod
    def topology(cls, monitors=("m1",), **ports):
        text = 'name = "test"\n[registry]\nname = "shop"\ncanary_project = "canary"\n'
        text += f'canary_file = "{cls.canary}"\ncanary_docs = "http://docs.test/canary/latest/"\n'
        for host in ("web1", "web2", "db1", "db2", "watch"):
            text += section("host", name=f"h-{host}", address="127.0.0.1", site="here")
        for number, web in enumerate(cls.webs, 1):
            text += section("web", name=f"web{number}", host=f"h-web{number}", port=web.port, **({"docs_port": cls.docs_port} if number == 2 else {}))
        for name, server in (("db1", cls.primary), ("db2", cls.standby)):
            text += section("postgres", name=name, host=f"h-{name}", port=server.port, monitor_user="watcher", slot=name, application=name)
        text += section("disk", name="disk", host="h-watch", path=cls.folder)
        for name in monitors:
            listen = ports.get(name)
            text += section("monitor", name=name, host="h-watch", interval_ms=500, **({"listen": f"127.0.0.1:{listen}"} if listen else {}))
        return text

    def setUp(self):
        for name in ("db1", "db2", "web1", "web2"):
            self.monitor.wait_for(name, None, self.token)

    def polls(self, node):
        """How many polls a verdict took. Printed, not judged: the machine may be busy."""
        print(f"{self.id().split('.')[-1]}: {node['finding']} after {node['took']:.2f} s, {node['took'] / self.monitor.interval:.1f} polls")

    def test_all_is_well_and_says_so(self):
        state = self.monitor.get("monitor/state", self.token)
        self.assertEqual(state["line"]["verdict"], "ok", state["line"])
        self.assertEqual(state["line"]["statement"], "Everything works")
        view = self.monitor.get("monitor/replication", self.token)
        self.assertEqual(view["primary"], "db1")
        standby = view["standbys"][0]
        self.assertTrue(standby["primary_sees"])
        self.assertEqual(standby["receiver_status"], "streaming")
        self.assertEqual(standby["slot"], "db2")
        self.assertIn("value", standby["heartbeat_seconds"])
        self.assertEqual({server["system_identifier"] for server in view["servers"]}, {view["servers"][0]["system_identifier"]})
        facts = {fact["name"]: fact for fact in self.monitor.node("web1", self.token)["facts"]}
        for name in ("health-time", "write-time", "simple-time", "file-time", "docs-time", "upload-time", "serial"):
            self.assertIn("value", facts[name], facts)
        self.assertIn("sampled", facts["serial"])

    def serial(self):
        return next(fact["value"] for fact in self.monitor.node("web1", self.token)["facts"] if fact["name"] == "serial")

    def test_uploads_that_fail_beside_a_healthy_answer_are_told(self):
        serial = self.serial()
        staging = list((self.folder / "files").glob("tmp*"))
        self.assertTrue(staging)
        for folder in staging:
            folder.rename(folder.with_name("aside-" + folder.name))
            folder.write_text("no folder")
        try:
            node = self.monitor.wait_for("web1", "CHANNEL_BROKEN", self.token)
            self.polls(node)
            self.assertIn("web1 takes no uploads", node["statement"])
        finally:
            for folder in staging:
                folder.unlink()
                folder.with_name("aside-" + folder.name).rename(folder)
        self.monitor.wait_for("web1", None, self.token)
        # What is tried leaves nothing behind.
        self.assertEqual(self.serial(), serial)

    def test_documentation_that_is_not_there_is_told_of_each_node(self):
        documentation = "/admin/v1/projects/canary/documentation/1.0"
        self.assertTrue(self.webs[0].call("DELETE", f"{documentation}?reason=old", self.maker).status in (200, 204))
        try:
            for name in ("web1", "web2"):
                node = self.monitor.wait_for(name, "CHANNEL_BROKEN", self.token)
                self.polls(node)
                self.assertIn(f"{name} does not serve documentation: 404", node["statement"])
        finally:
            self.webs[0].call("POST", f"{documentation}/restore", self.maker, {"reason": ""})
        for name in ("web1", "web2"):
            self.monitor.wait_for(name, None, self.token)

    def test_replay_that_is_paused_has_stalled(self):
        stream = Stream(self.monitor.port, self.token)
        self.addCleanup(stream.close)
        self.standby.psql("SELECT pg_wal_replay_pause()")
        try:
            node = self.monitor.wait_for("db2", "STALLED", self.token)
            self.polls(node)
            self.assertIn("stopped replaying", node["statement"])
            changed = stream.wait("verdict.changed", "db2")
            opened = stream.wait("alert.opened", "db2")
        finally:
            self.standby.psql("SELECT pg_wal_replay_resume()")
        self.monitor.wait_for("db2", None, self.token)
        # Who comes back later is told what he has missed.
        again = Stream(self.monitor.port, self.token, changed[0])
        self.addCleanup(again.close)
        self.assertEqual(again.wait("alert.opened", "db2")[0], opened[0])

    def test_a_standby_that_is_cut_off_is_disconnected_and_its_lag_is_not_0(self):
        self.standby.psql("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1 user=postgres application_name=db2'")
        self.standby.psql("SELECT pg_reload_conf()")
        try:
            node = self.monitor.wait_for("db2", "DISCONNECTED", self.token)
            self.polls(node)
            self.assertEqual(node["verdict"], "critical")
            facts = {fact["name"]: fact for fact in node["facts"]}
            self.assertNotIn("value", facts["lag-seconds"])
            roles = {role["role"]: role for role in self.monitor.get("monitor/state", self.token)["roles"]}
            self.assertEqual(roles["postgres"]["finding"], "NO_SPARE")
            primary = self.monitor.wait_for("db1", "NO_SECOND_COPY", self.token)
            self.assertEqual(primary["cause"], "db2")
        finally:
            self.standby.psql("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=%d user=postgres application_name=db2'" % self.primary.port)
            self.standby.psql("SELECT pg_reload_conf()")
        self.monitor.wait_for("db2", None, self.token)

    def test_a_stopped_walreceiver_is_noticed_by_its_silence(self):
        pid = int(self.standby.psql("SELECT pid FROM pg_stat_wal_receiver"))
        os.kill(pid, signal.SIGSTOP)
        try:
            self.primary.psql("CREATE TABLE IF NOT EXISTS noise AS SELECT generate_series(1, 1000) n")
            node = self.monitor.wait_for("db2", "DISCONNECTED", self.token)
            print(f"a walreceiver that stands still: {node['statement']}")
        finally:
            os.kill(pid, signal.SIGCONT)
        self.monitor.wait_for("db2", None, self.token)

    def test_a_dead_primary_is_one_alert_with_its_consequences(self):
        calls = len(self.hook.calls)
        self.primary.kill()
        begin = time.time()
        try:
            node = self.monitor.wait_for("db1", "DOWN", self.token)
            self.polls(node)
            verdict = time.time()
            while not self.hook.of("db1") and time.time() - verdict < 30:
                time.sleep(0.01)
            arrived = next(moment for moment, body in self.hook.calls[calls:] if body["groupLabels"]["node"] == "db1")
            print(f"killed primary: on the webhook {arrived - begin:.2f} s after the kill, {arrived - verdict:.2f} s after the verdict was seen")
            self.monitor.wait_for("web1", "CHANNEL_BROKEN", self.token)
            self.monitor.wait_for("web2", "CHANNEL_BROKEN", self.token)
            # Why, as the node says it; at first it still waits for the database, and does not answer.
            self.monitor.wait_until(lambda: "503: The catalog does not answer" in self.monitor.node("web1", self.token)["statement"])
            self.monitor.wait_for("db2", "DISCONNECTED", self.token)
            self.monitor.wait_until(lambda: self.monitor.alerts(self.token) == ["db1"])
            alerts = self.monitor.get("monitor/alerts", self.token)["items"]
            self.assertEqual([alert["node"] for alert in alerts], ["db1"], alerts)
            self.assertEqual({one["node"] for one in alerts[0]["consequences"]} - {"db1"}, {"db2", "web1", "web2"})
            body = self.hook.of("db1")[-1]
            self.assertEqual(body["version"], "4")
            self.assertIn("db1", body["alerts"][0]["annotations"]["summary"])
            self.assertTrue(body["alerts"][0]["annotations"]["runbook"])
            self.assertTrue(body["alerts"][0]["annotations"]["age"])
            self.assertEqual([body["groupLabels"]["node"] for _, body in self.hook.calls[calls:]], ["db1"])
            line = self.monitor.get("monitor/state", self.token)["line"]
            self.assertEqual(line["cause"], "db1")
        finally:
            self.primary.start()
        for name in ("db1", "db2", "web1", "web2"):
            self.monitor.wait_for(name, None, self.token)
        deadline = time.time() + 30
        while not self.hook.of("db1", "resolved") and time.time() < deadline:
            time.sleep(0.02)
        self.assertTrue(self.hook.of("db1", "resolved"))

    def test_a_web_node_that_hangs_delays_nobody(self):
        self.webs[0].process.send_signal(signal.SIGSTOP)
        try:
            self.monitor.wait_for("web1", "CHANNEL_BROKEN", self.token)
            facts = {fact["name"]: fact for fact in self.monitor.node("web2", self.token)["facts"]}
            age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(facts["serial"]["sampled"].replace("Z", "+00:00"))
            self.assertLess(age.total_seconds(), 20)
        finally:
            self.webs[0].process.send_signal(signal.SIGCONT)
        self.monitor.wait_for("web1", None, self.token)

    def test_figures_have_a_history_with_gaps(self):
        time.sleep(3)
        names = {(one["target"], one["signal"]) for one in self.monitor.get("monitor/series?target=db2", self.token)["series"]}
        self.assertIn(("db2", "lag-bytes"), names)
        series = self.monitor.get("monitor/series/db2/lag-bytes?step_seconds=1", self.token)
        self.assertEqual(series["unit"], "bytes")
        known = [point for point in series["points"] if point["count"]]
        gaps = [point for point in series["points"] if not point["count"]]
        self.assertTrue(known and gaps)
        self.assertTrue(all("average" not in point for point in gaps))
        self.assertTrue(all({"min", "average", "max", "p95", "p99"} <= set(point) for point in known))
        self.assertEqual(self.monitor.call("GET", "/admin/v1/monitor/series/db2/nothing", self.token).status, 404)


class Operators(Watched):
    def test_acknowledged_silenced_and_written_down(self):
        observer = self.monitor.token("observer")
        self.webs[1].process.send_signal(signal.SIGSTOP)
        try:
            self.monitor.wait_for("web2", "CHANNEL_BROKEN", self.token)
            alert = self.monitor.wait_until(lambda: self.monitor.get("monitor/alerts?node=web2", self.token)["items"])[0]
            path = f"/admin/v1/monitor/alerts/{alert['id']}/acknowledge"
            self.assertEqual(self.monitor.call("POST", path, observer, {"note": "x", "until": in_seconds(300)}).status, 403)
            self.assertEqual(self.monitor.call("POST", path, None, {"note": "x", "until": in_seconds(300)}).status, 401)
            self.assertEqual(self.monitor.call("POST", path, self.token, {"note": "x", "until": in_seconds(-300)}).status, 422)
            owned = self.monitor.call("POST", path, self.token, {"note": "on it", "until": in_seconds(300)})
            self.assertEqual((owned.status, owned.json()["state"], owned.json()["owner"]), (200, "acknowledged", "operator"), owned)
            preview = self.monitor.call("POST", "/admin/v1/monitor/silences/preview", observer, {"match": {"role": "web"}}).json()
            self.assertEqual([one["node"] for one in preview["alerts"]], ["web2"])
            self.assertEqual(sorted(preview["nodes"]), ["web1", "web2"])
            self.assertEqual(self.monitor.call("POST", "/admin/v1/monitor/silences/preview", observer, {"match": {}}).status, 422)
            made = self.monitor.call("POST", "/admin/v1/monitor/silences", self.token, {"match": {"role": "web"}, "reason": "work", "until": in_seconds(540)})
            self.assertEqual(made.status, 200, made)
            self.assertEqual(self.monitor.get("monitor/silences", observer)["silences"][0]["holds"], 1)
            # All of it is there again after a kill.
            self.monitor.kill()
            self.monitor.start()
            self.monitor.wait_for("web2", "CHANNEL_BROKEN", self.token)
            alert = self.monitor.get(f"monitor/alerts/{alert['id']}", self.token)
            self.assertEqual((alert["state"], alert["note"]), ("acknowledged", "on it"))
            ended = self.monitor.call("POST", f"/admin/v1/monitor/silences/{made.json()['id']}/end", self.token, {"reason": "done"})
            self.assertEqual(ended.status, 200, ended)
            actions = [line["action"] for line in self.monitor.get("audit", observer)["items"]]
            self.assertEqual([action for action in actions if not action.startswith("token.")], ["silence.end", "silence.create", "alert.acknowledge"])
            self.assertTrue(self.monitor.get("audit/proof", observer)["intact"])
            incident = self.monitor.get("monitor/incident", observer)
            self.assertTrue(incident["series"] and incident["timeline"] and incident["audit"])
        finally:
            self.webs[1].process.send_signal(signal.SIGCONT)
        self.monitor.wait_for("web2", None, self.token)
        deadline = time.time() + 30
        while self.monitor.get("monitor/alerts", self.token)["items"] and time.time() < deadline:
            time.sleep(0.02)
        closed = self.monitor.get("monitor/alerts?state=closed&node=web2", self.token)["items"]
        self.assertEqual(closed[0]["note"], "on it")
        available = self.monitor.get("monitor/availability", observer)
        shares = {one["node"]: one for one in available["nodes"]}
        self.assertEqual(shares["web2"]["outages"], 1)
        self.assertLess(shares["web2"]["working"], 1)
        self.assertIn("mean_repair_seconds", shares["web2"])
        # The other one could serve all the while.
        web = next(one for one in available["roles"] if one["role"] == "web")
        self.assertEqual((web["outages"], web["working"] + web["unknown"]), (0, 1), available)


def load_tests(loader, _, __):
    suite = unittest.TestSuite()
    suite.addTests(loader.loadTestsFromTestCase(Watched))
    suite.addTest(Operators("test_acknowledged_silenced_and_written_down"))
    return suite


if __name__ == "__main__":
    unittest.main()
