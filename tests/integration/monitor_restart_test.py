# SPDX-License-Identifier: GPL-3.0-or-later
"""A monitor that is stopped or killed and started again: what it told before is neither over nor new for that."""
import socket
import ssl
import threading
import time
import unittest

from monitor import Hook, section
from monitor_faults_test import Fault, certificate
from support import FAKETIME, in_seconds, needs_faketime


class Presents:
    """Presents a certificate with a ninth of its life left."""

    def __init__(self, folder):
        certificate(folder, LD_PRELOAD=FAKETIME, FAKETIME="-80d")
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                taken, _ = self.socket.accept()
            except OSError:
                return
            try:
                self.context.wrap_socket(taken, server_side=True).close()
            except OSError:
                pass

    def stop(self):
        self.socket.close()


class Restarts(Fault):
    def setUp(self):
        super().setUp()
        self.hook = Hook()
        self.addCleanup(self.hook.stop)

    def settle(self, monitor):
        """Waits until the monitor judges alerts: it has looked at everything often enough."""
        begin = time.monotonic()
        monitor.wait_until(lambda: time.monotonic() - begin > 20 * monitor.interval + 5)

    @needs_faketime
    def test_what_is_looked_at_seldom_is_still_owned(self):
        presents = Presents(self.folder)
        self.addCleanup(presents.stop)
        # It is looked at each five seconds, and not first: the second time comes after alerts are judged.
        web = self.web("web1")
        monitor = self.watch(self.hosts("h-cert", "h-web1", "h-watch") + section("web", name="web1", host="h-web1", port=web.port) +
                             section("certificate", name="cert1", host="h-cert", port=presents.port), hook=self.hook, interval_ms=1000)
        alert = monitor.wait_until(lambda: monitor.get("monitor/alerts", self.token)["items"])[0]
        self.assertEqual((alert["node"], alert["finding"]), ("cert1", "CERT_EXPIRING"))
        owned = monitor.call("POST", f"/admin/v1/monitor/alerts/{alert['id']}/acknowledge", self.token, {"note": "mine", "until": in_seconds(3600)})
        self.assertEqual(owned.status, 200, owned)
        for end in (monitor.stop, monitor.kill):
            end()
            monitor.start()
            self.settle(monitor)
            alerts = monitor.get("monitor/alerts", self.token)["items"]
            self.assertEqual([(one["id"], one["state"], one["owner"]) for one in alerts], [(alert["id"], "acknowledged", "operator")])
        self.assertEqual(self.hook.told(), [("cert1", "firing")])

    def test_nobody_is_told_of_the_end_of_what_was_silenced(self):
        web = self.web("web1")
        monitor = self.watch(self.hosts("h-web1", "h-watch") + section("web", name="web1", host="h-web1", port=web.port), hook=self.hook)
        monitor.wait_for("web1", None, self.token)
        made = monitor.call("POST", "/admin/v1/monitor/silences", self.token, {"match": {"node": "web1"}, "reason": "work", "until": in_seconds(3600)})
        self.assertEqual(made.status, 200, made)
        web.kill()
        monitor.wait_until(lambda: monitor.alerts(self.token) == ["web1"])
        monitor.stop()
        monitor.start()
        self.settle(monitor)
        web.start()
        monitor.wait_until(lambda: not monitor.alerts(self.token))
        # What is told later has not overtaken it.
        self.assertEqual(monitor.call("POST", f"/admin/v1/monitor/silences/{made.json()['id']}/end", self.token, {"reason": "done"}).status, 200)
        web.kill()
        monitor.wait_until(self.hook.told)
        self.assertEqual(self.hook.told(), [("web1", "firing")])

    def test_a_node_that_is_taken_out_is_not_said_to_be_well(self):
        web = self.web("web1")
        monitor = self.watch(self.hosts("h-web1", "h-watch") + section("web", name="web1", host="h-web1", port=web.port), hook=self.hook)
        monitor.wait_for("web1", None, self.token)
        web.kill()
        monitor.wait_until(lambda: self.hook.told() == [("web1", "firing")])
        own = monitor.topology.read_text()
        monitor.stop()
        monitor.topology.write_text(own.replace('"web1"', '"shop1"'))
        monitor.start()
        monitor.wait_until(lambda: ("shop1", "firing") in self.hook.told())
        self.assertEqual(self.hook.told(), [("web1", "firing"), ("web1", "resolved"), ("shop1", "firing")])
        summary = self.hook.of("web1", "resolved")[0]["alerts"][0]["annotations"]["summary"]
        self.assertIn("web1 is no longer watched", summary)

        def changes():
            return monitor.get("monitor/timeline?kind=verdict.changed&node=web1", self.token)["items"]
        last = changes()[0]
        self.assertEqual((last["role"], last["before"], last["after"], last["statement"]), ("web", "critical", "unknown", "web1 is no longer watched"))
        # It is said once; and whoever comes back is looked at.
        count = len(changes())
        monitor.stop()
        monitor.start()
        self.settle(monitor)
        self.assertEqual(len(changes()), count)
        web.start()
        monitor.stop()
        monitor.topology.write_text(own)
        monitor.start()
        monitor.wait_until(lambda: changes()[0]["after"] == "ok")
        # Also one that is well is not watched from then on, and counts as nothing.
        monitor.stop()
        monitor.topology.write_text(own.replace('"web1"', '"shop1"'))
        monitor.start()
        monitor.wait_until(lambda: changes()[0]["after"] == "unknown")


if __name__ == "__main__":
    unittest.main()
