# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made for mirrors and for what lies in front of the web nodes: Varnish with its ways out, and a service at Fastly."""
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile
import tomllib
import unittest

from render_test import LAB, render, topology


def with_mirror(entry, **more):
    """The lab's topology with that mirror instead of its own."""
    data = tomllib.loads(LAB.read_text())
    return {**data, "mirror": [entry], "certificate": [*data["certificate"], Mirrors.CERTIFICATE], **more}


class Mirrors(unittest.TestCase):
    ENTRY = {"name": "far", "host": "client", "port": 8081, "tls": True, "from": "https://192.0.2.11:8427/", "tree": "/srv/mirror", "prefix": "/copy"}
    CERTIFICATE = {"name": "far_tls", "host": "client", "port": 8081, "file": "/srv/tls/far.pem"}

    def data(self, **changes):
        return with_mirror({**self.ENTRY, **changes})

    def test_a_mirror_gets_its_web_server_and_its_upstream(self):
        with tempfile.TemporaryDirectory(prefix="cheesemonger-test-") as folder:
            render.render(topology.check(self.data()), pathlib.Path(folder), LAB.read_text(), only=("mirror",))
            out = pathlib.Path(folder) / "client/mirror"
            self.assertEqual(tomllib.loads((out / "cheesemongerd.toml").read_text())["mirror"],
                             {"from": "https://192.0.2.11:8427/", "to": "/srv/mirror", "every": "60s"})
            conf = (out / "nginx.conf").read_text()
        for line in ("listen 192.0.2.50:8081 ssl;", "ssl_certificate /srv/tls/far.pem;", "ssl_certificate_key /srv/tls/far.key;", "location = /copy/simple/ {", "root /srv/mirror/web;", "absolute_redirect off;", "location = /copy/_health/ {"):
            self.assertIn(line, conf)
        self.assertNotIn("@{", conf)

    def test_what_could_break_out_of_the_configuration_is_refused(self):
        for changes in ({"prefix": "copy"}, {"prefix": "/copy/"}, {"prefix": "/a;b"}, {"tree": "srv"}, {"tree": "/srv/a b"}, {"port": 0}):
            with self.assertRaises(topology.TopologyError, msg=changes):
                topology.check(self.data(**changes))

    def test_what_is_on_the_way_to_it_is_said_and_has_a_certificate(self):
        entry = {key: value for key, value in self.ENTRY.items() if key != "tls"}
        with self.assertRaisesRegex(topology.TopologyError, "mirror 'far': 'tls' is missing"):
            topology.check({**self.data(), "mirror": [entry]})
        with tempfile.TemporaryDirectory(prefix="cheesemonger-test-") as folder:
            with self.assertRaisesRegex(topology.TopologyError, "mirror 'far': there is no certificate"):
                render.render(topology.check({**self.data(), "certificate": tomllib.loads(LAB.read_text())["certificate"]}), pathlib.Path(folder), "")
            # In the open it needs none, and is asked without one.
            out = pathlib.Path(folder) / "open"
            render.render(topology.check({**tomllib.loads(LAB.read_text()), "mirror": [{**self.ENTRY, "tls": False}]}), out, "", only=("mirror", "cdn"))
            self.assertIn("listen 192.0.2.50:8081;", (out / "client/mirror/nginx.conf").read_text())
            self.assertIn('backend far { .host = "192.0.2.50"; .port = "8081";', (out / "cdn/cdn/registry.vcl").read_text())
            self.assertNotIn("listen far", (out / "cdn/cdn/haproxy.cfg").read_text())

    def test_its_agent_tells_of_its_certificate(self):
        with tempfile.TemporaryDirectory(prefix="cheesemonger-test-") as folder:
            render.render(topology.read(LAB), pathlib.Path(folder), "", only=("agent",))
            agent = tomllib.loads((pathlib.Path(folder) / "away/agent/cheesemongerd.toml").read_text())["agent"]
        self.assertEqual([entry["name"] for entry in agent["certificate"]], ["away_tls"])


