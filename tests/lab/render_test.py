# SPDX-License-Identifier: GPL-3.0-or-later
"""The templates, filled in: what each host gets, what is refused, who may read it."""
import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import unittest

TOPOLOGY = pathlib.Path(__file__).resolve().parents[2] / "installer/topology"
sys.path.insert(0, str(TOPOLOGY))
import render  # noqa: E402
import template  # noqa: E402
import topology  # noqa: E402

LAB, PATRONI = TOPOLOGY / "lab.toml", TOPOLOGY / "lab-patroni.toml"


class Language(unittest.TestCase):
    def test_values_loops_and_conditions(self):
        text = "a @{x.y}\n@for n in list\n- @{n.v}\n@if n.on\non\n@end\n@end\n@if not none\nempty\n@end\nuser@@{x.y}"
        scope = {"x": {"y": 7}, "list": [{"v": 1, "on": True}, {"v": 2, "on": False}], "none": []}
        self.assertEqual(template.render(text, scope), "a 7\n- 1\non\n- 2\nempty\nuser@7\n")

    def test_mistakes_are_errors(self):
        for text in ("@{unknown}", "@{list}", "@for x in list", "@else", "@if unknown\n@end"):
            with self.assertRaises(template.TemplateError, msg=text):
                template.render(text, {"list": []})


class OfTopology(unittest.TestCase):
    source = LAB

    def refused(self, change):
        """The problems of the topology after a change."""
        data = tomllib.loads(self.source.read_text())
        change(data)
        with self.assertRaises(topology.TopologyError) as caught:
            topology.check(data)
        return caught.exception.problems


