# SPDX-License-Identifier: GPL-3.0-or-later
"""Purges at Fastly, against a server that answers as its API is documented to: ids, 401, 429 with Retry-After, trouble, slowness."""
import http.server
import json
import os
import pathlib
import tempfile
import threading
import time
import unittest

from edges import wait_for
from monitor import Monitor, section
from support import RegistryTest, Registry, free_port, in_seconds, wheel

TOKEN = "s3cr3t-of-the-cdn"


class Api:
    """`say` are answers that come before all others: (status, headers, seconds)."""

    def __init__(self):
        self.say, self.calls = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                keys = self.headers.get("Surrogate-Key", "").split()
                status, headers, seconds = outer.say.pop(0) if outer.say else (200, {}, 0)
                time.sleep(seconds)
                if self.headers.get("Fastly-Key") != TOKEN:
                    status = 401
                outer.calls.append((time.monotonic(), self.path, keys, self.headers.get("Fastly-Soft-Purge") == "1", status))
                body = json.dumps({key: f"108-{number}" for number, key in enumerate(keys)} if status == 200 else
                                  {"msg": "Provided credentials are missing or invalid"}).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def purged(self, soft=None):
        return {key for _, _, keys, softly, status in self.calls for key in keys if status == 200 and soft in (None, softly)}