class Cdns(unittest.TestCase):
    def render(self, **more):
        folder = tempfile.TemporaryDirectory(prefix="cheesemonger-test-")
        self.addCleanup(folder.cleanup)
        data = {**with_mirror(Mirrors.ENTRY), **more}
        render.render(topology.check(data), pathlib.Path(folder.name), "", only=("cdn", "web"))
        return pathlib.Path(folder.name)

    def compiles(self, vcl):
        jail = ["-j", "none"] if os.geteuid() == 0 else []
        done = subprocess.run(["varnishd", *jail, "-C", "-f", vcl], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr[:2000])

    def test_the_acls_are_those_of_the_topology(self):
        out = self.render()
        vcl = out / "cdn/cdn/registry.vcl"
        self.compiles(vcl)
        text = vcl.read_text()
        purgers, drills = (text.partition(f"acl {name} {{")[2].partition("}")[0] for name in ("purgers", "drills"))
        self.assertEqual(sorted(re.findall(r'"(192[^"]*)"', purgers)), ["192.0.2.11", "192.0.2.12"])
        self.assertEqual(re.findall(r'"(192[^"]*)"', drills), ["192.0.2.40"])
        self.assertIn('set bereq.url = "/copy" + bereq.url;', text)
        # All ways out are held to the authority, by the name of who is asked.
        servers = [line for line in (out / "cdn/cdn/haproxy.cfg").read_text().splitlines() if line.startswith("    server ")]
        self.assertEqual(len(servers), 5)
        for line in servers:
            self.assertIn(f" ssl verify required ca-file /srv/cheesemonger/state/tls/authority.pem verifyhost {line.split()[1]} ", line)
        self.assertNotIn("192.0.2.50", text)

    def test_without_a_mirror_there_is_none(self):
        vcl = self.render(mirror=[]) / "cdn/cdn/registry.vcl"
        self.compiles(vcl)
        self.assertNotIn("acl drills", vcl.read_text())

    def test_memory_is_bounded(self):
        words = (self.render() / "cdn/cdn/varnish.sh").read_text()
        for part in ("-s malloc,64M", "-s Transient=malloc,32M", "-p thread_pool_max=", "-p vsl_reclen=4k", "-a 192.0.2.10:80"):
            self.assertIn(part, words)

    def test_web_nodes_know_whom_to_tell(self):
        serve = tomllib.loads((self.render() / "web1/web/cheesemongerd.toml").read_text())["serve"]
        self.assertEqual(serve["cdn"], {"varnish": ["http://192.0.2.10:80"]})
        serve = tomllib.loads((self.render(cdn=[]) / "web1/web/cheesemongerd.toml").read_text())["serve"]
        self.assertNotIn("cdn", serve)

    def test_fastly_gets_the_same_from_the_same_file(self):
        entry = {"name": "outside", "host": "cdn", "port": 443, "kind": "fastly", "service": "SU1Z0isxPaozGVKXdv0eY", "logs": "192.0.2.60:514"}
        out = self.render(cdn=[entry])
        self.assertFalse((out / "cdn/cdn").exists())
        service = json.loads((out / "cdn/fastly/service.json").read_text())
        backends = {backend["name"]: backend for backend in service["backend"]}
        self.assertEqual(set(backends), {"web1", "web1_alive", "web2", "web2_alive", "far"})
        checks = {check["name"]: check for check in service["healthcheck"]}
        for backend in backends.values():
            self.assertIn(backend["healthcheck"], checks)
        self.assertEqual(checks[backends["far"]["healthcheck"]]["path"], "/copy/_health/")
        for name in ("web1", "web2", "far"):
            self.assertTrue(backends[name]["use_ssl"] and backends[name]["ssl_check_cert"], name)
            self.assertEqual((backends[name]["ssl_cert_hostname"], backends[name]["ssl_sni_hostname"]), (name, name))
        # Both origins that come through it are its own.
        self.assertEqual(service["domain"], [{"name": "192.0.2.10"}, {"name": "docs.lab.test"}])
        self.assertEqual(service["acl"], [{"name": "drills", "entries": [{"ip": "192.0.2.40", "negated": 0}]}])
        conditions = {condition["name"] for condition in service["condition"]}
        for condition in service["condition"]:
            self.assertIn("!req.http.X-Edge-Docs && ", condition["statement"])
        for log in service["logging/syslog"]:
            self.assertEqual((log["address"], log["port"]), ("192.0.2.60", 514))
            self.assertIn(log["response_condition"], conditions)
            # Ten fields, as whoever counts downloads expects them; the user agent is the last.
            self.assertRegex(log["format"], r"^(download|simple)\|%\{now\}V\|([^|]+\|){4}([^|]*\|){3}%\{req\.http\.User-Agent\}V$")
        main = service["vcl"][0]["content"]
        self.assertEqual(set(re.findall(r"F_(\w+)", main)), set(backends))
        for name in ("recv", "hash", "miss", "pass", "fetch", "error", "deliver", "log"):
            self.assertIn(f"#FASTLY {name}", main)
        self.assertIn('X-Cheesemonger-Backend == "fresh" && client.ip ~ drills', main)
        self.assertEqual(main.count("{"), main.count("}"))
        render.write(out / "secrets.json", json.dumps({**json.loads((out / "secrets.json").read_text()), "fastly_token": "reads"}))
        render.render(topology.check(with_mirror(Mirrors.ENTRY, cdn=[entry])), out, "", only=("monitor",))
        self.assertEqual(tomllib.loads((out / "monitor/monitor/secrets.toml").read_text())["fastly_token"], "reads")
        serve = tomllib.loads((out / "web1/web/cheesemongerd.toml").read_text())["serve"]
        self.assertEqual(serve["cdn"], {"fastly_service": "SU1Z0isxPaozGVKXdv0eY", "fastly_token_file": "/srv/cheesemonger/etc/web/fastly.token"})

    def test_documentation_comes_through_where_it_has_a_host_of_its_own_and_no_port(self):
        entry = {"name": "outside", "host": "cdn", "port": 443, "kind": "fastly", "service": "SU1Z0isxPaozGVKXdv0eY"}
        lab = tomllib.loads(LAB.read_text())
        for registry, web, expected in (({}, {}, ["192.0.2.10", "docs.lab.test"]), ({}, {"docs_port": 8429}, ["192.0.2.10"]),
                                        ({"canary_docs": ""}, {}, ["192.0.2.10"]), ({"canary_docs": "https://192.0.2.10/canary/latest/"}, {}, ["192.0.2.10"])):
            more = {"registry": {**lab["registry"], **registry}, "web": [{**node, **web} for node in lab["web"]]}
            out = self.render(cdn=[entry], **more)
            service = json.loads((out / "cdn/fastly/service.json").read_text())
            self.assertEqual([domain["name"] for domain in service["domain"]], expected)
            self.assertEqual("docs[.]lab[.]test" in service["vcl"][0]["content"], len(expected) > 1)
            out = self.render(**more)
            if web:
                self.compiles(out / "cdn/cdn/registry.vcl")
            for name in ("registry.vcl", "downloads.sh"):
                self.assertEqual("(?i)^docs[.]lab[.]test(:[0-9]+)?$" in (out / "cdn/cdn" / name).read_text(), len(expected) > 1, name)
        with self.assertRaisesRegex(topology.TopologyError, "'canary_docs' is no address"):
            topology.check({**lab, "registry": {**lab["registry"], "canary_docs": 'https://docs"/canary/'}})

    def test_fastly_asks_another_node_after_one_that_failed(self):
        entry = {"name": "outside", "host": "cdn", "port": 443, "kind": "fastly", "service": "SU1Z0isxPaozGVKXdv0eY"}
        choose = chooser((self.render(cdn=[entry]) / "cdn/fastly/main.vcl").read_text())
        every = {"F_web1", "F_web2", "F_web1_alive", "F_web2_alive"}
        self.assertEqual({choose(every) for _ in range(64)}, {("web1", "F_web1"), ("web2", "F_web2")})
        for asked, other in (("web1", "web2"), ("web2", "web1")):
            for before in (asked, asked + "_alive"):
                self.assertEqual({choose(every, before) for _ in range(32)}, {(other, f"F_{other}")})
                # Another one that lives comes before the mirror; without one the mirror is asked, and who has no mirror the same again.
                self.assertEqual(choose({f"F_{asked}", f"F_{asked}_alive", f"F_{other}_alive"}, before), (f"{other}_alive", f"F_{other}_alive"))
                self.assertEqual(choose({f"F_{asked}", f"F_{asked}_alive"}, before), (None, "live_nodes"))
        self.assertEqual(choose({"F_web2", "F_web2_alive", "F_web1_alive"}), ("web2", "F_web2"))
        self.assertEqual(choose({"F_web1_alive"}), ("web1_alive", "F_web1_alive"))
        self.assertEqual(choose(set()), (None, "live_nodes"))


