# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that are measured: the core and, serving the same bytes from disk, nginx."""
import os
import pathlib
import select
import signal
import subprocess
import sys
import time
import urllib.request

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from support import free_port  # noqa: E402  the measurements take it from here


class Core:
    """A running cheesemongerd over a data folder; ends with the `with` block.

    Every server gets a session of its own: the kernel shares the processors out by session first, and
    one that shared ours would get less than the other.
    """

    def __init__(self, binary, data, port, tls=None):
        self.binary, self.data, self.port, self.tls = binary, pathlib.Path(data), port, tls
        self.process = None

    def __enter__(self):
        self.data.mkdir(parents=True, exist_ok=True)
        command = [self.binary, "serve", "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}"]
        # The limits of users would refuse the large uploads that are measured here.
        environment = os.environ | {"CHEESEMONGER_LIMITS_FILE": "4GiB", "CHEESEMONGER_LIMITS_PROJECT": "100GiB"}
        if self.tls:
            command += ["--tls-cert", self.tls[0], "--tls-key", self.tls[1]]
        self.log = open(self.data / "bench.log", "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, env=environment,
                                        start_new_session=True)
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        line = self.process.stdout.readline().decode() if ready else ""
        if not line.startswith("ready "):
            raise RuntimeError(f"the core did not start, see {self.data}/bench.log")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def admin(self, *words):
        return subprocess.run([self.binary, "admin", *words, "--data", str(self.data)], check=True,
                              capture_output=True, text=True).stdout.strip()

    def token(self):
        self.admin("user", "add", "bench", "--role", "user")
        return self.admin("token", "create", "--user", "bench")

    def peak_mb(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return None


class Nginx:
    """nginx with two workers over a folder of files, set up as Debian ships it but without its access log;
    ends with the `with` block."""

    CONFIG = """
{user} daemon off; worker_processes 2; pid {root}/nginx.pid; error_log {root}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  default_type application/octet-stream; etag on;
  client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
  uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
  server {{ listen 127.0.0.1:{port} reuseport; {tls} root {root}/www; }}
}}
"""

    def __init__(self, root, port, tls=None):
        self.root, self.port, self.tls = pathlib.Path(root), port, tls
        self.process = None

    def __enter__(self):
        (self.root / "www").mkdir(parents=True, exist_ok=True)
        tls = ""
        if self.tls:
            tls = f"ssl_certificate {self.tls[0]}; ssl_certificate_key {self.tls[1]};"
        # Its workers must be able to read a folder that is ours alone.
        user = "user root;" if os.getuid() == 0 else ""
        config = self.CONFIG.format(root=self.root, port=self.port, tls=tls, user=user)
        if self.tls:
            config = config.replace(" reuseport;", " ssl reuseport;")
        (self.root / "nginx.conf").write_text(config)
        self.process = subprocess.Popen(["nginx", "-p", str(self.root), "-c", str(self.root / "nginx.conf")],
                                        stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(0.5)
        if self.process.poll() is not None:
            raise RuntimeError(f"nginx did not start, see {self.root}/error.log")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def serve(self, name, content):
        path = self.root / "www" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def fetch(url, accept="*/*", context=None):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, context=context) as answer:
        return answer.read()


def from_index(folder, requirement):
    """The environment in which Python finds `requirement`, installed into `folder` from the index that pip knows; nothing where
    it cannot be had, and why is printed."""
    done = subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--target", str(folder), requirement],
                          capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{requirement} could not be had: {(done.stderr.strip().splitlines() or ['pip says nothing'])[-1]}", flush=True)
        return None
    return {**os.environ, "PYTHONPATH": str(folder)}


def certificate(folder):
    cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
    return cert, key
