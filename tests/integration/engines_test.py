# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions where pgpool or Patroni moves the primary: done through the monitor's API, and refused when the state
changes between the plan and the press."""
import signal
import unittest

import patroni
import pgpool
from acting import Acting
from monitor import section
from monitor_faults_test import Fault, certificate
from postgres import as_server
from support import free_port, in_seconds


@unittest.skipUnless(pgpool.available(), "pgpool is not installed")
class OverPgpool(Fault, Acting):
    def setUp(self):
        super().setUp()
        self.primary, self.standby = self.pair()
        for server, other in ((self.primary, "db2"), (self.standby, "db1")):
            server.psql("ALTER SYSTEM SET wal_keep_size = '128MB'")
            server.psql(f"ALTER SYSTEM SET synchronous_standby_names = '{other}'")
            server.psql("SELECT pg_reload_conf()")
        self.standby.psql("SELECT 1")
        follow = self.folder / "follow"
        follow.mkdir()
        follow.chmod(0o777)
        self.request = follow / "request"
        self.folder.chmod(0o755)
        port, pcp_port = free_port(), free_port()
        psql = as_server("psql")[-1]
        self.pool = pgpool.Pgpool([self.primary, self.standby], port, pcp_port,
                                  failover_command=f"'{psql} -XAtq -h %H -p %r -U postgres -d postgres -c \"SELECT pg_promote()\"'",
                                  follow_primary_command=f"'touch {self.request}'").start()
        self.addCleanup(self.pool.remove)
        topology = self.hosts("h-db1", "h-db2", "h-pool", "h-watch") + self.databases(self.primary, self.standby) + section(
            "pgpool", name="pool1", host="h-pool", port=port, pcp_port=pcp_port, user="postgres", pcp_user="monitor")
        self.monitor = self.watch(topology, monitor_password="", pcp_password=pgpool.PASSWORD)
        self.monitor.wait_for("pool1", None, self.token)
        self.monitor.wait_for("db2", None, self.token)

    def test_a_standby_is_detached_and_attached(self):
        until = in_seconds(600)
        self.assertEqual(self.guards(self.plan(self.monitor, "detach-backend", "db1", until=until)), ["standby"])
        self.assertEqual(self.guards(self.plan(self.monitor, "attach-backend", "db2")), ["detached"])
        self.act(self.monitor, "detach-backend", "db2", until=until)
        self.monitor.wait_for("pool1", "STATUS_MISMATCH", self.token)
        self.act(self.monitor, "attach-backend", "db2")
        self.monitor.wait_for("pool1", None, self.token)
        done = [(line["action"], line["subject"], line["reason"]) for line in self.monitor.get("audit", self.token)["items"] if line["action"].startswith("action")]
        self.assertEqual(done, [("action.attach-backend", "db2", "a test"), ("action.detach-backend", "db2", "a test")])

    def test_what_changes_between_plan_and_press_is_seen(self):
        plan = self.plan(self.monitor, "detach-backend", "db2", until=in_seconds(600))
        self.assertTrue(plan["allowed"], plan)
        self.standby.psql("SELECT pg_promote(true, 20)")
        self.refused(self.press(self.monitor, plan), "standby")
        self.assertIn("action.detach-backend.refused", [line["action"] for line in self.monitor.get("audit", self.token)["items"]])
        self.assertEqual(self.monitor.get("monitor/actions", self.token)["total"], 0)

    def test_a_switch_over_by_pgpool(self):
        plan = self.plan(self.monitor, "switch-over", "db2")
        self.assertTrue(plan["allowed"], plan["guards"])
        answer = self.press(self.monitor, plan)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.press(self.monitor, plan).status, 409, "two at once")
        self.monitor.wait_until(self.request.exists)
        # What the script of an installation does on the old primary's host.
        self.primary.process.send_signal(signal.SIGINT)
        self.primary.process.wait(60)
        self.primary.process = None
        self.standby.psql("CHECKPOINT")
        self.primary.run("pg_rewind", "-D", self.primary.data, "--source-server", self.standby.url())
        with open(self.primary.data / "postgresql.auto.conf", "w") as file:
            file.write(f"primary_conninfo = 'host=127.0.0.1 port={self.standby.port} user=postgres application_name=db1'\n")
        (self.primary.data / "standby.signal").touch()
        self.primary.start()
        ended = self.ended(self.monitor, answer.json()["id"])
        self.assertEqual(ended["state"], "done", ended)
        self.assertEqual(self.standby.psql("SELECT pg_is_in_recovery()"), "f")
        self.assertEqual(self.primary.psql("SELECT pg_is_in_recovery()"), "t")

    def test_a_standby_for_which_commits_wait_no_longer_when_it_is_pressed(self):
        def let_go():
            self.primary.psql("ALTER SYSTEM RESET synchronous_standby_names")
            self.primary.psql("SELECT pg_reload_conf()")
        self.race(self.monitor, "switch-over", "db2", let_go, "synchronous")
        self.assertEqual(self.standby.psql("SELECT pg_is_in_recovery()"), "t")
        self.assertFalse(self.request.exists())

    def test_a_standby_that_goes_before_it_is_attached(self):
        self.act(self.monitor, "detach-backend", "db2", until=in_seconds(600))
        self.race(self.monitor, "attach-backend", "db2", self.standby.stop, "standby")

    def test_a_promotion_is_refused_where_nothing_proves_that_the_old_primary_has_stopped(self):
        self.primary.stop()
        self.monitor.wait_for("db1", "DOWN", self.token)
        plan = self.plan(self.monitor, "promote", "db2")
        self.assertIn("fenced", self.guards(plan))
        self.refused(self.press(self.monitor, plan), "fenced")


@unittest.skipUnless(patroni.available(), "Patroni and etcd are not installed")
class OverPatroni(Fault, Acting):
    def setUp(self):
        super().setUp()
        self.cluster = patroni.Cluster()
        self.addCleanup(self.cluster.remove)
        self.topology = 'failover = "patroni"\n' + self.hosts("h-db1", "h-db2", "h-watch") + "".join(
            section("postgres", name=name, host=f"h-{name}", port=port, monitor_user="postgres", slot=name, application=name,
                    patroni_port=self.cluster.rest[name], patroni_tls=True) for name, port in self.cluster.ports.items())

    def watched(self, ca, password=patroni.PASSWORD, name="m1"):
        monitor = self.watch(self.topology, name=name, config=f'ca = "{ca}"\n', patroni_user=patroni.USER, patroni_password=password)
        monitor.wait_for("db2", None, self.token)
        return monitor

    def test_patroni_moves_the_primary_and_back_and_refuses_what_it_must(self):
        self.monitor = self.watched(self.cluster.certificate)
        self.assertIn("no-primary", self.guards(self.plan(self.monitor, "promote", "db2")))
        took = self.act(self.monitor, "switch-over", "db2")
        print(f"switch-over by Patroni with its aftermath: {took:.1f} s")
        self.assertEqual(self.cluster.role("db2"), "leader")
        plan = self.plan(self.monitor, "switch-over", "db1")
        self.assertTrue(plan["allowed"], plan["guards"])
        self.cluster.ask("/config", method="PATCH", body={"pause": True})
        self.refused(self.press(self.monitor, plan), "not-paused")
        self.cluster.ask("/config", method="PATCH", body={"pause": None})
        self.cluster.wait(lambda: b'"pause": true' not in self.cluster.ask("/cluster") and self.cluster.role("db1") == "sync_standby")
        # The ground of a plan: somebody else moves the primary.
        self.cluster.ask("/switchover", method="POST", body={"leader": "db2", "candidate": "db1"})
        self.cluster.wait(lambda: self.cluster.role("db2") == "sync_standby")
        self.refused(self.press(self.monitor, plan), "unchanged")
        self.assertEqual(self.cluster.role("db1"), "leader")

    def test_patroni_obeys_nobody_without_its_password_and_is_not_believed_without_its_certificate(self):
        monitor = self.watched(self.cluster.certificate, "guessed")
        plan = self.plan(monitor, "switch-over", "db2")
        self.assertTrue(plan["allowed"], plan["guards"])
        ended = self.ended(monitor, self.press(monitor, plan).json()["id"])
        self.assertEqual(ended["state"], "failed", ended)
        self.assertEqual(self.cluster.role("db1"), "leader")
        certificate(self.folder)
        stranger = self.watched(self.folder / "cert.pem", name="m2")
        self.assertIn("patroni", self.guards(self.plan(stranger, "switch-over", "db2")))


if __name__ == "__main__":
    unittest.main()