class Fastly(RegistryTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="cheesemonger-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.drain = pathlib.Path(folder.name) / "drain.json"
        config = pathlib.Path(folder.name) / "cheesemongerd.toml"
        config.write_text(f'[serve]\ndrain_file = "{cls.drain}"\n')
        cls.arguments = ("--config", config)
        cls.api = Api()
        cls.addClassCleanup(cls.api.server.server_close)
        cls.addClassCleanup(cls.api.server.shutdown)
        os.environ["CHEESEMONGER_CDN_FASTLY_SERVICE"] = "SU1Z0isxPaozGVKXdv0eY"
        os.environ["CHEESEMONGER_CDN_FASTLY_API"] = cls.api.url + "/"
        try:
            secret = tempfile.NamedTemporaryFile("w", prefix="cheesemonger-test-", delete=False)
            cls.addClassCleanup(os.unlink, secret.name)
            cls.secret = pathlib.Path(secret.name)
            cls.secret.write_text(TOKEN + "\n")
            os.environ["CHEESEMONGER_CDN_FASTLY_TOKEN_FILE"] = secret.name
            super().setUpClass()
        finally:
            for name in ("SERVICE", "API", "TOKEN_FILE"):
                os.environ.pop(f"CHEESEMONGER_CDN_FASTLY_{name}", None)
        cls.owner, cls.admin = cls.registry.user("owner"), cls.registry.user("root", "admin")

    def setUp(self):
        wait_for("calm", lambda: self.state()["pending_keys"] == 0)
        self.api.calls.clear()

    def state(self):
        return self.registry.call("GET", "/admin/v1/cdn", self.admin).json()

    def publish(self, name, version="1.0"):
        answer = self.registry.upload(wheel(name, version), self.owner)
        self.assertEqual(answer.status, 200, answer)

    def test_what_adds_is_soft_and_what_removes_is_hard(self):
        self.publish("plain")
        wait_for("soft", lambda: {"project/plain", "simple-index"} <= self.api.purged(soft=True))
        self.assertEqual(self.api.purged(soft=False), set())
        self.assertEqual({path for _, path, *_ in self.api.calls}, {"/service/SU1Z0isxPaozGVKXdv0eY/purge"})
        for method, path, body, soft in (("POST", "/admin/v1/projects/plain/releases/1.0/yank", {"reason": "x"}, True),
                                         ("POST", "/admin/v1/projects/plain/quarantine", {"reason": "x"}, False),
                                         ("POST", "/admin/v1/projects/plain/lift", {"reason": "x"}, True),
                                         ("DELETE", "/admin/v1/projects/plain/releases/1.0?confirm=1.0&reason=x", None, False)):
            # Until the change before has been said again.
            time.sleep(4)
            self.api.calls.clear()
            self.assertEqual(self.registry.call(method, path, self.admin, body).status, 200, path)
            wait_for(path, lambda: "project/plain" in self.api.purged(soft=soft))

    def test_trouble_is_shown_and_waited_out_in_order(self):
        self.api.say += [(503, {}, 0), (500, {}, 0), (429, {"Retry-After": "2"}, 0)]
        begin = time.monotonic()
        self.publish("troubled")
        wait_for("the limit", lambda: len(self.api.calls) >= 3)
        wait_for("the limit to be told", lambda: "Fastly takes no more purges for a while" in (seen := self.state())["last_error"] and seen["pending_keys"] >= 2)
        # Nothing of this holds up an upload.
        self.publish("troubled", "2.0")
        wait_for("done", lambda: "project/troubled" in self.api.purged())
        tried = [when - begin for when, *_ in self.api.calls]
        self.assertGreaterEqual(tried[3] - tried[2], 2)
        wait_for("the trouble to be over", lambda: self.state()["last_error"] == "")
        self.assertTrue(self.state()["edges"][0]["last_error_at"])

    def test_a_refused_token_says_what_to_do_and_a_new_one_needs_no_restart(self):
        self.secret.write_text("wrong\n")
        self.publish("refused")
        wait_for("refused", lambda: "put one that may purge service SU1Z0isxPaozGVKXdv0eY" in self.state()["last_error"])
        self.secret.write_text(TOKEN + "\n")
        wait_for("purged with the new one", lambda: "project/refused" in self.api.purged())

    def test_many_at_once_are_few_calls_of_at_most_256_keys(self):
        self.api.say += [(200, {}, 3)]
        self.publish("first")
        wait_for("the slow call", lambda: not self.api.say)
        for number in range(300):
            self.publish(f"many-{number}")
        wanted = {f"project/many-{number}" for number in range(300)}
        wait_for("all", lambda: wanted <= self.api.purged())
        self.assertLessEqual(max(len(keys) for _, _, keys, _, _ in self.api.calls), 256)

    def order(self, **words):
        return self.registry.call("POST", "/admin/v1/cdn/purge", words.pop("token", self.admin), {"reason": "looks wrong", **words})

    def test_an_order_is_for_operators_and_leaves_its_reason(self):
        watcher, operator = self.registry.user("watcher", "observer"), self.registry.user("olga", "operator")
        for token in (self.owner, watcher):
            self.assertEqual(self.order(token=token, keys=["project/forbidden"]).status, 403)
        self.assertEqual(self.order(token=token, everything=True, confirm="x").status, 403)
        self.assertEqual(self.order(token=operator, keys=["simple-pages"]).status, 200)
        wait_for("purged softly", lambda: "simple-pages" in self.api.purged(soft=True))
        self.assertFalse(self.api.purged() & {"project/forbidden", "all"})
        line = self.registry.call("GET", "/admin/v1/audit?limit=1", self.admin).json()["items"][0]
        self.assertEqual((line["action"], line["actor"], line["reason"]), ("cdn.purge", "olga", "looks wrong"))
        self.assertEqual(json.loads(line["after"]) if isinstance(line["after"], str) else line["after"], {"soft": True, "keys": ["simple-pages"]})
        self.assertTrue(self.state()["node"])

    def test_what_is_let_go_of_hard_has_to_be_had_from_this_node(self):
        name = self.registry.call("GET", "/admin/v1/registry", self.admin).json()["name"]
        drained = {"until": in_seconds(600), "by": "ann", "reason": "a new disk"}
        lines = self.registry.call("GET", "/admin/v1/audit?limit=1", self.admin).json()["total"]
        self.drain.write_text(json.dumps(drained))
        self.addCleanup(self.drain.unlink, missing_ok=True)
        for what in ({"keys": ["project/kept"]}, {"everything": True, "confirm": name}):
            refused = self.order(soft=False, **what)
            self.assertEqual(refused.status, 412, refused)
            self.assertIn("by ann", refused.text)
            self.assertIn("purge softly, or order it at a web node that is ready", refused.text)
            self.assertIn("node-ready", refused.text)
            self.assertIn("Of the other web nodes this one knows nothing", refused.text)
        self.assertFalse(self.api.purged() & {"project/kept", "all"})
        self.assertEqual(self.registry.call("GET", "/admin/v1/audit?limit=1", self.admin).json()["total"], lines)
        # What stays for the time when nobody answers takes nothing away.
        self.assertEqual(self.order(keys=["project/kept"]).status, 200)
        wait_for("purged softly", lambda: "project/kept" in self.api.purged(soft=True))
        self.drain.unlink()
        self.assertEqual(self.order(soft=False, everything=True, confirm=name).status, 200)
        wait_for("purged hard", lambda: "all" in self.api.purged(soft=False))

    def test_a_monitor_tells_what_waits(self):
        topology = 'name = "test"\n[registry]\nurl = "http://127.0.0.1/"\n'
        topology += "".join(section("host", name=name, address="127.0.0.1") for name in ("watch", "web1", "edge"))
        topology += section("web", name="web1", host="web1", port=self.registry.port) + section("cdn", name="cdn1", host="edge", port=free_port(), kind="varnish")
        topology += section("monitor", name="m1", host="watch", interval_ms=500)
        monitor = Monitor(self.folder, topology, secrets={"probe_token": self.registry.user("probe", "observer")})
        token = monitor.token()
        monitor.start()
        self.addCleanup(monitor.kill)

        def fact(node, name):
            nodes = monitor.get("monitor/state", token)["nodes"]
            return next((fact for one in nodes if one["name"] == node for fact in one["facts"] if fact["name"] == name), {})

        monitor.wait_until(lambda: fact("web1", "purges-waiting").get("value") == 0)
        monitor.wait_until(lambda: fact("cdn1", "purges-web1").get("text") == "nothing waits")
        self.assertEqual(fact("web1", "purge-error"), {})
        self.api.say += [(503, {}, 0)] * 1000
        self.addCleanup(self.api.say.clear)
        self.publish("watched")
        monitor.wait_until(lambda: fact("web1", "purges-waiting").get("value", 0) >= 2 and fact("web1", "purge-oldest").get("value", 0) > 1)
        self.assertIn("Fastly", fact("web1", "purge-error")["text"])
        self.assertRegex(fact("cdn1", "purges-web1")["text"], r"^\d+ waiting, the oldest for \d+ s: ")
        self.api.say.clear()
        monitor.wait_until(lambda: fact("cdn1", "purges-web1").get("text") == "nothing waits")

    def test_the_token_is_nowhere(self):
        self.publish("quiet")
        self.assertNotIn(TOKEN, self.registry.log())
        self.assertNotIn(TOKEN, pathlib.Path(f"/proc/{self.registry.process.pid}/cmdline").read_text())
        self.assertNotIn(TOKEN, json.dumps(self.state()))
        for path in (self.registry.data / "edges").iterdir():
            self.assertNotIn(TOKEN, path.read_text())

    def test_without_a_cdn_there_is_nothing(self):
        plain = Registry(self.folder / "plain" / "data").start()
        self.addCleanup(plain.kill)
        admin = plain.user("root", "admin")
        state = plain.call("GET", "/admin/v1/cdn", admin).json()
        self.assertEqual((state["driver"], state["edges"], state["pending_keys"]), ("", [], 0))
        refused = plain.call("POST", "/admin/v1/cdn/purge", admin, {"keys": ["project/x"], "reason": "x"})
        self.assertEqual(refused.status, 409, refused)
        self.assertNotIn("cheesemonger_cdn", plain.request("GET", "/metrics").text)
        self.assertFalse((plain.data / "edges").exists())


if __name__ == "__main__":
    unittest.main()
