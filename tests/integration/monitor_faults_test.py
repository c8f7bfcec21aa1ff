# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that a monitor must name, each on servers of its own: what is broken here does not come back as it was."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import pgpool
from monitor import Monitor, section
from postgres import PostgresServer
from support import Registry, free_port, in_seconds


def certificate(folder, **environment):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "90",
                    "-keyout", folder / "key.pem", "-out", folder / "cert.pem", "-subj", "/CN=localhost"], check=True, capture_output=True,
                   env={**os.environ, **environment})


class Fault(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def pair(self):
        primary = PostgresServer()
        self.addCleanup(primary.remove)
        primary.psql("SELECT pg_create_physical_replication_slot('db2', true)")
        standby = PostgresServer(primary=primary)
        self.addCleanup(standby.remove)
        standby.psql("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=%d user=postgres application_name=db2'" % primary.port)
        standby.psql("ALTER SYSTEM SET primary_slot_name = 'db2'")
        standby.psql("SELECT pg_reload_conf()")
        return primary, standby

    @staticmethod
    def hosts(*names):
        return 'name = "test"\n' + "".join(section("host", name=name, address="127.0.0.1") for name in names)

    @staticmethod
    def databases(*servers):
        return "".join(section("postgres", name=f"db{number}", host=f"h-db{number}", port=server.port, monitor_user="postgres",
                               slot=f"db{number}", application=f"db{number}") for number, server in enumerate(servers, 1))

    def web(self, name="web", *arguments, **more):
        """A web node that works, and may be killed and started again."""
        web = Registry(self.folder / name / "data", *arguments, **more)
        self.addCleanup(web.kill)
        return web.start()

    def watch(self, topology, name="m1", config="", hook=None, interval_ms=500, **secrets):
        monitor = Monitor(self.folder, topology + section("monitor", name=name, host="h-watch", interval_ms=interval_ms), name=name, hook=hook,
                          secrets=secrets, interval_ms=interval_ms, config=config)
        self.token = monitor.token()
        self.addCleanup(monitor.kill)
        return monitor.start()

    def report(self, monitor, node):
        print(f"{self.id().split('.')[-1]}: {node['finding']} after {node['took']:.2f} s, {node['took'] / monitor.interval:.1f} polls")


class Operators(Fault):
    def test_what_the_audit_cannot_tell_is_not_done(self):
        monitor = self.watch(self.hosts("h-web1", "h-watch") + section("web", name="web1", host="h-web1", port=free_port()))
        alert = monitor.wait_until(lambda: monitor.get("monitor/alerts", self.token)["items"])[0]
        until = in_seconds(600)
        steps = (("silences", {"match": {"node": "web1"}, "reason": "work", "until": until}),
                 (f"alerts/{alert['id']}/acknowledge", {"note": "mine", "until": until}))

        def taken():
            return [monitor.call("POST", f"/admin/v1/monitor/{path}", self.token, body).status for path, body in steps]

        def held():
            now = monitor.get(f"monitor/alerts/{alert['id']}", self.token)
            return now["state"], now["owner"], [silence["holds"] for silence in monitor.get("monitor/silences", self.token)["silences"]]
        before = held()
        with monitor.without_audit():
            self.assertEqual(taken(), [500, 500])
            self.assertEqual(held(), before)
            self.assertIn("the disk is full", monitor.get("monitor/state", self.token)["monitor"]["store_problem"])
        self.assertEqual(taken(), [200, 200])
        self.assertEqual(held()[1:], ("operator", [1]))
        actions = [line["action"] for line in monitor.get("audit", self.token)["items"]]
        self.assertEqual([action for action in actions if not action.startswith("token.")], ["alert.acknowledge", "silence.create"])

    def test_an_incident_of_the_past_holds_nothing_of_now(self):
        begin = time.time()
        monitor = self.watch(self.hosts("h-web1", "h-watch") + section("web", name="web1", host="h-web1", port=free_port()))
        monitor.wait_until(lambda: monitor.get("monitor/alerts", self.token)["items"])
        span = [time.strftime("%FT%TZ", time.gmtime(begin + after)) for after in (-60, 0)]
        past = monitor.wait_until(lambda: "state" not in (found := monitor.get(f"monitor/incident?from={span[0]}&until={span[1]}", self.token)) and found)
        self.assertEqual(past["alerts"], [])
        self.assertFalse({"replication", "pools"} & set(past))
        self.assertIn("States", past["left_out"][0])
        now = monitor.get("monitor/incident", self.token)
        self.assertEqual([alert["node"] for alert in now["alerts"]], ["web1"])
        self.assertEqual((now["state"]["line"]["verdict"], now["left_out"]), ("critical", []))

    def test_a_node_that_is_added_is_watched_from_then_on(self):
        web = self.web()

        def watched():
            return {one["node"]: one for one in monitor.get("monitor/availability", self.token)["nodes"] if one["role"] == "web"}
        monitor = self.watch(self.hosts("h-web1", "h-watch") + section("web", name="web1", host="h-web1", port=web.port))
        monitor.wait_until(lambda: watched()["web1"]["watched_seconds"] > 5)
        monitor.stop()
        monitor.topology.write_text(monitor.topology.read_text() + section("web", name="web2", host="h-web1", port=web.port))
        monitor.start()
        shares = monitor.wait_until(lambda: (found := watched())["web2"]["watched_seconds"] > 0 and found)
        self.assertGreater(shares["web1"]["watched_seconds"], shares["web2"]["watched_seconds"] + 5)
        self.assertAlmostEqual(shares["web2"]["working"] + shares["web2"]["unknown"], 1)


class Databases(Fault):
    def test_two_that_take_writes_are_a_split_brain(self):
        primary, standby = self.pair()
        monitor = self.watch(self.hosts("h-db1", "h-db2", "h-watch") + self.databases(primary, standby))
        monitor.wait_for("db2", None, self.token)
        standby.psql("SELECT pg_promote(true, 20)")
        node = monitor.wait_for("db2", "SPLIT_BRAIN", self.token)
        self.report(monitor, node)
        self.assertEqual(node["verdict"], "critical")
        self.assertEqual(monitor.wait_for("db1", "SPLIT_BRAIN", self.token)["verdict"], "critical")
        view = monitor.get("monitor/replication", self.token)
        self.assertEqual(view["primary"], "")
        self.assertTrue(any("already" in blocker for blocker in view["promotion_blockers"]), view)
        standby.stop()
        monitor.wait_for("db2", "DOWN", self.token)
        monitor.wait_until(lambda: "SPLIT_BRAIN" not in monitor.codes("db1", self.token))

    def test_a_lost_slot_asks_for_a_rebuild(self):
        primary, standby = self.pair()
        monitor = self.watch(self.hosts("h-db1", "h-db2", "h-watch") + self.databases(primary, standby))
        monitor.wait_for("db2", None, self.token)
        standby.stop()
        primary.psql("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
        primary.psql("ALTER SYSTEM SET wal_keep_size = 0")
        primary.psql("SELECT pg_reload_conf()")
        primary.psql("CREATE TABLE filling (n int)")
        for _ in range(8):
            primary.psql("INSERT INTO filling SELECT generate_series(1, 1000)")
            primary.psql("SELECT pg_switch_wal()")
            primary.psql("CHECKPOINT")
        self.assertEqual(primary.psql("SELECT wal_status FROM pg_replication_slots"), "lost")
        self.report(monitor, monitor.wait_for("db2", "REBUILD", self.token))

    def test_a_database_that_takes_no_writes_behind_a_healthy_web_node(self):
        primary, standby = self.pair()
        database = primary.create_database()
        config = self.folder / "cheesemongerd.toml"
        config.write_text(f'[serve]\ndatabase.url = "{primary.url(database)}"\ndatabase.read_url = "{standby.url(database)}"\n')
        web = self.web(store=("--config", config))
        token = web.user("probe", "observer")
        monitor = self.watch(self.hosts("h-web1", "h-watch") + section("web", name="web1", host="h-web1", port=web.port), probe_token=token)
        monitor.wait_for("web1", None, self.token)
        primary.psql("ALTER SYSTEM SET default_transaction_read_only = on")
        primary.psql("SELECT pg_reload_conf()")
        node = monitor.wait_for("web1", "READ_ONLY_DB", self.token)
        self.report(monitor, node)
        self.assertEqual(node["verdict"], "critical")
        line = monitor.get("monitor/state", self.token)["line"]
        self.assertEqual(line["affected"], "uploads and every other change")
        primary.psql("ALTER SYSTEM RESET default_transaction_read_only")
        primary.psql("SELECT pg_reload_conf()")
        monitor.wait_for("web1", None, self.token)


class Certificates(Fault):
    def test_a_certificate_that_was_renewed_on_disk_only(self):
        certificate(self.folder)
        web = self.web("web", "--tls-cert", self.folder / "cert.pem", "--tls-key", self.folder / "key.pem")
        monitor = self.watch(self.hosts("h-watch") + section("certificate", name="cert1", host="h-watch", port=web.port, file=self.folder / "cert.pem"))
        monitor.wait_for("cert1", None, self.token)
        facts = {fact["name"]: fact for fact in monitor.node("cert1", self.token)["facts"]}
        self.assertAlmostEqual(facts["presented-life"]["value"], 1, places=1)
        certificate(self.folder)
        self.report(monitor, monitor.wait_for("cert1", "MEMORY_CERT_OLD", self.token))
        web.process.send_signal(signal.SIGHUP)
        monitor.wait_for("cert1", None, self.token)


class TwoMonitors(Fault):
    def test_two_are_compared_and_each_works_without_the_other(self):
        web = self.web()
        ports = {"m1": free_port(), "m2": free_port()}
        shared = self.hosts("h-web1", "h-watch") + "".join(
            section("monitor", name=name, host="h-watch", interval_ms=500, listen=f"127.0.0.1:{port}") for name, port in ports.items())
        monitors = {}
        for name in ports:
            # The second one looks for the web node where it is not: they will not agree.
            port = web.port if name == "m1" else free_port()
            monitors[name] = Monitor(self.folder, shared + section("web", name="web1", host="h-web1", port=port), name=name)
            monitors[name].port = ports[name]
            self.addCleanup(monitors[name].kill)
        tokens = {name: monitor.token() for name, monitor in monitors.items()}
        for name, other in (("m1", "m2"), ("m2", "m1")):
            monitors[name].secrets.write_text(f'peer_token = "{monitors[other].token("observer", "peer")}"\n')
            monitors[name].start()
        monitors["m1"].wait_for("web1", None, tokens["m1"])
        monitors["m2"].wait_for("web1", "DOWN", tokens["m2"])
        monitors["m1"].wait_for("m2", "MONITORS_DIFFER", tokens["m1"])
        peer = monitors["m1"].get("monitor/peers", tokens["m1"])["peers"][0]
        self.assertEqual((peer["name"], peer["reachable"]), ("m2", True))
        self.assertEqual([(one["node"], one["ours"], one["theirs"]) for one in peer["differences"]], [("web1", "ok", "critical")])
        monitors["m2"].kill()
        monitors["m1"].wait_for("m2", "DOWN", tokens["m1"])
        self.assertEqual(monitors["m1"].node("web1", tokens["m1"])["verdict"], "ok")


@unittest.skipUnless(pgpool.available(), "pgpool is not installed: sh installer/setup/setup.sh --with-tests")
class Pools(Fault):
    def watch_pools(self, servers, pools, password=pgpool.PASSWORD):
        topology = self.hosts("h-db1", "h-db2", "h-pool1", "h-pool2", "h-watch") + self.databases(*servers)
        for number, pool in enumerate(pools, 1):
            topology += section("pgpool", name=f"pool{number}", host=f"h-pool{number}", port=pool.port, pcp_port=pool.pcp_port,
                                user="postgres", pcp_user="monitor")
        return self.watch(topology, pcp_password=password)

    def start(self, pool):
        self.addCleanup(pool.remove)
        return pool.start()

    def pcp(self, pool, command, *words):
        secret = self.folder / "pcppass"
        secret.write_text(f"127.0.0.1:*:monitor:{pgpool.PASSWORD}\n")
        secret.chmod(0o600)
        end = time.monotonic() + 30
        while True:
            done = subprocess.run([f"/usr/sbin/{command}", "-h", "127.0.0.1", "-p", str(pool.pcp_port), "-U", "monitor", "-w", *words],
                                  env={**os.environ, "PCPPASSFILE": str(secret)}, capture_output=True, text=True, timeout=60)
            if done.returncode == 0:
                return
            # The control port is made anew after each change of a backend.
            self.assertLess(time.monotonic(), end, done.stderr)
            time.sleep(0.1)

    def test_two_that_do_not_believe_the_same_disagree(self):
        servers = self.pair()
        pools = [self.start(pgpool.Pgpool(servers, free_port(), free_port(), **settings)) for settings in ({}, {"delay_threshold": 0})]
        monitor = self.watch_pools(servers, pools)
        monitor.wait_for("pool1", None, self.token)
        danger = monitor.wait_for("pool2", "DANGEROUS_SETTING", self.token)
        self.assertIn("delay_threshold", danger["statement"])
        settings = {one["name"]: one["value"] for one in monitor.get("monitor/pools", self.token)["pools"][1]["settings"]}
        self.assertEqual({settings.get(name) for name in ("auto_failback", "detach_false_primary")}, {"off"}, settings)
        self.pcp(pools[0], "pcp_detach_node", "-n", "1")
        node = monitor.wait_for("pool1", "DISAGREE", self.token)
        self.report(monitor, node)
        view = monitor.get("monitor/pools", self.token)
        self.assertTrue(any("db2" in sentence for sentence in view["disagreements"]), view)
        backends = {one["node"]: one for one in view["pools"][0]["backends"]}
        self.assertEqual((backends["db2"]["status"], backends["db2"]["actual_status"]), ("down", "up"))
        self.assertIn("no watchdog", view["quorum_statement"])
        self.pcp(pools[0], "pcp_attach_node", "-n", "1")
        monitor.wait_for("pool1", None, self.token)

    def test_a_control_port_that_refuses_leaves_what_clients_are_told(self):
        servers = self.pair()
        pool = self.start(pgpool.Pgpool(servers, free_port(), free_port()))
        monitor = self.watch_pools(servers, [pool], "guessed")
        monitor.wait_for("pool1", "ACCESS_REFUSED", self.token)
        node = monitor.wait_until(lambda: (found := monitor.node("pool1", self.token)) and "serves clients" in found["statement"] and found)
        self.assertEqual((node["finding"], node["verdict"]), ("ACCESS_REFUSED", "unknown"))
        view = monitor.wait_until(lambda: (found := monitor.get("monitor/pools", self.token)["pools"][0])["backends"] and found)
        self.assertEqual([(one["node"], one["status"], one["sql_status"], one["sql_role"]) for one in view["backends"]],
                         [("db1", "up", "up", "primary"), ("db2", "up", "up", "standby")])
        self.assertTrue(view["control_problem"])
        self.assertEqual(view["sql_problem"], "")
        # Neither way in works: that is no answer to clients.
        pool.stop()
        monitor.wait_for("pool1", "DOWN", self.token)

    def test_one_watchdog_of_two_killed_ends_the_quorum(self):
        servers = self.pair()
        ports = [(free_port(), free_port(), free_port()) for _ in range(2)]
        pools = [self.start(pgpool.Pgpool(servers, ports[number][0], free_port(), ports, number)) for number in range(2)]
        monitor = self.watch_pools(servers, pools)
        for name in ("pool1", "pool2"):
            monitor.wait_for(name, None, self.token)
        view = monitor.get("monitor/pools", self.token)
        self.assertEqual({pool["quorum"] for pool in view["pools"]}, {"QUORUM EXIST"})
        self.assertIn("ends automatic failover", view["quorum_statement"])
        os.killpg(pools[1].process.pid, signal.SIGKILL)
        monitor.wait_for("pool2", "DOWN", self.token)
        node = monitor.wait_for("pool1", "NO_QUORUM", self.token)
        self.report(monitor, node)
        self.assertEqual(node["cause"], "pool2")
        monitor.wait_until(lambda: monitor.alerts(self.token))
        self.assertEqual(monitor.alerts(self.token), ["pool2"])


if __name__ == "__main__":
    unittest.main()
