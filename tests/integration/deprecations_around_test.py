# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deprecation asks and tells beyond the registry: mails to people by a real exchange with a server, and a real
monitor that is asked for its alerts."""
import pathlib
import shutil
import tempfile
import unittest

from mail_test import PostOffice
from monitor import Monitor, section
from retiring import Retiring, send, window
from support import Registry, free_port, wheel


class Around(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def registry(self, settings):
        config = self.folder / "cheesemongerd.toml"
        config.write_text(f"[serve]\n{settings}")
        registry = Registry(self.folder / "data", "--config", config).start()
        self.addCleanup(registry.kill)
        return registry

    def test_people_are_written_to_and_what_fails_is_known(self):
        with PostOffice() as office:
            registry = self.registry(f'mail.server = "smtp://127.0.0.1:{office.port}"\nmail.from = "shop@example.org"\n')
            alice, bob = (registry.user(name, "admin") for name in ("alice", "bob"))
            record = Retiring(registry, alice, bob)
            for name, address in (("mira", "mira@example.org"), ("tomas", "gone@example.org"), ("zoe", None)):
                token = registry.user(name)
                if address:
                    record.must(registry.call("PUT", f"/admin/v1/users/{name}/email", alice, {"email": address, "reason": "told us"}))
                self.assertEqual(send(registry, wheel(f"of-{name}", "1.0"), token).status, 200)
            office.refusals["gone@example.org"] = "550 5.1.1 no such mailbox"
            drafts = registry.call("GET", record.path + "/messages", alice).json()
            self.assertTrue(drafts["can_send"])
            written = record.must(registry.call("POST", record.path + "/messages", alice, {"messages": drafts["items"], "delivery": "send", "reason": "first word"})).json()
            outcomes = {item["user"]: (item["outcome"], item["problem"]) for item in written["items"]}
            self.assertEqual(outcomes["mira"], ("sent", ""))
            self.assertEqual(outcomes["tomas"][0], "failed")
            self.assertIn("no such mailbox", outcomes["tomas"][1])
            self.assertEqual(outcomes["zoe"][0], "failed")
            self.assertEqual(len(office.mails), 1)
            text = str(office.mails[0])
            for words in ("mira@example.org", "of-mira"):
                self.assertIn(words, text)
            people = {person["user"]: person for person in record.evidence()["people"]}
            self.assertTrue(people["mira"]["reachable"])
            self.assertEqual(people["mira"]["told_how"], "sent")
            # A mailbox that is gone reaches nobody any more.
            self.assertFalse(people["tomas"]["reachable"])
            self.assertFalse(people["zoe"]["reachable"])

    def test_nothing_is_switched_off_while_something_is_on_fire(self):
        # Of a web node that nobody answers for.
        topology = ('name = "test"\n[registry]\nname = "shop"\n' + section("host", name="h-web1", address="127.0.0.1", site="here") +
                    section("host", name="h-watch", address="127.0.0.1", site="here") +
                    section("web", name="web1", host="h-web1", port=free_port()) +
                    section("monitor", name="m1", host="h-watch", interval_ms=500))
        monitor = Monitor(self.folder, topology).start()
        self.addCleanup(monitor.kill)
        token = self.folder / "monitor.token"
        token.write_text(monitor.token("observer"))
        operator = monitor.token("operator", "dana")
        monitor.wait_until(lambda: monitor.get("monitor/alerts", operator)["items"])
        registry = self.registry(f'monitor.url = "http://127.0.0.1:{monitor.port}"\nmonitor.token_file = "{token}"\n')
        alice, bob = (registry.user(name, "admin") for name in ("alice", "bob"))
        record = Retiring(registry, alice, bob).reach("warning")
        guard = record.guards("brown_out", **window(60, 60))["alerts"]
        self.assertEqual(guard["state"], "unmet", guard)
        self.assertNotEqual(record.step("brown_out", **window(60, 60)).status, 200)
        # A monitor that is gone has not said that all is well.
        monitor.kill()
        self.assertEqual(record.guards("brown_out", **window(60, 60))["alerts"]["state"], "unknown")

    def test_a_token_does_not_travel_in_the_open(self):
        token = self.folder / "monitor.token"
        token.write_text("of an observer")
        with self.assertRaisesRegex(AssertionError, "in the open"):
            self.registry(f'monitor.url = "http://192.0.2.20:8428"\nmonitor.token_file = "{token}"\n')


if __name__ == "__main__":
    unittest.main()
