# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads line by line in ClickHouse: the ingester writes, the registry's admin API reads, killed and restarted in
between. The statements are carried out by the engine itself (the Python package chdb); its HTTP door is clickhouse_server.py.
Needs a Python with chdb, named by CHEESEMONGER_CHDB_PYTHON: `make extra` makes one."""
import contextlib
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
from ingesters import Relp  # noqa: E402
from support import BIN, Answer, Daemon, Registry, free_port  # noqa: E402

PYTHON = os.environ.get("CHEESEMONGER_CHDB_PYTHON")
PATIENCE = 90


def line(project, agent, moment):
    stamp = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(moment))
    path = f"/packages/ba/c8/{'a' * 60}/{project}-1.0.tar.gz"
    return f"download|{stamp}|NL|{path}|TLSv1.3|TLS_AES_256_GCM_SHA384|{project}|1.0|sdist|{agent}\n"


CI = 'pip/24.0 {"ci":true,"installer":{"name":"pip","version":"24.0"},"python":"3.11.4","system":{"name":"Linux"}}'
MIRROR = "bandersnatch/6.5.0 (cpython 3.11.2-final0, Linux x86_64)"


class Engine:
    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None

    def start(self):
        self.process = subprocess.Popen([PYTHON, HERE / "clickhouse_server.py", str(self.port), self.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            raise AssertionError("the engine does not start")
        return self

    def stop(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait(30)
            self.process.stdout.close()
            self.process = None


class Relay:
    """Between the ingester and the engine: passes requests on, and cuts off those that it is told to, before or after the
    engine has carried them out."""

    def __init__(self, engine):
        import http.server
        relay = self
        self.cut = []  # "before" or "after", for the next inserts

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                how = relay.cut.pop(0) if relay.cut and "INSERT" in self.path else None
                if how == "before":
                    self.connection.close()
                    self.close_connection = True
                    return
                connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=60)
                connection.request("POST", self.path, body, {name: value for name, value in self.headers.items() if name.startswith("X-")})
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                if how == "after":
                    self.connection.close()
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                code = answer.getheader("X-ClickHouse-Exception-Code")
                if code:
                    self.send_header("X-ClickHouse-Exception-Code", code)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@unittest.skipUnless(PYTHON, "CHEESEMONGER_CHDB_PYTHON names no Python with chdb")
class ClickHouseTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="cheesemonger-clickhouse-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.engine = Engine(self.folder / "engine").start()
        self.addCleanup(lambda: self.engine.stop())
        self.relay = Relay(self.engine)
        self.addCleanup(self.relay.stop)
        secret = self.folder / "password"
        secret.write_text("not a secret\n")
        secret.chmod(0o600)
        self.config = self.folder / "cheesemongerd.toml"
        self.config.write_text(f'[serve.clickhouse]\nurl = "http://127.0.0.1:{self.relay.port}"\nuser = "ingest"\npassword_file = "{secret}"\n'
                               '[ingest]\nmode = "strict"\n')
        self.registry = Registry(self.folder / "data", "--config", self.config).start()
        self.addCleanup(self.registry.kill)
        self.registry.admin("user", "add", "ada", "--role", "admin")
        self.token = self.registry.admin("token", "create", "--user", "ada").strip()
        self.port, self.status = free_port(), free_port()
        self.ingester = Daemon()
        self.addCleanup(lambda: self.ingester.kill())

    def ask(self, statement, **settings):
        """Of the engine itself."""
        connection = http.client.HTTPConnection("127.0.0.1", self.engine.port, timeout=60)
        connection.request("POST", "/?" + urllib.parse.urlencode({"database": "cheesemonger", **settings}), statement,
                           {"X-ClickHouse-User": "ingest", "X-ClickHouse-Key": "not a secret"})
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        self.assertEqual(answer.status, 200, content)
        return content.strip()

    def ingest(self):
        self.ingester.launch(self.folder / "ingest.log", "ingest", "--config", self.config, "--data", self.folder / "data", "--spool", self.folder / "spool",
                             "--relp", f"127.0.0.1:{self.port}", "--status", f"127.0.0.1:{self.status}")

    def get(self, what):
        connection = http.client.HTTPConnection("127.0.0.1", self.registry.port, timeout=60)
        connection.request("GET", f"/admin/v1/{what}", headers={"Authorization": f"Bearer {self.token}"})
        answer = Answer(connection.getresponse())
        connection.close()
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def shares(self, project, split="class"):
        return {item["value"]: item["count"] for item in self.get(f"projects/{project}/downloads/shares?split={split}")["items"] if item["count"]}

    def wait_for(self, wanted, question):
        end = time.monotonic() + PATIENCE
        while (found := question()) != wanted:
            if time.monotonic() > end:
                self.fail(f"{found} instead of {wanted}: {(self.folder / 'ingest.log').read_text()[-1500:]}")
            time.sleep(0.2)

    def send(self, lines, port=None):
        """As a sender over RELP: waits for every acknowledgement."""
        import socket
        with socket.create_connection(("127.0.0.1", port or self.port), timeout=60) as connection:
            stream = connection.makefile("rb")

            def frame(number, command, data):
                connection.sendall(b"%d %s %d" % (number, command, len(data)) + (b" " + data if data else b"") + b"\n")

            def answer():
                head = stream.readline()
                size = int(head.split(b" ")[2])
                rest = head.split(b" ", 3)[3] if size else b""
                while len(rest) < size:
                    rest += stream.readline()
            frame(1, b"open", b"relp_version=0\nrelp_software=test\ncommands=syslog")
            answer()
            for number, text in enumerate(lines, 2):
                frame(number, b"syslog", text.rstrip("\n").encode())
                answer()
            # Who leaves without a word may send the last line again, which is then no new one.
            frame(len(lines) + 2, b"close", b"")
            answer()

    def test_files_lines_and_questions(self):
        now = time.time() - 120
        lines = self.folder / "lines.log"
        lines.write_text("".join(line("cheddar", CI, now) for _ in range(30)) + "".join(line("cheddar", MIRROR, now) for _ in range(12)) + "nonsense\n"
                         + line("brie", CI, now))
        for _ in range(2):  # once however often
            done = subprocess.run([BIN / "cheesemongerd", "ingest", "--config", self.config, "--data", self.folder / "data", lines], capture_output=True, text=True,
                                  timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.shares("cheddar"), {"ci": 30, "mirror": 12})
        self.assertEqual(self.shares("cheddar", "installer"), {"pip": 30, "bandersnatch": 12})
        self.assertEqual(self.shares("cheddar", "system")["Linux"], 30)
        self.assertEqual(self.shares("cheddar", "version"), {"1.0": 42})
        self.assertEqual({item["value"]: item["count"] for item in self.get("downloads/shares?split=project")["items"]}, {"cheddar": 42, "brie": 1})
        series = self.get("downloads/series?split=class")
        self.assertEqual({one["value"]: one["total"] for one in series["lines"] if one["total"]}, {"ci": 31, "mirror": 12})
        trends = {one["project"]: one["total"] for one in self.get("downloads/trends?projects=Cheddar,brie,it%27s,nobody&days=3")["items"]}
        self.assertEqual(trends, {"cheddar": 42, "brie": 1, "it's": 0, "nobody": 0})
        told = self.get("downloads/completeness")["total"]
        self.assertEqual((told["received"], told["downloads"], told["stored"]), (44, 43, 43))
        self.assertEqual(self.get("downloads/evidence?installer=bandersnatch")["count"], 12)

    def test_lines_are_there_once_whatever_is_cut_off(self):
        self.ingest()
        now = time.time() - 120
        total = 0
        for cuts in (["after"], ["before"], ["after", "after"], ["before", "after", "before"]):
            self.relay.cut = list(cuts)
            self.send([line("gouda", CI, now)] * 50)
            total += 50
            self.wait_for({"ci": total}, lambda: self.shares("gouda"))
        # Killed while a batch is begun and not done: the insert of lines is carried out, its answer never arrives.
        for how in ("after", "before"):
            self.relay.cut = ["none", how]
            self.send([line("gouda", CI, now)] * 50)
            total += 50
            end = time.monotonic() + PATIENCE
            while self.relay.cut and time.monotonic() < end:
                time.sleep(0.02)
            self.ingester.kill()
            self.ingest()
            self.send([line("gouda", CI, now)] * 10)
            total += 10
            self.wait_for({"ci": total}, lambda: self.shares("gouda"))

    def test_a_batch_is_there_once_after_others_have_written_more_than_tables_remember(self):
        self.ingest()
        now = time.time() - 120
        self.send([line("gouda", CI, now)] * 5)
        self.wait_for({"ci": 5}, lambda: self.shares("gouda"))
        for table in ("downloads", "download_lines", "download_senders"):
            self.ask(f"ALTER TABLE {table} MODIFY SETTING non_replicated_deduplication_window = 1")
        # Carried out, and nobody hears of it: the lines of the first time, their tallies as well of the second.
        for total, cuts in ((55, ["none", "after"]), (105, ["none", "none", "after"])):
            self.relay.cut = cuts + ["before"] * 2000
            self.send([line("gouda", CI, now)] * 50)
            self.wait_for({"ci": total}, lambda: self.shares("gouda"))
            self.wait_for(True, lambda: len(self.relay.cut) < 2000)
            self.ingester.kill()
            for number in range(3):
                token = {"insert_deduplication_token": f"other:{total}:{number}"}
                self.ask(f"INSERT INTO downloads (time, project, source) SELECT {int(now)}, 'other', 'other'", **token)
                self.ask(f"INSERT INTO download_lines (minute, source) SELECT {int(now)}, 'other'", **token)
                self.ask(f"INSERT INTO download_senders (hour, source) SELECT {int(now)}, 'other'", **token)
            self.relay.cut = []
            self.ingest()
            self.wait_for("1", lambda: self.ask("SELECT uniqExact(until) FROM download_batches FINAL WHERE source NOT LIKE 'mode of%' AND source != 'other'"))
            told = self.get("downloads/completeness?step=day")
            self.assertEqual((told["total"]["downloads"], told["senders"][0]["received"]), (total, total))
            self.assertEqual(self.shares("gouda"), {"ci": total})

    def test_names_that_somebody_makes_up_are_one_beyond_those_that_count(self):
        now = time.time() - 120
        lines = self.folder / "lines.log"
        agents = [f'pip/24.0 {{"installer":{{"name":"made-{number}","version":"1"}}}}' for number in range(6000)]
        rare = CI.replace('"pip"', '"uv"')
        lines.write_text("".join(line("cheddar", agent, now) for agent in agents) + "".join(line("cheddar", CI, now) for _ in range(30)) + line("cheddar", rare, now))
        done = subprocess.run([BIN / "cheesemongerd", "ingest", "--config", self.config, "--data", self.folder / "data", lines], capture_output=True, text=True,
                              timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        told = self.get("projects/cheddar/downloads/shares?split=installer&limit=1000")
        self.assertEqual((told["count"], told["values"], told["folded"]), (6031, 4098, 6000 - 4095))
        self.assertIn(("value", "uv", 1), [(item["kind"], item["value"], item["count"]) for page in range(5) for item in
                                           self.get(f"projects/cheddar/downloads/shares?split=installer&limit=1000&offset={1000 * page}")["items"]])
        # Who is asked about is never among the others.
        for name in ("uv", "made-5999", "made-0", "pip"):
            found = self.get(f"downloads/evidence?installer={name}")
            self.assertEqual((found["count"], found["folded"]), (30 if name == "pip" else 1, 0), name)
        self.assertEqual([(item["kind"], item["value"], item["count"]) for item in told["items"]][:2], [("other", "", 6030 - 30 - 4095), ("value", "pip", 30)])
        series = self.get("downloads/series?split=installer&most=2")
        self.assertEqual([(one["kind"], one["total"]) for one in series["lines"]], [("value", 30), ("value", 1), ("other", 6000)])

    def test_a_line_of_long_ago_is_no_beginning_and_files_that_begin_alike_are_each_counted(self):
        now = int(time.time()) // 60 * 60 - 7200
        head = line("head", CI, now)
        whole = head + "".join(line("whole", CI, now + 60 * number) for number in range(70))
        other = head + line("old", CI, 1_100_000_000) + "".join(line("other", CI, now) for _ in range(90))
        for text in (head, whole, other, whole):
            (self.folder / "lines.log").write_text(text)
            subprocess.run([BIN / "cheesemongerd", "ingest", "--config", self.config, "--data", self.folder / "data", self.folder / "lines.log"], check=True, timeout=300)
        series = self.get("downloads/series?split=none")
        self.assertEqual(series["since"], time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(now)))
        self.assertEqual(series["lines"][0]["total"], 1 + 70 + 90)
        self.assertEqual(self.get("downloads/series?split=none&step=month&from=2004-01-01T00:00:00Z")["lines"][0]["total"], 1 + 70 + 91)

    def test_memory_is_bounded_whatever_lines_tell_and_how_many_wait(self):
        now = time.time() - 120
        # Never all at once here: a process that is begun counts what its parent had.
        usual = (line(f"project-{number:06}", CI, now) for number in range(300_000))
        text = "x" * 1500
        named = json.dumps({"name": text, "version": text, "release": text})
        agent = f'pip/24.0 {{"installer":{named},"system":{named},"distro":{named},"implementation":{named},"python":"{text}"}}'[:15_000]
        long = (line(f"long-{number:06}", agent.replace("x", "yz"[number % 2], 1), now) for number in range(30_000))
        for name, lines in (("usual", usual), ("long", long)):
            log = self.folder / f"{name}.log"
            with open(log, "w") as out:
                out.writelines(lines)
            process = subprocess.Popen([BIN / "cheesemongerd", "ingest", "--config", self.config, "--data", self.folder / "data", log],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            told = process.stderr.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            process.stderr.close()
            self.assertEqual(process.returncode, 0, told)
            print(f"{name}: {usage.ru_maxrss / 1024:.0f} MB at most, ", end="", flush=True)
            self.assertLess(usage.ru_maxrss / 1024, 200, name)

    def test_names_of_senders_of_an_hour_are_bounded(self):
        self.ingest()
        self.send([line("feta", CI, time.time() - 120)])
        self.wait_for({"ci": 1}, lambda: self.shares("feta"))
        hour = int(time.time()) // 3600 * 3600
        self.ask("INSERT INTO download_senders (hour, sender, lines, source, first_at, last_at) SELECT"
                 f" {hour}, concat('host-', toString(number)), if(number < 10, 100, 1), 'made', {hour}, {hour} FROM numbers(1000)")
        self.ask(f"INSERT INTO download_senders (hour, sender, lines, source, first_at, last_at) VALUES ({hour} - 91 * 86400, 'old', 7, 'made', {hour}, {hour})")
        told = self.get("downloads/completeness?step=day")
        self.assertEqual((told["senders"][0]["name"], told["senders"][0]["received"]), ("", 1 + 1000 - 256))
        self.assertEqual(sum(one["received"] for one in told["senders"][1:11]), 1000)
        self.ask("OPTIMIZE TABLE download_senders FINAL")
        self.assertEqual(self.ask("SELECT count() FROM download_senders WHERE sender = 'old'"), "0")

    def test_several_side_by_side_count_each_line_once(self):
        """Two ingesters with a spool each, killed in turn while both are given lines; senders go from one to the other."""
        other = Daemon()
        self.addCleanup(lambda: other.kill())
        ports = [self.port, free_port()]
        status = free_port()

        def launch(which):
            if which == 0:
                return self.ingest()
            return other.launch(self.folder / "other.log", "ingest", "--config", self.config, "--data", self.folder / "data", "--spool", self.folder / "spool-2",
                                "--relp", f"127.0.0.1:{ports[1]}", "--status", f"127.0.0.1:{status}")
        launch(0)
        launch(1)
        now = time.time() - 120
        total = 0
        for number in range(6):
            threads = [threading.Thread(target=self.send, args=([line(f"p{which}", CI, now + number)] * 400,), kwargs={"port": ports[which]}) for which in (0, 1)]
            self.relay.cut = ["after", "none", "before"][:number % 4]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            total += 400
            (self.ingester if number % 2 else other).kill()
            launch(0 if number % 2 else 1)
        for project in ("p0", "p1"):
            self.wait_for({"ci": total}, lambda: self.shares(project))
        told = self.get("downloads/completeness")["total"]
        self.assertEqual((told["downloads"], told["stored"]), (2 * total, 2 * total))

    def test_what_senders_say_is_held_against_what_came(self):
        self.ingest()
        now = int(time.time()) - 600

        def report(sender, given, moment):
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
            return f'<46>1 {stamp} {sender} rsyslogd-pstats - - - {{ "name": "downloads", "origin": "core.queue", "enqueued": {given} }}'

        def from_sender(sender, count):
            return [f"<134>1 2026-01-01T00:00:00Z {sender} cdn - - - " + line("feta", CI, now)] * count
        self.send([report("cdn-1", 500, now), *from_sender("cdn-1", 20), *from_sender("cdn-2", 5), report("cdn-1", 530, now + 60),
                   *from_sender("cdn-1", 9), report("cdn-1", 4, now + 120), report("cdn-1", 5, now + 180)])
        # 30 of which 21 came, with the report itself; then it began anew, and ten had come; then the last.
        self.wait_for((41, 32, 5), lambda: (lambda told: (told.get("sent"), told.get("told"), told["untold"]))(self.get("downloads/completeness?step=day")))
        told = self.get("downloads/completeness?step=day")
        self.assertEqual({one["name"]: one["received"] for one in told["senders"]}, {"cdn-1": 33, "cdn-2": 5})
        self.assertEqual((told["total"]["downloads"], told["total"]["ignored"]), (34, 4))

    def test_another_mode_of_the_parser_is_a_change_of_definition(self):
        def said():
            return [one for one in self.get("downloads/series?split=none")["annotations"] if one["kind"] == "definition"]
        lines = self.folder / "lines.log"
        for number, mode in enumerate(("strict", "strict", "compatible", "compatible")):
            self.config.write_text(self.config.read_text().replace('mode = "strict"', f'mode = "{mode}"'))
            lines.write_text(line("cheddar", CI, time.time() - 600 + number))
            done = subprocess.run([BIN / "cheesemongerd", "ingest", "--config", self.config, "--data", self.folder / "data", lines], capture_output=True, text=True,
                                  timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(len(said()), 1 if mode == "compatible" else 0)
        self.assertIn("no longer in the strict mode", said()[0]["text"])
        self.assertEqual(said()[0]["id"], "0")
        self.assertEqual([one["text"] for one in self.get("downloads/annotations")["items"]], [said()[0]["text"]])
        # Of a window that ends before it is nothing said.
        self.assertEqual(self.get("downloads/annotations?to=2020-01-01T00:00:00Z")["items"], [])
        # What is on its way is told by batches still.
        self.assertEqual(self.get("downloads/completeness")["total"]["stored"], 4)

    def test_what_comes_again_is_told_beside_what_came(self):
        self.ingest()
        now = int(time.time()) - 600
        lines = [line("again", CI, now + number) for number in range(20)]
        for sent, close in ((lines, False), (lines[8:] + [line("again", CI, now + 50)], True)):
            with contextlib.closing(Relp(self.port).open()) as connection:
                for text in sent:
                    last = connection.send("syslog", text.rstrip("\n"))
                if close:
                    connection.send("close")
                connection.acknowledged(last)
        self.wait_for((21, 12), lambda: (lambda total: (total["downloads"], total["repeated"]))(self.get("downloads/completeness")["total"]))
        told = self.get("downloads/completeness?step=hour")
        self.assertEqual(sum(one["lines"]["repeated"] for one in told["buckets"] if "lines" in one), 12)
        self.assertEqual(told["reasons"], [])

    def test_a_sender_that_goes_to_another_and_comes_back_has_lost_nothing(self):
        other = Daemon()
        self.addCleanup(lambda: other.kill())
        port, status = free_port(), free_port()
        self.ingest()
        other.launch(self.folder / "other.log", "ingest", "--config", self.config, "--data", self.folder / "data", "--spool", self.folder / "spool-2",
                     "--relp", f"127.0.0.1:{port}", "--status", f"127.0.0.1:{status}")
        now = int(time.time()) - 600

        def report(given, moment):
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
            return f'<46>1 {stamp} cdn-1 rsyslogd-pstats - - - {{ "name": "downloads", "origin": "core.queue", "enqueued": {given} }}'

        def lines(count):
            return ["<134>1 2026-01-01T00:00:00Z cdn-1 cdn - - - " + line("feta", CI, now)] * count

        def told():
            answer = self.get("downloads/completeness?step=day")
            return answer.get("sent"), answer.get("told")

        def pause():
            time.sleep(1.5)  # when lines came is known to the second
        # Ten of which two got lost.
        self.send([report(500, now), *lines(7), report(510, now + 60)])
        self.wait_for((10, 8), told)
        pause()
        # Away and back between two reports to the first, which knows of one line.
        self.send(lines(20), port)
        self.wait_for({"ci": 27}, lambda: self.shares("feta"))
        pause()
        self.send([report(531, now + 120)])
        pause()
        # And from then on it stays: six, of which five came.
        self.send([*lines(4), report(537, now + 180)])
        self.wait_for((16, 13), told)

    def test_lines_are_never_missing_while_a_batch_is_on_its_way(self):
        """Its downloads are there before what is told of its lines, and its sender has died in between."""
        self.ingest()
        now = time.time() - 120
        self.send([line("edam", CI, now)] * 10)
        self.wait_for({"ci": 10}, lambda: self.shares("edam"))
        # The second insert of the next batch, that of the tallies, and all after it do not arrive.
        self.relay.cut = ["none", "none", *["before"] * 2000]
        self.send([line("edam", CI, now)] * 7)
        self.wait_for({"ci": 17}, lambda: self.shares("edam"))
        told = self.get("downloads/completeness")["total"]
        self.assertEqual((told["downloads"], told["stored"]), (10, 10))
        self.relay.cut = []
        self.wait_for((17, 17), lambda: (lambda total: (total["downloads"], total["stored"]))(self.get("downloads/completeness")["total"]))

    def test_each_quiet_minute_is_known(self):
        """A sender is connected and says nothing: those minutes are known to be empty, each of them."""
        import socket
        self.ingest()
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            offers = b"relp_version=0\nrelp_software=test\ncommands=syslog"
            connection.sendall(b"1 open %d %s\n" % (len(offers), offers))
            connection.recv(1000)
            end = time.monotonic() + 250
            known = 0
            while known < 2 and time.monotonic() < end:
                time.sleep(2)
                known = self.get("downloads/completeness?step=minute")["known"]
        self.assertGreaterEqual(known, 2)

    def test_an_engine_that_is_away_holds_up_nobody_who_sends(self):
        self.engine.stop()
        self.ingest()
        self.send([line("edam", CI, time.time() - 120)] * 40)

        def problem():
            connection = http.client.HTTPConnection("127.0.0.1", self.status, timeout=30)
            connection.request("GET", "/status")
            told = json.loads(connection.getresponse().read())
            connection.close()
            return bool(told["problem"])
        self.wait_for(True, problem)
        port = self.engine.port
        self.engine = Engine(self.folder / "engine")
        self.engine.port = port
        self.engine.start()
        self.wait_for({"ci": 40}, lambda: self.shares("edam"))


if __name__ == "__main__":
    unittest.main()
