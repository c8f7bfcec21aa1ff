# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of cheesemongerd as a contract: readiness, tokens over a pipe, parents that end,
draining, certificates read again, exit codes."""
import http.client
import os
import pathlib
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

from support import BIN, Registry, RegistryTest, basic, form, free_port, wheel

DAEMON = str(BIN / "cheesemongerd")


def run(*words, stdin=None):
    return subprocess.run([DAEMON, *map(str, words)], input=stdin, capture_output=True, text=True, timeout=60)


def gone(pid, within=20):
    """Whether a process that is nobody's child here ends in time."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            if open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def test_version_and_help(self):
        self.assertRegex(run("--version").stdout, r"^cheesemongerd \d+\.\d+\.\d+\n$")
        for words in (("--help",), ("serve", "--help"), ("admin", "--help"), ("admin", "user", "add", "--help")):
            self.assertEqual(run(*words).returncode, 0, words)

    def test_wrong_words_are_explained(self):
        for words in ((), ("dance",), ("serve", "--listne", "x"), ("admin", "user", "add", "ada", "--role", "queen")):
            done = run(*words)
            self.assertEqual(done.returncode, 2, (words, done))
            self.assertTrue(done.stderr.strip(), words)
        done = run("serve", "--data", self.folder / "data", "--listen", "nowhere")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("--listen", done.stderr)

    def test_configuration_is_checked_without_serving(self):
        config = self.folder / "cheesemongerd.toml"
        config.write_text("[serve]\ndata = '/nonexistent'\nnonsense = 1\n")
        done = run("serve", "--config", config, "--check-config")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("nonsense", done.stderr)
        self.assertIn(":3", done.stderr)
        config.write_text("[serve]\nlisten = '127.0.0.1:0'\n")
        self.assertEqual(run("serve", "--config", config, "--check-config", "--data", self.folder).returncode, 0)

    def test_flags_without_a_value_are_mistakes(self):
        for flag in ("--listen", "--data", "--tls-cert", "--tls-key", "--config"):
            done = run("serve", "--check-config", *(() if flag == "--data" else ("--data", self.folder)), flag, "")
            self.assertEqual(done.returncode, 2, (flag, done))
            self.assertIn(f"{flag}", done.stderr)
            self.assertIn("is empty", done.stderr)

    def test_a_single_problem_is_told_once(self):
        done = run("serve", "--data", self.folder, "--config", self.folder, "--check-config")
        self.assertEqual((done.returncode, done.stderr), (2, f"cheesemongerd: {self.folder}: is not a file\n"))
        done = run("serve", "--data", self.folder, "--config", self.folder / "none", "--check-config")
        self.assertEqual((done.returncode, done.stderr), (2, f"cheesemongerd: {self.folder}/none: there is no such file\n"))

    def test_a_variable_that_is_no_setting_is_told(self):
        environment = {**os.environ, "CHEESEMONGER_LISTNE": "127.0.0.1:1"}
        done = subprocess.run([BIN / "cheesemongerd", "serve", "--data", self.folder, "--check-config"], env=environment,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("CHEESEMONGER_LISTNE is no setting and has no effect; the nearest one is CHEESEMONGER_LISTEN\n", done.stderr)
        self.assertNotIn("CHEESEMONGER_BIN", done.stderr)

    def test_too_few_descriptors_are_one_line(self):
        for most in (8, 15, 24, 100):
            data = self.folder / f"data{most}"
            done = subprocess.run([BIN / "cheesemongerd", "serve", "--data", data, "--listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=60,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)), stdin=subprocess.DEVNULL)
            self.assertEqual(done.returncode, 1, (most, done))
            told = [line for line in done.stderr.splitlines() if line.startswith("cheesemongerd: ")]
            self.assertEqual(len(told), 1, done.stderr)
            self.assertIn(f"no more than {most} files may be open", told[0])

    def test_a_port_in_use_is_named(self):
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            address = "127.0.0.1:%d" % holder.getsockname()[1]
            done = run("serve", "--data", self.folder / "data", "--listen", address)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn(address.rsplit(":", 1)[1], done.stderr)

    def test_files_are_not_put_below_where_a_volume_should_be_mounted(self):
        (self.folder / "mount").mkdir()
        config = self.folder / "cheesemongerd.toml"
        config.write_text(f"[serve]\ndata = '{self.folder}/data'\nlisten = '127.0.0.1:0'\nfiles = '{self.folder}/mount/files'\nfiles_mount = '{self.folder}/mount'\n")
        done = run("serve", "--config", config)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f"nothing is mounted at {self.folder}/mount", done.stderr)
        self.assertEqual(list((self.folder / "mount").iterdir()), [])

    def test_people_and_tokens(self):
        data = self.folder / "data"
        self.assertEqual(run("admin", "user", "add", "Ada", "--role", "admin", "--email", "ada@example.org", "--data", data).returncode, 0)
        again = run("admin", "user", "add", "ada", "--role", "user", "--data", data)
        self.assertEqual(again.returncode, 1)
        self.assertEqual(len(again.stderr.strip().splitlines()), 1, again.stderr)
        self.assertEqual(run("admin", "user", "list", "--data", data).stdout, "Ada\tadmin\tactive\tada@example.org\n")
        token = run("admin", "token", "create", "--user", "ada", "--project", "one", "--project", "two", "--expires", "7", "--data", data)
        self.assertRegex(token.stdout, r"^pypi-[A-Za-z0-9_-]{85,}\n$")
        self.assertEqual(run("admin", "token", "create", "--user", "nobody", "--data", data).returncode, 1)
        self.assertEqual(run("admin", "migrate", "--data", data).returncode, 0)
        self.assertEqual(run("admin", "fsck", "--data", data).returncode, 0)

    def test_nobody_else_may_read_what_is_made(self):
        registry = Registry(self.folder / "data").start()
        self.addCleanup(registry.kill)
        self.assertEqual(registry.upload(wheel("private", "1.0"), registry.user("ada")).status, 200)
        for path in registry.data.rglob("*"):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_a_missing_folder_is_not_made_by_questions(self):
        missing = self.folder / "typo"
        done = run("admin", "user", "list", "--data", missing)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(missing), done.stderr)
        self.assertFalse(missing.exists())

    def test_damage_is_found(self):
        registry = Registry(self.folder / "data").start()
        self.addCleanup(registry.kill)
        package = wheel("damaged", "1.0")
        self.assertEqual(registry.upload(package, registry.user("ada")).status, 200)
        blob = next((self.folder / "data").rglob(package.filename))
        blob.chmod(0o600)
        content = bytearray(blob.read_bytes())
        content[10] ^= 1
        blob.write_bytes(content)
        self.assertEqual(run("admin", "fsck", "--data", registry.data).returncode, 0)
        deep = run("admin", "fsck", "--rehash", "--data", registry.data)
        self.assertEqual(deep.returncode, 3)
        self.assertIn(package.filename, deep.stdout)
        blob.unlink()
        self.assertEqual(run("admin", "fsck", "--data", registry.data).returncode, 3)


class Serving(RegistryTest):
    def test_a_terminated_core_finishes_what_it_has_begun(self):
        registry = Registry(self.folder / "draining").start()
        self.addCleanup(registry.kill)
        package = wheel("drained", "1.0", payload=os.urandom(300_000))
        body, content_type = form(package)
        head = {"Content-Type": content_type, "Content-Length": str(len(body)), **basic("__token__", registry.user("ada"))}
        with socket.create_connection(("127.0.0.1", registry.port), timeout=30) as connection:
            lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
            connection.sendall(f"POST /legacy/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n{lines}\r\n".encode())
            self.assertIn(b" 100 ", connection.recv(1000))
            connection.sendall(body[:100_000])
            registry.process.send_signal(signal.SIGTERM)
            connection.sendall(body[100_000:])
            answer = connection.recv(1000)
        self.assertIn(b" 200 ", answer.split(b"\r\n")[0])
        self.assertEqual(registry.process.wait(30), 0)
        registry.kill()
        registry.start()
        self.assertIn(package.filename, registry.files("drained"))

    def test_open_event_streams_do_not_hold_up_the_end(self):
        registry = Registry(self.folder / "streaming").start()
        self.addCleanup(registry.kill)
        token = registry.user("ada")
        connection = http.client.HTTPConnection("127.0.0.1", registry.port, timeout=30)
        self.addCleanup(connection.close)
        connection.request("GET", "/admin/v1/events", headers={"Authorization": f"Bearer {token}"})
        self.assertEqual(connection.getresponse().status, 200)
        begin = time.monotonic()
        self.assertEqual(registry.stop(), 0)
        self.assertLess(time.monotonic() - begin, 15)

    def test_tells_its_own_figures(self):
        self.registry.request("GET", "/simple/")
        text = self.registry.request("GET", "/metrics").text
        for name in ("cheesemonger_requests_total{route=\"index\",status=\"2xx\"}", "cheesemonger_serial ", "cheesemonger_store_writable 1",
                     "cheesemonger_request_seconds_bucket", "cheesemonger_queued_uploads 0"):
            self.assertIn(name, text)
        for line in text.splitlines():
            self.assertRegex(line, r"^(# (HELP|TYPE) [a-z0-9_]+ .+|[a-z0-9_]+(\{[^}]*\})? [-+0-9.einfna]+)$")

    def test_no_secret_reaches_the_log(self):
        token = self.registry.user("secretive")
        self.registry.upload(wheel("quiet", "1.0"), token)
        self.registry.call("GET", "/admin/v1/me", token)
        self.registry.admin("user", "add", "typed", "--role", "user", "--password-stdin", stdin="correct horse battery\n")
        answer = self.registry.request("POST", "/admin/v1/session", '{"name": "typed", "password": "correct horse battery"}')
        self.assertEqual(answer.status, 200, answer)
        session = answer.json()["token"]
        self.assertEqual(self.registry.call("GET", "/admin/v1/me", session).json()["name"], "typed")
        self.assertEqual(self.registry.call("DELETE", "/admin/v1/session", session).status, 200)
        self.assertEqual(self.registry.call("GET", "/admin/v1/me", session).status, 401)
        log = self.registry.log()
        for secret in (token, session, "correct horse battery"):
            self.assertNotIn(secret, log)


class Embedded(unittest.TestCase):
    """As the desktop starts it: token over a pipe, gone with its parent."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.port = free_port()
        self.words = ["serve", "--data", str(self.folder / "data"), "--listen", f"127.0.0.1:{self.port}"]

    def me(self, token):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/admin/v1/me", headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def test_the_one_time_token_is_the_local_admin(self):
        token = "0123456789abcdef" * 4
        core = subprocess.Popen([DAEMON, *self.words, "--one-time-token-fd", "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(core.stdout.close)
        self.addCleanup(core.wait)
        self.addCleanup(core.kill)
        core.stdin.write(token.encode() + b"\n")
        core.stdin.close()
        self.assertEqual(core.stdout.readline(), f"ready http://127.0.0.1:{self.port}/\n".encode())
        status, body = self.me(token)
        self.assertEqual(status, 200, body)
        self.assertIn(b'"name":"local"', body)
        self.assertIn(b'"role":"admin"', body)
        self.assertEqual(self.me("f" * 64)[0], 401)
        self.assertNotIn(token.encode(), pathlib.Path(f"/proc/{core.pid}/cmdline").read_bytes())

    def test_ends_with_its_parent(self):
        script = ("import os, subprocess, sys\n"
                  "core = subprocess.Popen([*sys.argv[1:], '--parent-pid', str(os.getpid())], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)\n"
                  "core.stdout.readline()\n"
                  "print(core.pid, flush=True)\n"
                  "sys.stdin.read()\n")
        parent = subprocess.Popen(["/usr/bin/python3", "-c", script, DAEMON, *self.words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        parent.stdin.close()
        parent.stdout.close()
        self.assertTrue(gone(pid), "the core outlived its parent")


class Certificates(unittest.TestCase):
    def make(self, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.key, "-out", self.certificate],
                       check=True, capture_output=True)

    def served(self):
        return ssl.get_server_certificate(("127.0.0.1", self.registry.port), timeout=10)

    def test_sighup_reads_them_again_and_keeps_the_old_ones_when_broken(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.certificate, self.key = folder / "cert.pem", folder / "key.pem"
        self.make("first")
        self.registry = Registry(folder / "data", "--tls-cert", self.certificate, "--tls-key", self.key).start()
        self.addCleanup(self.registry.kill)
        first = self.served()
        self.make("second")
        self.reload("tls.reloaded")
        self.assertEqual(self.served().split(), self.certificate.read_text().split())
        self.assertNotEqual(self.served(), first)
        self.certificate.write_text("no certificate\n")
        second = self.served()
        self.reload("tls.kept")
        self.assertEqual(self.served(), second)

    def reload(self, expected):
        self.registry.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 20
        while expected not in self.registry.log():
            self.assertLess(time.monotonic(), end, f"no {expected}")
            time.sleep(0.02)


if __name__ == "__main__":
    unittest.main()
