# SPDX-License-Identifier: GPL-3.0-or-later
"""A monitor holds a mirror against the registry alone: whoever merely answers at its address, with another certificate,
proves nothing of a copy. And the mirror itself to its certificate, as caches do."""
import json
import pathlib
import shutil
import tempfile
import unittest

from edges import Node
from keepers import Authority
from mirrors import Mirror, MirrorSite
from monitor import Monitor, section
from support import wheel


@unittest.skipUnless(shutil.which("nginx"), "nginx is not installed")
class OriginTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.ours, self.others = Authority(self.folder / "ours"), Authority(self.folder / "others")
        self.cert, self.far = self.folder / "node.pem", self.folder / "far.pem"
        self.present(self.ours)
        self.present(self.ours, "far", self.far)
        self.node = Node("web1", self.folder, f'[serve]\ntls.cert = "{self.cert}"\ntls.key = "{self.folder / "node.key"}"\n')
        self.addCleanup(lambda: self.node.process and self.node.kill())
        self.node.start()
        self.uploader = self.node.user("ann")
        self.assertEqual(self.node.upload(wheel("canary", "1.0"), self.uploader).status, 200)
        self.ca = self.folder / "ours" / "authority.pem"
        config = self.folder / "mirror.toml"
        config.write_text(f'[mirror]\nca = "{self.ca}"\n')
        self.source = f"https://127.0.0.1:{self.node.port}/"
        Mirror(self.folder / "copy", self.source, "--config", config).run()
        (self.folder / "site").mkdir()
        self.site = MirrorSite(self.folder / "site", self.folder / "copy", certificate=self.far)
        self.addCleanup(self.site.start().stop)

    def present(self, authority, name="web1", file=None):
        cert, key, _ = authority.issue("agent", name, "127.0.0.1")
        shutil.copy(cert, file or self.cert)
        shutil.copy(key, (file or self.cert).with_suffix(".key"))

    def watch(self, config):
        topology = 'name = "test"\n[registry]\nurl = "https://127.0.0.1/"\ncanary_project = "canary"\n'
        topology += "".join(section("host", name=name, address="127.0.0.1") for name in ("watch", "web1", "far"))
        topology += section("web", name="web1", host="web1", port=self.node.port, tls=True)
        topology += section("mirror", name="far", host="far", port=self.site.port, tls=True, tree=str(self.folder / "copy"), prefix="", **{"from": self.source})
        topology += section("monitor", name="m1", host="watch", interval_ms=500)
        self.monitor = Monitor(self.folder, topology, config=config)
        self.token = self.monitor.token()
        self.monitor.start()
        self.addCleanup(self.monitor.kill)

    def fact(self, name):
        nodes = self.monitor.get("monitor/state", self.token)["nodes"]
        return next((fact for node in nodes if node["name"] == "far" for fact in node["facts"] if fact["name"] == name), {})

    def test_another_certificate_is_not_the_registry(self):
        self.watch(f'ca = "{self.ca}"\n')
        serial = self.monitor.wait_until(lambda: self.fact("origin-serial").get("value"))
        self.assertEqual(self.fact("serial")["value"], serial)
        self.assertEqual(self.fact("origin-error"), {})
        # Somebody else at the same address, who has more than the copy has.
        self.node.kill()
        self.present(self.others)
        self.node.start()
        self.assertEqual(self.node.upload(wheel("canary", "2.0"), self.uploader).status, 200)
        self.monitor.wait_until(lambda: "certificate" in self.fact("origin-error").get("text", ""))
        self.assertNotIn("value", self.fact("origin-serial"))
        self.assertFalse({finding["code"] for finding in self.monitor.node("far", self.token)["findings"]} & {"SERIAL_BEHIND", "MIRROR_EMPTY_PAGE", "DIGEST_MISMATCH"},
                         json.dumps(self.monitor.node("far", self.token)))
        # The registry again, as the monitor knows it.
        self.node.kill()
        self.present(self.ours)
        self.node.start()
        self.assertGreater(self.monitor.wait_until(lambda: self.fact("origin-serial").get("value")), serial)

    def test_who_has_another_certificate_is_not_the_mirror(self):
        self.watch(f'ca = "{self.ca}"\n')
        self.monitor.wait_until(lambda: self.fact("serial").get("value"))
        self.assertNotIn("CHANNEL_BROKEN", self.monitor.codes("far", self.token))
        # Of another authority, and of the right one in somebody else's name.
        for authority, name in ((self.others, "far"), (self.ours, "web1")):
            self.present(authority, name, self.far)
            self.site.reload()
            found = self.monitor.wait_for("far", "CHANNEL_BROKEN", self.token)
            self.assertEqual(found["verdict"], "critical")
            self.assertIn("its certificate is not trusted", found["statement"])
            self.present(self.ours, "far", self.far)
            self.site.reload()
            self.monitor.wait_until(lambda: "CHANNEL_BROKEN" not in self.monitor.codes("far", self.token))

    def test_without_an_authority_it_is_compared_as_it_answers(self):
        self.watch("")
        self.assertTrue(self.monitor.wait_until(lambda: self.fact("origin-serial").get("value")))


if __name__ == "__main__":
    unittest.main()
