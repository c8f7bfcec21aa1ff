# SPDX-License-Identifier: GPL-3.0-or-later
"""The CDN in front: who is asked, what is kept, what goes at once, and what readers and uploaders see when nodes die or hang."""
import hashlib
import itertools
import json
import os
import subprocess
import threading
import time
import unittest

from edges import EDGE, ELSEWHERE, NEAR, NODES, Cdn, FrontedNodes, Relay, wait_for
from postgres import shared_server
from support import BIN, SIMPLE_JSON, basic, form, wheel

PIP = f"{SIMPLE_JSON}, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"


class Readers:
    """Clients that read pages and files in a loop until stop(): every answer that is no success, how long each took and who gave it."""

    def __init__(self, cdn, paths, threads=6, timeout=20):
        self.cdn, self.paths, self.timeout = cdn, paths, timeout
        self.failures, self.times, self.servers, self.stopping = [], [], [], threading.Event()
        self.threads = [threading.Thread(target=self.read, args=(start,)) for start in range(threads)]
        for thread in self.threads:
            thread.start()

    def read(self, start):
        items = list(self.paths.items())
        for number in itertools.count(start * 3):
            if self.stopping.is_set():
                return
            name, path = items[number % len(items)]
            # A page that is kept, one that no cache has, and a file.
            for what in (f"/simple/{name}/", f"/simple/{name}/?format=x{start}.{number}", path):
                begin = time.monotonic()
                try:
                    answer = self.cdn.get(what, PIP, timeout=self.timeout)
                    if answer.status != 200 or (what == path and len(answer.body) != int(answer.headers["Content-Length"])):
                        self.failures.append((what, repr(answer)))
                    self.servers.append((begin, answer.headers.get("X-Served-By")))
                except OSError as error:
                    self.failures.append((what, repr(error)))
                self.times.append((time.monotonic() - begin, what))

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        return self

    def first(self, who, after):
        """Seconds until the first answer of a request after that moment that one of these gave."""
        return min((begin - after for begin, server in self.servers if server in who and begin >= after), default=None)

    def last(self, who):
        return max((begin for begin, server in self.servers if server in who), default=0)


