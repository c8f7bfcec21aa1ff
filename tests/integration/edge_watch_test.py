# SPDX-License-Identifier: GPL-3.0-or-later
"""The monitor watches a static mirror and a cache, and operators act on them: a real registry, mirror, nginx, varnishd,
agents and monitor on loopback."""
import http.client
import http.server
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from acting import Acting
from keepers import Agent, Authority
from mirrors import Mirror, MirrorSite
from monitor import Monitor, section
from support import SIMPLE_JSON, Registry, free_port, in_seconds, wheel

VCL = """vcl 4.1;
import std;
probe ready {{ .url = "/_health/"; .interval = 300ms; .timeout = 1s; .window = 2; .threshold = 1; .initial = 1; }}
backend web1 {{ .host = "127.0.0.1"; .port = "{web}"; .probe = ready; .connect_timeout = 1s; }}
backend far {{ .host = "127.0.0.1"; .port = "{far}"; .probe = ready; .connect_timeout = 1s; }}
sub vcl_recv {{
    if (req.http.X-Cheesemonger-Backend == "mirror" && {drills}) {{ set req.backend_hint = far; return (pass); }}
    set req.backend_hint = web1;
    if ({without_need} || (!std.healthy(web1) && {falls_back})) {{ set req.backend_hint = far; }}
    return (hash);
}}
sub vcl_backend_response {{
    set beresp.http.X-Served-By = beresp.backend.name;
    if (beresp.ttl > 1s && {hears}) {{ set beresp.ttl = 1s; }}
    set beresp.grace = 0s;
}}
sub vcl_deliver {{ if (obj.hits > 0) {{ set resp.http.X-Cache = "HIT"; }} else {{ set resp.http.X-Cache = "MISS"; }} }}
"""


class Edge:
    def __init__(self, folder, web, far):
        self.folder, self.port, self.web, self.far, self.loaded = pathlib.Path(folder), free_port(), web, far, 0
        self.folder.mkdir()

    def vcl(self, **changes):
        switches = {"drills": "true", "falls_back": "true", "without_need": "false", "hears": "true", **changes}
        file = self.folder / f"edge{self.loaded}.vcl"
        file.write_text(VCL.format(web=self.web, far=self.far, **{name: {"true": "std.healthy(far) || !std.healthy(far)",
                                                                         "false": "std.healthy(far) && !std.healthy(far)"}[text]
                                                                  for name, text in switches.items()}))
        return file

    def start(self):
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(["varnishd", "-F", "-j", "none", "-n", self.folder / "n", "-a", f"127.0.0.1:{self.port}", "-f", self.vcl(),
                                             "-s", "malloc,16M"], stdout=log, stderr=subprocess.STDOUT)
        for _ in range(300):
            if self.admin("ping", check=False).returncode == 0 and "running" in self.admin("status", check=False).stdout:
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def admin(self, *words, check=True):
        done = subprocess.run(["varnishadm", "-t", "2", "-n", self.folder / "n", *words], capture_output=True, text=True, timeout=60)
        if check and done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)
        return done

    def age(self, target):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        link.request("GET", target, headers={"Accept": SIMPLE_JSON})
        age = int(link.getresponse().getheader("Age"))
        link.close()
        return age

    def change(self, **changes):
        self.loaded += 1
        name = f"v{self.loaded}"
        self.admin("vcl.load", name, str(self.vcl(**changes)))
        self.admin("vcl.use", name)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