class Rendered(OfTopology):
    """What is made of the whole of it."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="cheesemonger-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.out = pathlib.Path(folder.name) / "out"
        subprocess.run([sys.executable, TOPOLOGY / "render.py", cls.source, cls.out], check=True)

    def text(self, path):
        return (self.out / path).read_text()


class Topologies(OfTopology):
    def test_all_problems_are_told_at_once(self):
        def change(data):
            data["web"][0]["host"] = "nowhere"
            data["host"][1]["address"] = "192.0.2.300"
            data["cdn"][0]["kind"] = "magic"
            data["cdn"][0]["storage"] = "much"
        self.assertEqual(len(self.refused(change)), 4)

    def test_what_is_refused(self):
        for change, word in ((lambda data: data["web"][0].update(port="x"), "no int"),
                             (lambda data: data["web"][0].update(port=0), "no port"),
                             (lambda data: data["web"][0].update(colour="red"), "'colour' is not known"),
                             (lambda data: data.update(webs=[]), "'webs' is not known"),
                             (lambda data: data["postgres"][1].pop("slot"), "'slot' is missing"),
                             (lambda data: data["postgres"][1].update(name="pg1"), "twice"),
                             (lambda data: data["certificate"][0].update(name="pg1"), "twice"),
                             (lambda data: data["web"][0].update(name="pg1x", host="pg1"), "none of them may have its name"),
                             (lambda data: data["disk"][0].update(name="client"), "not on the host of that name"),
                             (lambda data: data["web"][0].update(tls=False), "over TLS only"),
                             (lambda data: data["postgres"][0].update(application="x"), "by which keepers know it"),
                             (lambda data: data["postgres"][1].update(name="pg2'; --"), "no name"),
                             (lambda data: data["host"][1].update(address="192.0.2.10"), "twice"),
                             (lambda data: data["registry"].pop("url"), "'url' is missing"),
                             (lambda data: data["cdn"][0].update(kind="fastly"), "id of the service"),
                             (lambda data: data["cdn"][0].update(service="a/b", kind="fastly"), "id of the service"),
                             (lambda data: data["cdn"][0].update(logs="nowhere"), "no address with a port"),
                             (lambda data: data["pgpool"].pop(), "odd number"),
                             (lambda data: (data["pgpool"].clear(), data["postgres"].append({**data["postgres"][1], "name": "pg3", "slot": "pg3", "application": "pg3"})),
                              "two at most")):
            problems = self.refused(change)
            self.assertTrue(any(word in problem for problem in problems), (word, problems))

    def test_paths_have_defaults(self):
        data = tomllib.loads(LAB.read_text())
        del data["paths"], data["users"]
        self.assertEqual(topology.check(data)["paths"]["config"], "/etc/cheesemonger")


class UnderPatroni(Rendered):
    """The lab's other topology: PostgreSQL under Patroni, which votes by etcd."""

    source = PATRONI

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secrets = json.loads((cls.out / "secrets.json").read_text())

    def test_what_is_refused(self):
        def with_pgpool(data):
            data["pgpool"] = tomllib.loads(LAB.read_text())["pgpool"]
            data["host"] += [{"name": f"pool{number}", "address": f"192.0.2.3{number}", "site": "one"} for number in (1, 2)]
        for change, word in ((lambda data: data["etcd"].pop(), "odd number"),
                             (lambda data: data["etcd"][2].update(host="pg1"), "lost together"),
                             (lambda data: data["etcd"][0].update(peer_port=0), "no port"),
                             (lambda data: data["postgres"][0].pop("patroni_port"), "'patroni_port' is missing"),
                             (lambda data: data["postgres"][0].update(patroni_port=-1), "no port"),
                             (lambda data: data["postgres"][0].update(patroni_tls="yes"), "no bool"),
                             (lambda data: data["postgres"][0].update(patroni_tls=False), "with a password"),
                             (lambda data: data["postgres"][1].update(slot="other"), "by which Patroni makes it"),
                             (lambda data: data["postgres"].pop(), "two are needed"),
                             (with_pgpool, "without pgpool alone"),
                             (lambda data: data.update(failover="pgpool"), "these two ways alone"),
                             (lambda data: data.pop("failover"), "of use to Patroni alone")):
            problems = self.refused(change)
            self.assertTrue(any(word in problem for problem in problems), (word, problems))

    def test_a_patroni_with_tls_has_a_certificate(self):
        data = tomllib.loads(PATRONI.read_text())
        data["certificate"] = [entry for entry in data["certificate"] if entry["host"] != "pg2"]
        with self.assertRaises(topology.TopologyError) as caught:
            render.render(topology.check(data), self.out.parent / "none", "")
        self.assertIn("no certificate", str(caught.exception))

    def test_the_same_secrets_give_the_same_files(self):
        other = self.out.parent / "other"
        render.write(other / "secrets.json", json.dumps(self.secrets))
        render.render(topology.read(PATRONI), other, PATRONI.read_text())
        files = sorted(path.relative_to(self.out) for path in self.out.rglob("*") if path.is_file() and path.name != "secrets.json")
        self.assertEqual(files, sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file() and path.name != "secrets.json"))
        for path in files:
            self.assertEqual((self.out / path).read_bytes(), (other / path).read_bytes(), path)
            self.assertNotIn(b"@{", (self.out / path).read_bytes())
            self.assertEqual((self.out / path).stat().st_mode & 0o077, 0, path)

    def test_a_host_gets_what_runs_there(self):
        self.assertEqual({path.name for path in (self.out / "pg1").iterdir()}, {"patroni", "etcd", "agent"})
        self.assertEqual({path.name for path in (self.out / "witness").iterdir()}, {"etcd", "agent"})
        self.assertEqual({path.name for path in (self.out / "pg1/patroni").iterdir()}, {"patroni.yml", "patroni.sh", "bootstrap.sh", "roles.sql"})

    def test_acknowledged_means_on_two_disks(self):
        conf = self.text("pg1/patroni/patroni.yml")
        for line in ("    synchronous_mode: true", "    fsync: 'on'", "    synchronous_commit: 'on'", "      use_pg_rewind: true", "      use_slots: true",
                     "    ttl: 20", "    - locale: C.UTF-8", "    - data-checksums"):
            self.assertIn(f"\n{line}\n", conf)
        self.assertNotIn("nosync", conf)

    def test_orders_to_patroni_need_a_password_and_go_over_tls(self):
        conf, password = self.text("pg2/patroni/patroni.yml"), self.secrets["patroni"]
        self.assertIn(f"authentication: {{username: cheesemonger, password: '{password}'}}", conf)
        self.assertIn("allowlist: ['192.0.2.0/24']", conf)
        self.assertIn("listen: '192.0.2.22:8008'", conf)
        self.assertIn("certfile: '/srv/cheesemonger/state/tls/node.pem'", conf)
        known = tomllib.loads(self.text("monitor/monitor/secrets.toml"))
        self.assertEqual(known, {"monitor_password": self.secrets["monitor"], "patroni_user": "cheesemonger", "patroni_password": password, "probe_token": "",
                                 "upload_token": ""})
        for host in ("web1", "web2", "cdn", "away", "gfs1"):
            for path in (self.out / host).rglob("*"):
                self.assertFalse(path.is_file() and password.encode() in path.read_bytes(), path)

    def test_nobody_is_superuser_over_the_network(self):
        conf = self.text("pg1/patroni/patroni.yml")
        self.assertIn("superuser: {username: postgres}", conf)
        self.assertEqual([line.split() for line in re.findall(r"^    - (local .*|host .*)$", conf, re.M)],
                         [["local", "all", "postgres", "peer", "map=server"],
                          ["host", "replication", "cheesemonger_replication", "192.0.2.0/24", "scram-sha-256"],
                          ["host", "all", "all", "192.0.2.0/24", "scram-sha-256"]])

    def test_the_first_primary_makes_what_registry_and_monitor_need(self):
        self.assertIn("post_bootstrap: '/srv/cheesemonger/etc/patroni/bootstrap.sh'", self.text("pg1/patroni/patroni.yml"))
        self.assertIn("-f '/srv/cheesemonger/etc/patroni/roles.sql'", self.text("pg1/patroni/bootstrap.sh"))
        self.assertTrue(os.access(self.out / "pg1/patroni/bootstrap.sh", os.X_OK))
        roles = self.text("pg1/patroni/roles.sql")
        for line in ("CREATE ROLE cheesemonger LOGIN", "GRANT SELECT, INSERT, UPDATE ON cheesemonger_heartbeat TO cheesemonger_monitor;", "LOCALE 'C.UTF-8'"):
            self.assertIn(line, roles)
        self.assertNotIn("cheesemonger_pool", roles)

    def test_three_etcds_know_each_other(self):
        cluster = "etcd1=http://192.0.2.21:2380,etcd2=http://192.0.2.22:2380,etcd3=http://192.0.2.33:2380"
        for host in ("pg1", "pg2", "witness"):
            self.assertIn(f"\ninitial-cluster: '{cluster}'\n", self.text(f"{host}/etcd/etcd.yml"))
        self.assertIn("\nname: 'etcd3'\n", self.text("witness/etcd/etcd.yml"))
        # The API over which Patroni takes the leader's key from nobody who holds it.
        self.assertIn("\nenable-v2: true\n", self.text("witness/etcd/etcd.yml"))
        self.assertIn("\netcd:\n", self.text("pg2/patroni/patroni.yml"))
        self.assertEqual(re.findall(r"^    - '(\S+:2379)'$", self.text("pg2/patroni/patroni.yml"), re.M), ["192.0.2.21:2379", "192.0.2.22:2379", "192.0.2.33:2379"])

    def test_web_nodes_find_the_primary_and_read_from_a_standby(self):
        database = tomllib.loads(self.text("web2/web/cheesemongerd.toml"))["serve"]["database"]
        for url in database.values():
            self.assertIn("@192.0.2.21:5432,192.0.2.22:5432/cheesemonger?", url)
        self.assertIn("&target_session_attrs=prefer-standby&", database["read_url"])
        self.assertNotIn("target_session_attrs", database["url"])  # a node asks for read-write by itself

    def test_an_agent_has_no_keeper_to_give_orders_to(self):
        agent = tomllib.loads(self.text("pg1/agent/cheesemongerd.toml"))["agent"]
        self.assertNotIn("database", agent)
        self.assertEqual([service["name"] for service in agent["service"]], ["pg1", "patroni", "etcd1"])
        self.assertEqual([service["name"] for service in tomllib.loads(self.text("witness/agent/cheesemongerd.toml"))["agent"]["service"]], ["etcd3"])