class Caching(FrontedNodes):
    def setUp(self):
        self.wait_until_settled()

    def test_what_is_kept_and_who_it_came_from(self):
        first = self.cdn.get("/simple/project-0/", PIP)
        again = self.cdn.get("/simple/project-0/", PIP)
        self.assertIn(first.headers["X-Served-By"], NODES)
        self.assertEqual((again.status, again.headers["X-Cache"], again.headers["X-Served-By"]), (200, "HIT", first.headers["X-Served-By"]))
        self.assertGreaterEqual(int(again.headers["X-Cache-Hits"]), 1)
        self.assertIn("Age", again.headers)
        for path in (self.paths["project-0"], self.paths["project-0"] + ".metadata", "/pypi/project-0/json", "/simple/"):
            self.cdn.get(path)
            kept = self.cdn.get(path)
            self.assertEqual((kept.status, kept.headers["X-Cache"]), (200, "HIT"), path)
            for header in ("Surrogate-Key", "xkey", "X-Varnish", "Via"):
                self.assertNotIn(header, kept.headers)
        self.assertEqual(hashlib.sha256(self.cdn.get(self.paths["project-0"]).body).hexdigest(), self.packages[0].sha256)
        part = self.cdn.get(self.paths["project-0"], Range="bytes=10-19")
        self.assertEqual((part.status, part.body), (206, self.packages[0].content[10:20]))

    def test_nodes_name_the_keys(self):
        for path, keys in (("/simple/project-1/", "project/project-1 simple-pages all"), (self.paths["project-1"], "project/project-1 all"),
                           (self.paths["project-1"] + ".metadata", "project/project-1 all"), ("/pypi/project-1/json", "project/project-1 endpoint/project-json all"),
                           ("/simple/", "simple-index simple-pages all")):
            self.assertEqual(self.one.request("GET", path).headers["Surrogate-Key"], keys, path)

    def test_an_index_page_is_kept_three_times_at_most(self):
        accepts = [None, PIP, "text/html", "*/*", "application/*", "application/*;q=0.5, text/html;q=0.4", "text/*, application/json", "image/png",
                   "application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.latest+json", "application/vnd.pypi.simple.v1+html",
                   "APPLICATION/VND.PYPI.SIMPLE.V1+JSON", "application/vnd.pypi.simple.v1+json;q=0.1, text/html", "text/html;q=0, */*;q=0.3",
                   "application/vnd.pypi.simple.v1+json ; q=0.7 , application/vnd.pypi.simple.v1+html;q=0.8", "text/html;level=1;q=0.2, */*;q=0.1",
                   "application/vnd.pypi.simple.v1+json;q=0.250, application/vnd.pypi.simple.latest+html;q=0.25", "", "q=1"]
        self.cdn.purge("all")
        misses = 0
        for accept in accepts:
            direct = self.one.request("GET", "/simple/project-2/", headers={} if accept is None else {"Accept": accept})
            through = self.cdn.get("/simple/project-2/", accept)
            self.assertEqual(through.headers["Content-Type"], direct.headers["Content-Type"], accept)
            misses += through.headers["X-Cache"] == "MISS"
            plain, packed = (self.cdn.get("/simple/project-2/?utm=1", accept, Accept_Encoding=coding) for coding in ("identity", "br, gzip;q=0.5"))
            self.assertEqual((plain.headers["X-Cache"], packed.headers["X-Cache"]), ("HIT", "HIT"), accept)
        self.assertLessEqual(misses, 3)

    def test_404_is_a_node_s_word_and_not_kept(self):
        for _ in range(3):
            answer = self.cdn.get("/simple/nobody-has-this/", PIP)
            self.assertEqual((answer.status, answer.headers["X-Cache"]), (404, "MISS"))
            self.assertIn(answer.headers["X-Served-By"], NODES)

    def test_purges_come_from_web_nodes_alone(self):
        self.cdn.get("/simple/project-3/", PIP)
        refused = self.cdn.get_from(ELSEWHERE, "/", "PURGE", Surrogate_Key="all")
        self.assertEqual(refused.status, 403, refused)
        self.assertEqual(self.cdn.get("/simple/project-3/", PIP).headers["X-Cache"], "HIT")
        self.assertEqual(self.cdn.get("/", method="PURGE").status, 400)

    def test_a_drill_asks_the_mirror_and_leaves_nothing(self):
        for path in ("/simple/project-4/", self.paths["project-4"], "/pypi/project-4/json", "/simple/"):
            self.cdn.get(path, PIP)
            drill = self.cdn.get(path, PIP, X_Cheesemonger_Backend="mirror")
            self.assertEqual((drill.status, drill.headers["X-Served-By"], drill.headers["X-Cache"]), (200, "far", "PASS"), path)
            after = self.cdn.get(path, PIP)
            self.assertEqual((after.headers["X-Cache"], after.headers["X-Served-By"] in NODES), ("HIT", True), path)
        moved = self.cdn.get("/simple/Project_4/", PIP, X_Cheesemonger_Backend="mirror")
        self.assertEqual((moved.status, moved.headers["Location"]), (301, "/simple/project-4/"))
        ignored = self.cdn.get_from(ELSEWHERE, "/simple/project-4/", X_Cheesemonger_Backend="mirror")
        self.assertIn(ignored.headers["X-Served-By"], NODES)
        # Out of rotation it is not asked, and a drill says so.
        (self.folder / "copy/out").touch()
        self.addCleanup((self.folder / "copy/out").unlink)
        wait_for("the mirror is out", lambda: self.cdn.get("/simple/project-4/", PIP, X_Cheesemonger_Backend="mirror").status == 503)

    def test_a_line_for_each_download(self):
        log = self.folder / "cdn-downloads.log"
        # Longer than what Varnish keeps by default, with all that has to be escaped.
        details = {"installer": {"name": "pip", "version": "25.1"}, "distro": {"name": 'a "quoted" \\ name', "version": "1" * 300}}
        writer = subprocess.Popen(["sh", self.cdn.rendered / "edge/cdn/downloads.sh"], stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            def written():
                self.cdn.get(self.paths["project-5"], User_Agent="pip/25.1 " + json.dumps(details))
                self.cdn.get("/simple/project-5/", User_Agent="curl/8")
                self.cdn.get("/robots.txt")
                return log.exists() and log.read_text().count('"GET /packages/') > 1
            wait_for("lines of downloads", written)
        finally:
            writer.terminate()
            writer.wait(10)
        lines = [next(line for line in log.read_text().splitlines() if f'"GET {path}' in line) for path in ("/packages/", "/simple/")]  # it may begin between them
        self.assertRegex(lines[0], r'^<134>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ cache-cdn1 pypi-cdn\[\d+\]: 127\.0\.0\.1 "\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT" "-" '
                                   r'"GET /packages/[^ ]+\.whl" HTTP/1\.1 200 \d+ \d+ (HIT|MISS) \d+ "-" "-" "pip/25\.1 ')
        parsed = subprocess.run([BIN / "cheesemongerd", "ingest", "--parse", "--mode", "strict", "-"], input="\n".join(lines).encode(), stdout=subprocess.PIPE, check=True)
        file, page = (json.loads(line) for line in parsed.stdout.splitlines())
        self.assertEqual((file["outcome"], file["class"], file["record"]["details"]), ("download", "interactive", details))
        self.assertEqual(file["record"]["file"], {"filename": self.paths["project-5"].rpartition("/")[2], "project": "project_5", "version": "1.0", "type": "bdist_wheel"})
        self.assertEqual((page["outcome"], page["class"], page["record"]["project"]), ("simple", "browser", "project-5"))
        self.assertNotIn("robots", log.read_text())


class Purging(FrontedNodes):
    def publish(self, node, name, version):
        package = wheel(name, version)
        answer = node.upload(package, self.owner)
        self.assertEqual(answer.status, 200, answer)
        return package

    def test_uploads_are_seen_within_a_second_through_either_node(self):
        took = []
        with_readers = Readers(self.cdn, {name: path for name, path in list(self.paths.items())[:3]}, threads=2)
        try:
            for number in range(1, 21):
                node = self.nodes[number % 2]
                self.cdn.get("/simple/project-0/", PIP)
                package = self.publish(node, "project-0", f"2.{number}")
                took.append(wait_for("the upload", lambda: package.filename in self.cdn.files("project-0")))
        finally:
            with_readers.stop()
        self.assertEqual(with_readers.failures, [])
        print(f"uploads seen at the CDN after {1000 * sorted(took)[len(took) // 2]:.0f} ms (median), {1000 * max(took):.0f} ms (longest)")
        wait_for("the list of all", lambda: self.cdn.get("/simple/", SIMPLE_JSON).json()["meta"]["_last-serial"] >=
                 int(self.one.request("GET", "/simple/", headers={"Accept": SIMPLE_JSON}).headers["X-PyPI-Last-Serial"]))

    def test_what_is_withdrawn_is_gone_within_a_second_and_stays_gone(self):
        took = []
        for number in range(10):
            name = f"bad-{number}"
            package = self.publish(self.one, name, "1.0")
            path = "/packages/" + self.one.files(name)[package.filename]["url"].partition("/packages/")[2]
            readers = Readers(self.cdn, {name: path}, threads=2)
            try:
                for warm in (path, path + ".metadata", f"/simple/{name}/"):
                    self.assertEqual(self.cdn.get(warm, PIP).status, 200)
                node = self.nodes[number % 2]
                answer = node.call("POST", f"/admin/v1/projects/{name}/quarantine", self.admin, {"reason": "malware"}) if number < 6 else \
                    node.call("DELETE", f"/admin/v1/files/{package.filename}?confirm={package.filename}&reason=x", self.admin)
                self.assertEqual(answer.status, 200, answer)
                took.append(wait_for("gone", lambda: self.cdn.get(path).status == 404 and not self.cdn.files(name) and
                                     self.cdn.get(path + ".metadata").status == 404))
                time.sleep(0.5)
                for _ in range(20):
                    self.assertEqual(self.cdn.get(path).status, 404)
                    self.assertFalse(self.cdn.files(name))
            finally:
                readers.stop()
        print(f"gone from the CDN after {1000 * sorted(took)[len(took) // 2]:.0f} ms (median), {1000 * max(took):.0f} ms (longest)")

    def test_what_a_node_that_was_behind_gave_away_goes_when_it_catches_up(self):
        caught = 0
        for number in range(8):
            package = self.publish(self.one, "late", f"1.{number}")
            wait_for("both have it", lambda: all(package.filename in node.files("late") for node in self.nodes))
            self.wait_until_ready()
            self.hang_alone(self.two)
            try:
                answer = self.one.call("DELETE", f"/admin/v1/files/{package.filename}?confirm={package.filename}&reason=x", self.admin)
                self.assertEqual(answer.status, 200, answer)
                # Asked of whichever: the second node's answer, once it goes on, is the page from before.
                asking = [threading.Thread(target=self.cdn.get, args=(f"/simple/late/?format=y{number}.{ask}", PIP)) for ask in range(6)]
                for thread in asking:
                    thread.start()
                time.sleep(0.15)
            finally:
                self.two.go_on()
            for thread in asking:
                thread.join()
            for ask in range(6):
                path = f"/simple/late/?format=y{number}.{ask}"
                caught += package.filename in self.cdn.get(path, PIP).text
                wait_for("the old page is gone", lambda: package.filename not in self.cdn.get(path, PIP).text)
        print(f"pages of a node that was behind, caught at the CDN: {caught}")

    def test_a_backlog_is_visible_and_outlives_a_restart(self):
        self.purge_way.block(True)
        self.addCleanup(self.purge_way.block, False)
        names = [f"waits-{number}" for number in range(300)]
        self.cdn.get("/simple/project-6/", PIP)
        for name in names[:40]:
            self.publish(self.one, name, "1.0")
        self.publish(self.one, "project-6", "3.0")
        wait_for("a backlog", lambda: self.one.cdn(self.admin)["pending_keys"] >= 41)
        state = self.one.cdn(self.admin)
        self.assertEqual((state["driver"], len(state["edges"])), ("varnish", 1))
        self.assertTrue(state["pending_since"] and state["last_error"], state)
        self.assertIn(f"cheesemonger_cdn_pending_keys {state['pending_keys']}", self.one.request("GET", "/metrics").text)
        self.assertEqual(self.cdn.get("/simple/project-6/", PIP).headers["X-Cache"], "HIT")
        order = self.one.call("POST", "/admin/v1/cdn/purge", self.admin, {"keys": ["project/project-7"], "soft": False, "reason": "looks wrong"})
        self.assertEqual(order.status, 200, order)
        self.cdn.get("/simple/project-7/", PIP)
        for node in self.nodes:
            node.kill()
            node.start()
        wait_for("the backlog is there again", lambda: self.one.cdn(self.admin)["pending_keys"] >= 42)
        self.wait_until_ready()
        self.assertEqual(self.cdn.get("/simple/project-7/", PIP).headers["X-Cache"], "HIT")
        self.purge_way.block(False)
        took = wait_for("drained", lambda: all(node.cdn(self.admin)["pending_keys"] == 0 for node in self.nodes))
        print(f"backlog drained {took:.1f} s after the way was free")
        self.assertIn("project_6-3.0-py3-none-any.whl", self.cdn.files("project-6"))
        self.assertEqual(self.cdn.get("/simple/project-7/", PIP).headers["X-Cache"], "MISS")

    def test_orders_are_for_operators_and_everything_needs_the_name(self):
        name = self.one.call("GET", "/admin/v1/registry", self.admin).json()["name"]
        for body, status in (({"everything": True, "reason": "new pages"}, 409), ({"everything": True, "reason": "x", "confirm": name, "keys": ["a"]}, 422),
                             ({"keys": [], "reason": "x"}, 422), ({"keys": ["a b"], "reason": "x"}, 422), ({"keys": ["project/x"]}, 422)):
            answer = self.one.call("POST", "/admin/v1/cdn/purge", self.admin, body)
            self.assertIn(answer.status, (status, 400, 412), (body, answer))
        before = self.cdn.get("/simple/project-8/", PIP)
        self.assertEqual(self.cdn.get("/simple/project-8/", PIP).headers["X-Cache"], "HIT", before)
        answer = self.one.call("POST", "/admin/v1/cdn/purge", self.admin, {"everything": True, "soft": True, "reason": "new pages", "confirm": name})
        self.assertEqual(answer.status, 200, answer)
        wait_for("all was let go of", lambda: self.cdn.get("/simple/project-8/", PIP).headers["X-Cache"] == "MISS")
        line = self.one.call("GET", "/admin/v1/audit?limit=1", self.admin).json()["items"][0]
        self.assertEqual((line["action"], line["reason"]), ("cdn.purge", "new pages"))

    def test_all_simple_pages_go_and_files_stay(self):
        pages, stay = ("/simple/", "/simple/project-9/", "/simple/project-10/"), (self.paths["project-9"], "/pypi/project-9/json")
        self.wait_until_settled()
        for path in pages + stay:
            self.cdn.get(path, PIP)
            self.assertEqual(self.cdn.get(path, PIP).headers["X-Cache"], "HIT", path)
        answer = self.one.call("POST", "/admin/v1/cdn/purge", self.admin, {"keys": ["simple-pages"], "soft": False, "reason": "new pages"})
        self.assertEqual(answer.status, 200, answer)
        for path in pages:
            wait_for(f"{path} was let go of", lambda path=path: self.cdn.get(path, PIP).headers["X-Cache"] == "MISS")
        for path in stay:
            self.assertEqual(self.cdn.get(path, PIP).headers["X-Cache"], "HIT", path)


class Fallback(FrontedNodes):
    projects = 30

    def setUp(self):
        self.cdn.purge("all")

    def back_on_the_nodes(self, readers, ready):
        wait_for("the nodes are asked again", lambda: (readers.first(NODES, ready) is not None) and readers.last({"far"}) < time.monotonic() - 1.5)
        return readers.last({"far"}) - ready

    def test_both_nodes_killed(self):
        for _ in range(3):
            readers = Readers(self.cdn, self.paths)
            time.sleep(0.5)
            killed = time.monotonic()
            for node in self.nodes:
                node.kill()
            time.sleep(2.5)
            first = readers.first({"far"}, killed)
            for node in self.nodes:
                node.start()
            back = self.back_on_the_nodes(readers, time.monotonic())
            readers.stop()
            self.assertEqual(readers.failures[:5], [])
            self.assertIsNotNone(first)
            print(f"killed: {len(readers.times)} answers, first of the mirror after {first:.2f} s, slowest {max(readers.times)[0]:.2f} s,"
                  f" last of the mirror {back:.2f} s after the nodes were back")

    def test_both_nodes_hang(self):
        readers = Readers(self.cdn, self.paths)
        time.sleep(0.5)
        for node in self.nodes:
            node.hang()
        time.sleep(6)
        for node in self.nodes:
            node.go_on()
        back = self.back_on_the_nodes(readers, time.monotonic())
        readers.stop()
        print(f"hung: {len(readers.times)} answers, slowest {max(readers.times)[0]:.2f} s, back on the nodes after {back:.2f} s")
        self.assertEqual(readers.failures[:5], [])
        self.assertIn("far", {server for _, server in readers.servers})

    def test_one_node_killed_or_hung(self):
        for end in ("kill", "hang"):
            readers = Readers(self.cdn, self.paths)
            time.sleep(0.3)
            getattr(self.one, end)()
            time.sleep(3)
            readers.stop()
            if end == "hang":
                self.one.go_on()
            else:
                self.one.start()
            self.wait_until_ready()
            self.assertEqual(readers.failures[:5], [])
            print(f"one node, {end}: {len(readers.times)} answers, slowest {max(readers.times)[0]:.2f} s")

    def test_what_is_kept_is_older_than_nothing(self):
        # Answers that were soft-purged stay for the time when nobody answers, the mirror neither.
        self.cdn.get("/simple/project-9/", PIP)
        (self.folder / "copy/out").touch()
        self.addCleanup((self.folder / "copy/out").unlink)
        wait_for("the mirror is out", lambda: self.cdn.get("/simple/project-11/", X_Cheesemonger_Backend="mirror").status == 503)
        self.cdn.get("/", method="PURGE", Surrogate_Key="project/project-9", Soft_Purge="1")
        for node in self.nodes:
            node.kill()
        for _ in range(40):
            answer = self.cdn.get("/simple/project-9/", PIP)
            self.assertEqual((answer.status, answer.headers["X-Served-By"] in NODES), (200, True), answer)
            time.sleep(0.05)
        self.assertEqual(self.cdn.get("/simple/project-9/", PIP, X_Cheesemonger_Backend="fresh").status, 503)  # who watches sees that nobody answers
        gone = self.cdn.get("/simple/project-10/", PIP)
        self.assertEqual((gone.status, "Retry-After" in gone.headers), (503, True), gone)

    def test_pip_installs_while_both_nodes_die_and_come_back(self):
        # Without tries of its own.
        failures, installs, over = [], [], threading.Event()

        def install(number):
            target = self.folder / f"pip-{number}"
            environment = {"PATH": "/usr/bin:/bin", "HOME": str(target), "LANG": "C.UTF-8", "PIP_CONFIG_FILE": "/dev/null"}
            for round in itertools.count():
                if over.is_set():
                    return
                name = f"project-{(number * 7 + round) % self.projects}"
                done = subprocess.run(["/usr/bin/python3", "-m", "pip", "download", "--no-cache-dir", "--disable-pip-version-check", "--no-deps", "--retries", "0",
                                       "--index-url", f"http://{EDGE}:{self.cdn.port}/simple/", "--trusted-host", EDGE, "-d", target / str(round), name],
                                      env=environment, capture_output=True, text=True)
                installs.append(name)
                if done.returncode != 0:
                    failures.append(done.stdout + done.stderr)

        threads = [threading.Thread(target=install, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for end in ("kill", "hang"):
            time.sleep(4)
            for node in self.nodes:
                getattr(node, end)()
            time.sleep(6)
            for node in self.nodes:
                node.start() if end == "kill" else node.go_on()
        time.sleep(3)
        over.set()
        for thread in threads:
            thread.join()
        self.assertEqual(failures[:2], [])
        print(f"{len(installs)} installs by pip, 0 failed")

    def test_what_is_kept_is_served_and_refreshed_from_the_mirror(self):
        self.wait_until_settled()
        self.assertIn(self.cdn.get("/simple/project-13/", PIP).headers["X-Served-By"], NODES)
        self.cdn.get("/", method="PURGE", Surrogate_Key="project/project-13", Soft_Purge="1")
        for node in self.nodes:
            node.kill()
        wait_for("nobody lives", lambda: "nothing was stored" in self.cdn.get("/legacy/", method="POST", body=b"x").text)
        self.assertIn(self.cdn.get("/simple/project-13/", PIP).headers["X-Served-By"], NODES)
        wait_for("the mirror's", lambda: self.cdn.get("/simple/project-13/", PIP).headers["X-Served-By"] == "far")
        # What the mirror does not have yet stays as it was kept.
        for node in self.nodes:
            node.start()
        self.wait_until_ready()
        self.assertEqual(self.one.upload(wheel("newer", "1.0"), self.owner).status, 200)
        self.wait_until_settled()
        self.assertEqual(self.cdn.get("/simple/newer/", PIP).status, 200)
        self.cdn.get("/", method="PURGE", Surrogate_Key="project/newer", Soft_Purge="1")
        for node in self.nodes:
            node.kill()
        wait_for("nobody lives", lambda: "nothing was stored" in self.cdn.get("/legacy/", method="POST", body=b"x").text)
        for _ in range(20):
            self.assertEqual(self.cdn.get("/simple/newer/", PIP).status, 200)
            time.sleep(0.05)

    def test_uploads_are_told_the_truth(self):
        package = wheel("told", "1.0")
        body, kind = form(package)
        headers = {"Content_Type": kind, **basic("__token__", self.owner)}
        for node in self.nodes:
            node.kill()
        for _ in range(30):
            answer = self.cdn.get("/legacy/", method="POST", body=body, **headers)
            self.assertEqual((answer.status, "Retry-After" in answer.headers, answer.headers.get("X-Served-By") != "far"), (503, True, True), answer)
            self.assertIn("try again" if "nothing was stored" in answer.text else "send it again", answer.text)
            time.sleep(0.1)
        self.assertIn("nothing was stored", answer.text)
        self.assertIn("nothing was stored", answer.reason)
        for path, more in (("/admin/v1/me", {}), ("/simple/project-1/", basic("x", "y")), ("/journal/", {}), ("/pypi/project-1/1.0/json", {})):
            answer = self.cdn.get(path, **more)
            self.assertEqual((answer.status, answer.headers.get("X-Served-By")), (503, None), (path, answer))
        for node in self.nodes:
            node.start()
        self.wait_until_ready()
        self.assertEqual(self.cdn.get("/simple/told/", PIP).status, 404)
        self.assertEqual(self.cdn.get("/legacy/", method="POST", body=body, **headers).status, 200)
        wait_for("the upload", lambda: self.cdn.get("/simple/told/", PIP).status == 200)

    def test_without_a_database_live_nodes_come_before_the_mirror(self):
        for node in self.nodes:
            node.request("GET", "/simple/project-12/", headers={"Accept": SIMPLE_JSON})
        body, kind = form(wheel("no-database", "1.0"))
        shared_server().kill()
        try:
            wait_for("no node is ready", lambda: self.cdn.get("/_health/").status == 503)
            time.sleep(1.5)
            self.cdn.purge("all")
            prepared = self.cdn.get("/simple/project-12/", PIP)
            self.assertEqual((prepared.status, prepared.headers["X-Served-By"] in NODES), (200, True), prepared)
            never_asked = self.cdn.get("/simple/project-12/", "application/vnd.pypi.simple.v1+html")
            self.assertEqual((never_asked.status, never_asked.headers["X-Served-By"]), (200, "far"), never_asked)
            answer = self.cdn.get("/legacy/", method="POST", body=body, Content_Type=kind, **basic("__token__", self.owner))
            self.assertEqual((answer.status, answer.headers["X-Served-By"] in NODES, "Retry-After" in answer.headers), (503, True, True), answer)
        finally:
            shared_server().start()

    def test_what_is_larger_than_what_is_kept_goes_through(self):
        package = wheel("larger", "1.0", payload=os.urandom(40_000_000))
        self.assertEqual(self.one.upload(package, self.owner).status, 200)
        path = "/packages/" + self.one.files("larger")[package.filename]["url"].partition("/packages/")[2]
        (self.folder / "small").mkdir()
        cdn = Cdn(self.folder / "small", [node.port for node in self.nodes], None, storage="64M", transient="16M").start()
        self.addCleanup(cdn.stop)
        wait_for("the nodes", lambda: cdn.get("/_health/").status == 200)
        for _ in range(3):
            answer = cdn.get(path)
            self.assertEqual((answer.status, hashlib.sha256(answer.body).hexdigest()), (200, package.sha256))
        part = cdn.get(path, Range="bytes=1000000-1000009")
        self.assertEqual((part.status, part.body), (206, package.content[1000000:1000010]))

    def test_a_file_whose_node_dies_in_the_middle_arrives_whole(self):
        package = wheel("large", "1.0", payload=os.urandom(20_000_000))
        self.assertEqual(self.one.upload(package, self.owner).status, 200)
        path = "/packages/" + self.one.files("large")[package.filename]["url"].partition("/packages/")[2]
        ways = [Relay((NEAR, node.port)) for node in self.nodes]
        (self.folder / "cut").mkdir()
        cdn = Cdn(self.folder / "cut", [way.port for way in ways], None).start()
        self.addCleanup(cdn.stop)
        for way in ways:
            self.addCleanup(way.close)
        wait_for("both nodes", lambda: {cdn.get("/_health/").headers.get("X-Served-By") for _ in range(8)} == set(NODES))
        for round in range(6):
            cdn.purge("all")
            ways[round % 2].cut_after = 3_000_000
            for _ in range(2):
                cdn.purge("all")
                answer = cdn.get(path)
                self.assertEqual((answer.status, hashlib.sha256(answer.body).hexdigest()), (200, package.sha256))
            ways[round % 2].cut_after = None
        self.assertGreater(sum(way.cuts for way in ways), 3)


if __name__ == "__main__":
    unittest.main()