@unittest.skipUnless(shutil.which("varnishd") and shutil.which("nginx"), "varnishd and nginx are not installed")
class EdgeWatch(unittest.TestCase, Acting):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "web1").mkdir()
        self.registry = Registry(self.folder / "web1/data").start()
        self.addCleanup(lambda: self.registry.process and self.registry.kill())
        self.uploader = self.registry.user("ann")
        self.package = wheel("canary", "1.0")
        self.assertEqual(self.registry.upload(self.package, self.uploader).status, 200)
        file = self.registry.files("canary")[self.package.filename]["url"]
        self.canary = "/packages/" + file.split("/packages/")[1].split("#")[0]
        self.tree = self.folder / "mirror"
        self.mirror = Mirror(self.tree, self.registry.url + "/", "--every", "3s")
        self.mirror.run()
        self.running = self.launch_mirror()
        self.addCleanup(self.end_mirror)
        (self.folder / "site").mkdir(exist_ok=True)
        self.site = MirrorSite(self.folder / "site", self.tree)
        self.addCleanup(self.site.start().stop)
        self.edge = Edge(self.folder / "edge", self.registry.port, self.site.port)
        self.addCleanup(self.edge.start().stop)
        self.start_watching()

    def end_mirror(self):
        if self.running.poll() is None:
            self.running.kill()
            self.running.wait()

    def launch_mirror(self):
        with open(self.folder / "mirror.log", "ab") as log:
            return subprocess.Popen(self.mirror.command(), stdout=subprocess.DEVNULL, stderr=log)

    def start_watching(self):
        authority = Authority(self.folder / "authority")
        topology = f'name = "test"\n[registry]\nurl = "http://127.0.0.1/"\ncanary_project = "canary"\ncanary_file = "{self.canary}"\n'
        topology += "".join(section("host", name=name, address="127.0.0.1") for name in ("watch", "web1", "far", "cdn"))
        topology += section("web", name="web1", host="web1", port=self.registry.port)
        topology += section("cdn", name="cdn", host="cdn", port=self.edge.port, kind="varnish")
        topology += section("mirror", name="far", host="far", port=self.site.port, tree=str(self.tree), prefix="", **{"from": self.registry.url + "/"})
        sections = {"far": f'[agent.mirror]\ntree = "{self.tree}"\n', "cdn": f'[agent.varnish]\ninstance = "{self.edge.folder / "n"}"\n'}
        for name, text in sections.items():
            agent = Agent(self.folder, name, "127.0.0.1", authority, text).start()
            self.addCleanup(agent.kill)
            topology += section("agent", host=name, listen=f"127.0.0.1:{agent.port}")
        topology += section("monitor", name="m1", host="watch", interval_ms=500)
        cert, key, ca = authority.issue("monitor", "monitor")
        self.monitor = Monitor(self.folder, topology, config=f'[monitor.agents]\nca = "{ca}"\ncert = "{cert}"\nkey = "{key}"\n')
        self.token = self.monitor.token()
        self.monitor.start()
        self.addCleanup(self.monitor.kill)
        self.monitor.wait_for("far", None, self.token)

    def fact(self, node, name):
        return next((fact for fact in self.monitor.node(node, self.token)["facts"] if fact["name"] == name), {})

    def test_stale_stopped_empty_and_damaged_are_found_and_over_again(self):
        self.assertEqual(self.monitor.wait_until(lambda: self.fact("far", "sample").get("text", "")), f"{self.package.filename}, right")
        # The process is gone: told at once, and as stale when the copy is late.
        self.running.send_signal(signal.SIGKILL)
        self.running.wait()
        self.monitor.wait_for("far", "MIRROR_STOPPED", self.token)
        self.monitor.wait_for("far", "MIRROR_STALE", self.token)
        # An empty page of the serial of the origin's, with 200.
        page = self.tree / "web/simple/canary/index.v1_json"
        whole = page.read_text()
        page.write_text(json.dumps({**json.loads(whole), "files": []}))
        self.assertTrue(self.monitor.wait_for("far", "MIRROR_EMPTY_PAGE", self.token)["verdict"] == "critical")
        page.write_text(whole)
        self.monitor.wait_until(lambda: "MIRROR_EMPTY_PAGE" not in self.monitor.codes("far", self.token))
        # Other bytes than the page promises.
        file = self.tree / "web" / self.canary.lstrip("/")
        content = file.read_bytes()
        file.chmod(0o644)
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        self.monitor.wait_for("far", "DIGEST_MISMATCH", self.token)
        file.write_bytes(content)
        self.running = self.launch_mirror()
        self.monitor.wait_for("far", None, self.token)

    def test_pause_sync_and_rotation(self):
        until = in_seconds(600)
        self.act(self.monitor, "pause-mirror", "far", until=until)
        self.assertEqual(self.mirror.status()["paused"]["reason"], "a test")
        self.monitor.wait_for("far", "PAUSED", self.token)
        self.assertEqual(self.registry.upload(wheel("late", "1.0"), self.uploader).status, 200)
        self.assertEqual(self.guards(self.plan(self.monitor, "sync-mirror", "far")), ["not-paused"])
        time.sleep(4)  # longer than its cycle
        self.assertIsNone(self.mirror.page("late"))
        self.act(self.monitor, "resume-mirror", "far")
        self.monitor.wait_until(lambda: self.mirror.page("late"))
        self.act(self.monitor, "sync-mirror", "far")
        self.act(self.monitor, "mirror-out", "far", until=until)
        self.assertEqual(self.site.get("/_health/").status, 503)
        self.assertEqual(self.site.get("/simple/canary/").status, 200)
        self.monitor.wait_for("far", "OUT_OF_ROTATION", self.token)
        # Its agent may have been asked a moment before.
        self.monitor.wait_until(lambda: "by operator: a test" in self.monitor.wait_for("far", "OUT_OF_ROTATION", self.token)["statement"])
        self.assertEqual(self.guards(self.plan(self.monitor, "drill-fallback", "cdn")), ["in-rotation"])
        self.monitor.wait_until(lambda: (self.mirror.status()["out"] or {}).get("reason") == "a test")
        self.act(self.monitor, "mirror-return", "far")
        self.assertEqual(self.site.get("/_health/").status, 200)
        self.assertEqual(self.guards(self.plan(self.monitor, "mirror-out", "far", until=None)), ["end"])
        # By itself, at its time.
        self.act(self.monitor, "mirror-out", "far", until=in_seconds(8))
        self.assertEqual(self.site.get("/_health/").status, 503)
        self.monitor.wait_until(lambda: self.site.get("/_health/").status == 200)
        self.monitor.wait_until(lambda: self.mirror.status()["out"] is None)
        self.monitor.wait_until(lambda: "OUT_OF_ROTATION" not in self.monitor.codes("far", self.token))

    def test_deletions_are_allowed_and_a_project_is_looked_at_again(self):
        root = self.registry.user("root", "admin")
        for name in ("one", "two"):
            self.assertEqual(self.registry.upload(wheel(name, "1.0"), self.uploader).status, 200)
        # A mirror that takes nothing for meant.
        brake = self.folder / "mirror.toml"
        brake.write_text("[mirror.brake]\nprojects = 0\n")
        self.end_mirror()
        self.mirror.arguments += ("--config", brake)
        self.running = self.launch_mirror()
        self.monitor.wait_until(lambda: self.mirror.page("one") and self.mirror.page("two"))
        self.assertEqual(self.guards(self.plan(self.monitor, "allow-deletions", "far")), ["held"])
        self.assertEqual(self.registry.call("DELETE", "/admin/v1/projects/one?confirm=one&reason=test", root).status, 200)
        found = self.monitor.wait_for("far", "MIRROR_HOLDS_BACK", self.token)
        self.assertIn("far holds back what 1 project would lose: one", found["statement"])
        first = self.plan(self.monitor, "allow-deletions", "far")
        self.assertEqual((first["confirm"], first["allowed"], first["effects"][0]), ("delete 1", True, "one: all of it (1 file)"))
        self.assertEqual(self.press(self.monitor, first, confirm="delete 2").status, 422)
        # Another set by then.
        self.assertEqual(self.registry.call("DELETE", "/admin/v1/projects/two?confirm=two&reason=test", root).status, 200)
        self.monitor.wait_until(lambda: self.fact("far", "held-back").get("value") == 2)
        self.refused(self.press(self.monitor, first), "unchanged")
        self.assertTrue(self.mirror.page("one"))
        self.act(self.monitor, "allow-deletions", "far")
        self.assertIsNone(self.mirror.page("one"))
        self.assertIsNone(self.mirror.page("two"))
        self.monitor.wait_until(lambda: "MIRROR_HOLDS_BACK" not in self.monitor.codes("far", self.token))
        # Damaged, and mended by order.
        file = self.tree / "web" / self.canary.lstrip("/")
        content = file.read_bytes()
        file.chmod(0o644)
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        self.assertEqual(self.guards(self.plan(self.monitor, "sync-project", "far", project="../canary")), ["project"])
        self.act(self.monitor, "sync-project", "far", project="CANARY")
        self.assertEqual(file.read_bytes(), content)
        answer = self.press(self.monitor, self.plan(self.monitor, "sync-project", "far", project="nobody"))
        self.assertEqual(answer.status, 200, answer.body)
        ended = self.ended(self.monitor, answer.json()["id"])
        self.assertEqual(ended["state"], "failed")
        self.assertIn("no project nobody", ended["statement"])

    def test_the_fallback_is_rehearsed_and_remembered(self):
        self.assertIn("DRILL_DUE", self.monitor.codes("cdn", self.token))
        self.act(self.monitor, "drill-fallback", "cdn")
        self.monitor.wait_until(lambda: self.fact("cdn", "drill").get("text", "").endswith("passed"))
        self.monitor.wait_until(lambda: "DRILL_DUE" not in self.monitor.codes("cdn", self.token))
        # An edge that does not follow the header serves from a web node, and that is told.
        self.edge.change(drills="false")
        answer = self.press(self.monitor, self.plan(self.monitor, "drill-fallback", "cdn"))
        number = answer.json()["id"]
        ended = self.monitor.wait_until(lambda: (found := self.monitor.get(f"monitor/actions/{number}", self.token)) and found["state"] != "running" and found)
        self.assertEqual(ended["state"], "failed")
        self.assertIn("served by web1 and not by far", ended["statement"])
        self.monitor.wait_for("cdn", "DRILL_FAILED", self.token)
        self.monitor.stop()
        self.monitor.start()
        self.monitor.wait_for("cdn", "DRILL_FAILED", self.token)

    def test_a_cache_that_keeps_what_has_changed_is_found(self):
        serials = lambda: [self.fact("cdn", name).get("value") for name in ("registry-serial", "serial", "mirror-serial")]
        # Those of the registry as a whole, not of the canary.
        self.assertEqual(self.registry.upload(wheel("other", "1.0"), self.uploader).status, 200)
        newest = max(row["serial"] for row in self.registry.request("GET", "/journal/").json()["changes"])
        self.monitor.wait_until(lambda: serials() == [newest] * 3)
        self.edge.change(hears="false")
        # Kept as it is now by the monitor's own look at it.
        self.monitor.wait_until(lambda: self.edge.age("/simple/canary/") >= 3)
        self.assertEqual(self.registry.upload(wheel("canary", "2.0"), self.uploader).status, 200)
        found = self.monitor.wait_for("cdn", "CDN_STALE", self.token)
        self.assertIn("the page of canary without what changed", next(one["statement"] for one in found["findings"] if one["code"] == "CDN_STALE"))
        self.assertGreater(self.fact("cdn", "page-behind")["value"], 30)
        self.assertGreater(self.fact("cdn", "registry-serial")["value"], newest)
        self.edge.change()
        self.edge.admin("ban", "req.url", "~", ".")
        self.monitor.wait_until(lambda: "CDN_STALE" not in self.monitor.codes("cdn", self.token))

    def test_the_fallback_is_watched_both_ways(self):
        self.monitor.wait_until(lambda: self.fact("cdn", "backend-far").get("text") == "healthy")
        self.assertTrue(self.fact("cdn", "serving")["text"].startswith("web1"))
        self.edge.change(without_need="true")
        self.monitor.wait_for("cdn", "FALLBACK_UNNEEDED", self.token)
        self.edge.change()
        self.monitor.wait_until(lambda: "FALLBACK_UNNEEDED" not in self.monitor.codes("cdn", self.token))
        self.registry.kill()
        self.monitor.wait_for("cdn", "FALLBACK_IN_USE", self.token)
        # Of a look that began before the node was gone the page is still the node's, and its file the mirror's.
        self.monitor.wait_until(lambda: self.fact("cdn", "serving")["text"].split(",")[0] == "far")
        self.assertEqual(self.guards(self.plan(self.monitor, "mirror-out", "far", until=in_seconds(600))), ["not-serving"])
        self.edge.change(falls_back="false")
        found = self.monitor.wait_for("cdn", "FALLBACK_NOT_FIRING", self.token)
        self.assertEqual(found["verdict"], "critical")
        self.registry.start()
        self.monitor.wait_until(lambda: "FALLBACK_NOT_FIRING" not in self.monitor.codes("cdn", self.token))