def chooser(vcl):
    """choose_node of Fastly's VCL as a function of who is healthy and who was asked before: who is asked, and by which backend. Of
    the language as much as stands in there."""
    lines, depth = [], 0
    for line in vcl.partition("sub choose_node {\n")[2].partition("\n}\n")[0].splitlines():
        line = line.strip()
        depth -= line.startswith("}")
        if line.startswith(("set ", "unset ", "if ", "} elsif ")):
            line = re.sub(r"req\.http\.([\w-]+)", r'req["\1"]', line.rstrip(";")).replace("req.backend.healthy", 'req["backend"] in healthy')
            line = re.sub(r"req\.backend", 'req["backend"]', line).replace("&&", "and").replace("!req", "not req")
            line = re.sub(r"= ((?:F_)?\w+)$", r'= "\1"', line.removeprefix("set "))
            line = re.sub(r"^unset (.*)$", r"\1 = None", line)
            line = re.sub(r"^(?:} els)?if \((.*)\) {$", lambda found: ("elif " if line.startswith("}") else "if ") + found[1] + ":", line)
            lines.append("    " * depth + line)
        depth += line.endswith((":", "{"))
    code = compile("\n".join(lines), "choose_node", "exec")

    def choose(healthy, before=None):
        req = {"X-Edge-Node": before, "backend": None}
        exec(code, {"req": req, "healthy": healthy, "randombool": lambda chance, of: random.randrange(of) < chance,
                    "regsub": lambda text, pattern, new: re.sub(pattern, new, text or "", count=1)})
        return req["X-Edge-Node"], req["backend"]
    return choose


if __name__ == "__main__":
    unittest.main()