class Rendering(Rendered):
    def test_an_agent_looks_at_what_is_on_its_host(self):
        agent = tomllib.loads(self.text("pg1/agent/cheesemongerd.toml"))["agent"]
        self.assertEqual(agent["database"], {"name": "pg1", "control": "/run/cheesemonger/keeper.sock"})
        self.assertEqual([disk["path"] for disk in agent["disk"]], ["/srv/cheesemonger/postgres"])
        self.assertNotIn("web", agent)
        data = topology.check({**tomllib.loads(LAB.read_text()), "agent": [{"host": "web1", "listen": "192.0.2.11:8431"}]})
        with tempfile.TemporaryDirectory(prefix="cheesemonger-test-") as folder:
            render.render(data, pathlib.Path(folder), LAB.read_text())
            agent = tomllib.loads((pathlib.Path(folder) / "web1/agent/cheesemongerd.toml").read_text())["agent"]
            serve = tomllib.loads((pathlib.Path(folder) / "web1/web/cheesemongerd.toml").read_text())["serve"]
        self.assertEqual(agent["web"]["drain_file"], serve["drain_file"])
        self.assertEqual(agent["service"][0]["pid_file"], serve["data"] + "/serve.lock")
        self.assertEqual(agent["certificate"][0]["name"], "web1_tls")
        self.assertNotIn("database", agent)

    def test_every_file_is_for_its_owner_alone(self):
        for path in self.out.rglob("*"):
            self.assertEqual(path.stat().st_mode & 0o077 if path.is_file() else 0, 0, path)
        self.assertEqual(self.out.stat().st_mode & 0o077, 0)

    def test_nothing_is_left_to_fill_in(self):
        for path in self.out.rglob("*"):
            if path.is_file() and path.suffix not in (".key", ".py"):
                self.assertNotIn("@{", path.read_text(), path)

    def test_secrets_are_made_once_and_lie_in_no_template(self):
        before = json.loads(self.text("secrets.json"))
        subprocess.run([sys.executable, TOPOLOGY / "render.py", LAB, self.out], check=True)
        self.assertEqual(json.loads(self.text("secrets.json")), before)
        self.assertEqual(len(set(before.values())), len(before))
        for source in (TOPOLOGY / "templates").rglob("*"):
            self.assertFalse(source.is_file() and any(secret in source.read_text() for secret in before.values()))

    def test_nodes_share_their_key_and_only_what_they_need(self):
        key = (self.out / "web1/web/node.key").read_bytes()
        self.assertEqual((len(key), key), (32, (self.out / "web2/web/node.key").read_bytes()))
        secrets = json.loads(self.text("secrets.json"))
        for path in (self.out / "monitor").rglob("*"):
            if path.is_file():
                self.assertNotIn(secrets["database"], path.read_text())
        for path in [*(self.out / "web1").rglob("*"), *(self.out / "cdn").rglob("*")]:
            if path.is_file() and path.suffix != ".key":
                self.assertNotIn(secrets["replication"], path.read_text())

    def test_web_nodes_write_to_whichever_postgres_and_begin_to_read_at_different_pgpools(self):
        one, two = (tomllib.loads(self.text(f"{name}/web/cheesemongerd.toml"))["serve"] for name in ("web1", "web2"))
        self.assertIn("@192.0.2.21:5432,192.0.2.22:5432/", one["database"]["url"])
        self.assertEqual(one["database"]["url"], two["database"]["url"])
        self.assertIn("@192.0.2.31:5432,192.0.2.32:5432/", one["database"]["read_url"])
        self.assertIn("@192.0.2.32:5432,192.0.2.31:5432/", two["database"]["read_url"])
        self.assertEqual(one["base_url"], "http://192.0.2.10")

    def test_documentation_is_served_where_the_monitor_asks_for_it(self):
        self.assertEqual(tomllib.loads(self.text("web1/web/cheesemongerd.toml"))["serve"]["docs"], {"base_url": "http://docs.lab.test"})
        data = topology.read(LAB)
        data["registry"]["canary_docs"] = ""
        with tempfile.TemporaryDirectory(prefix="cheesemonger-test-") as folder:
            render.render(data, pathlib.Path(folder), "")
            self.assertNotIn("docs", tomllib.loads((pathlib.Path(folder) / "web1/web/cheesemongerd.toml").read_text())["serve"])

    def test_three_votes_and_no_failover_by_half_of_them(self):
        conf = self.text("pool1/pgpool/pgpool.conf")
        for line in ("enable_consensus_with_half_votes = off", "auto_failback = off", "detach_false_primary = off", "failover_on_backend_error = off", "failover_on_backend_shutdown = off",
                     "hostname2 = '192.0.2.33'", "backend_weight1 = 1"):
            self.assertIn(line, conf)
        # PCP is reached through the proxy that ends what its clients left behind.
        self.assertIn("pcp_listen_addresses = '127.0.0.1'", conf)
        self.assertIn("bind 192.0.2.31:9898", self.text("pool1/pgpool/pcp.cfg"))
        self.assertEqual([self.text(f"{name}/pgpool/pgpool_node_id") for name in ("pool1", "pool2", "witness")], ["0\n", "1\n", "2\n"])

    def test_databases_synchronise(self):
        for name in ("pg1", "pg2"):
            conf = self.text(f"{name}/postgres/postgresql.conf")
            self.assertIn("\nfsync = on\n", conf)
            self.assertIn("\nsynchronous_commit = on\n", conf)
        self.assertIn("LOCALE 'C.UTF-8'", self.text("pg1/postgres/roles.sql"))

    def test_the_monitor_reads_the_same_topology(self):
        self.assertEqual(self.text("monitor/monitor/topology.toml"), LAB.read_text())

    def test_the_monitor_gets_what_it_looks_with_and_no_more(self):
        known = json.loads(self.text("secrets.json"))
        secrets = tomllib.loads(self.text("monitor/monitor/secrets.toml"))
        self.assertEqual(secrets, {"monitor_password": known["monitor"], "pcp_password": known["monitor_pcp"], "probe_token": "", "upload_token": ""})
        config = tomllib.loads(self.text("monitor/monitor/cheesemongerd.toml"))["monitor"]
        self.assertEqual((config["listen"], config["webhook"][0]["name"]), ("192.0.2.40:8430", "receiver"))
        self.assertTrue(config["tls"]["cert"] and config["ca"])
        self.assertIn("\ncheesemonger_monitor:", self.text("pool1/pgpool/pcp.conf"))
        self.assertIn("GRANT SELECT, INSERT, UPDATE ON cheesemonger_heartbeat TO cheesemonger_monitor;", self.text("pg1/postgres/roles.sql"))

    def test_a_token_of_the_registry_is_rendered_once_it_is_there(self):
        out = self.out.parent / "token"
        data = topology.read(LAB)
        render.render(data, out, "")
        before = (out / "web1/web/cheesemongerd.toml").stat().st_ino
        render.write(out / "secrets.json", json.dumps({**json.loads((out / "secrets.json").read_text()), "probe_token": "pypi-x"}))
        render.render(data, out, "", only=("monitor",))
        self.assertEqual(tomllib.loads((out / "monitor/monitor/secrets.toml").read_text())["probe_token"], "pypi-x")
        self.assertEqual((out / "web1/web/cheesemongerd.toml").stat().st_ino, before)

    def test_paths_may_name_the_host(self):
        data = tomllib.loads(LAB.read_text())
        data["paths"]["config"] = "/x/{host}/etc"
        out = self.out.parent / "other"
        render.render(topology.check(copy.deepcopy(data)), out, "")
        self.assertIn("/x/web2/etc/web/node.key", (out / "web2/web/cheesemongerd.toml").read_text())

    def test_a_wrong_topology_says_why(self):
        wrong = self.out.parent / "wrong.toml"
        wrong.write_text(LAB.read_text().replace("[registry]", "[registrie]"))
        done = subprocess.run([sys.executable, TOPOLOGY / "render.py", wrong, self.out.parent / "none"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("'registrie' is not known", done.stderr)
        self.assertFalse((self.out.parent / "none").exists())


if __name__ == "__main__":
    unittest.main()