class FastlyCounts:
    """Answers as Fastly's real-time API does; `failing`: of the requests of BOM, of each second. `status`: of all answers."""

    def __init__(self):
        outer = self
        self.failing, self.status, self.paths, self.tokens = 0, 200, [], set()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.paths.append(self.path)
                outer.tokens.add(self.headers.get("Fastly-Key"))
                now = int(time.time()) - 9
                since = self.path.rpartition("/ts/")[2]
                seconds = range(int(since) if since.isdigit() else now, now + 1)
                body = json.dumps({"Timestamp": now + 1, "AggregateDelay": 9, "Data": [
                    {"recorded": at, "aggregated": {"requests": 1000, "hits": 985, "miss": 10},
                     "datacenter": {"AMS": {"requests": 997}, "BOM": {"requests": 3, "status_5xx": outer.failing}}} for at in seconds]}).encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class FastlyWatch(unittest.TestCase):
    def test_a_point_of_presence_that_fails_is_found_in_a_sum_that_is_well(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        registry = Registry(folder / "data").start()
        self.addCleanup(registry.kill)
        counts = FastlyCounts()
        self.addCleanup(counts.stop)
        topology = 'name = "test"\n[registry]\nurl = "http://127.0.0.1/"\n' + section("host", name="here", address="127.0.0.1")
        topology += section("web", name="web1", host="here", port=registry.port)
        topology += section("cdn", name="cdn", host="here", port=registry.port, kind="fastly", service="SU1Z0isxPaozGVKXdv0eY")
        topology += section("monitor", name="m1", host="here", interval_ms=500)
        monitor = Monitor(folder, topology, config=f'fastly_api = "{counts.url}"\n', secrets={"fastly_token": "a-token"})
        token = monitor.token()
        monitor.start()
        self.addCleanup(monitor.kill)
        monitor.wait_until(lambda: monitor.get("monitor/state", token)["nodes"])
        fact = lambda name: next((fact for fact in monitor.node("cdn", token)["facts"] if fact["name"] == name), {})
        self.assertAlmostEqual(monitor.wait_until(lambda: fact("hit-ratio").get("value")), 985 / 995)
        self.assertEqual((fact("pops")["value"], fact("worst-pop")["text"], fact("hit-ratio")["source"]), (2, "none fails", "Fastly"))
        self.assertTrue(counts.paths[0].endswith("/v1/channel/SU1Z0isxPaozGVKXdv0eY/ts/h/limit/1"))
        self.assertEqual(counts.tokens, {"a-token"})
        counts.failing = 3
        self.assertIn("at BOM, elsewhere 0.0 %", monitor.wait_for("cdn", "OUTLIER_POP", token)["statement"])
        # Of all requests it is some per mille.
        self.assertNotIn("EDGE_ERRORS", monitor.codes("cdn", token))
        counts.status = 403
        self.assertIn("Fastly refuses the token", monitor.wait_until(lambda: fact("counters-error").get("text")))


if __name__ == "__main__":
    unittest.main()
