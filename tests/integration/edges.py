# SPDX-License-Identifier: GPL-3.0-or-later
"""A CDN in front of two web nodes and a mirror: real haproxy, varnishd and nginx with what the topology's templates make of
them, on addresses of the loopback."""
import http.client
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from mirrors import TOPOLOGY, Mirror
from postgres import shared_server
from support import SIMPLE_JSON, Answer, Registry, free_port, wheel

NEAR, EDGE, FAR = "127.0.0.1", "127.0.0.2", "127.0.0.3"
NODES = ("web1", "web2")
ELSEWHERE = "198.51.100.7"
DOCS = "docs.edge.test"


def wait_for(what, found, within=30):
    """The seconds it took."""
    begin = time.monotonic()
    while not found():
        if time.monotonic() - begin > within:
            raise AssertionError(f"{what}: not within {within} s")
        time.sleep(0.005)
    return time.monotonic() - begin


def listens(address, port):
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


class Relay:
    """Carries connections to `target`. blocked: none gets through. cut_after: bytes towards the client after which both sides are cut."""

    def __init__(self, target):
        self.target, self.blocked, self.cut_after, self.cuts = target, False, None, 0
        self.listener = socket.create_server((NEAR, 0))
        self.port = self.listener.getsockname()[1]
        self.open = set()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client):
        if self.blocked:
            client.close()
            return
        try:
            server = socket.create_connection(self.target, timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        self.open |= {client, server}
        threading.Thread(target=self.pump, args=(client, server, False), daemon=True).start()
        self.pump(server, client, True)

    def pump(self, source, sink, answers):
        carried = 0
        try:
            while data := source.recv(65536):
                carried += len(data)
                if answers and self.cut_after is not None and carried > self.cut_after:
                    self.cuts += 1
                    break
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        if answers:
            self.open -= {source, sink}
            source.close()
            sink.close()

    def block(self, blocked):
        self.blocked = blocked
        if blocked:
            for end in list(self.open):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self.block(True)
        self.listener.close()


class Node(Registry):
    """A web node with TLS, as the CDN finds it."""

    def __init__(self, name, folder, settings):
        (folder / name).mkdir()
        self.config = folder / name / "cheesemongerd.toml"
        super().__init__(folder / name / "data", store=("--config", self.config))
        self.name = name
        self.config.write_text(settings)

    def connection(self, timeout):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(NEAR, self.port, timeout=timeout, context=context)

    def hang(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def cdn(self, token):
        return self.call("GET", "/admin/v1/cdn", token).json()


class Cdn:
    """haproxy and varnishd of a rendered topology. `webs` and `mirror` are ports; without a mirror: None. `more` are keys
    of the topology's entry."""

    def __init__(self, folder, webs, mirror, tree="/nowhere", port=None, prefix="", **more):
        self.folder, self.port, self.proxy_port = pathlib.Path(folder), port or free_port(), free_port()
        sys.path.insert(0, str(TOPOLOGY))
        import render
        import topology
        out = self.folder / "out"
        # Varnish keeps its state in a socket's path, which may not be long.
        self.run = pathlib.Path(tempfile.mkdtemp(prefix="cm-cdn-"))
        tls = self.folder.parent / "tls"
        data = {"name": "test", "registry": {"url": f"http://{EDGE}:{self.port}/", "network": "127.0.0.0/8", "canary_docs": f"http://{DOCS}/canary/latest/"},
                "paths": {"run": str(self.run), "config": f"{out}/{{host}}", "state": str(self.folder.parent)},
                "host": [{"name": name, "address": address, "site": "one"} for name, address in (("near", NEAR), ("edge", EDGE), ("away", FAR))],
                "web": [{"name": name, "host": "near", "port": port, "tls": True} for name, port in zip(NODES, webs)],
                "certificate": [{"name": f"{name}_tls", "host": "near", "port": port, "file": str(tls / "node.pem")} for name, port in zip(NODES, webs)],
                "cdn": [{"name": "cdn1", "host": "edge", "port": self.port, "kind": "varnish", **more}],
                "mirror": []}
        if mirror:
            data["mirror"] = [{"name": "far", "host": "away", "port": mirror, "tls": True, "from": "http://127.0.0.1:9/", "tree": str(tree), "prefix": prefix}]
            data["certificate"].append({"name": "far_tls", "host": "away", "port": mirror, "file": str(tls / "far.pem")})
        before, first = (render.FIRST_TUNNEL_PORT, render.FIRST_READ_PORT, render.FIRST_MIRROR_PORT), free_port(row=5)
        render.FIRST_TUNNEL_PORT, render.FIRST_READ_PORT, render.FIRST_MIRROR_PORT = first, first + 2, first + 4
        try:
            render.render(topology.check(data), out, "", only=("cdn", "mirror", "web"))
        finally:
            render.FIRST_TUNNEL_PORT, render.FIRST_READ_PORT, render.FIRST_MIRROR_PORT = before
        self.rendered, self.logs, self.processes = out, [], {}

    def spawn(self, name, *words):
        log = open(self.folder / f"{name}.log", "ab")
        self.logs.append(log)
        self.processes[name] = subprocess.Popen(words, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def start(self):
        config = self.rendered / "edge/cdn"
        self.spawn("haproxy", "haproxy", "-db", "-f", config / "haproxy.cfg")
        if (self.rendered / "away").exists():
            nginx = self.rendered / "away/mirror/nginx.conf"
            text = nginx.read_text()
            if "daemon off" not in text:
                # A test's folder is its owner's alone, and nginx's workers are nobody when root starts it.
                nginx.write_text(("user root;\n" if os.geteuid() == 0 else "") + "daemon off;\n" + text)
            self.spawn("nginx", "nginx", "-p", self.run, "-c", nginx, "-e", "stderr")
        # Without the jail, in which a test's folder cannot be read; a second door that believes what a balancer says.
        jail = ("-j", "none") if os.geteuid() == 0 else ()
        self.spawn("varnish", "sh", config / "varnish.sh", *jail, "-a", f"proxy={EDGE}:{self.proxy_port},PROXY")
        wait_for(f"varnishd {self.log('varnish')}", self.listens)
        return self

    def listens(self):
        if self.processes["varnish"].poll() is not None:
            raise AssertionError(self.log("varnish"))
        return listens(EDGE, self.port)

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def stop(self):
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            process.wait(30)
        for log in self.logs:
            log.close()
        shutil.rmtree(self.run, ignore_errors=True)

    def get(self, path, accept=None, method="GET", body=None, timeout=30, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if accept is not None:
            headers["Accept"] = accept
        connection = http.client.HTTPConnection(EDGE, self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get_from(self, source, path, method="GET", **headers):
        """As a client with that address."""
        headers = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        with socket.create_connection((EDGE, self.proxy_port), timeout=30) as connection:
            connection.sendall(f"PROXY TCP4 {source} {EDGE} 4711 80\r\n{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n".encode())
            response = http.client.HTTPResponse(connection, method=method)
            response.begin()
            return Answer(response)

    def files(self, project):
        answer = self.get(f"/simple/{project}/", SIMPLE_JSON)
        return None if answer.status == 404 else {file["filename"]: file for file in answer.json()["files"]}

    def purge(self, *keys):
        return self.get("/", method="PURGE", Surrogate_Key=" ".join(keys))


def make_certificates(folder):
    """An authority, one certificate for both nodes, and one for the mirror."""
    folder.mkdir()
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", *curve, "-keyout", "authority.key", "-out", "authority.pem", "-days", "2", "-subj", "/CN=test", "-addext",
            "basicConstraints=critical,CA:TRUE")
    for name, names in (("node", "DNS:web1,DNS:web2"), ("far", "DNS:far")):
        (folder / "names").write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
        openssl("req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-days", "2", "-extfile", "names", "-out", f"{name}.pem")


class FrontedNodes(unittest.TestCase):
    """Two nodes over one database, a mirror of them, the CDN in front of all; the way of purges can be blocked."""

    with_mirror = True
    projects = 12
    prefix = "/pypi"  # of the mirror

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        make_certificates(cls.folder / "tls")
        port = free_port()
        cls.purge_way = Relay((EDGE, port))
        cls.addClassCleanup(cls.purge_way.close)
        cls.database = shared_server().create_database()
        url = shared_server().url(cls.database)
        settings = (f'[serve]\nfiles = "{cls.folder}/files"\nnode_key = "{cls.folder}/node.key"\ndatabase.url = "{url}"\n'
                    f'base_url = "http://{EDGE}:{port}"\ntls.cert = "{cls.folder}/tls/node.pem"\ntls.key = "{cls.folder}/tls/node.key"\ndocs.base_url = "http://{DOCS}"\n'
                    f'cdn.varnish = ["http://{NEAR}:{cls.purge_way.port}"]\nlog.level = "info"\n')
        cls.nodes = [Node(name, cls.folder, settings) for name in NODES]
        cls.one, cls.two = cls.nodes
        for node in cls.nodes:
            node.start()
            cls.addClassCleanup(node.kill)
        cls.owner, cls.admin = cls.one.user("owner"), cls.one.user("root", "admin")
        cls.packages = [wheel(f"project-{number}", "1.0", payload=os.urandom(3000)) for number in range(cls.projects)]
        for package in cls.packages:
            assert cls.one.upload(package, cls.owner).status == 200
        cls.paths = {package.name: "/packages/" + file["url"].partition("/packages/")[2]
                     for package in cls.packages for file in cls.one.files(package.name).values()}
        (cls.folder / "cdn").mkdir()
        cls.cdn = Cdn(cls.folder / "cdn", [node.port for node in cls.nodes], free_port() if cls.with_mirror else None, cls.folder / "copy", port, cls.prefix)
        if cls.with_mirror:
            cls.fill_mirror()
        cls.addClassCleanup(cls.cdn.stop)
        cls.cdn.start()
        cls.wait_until_ready()

    @classmethod
    def fill_mirror(cls):
        """From the first node, whose certificate does not name the address: through a tunnel of the CDN's own form."""
        plain = cls.folder / "plain.cfg"
        port = free_port()
        plain.write_text(f"defaults\n mode tcp\n timeout connect 2s\n timeout client 60s\n timeout server 60s\nlisten plain\n bind {NEAR}:{port}\n"
                         f" server web1 {NEAR}:{cls.one.port} ssl verify none\n")
        tunnel = subprocess.Popen(["haproxy", "-db", "-f", plain], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for("the tunnel", lambda: listens(NEAR, port))
            Mirror(cls.folder / "copy", f"http://{NEAR}:{port}/").run()
        finally:
            tunnel.kill()
            tunnel.wait()

    @classmethod
    def wait_until_ready(cls):
        """Until both nodes answer through the CDN, and the mirror is healthy."""
        def ready():
            seen = {cls.cdn.get("/_health/").headers.get("X-Served-By") for _ in range(8)}
            return seen == set(NODES)
        wait_for("both nodes behind the CDN", ready)

    def hang_alone(self, node):
        """Stops a node where nobody waits for it: not within a write, which all other writers would wait for."""
        def hangs():
            node.hang()
            if shared_server().psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") == "0":
                return True
            node.go_on()
            return False
        wait_for("a moment between two writes", hangs)

    def wait_until_settled(self):
        """Until nothing of what has changed will be purged once more."""
        def settled():
            serial = self.one.call("GET", "/admin/v1/registry", self.admin).json()["serial"]
            return all(path.read_text() == f"serial {serial}\n" for node in self.nodes for path in (node.data / "edges").iterdir())
        wait_for("no purge to be repeated", settled, 60)

    def tearDown(self):
        for node in self.nodes:
            if node.process is None:
                node.start()
        self.wait_until_ready()
        wait_for("no backlog", lambda: all(node.cdn(self.admin).get("pending_keys") == 0 for node in self.nodes))
