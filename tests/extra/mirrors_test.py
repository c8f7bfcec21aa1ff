# SPDX-License-Identifier: GPL-3.0-or-later
"""Other mirrors that read the static tree of ours, as nginx serves it: bandersnatch and devpi, with a prefix and without. Each
needs the folder of an environment with it, in CHEESEMONGER_BANDERSNATCH and CHEESEMONGER_DEVPI: `make extra` makes them."""
import base64
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
from mirrors import MirroredSite  # noqa: E402
from support import SIMPLE_JSON, free_port, wheel  # noqa: E402

BANDERSNATCH = os.environ.get("CHEESEMONGER_BANDERSNATCH")
DEVPI = os.environ.get("CHEESEMONGER_DEVPI")
PATIENCE = 60
OWNER = "root"  # whom devpi has from the start


class OtherMirrors(MirroredSite):
    def publish(self, package):
        self.assertEqual(self.registry.upload(package, self.token).status, 200)
        self.mirror.run()

    @unittest.skipUnless(BANDERSNATCH, "there is no bandersnatch")
    def test_bandersnatch_mirrors_the_mirror(self):
        folder, config = self.folder / "bandersnatch", self.folder / "bandersnatch.conf"
        config.write_text(f"[mirror]\ndirectory = {folder}\nmaster = {self.site.url}\nallow-non-https = true\napi-method = simple\njson = true\n"
                          "timeout = 30\nglobal-timeout = 300\nworkers = 2\nhash-index = false\nstop-on-error = true\nstorage-backend = filesystem\n"
                          "verifiers = 1\n")

        def run():
            done = subprocess.run([f"{BANDERSNATCH}/bin/bandersnatch", "-c", config, "mirror"], env=self.isolated(), capture_output=True, text=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertEqual((folder / "status").read_text(), str(self.mirror.status()["serial"]))
        run()
        for package in (self.wheel, self.sdist):
            self.assertEqual([path.read_bytes() for path in folder.rglob(package.filename)], [package.content])
        # And what comes later, by its serial.
        later = wheel("site-later", "1.0")
        self.publish(later)
        run()
        self.assertEqual([path.read_bytes() for path in folder.rglob(later.filename)], [later.content])

    def devpi(self):
        """A devpi of which an index mirrors the site; its address."""
        data, port = self.folder / "devpi", free_port()
        indexes = self.folder / "devpi.json"
        done = subprocess.run([f"{DEVPI}/bin/devpi-init", "--serverdir", data, "--no-root-pypi", "--root-passwd", "secret"], env=self.isolated(),
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        log = open(self.folder / "devpi.log", "wb")
        self.addCleanup(log.close)
        server = subprocess.Popen([f"{DEVPI}/bin/devpi-server", "--serverdir", data, "--port", str(port)], env=self.isolated(), stdout=log, stderr=log)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        base = f"http://127.0.0.1:{port}"

        def call(path, method, body, **headers):
            request = urllib.request.Request(base + path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}, method=method)
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read())
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                login = call("/+login", "POST", {"user": OWNER, "password": "secret"})["result"]
                break
            except urllib.error.URLError:
                self.assertIsNone(server.poll(), (self.folder / "devpi.log").read_text()[-2000:])
                self.assertLess(time.monotonic(), deadline, "devpi does not start")
                time.sleep(0.2)  # it tells nobody when it is ready
        word = base64.b64encode(f"{OWNER}:{login['password']}".encode()).decode()
        # It asks again after two seconds. With none it forgets in the middle of one request what it has just read.
        call(f"/{OWNER}/ours", "PUT", {"type": "mirror", "mirror_url": f"{self.site.url}/simple/", "mirror_cache_expiry": "2"}, **{"X-Devpi-Auth": word})
        return f"{base}/{OWNER}/ours"

    @unittest.skipUnless(DEVPI, "there is no devpi")
    def test_devpi_mirrors_the_mirror_and_pip_installs_from_it(self):
        index = self.devpi()
        target = self.folder / "installed"

        def download():
            done = subprocess.run(["/usr/bin/python3", "-m", "pip", "download", "--no-deps", "-d", target, "--index-url", f"{index}/+simple/", "site-demo"],
                                  env=self.isolated(), capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        download()
        self.assertEqual((target / self.wheel.filename).read_bytes(), self.wheel.content)
        # It compares types and serials: what it gives is what the mirror's page says.
        request = urllib.request.Request(f"{index}/+simple/site-demo/", headers={"Accept": SIMPLE_JSON})
        with urllib.request.urlopen(request, timeout=30) as answer:
            there = {file["filename"]: file["hashes"]["sha256"] for file in json.loads(answer.read())["files"]}
        self.assertEqual(there, {name: file["hashes"]["sha256"] for name, file in self.mirror.files("site-demo").items()})
        later = wheel("site-demo", "2.0")
        self.publish(later)
        deadline = time.monotonic() + PATIENCE
        while not (target / later.filename).exists() and time.monotonic() < deadline:
            time.sleep(0.5)  # until it asks again
            download()
        self.assertEqual((target / later.filename).read_bytes(), later.content)


class BelowAPath(OtherMirrors):
    prefix = "/far/pypi"


if __name__ == "__main__":
    unittest.main()
