# SPDX-License-Identifier: GPL-3.0-or-later
"""A monitor whose clock is set while it watches: it goes on judging, tells what fails then, and keeps what it knew."""
import unittest

from monitor import Hook, Monitor, section
from monitor_faults_test import Fault
from support import FAKETIME, SANITIZED, needs_faketime

HOUR = 3600


class Set(Monitor):
    """A monitor whose clock can be set; its clock that nobody can set goes on."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.ahead = self.folder / "ahead"
        self.set(0)
        self.environment = {"LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(self.ahead), "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0"}

    def set(self, seconds):
        new = self.ahead.with_name("ahead.new")
        new.write_text(f"{seconds:+d}\n")
        new.replace(self.ahead)


@unittest.skipIf(SANITIZED, "a sanitizer's own library has to be the first that is loaded, and that of the wrong clock would be")
@needs_faketime
class Clock(Fault):
    def setUp(self):
        super().setUp()
        self.hook = Hook()
        self.addCleanup(self.hook.stop)
        self.webs = [self.web(name) for name in ("web1", "web2")]
        topology = self.hosts("h-web1", "h-web2", "h-watch")
        for number, web in enumerate(self.webs, 1):
            topology += section("web", name=f"web{number}", host=f"h-web{number}", port=web.port)
        self.monitor = Set(self.folder, topology + section("monitor", name="m1", host="h-watch", interval_ms=500), hook=self.hook)
        self.token = self.monitor.token()
        self.addCleanup(self.monitor.kill)
        self.monitor.start()
        for name in ("web1", "web2"):
            self.monitor.wait_for(name, None, self.token)

    def begins(self):
        """What the timeline says of each beginning, oldest first."""
        return [event["statement"] for event in reversed(self.monitor.get("monitor/timeline?kind=monitor.started", self.token)["items"])]

    def test_what_fails_after_it_was_set_back_is_told(self):
        self.monitor.set(-HOUR)
        self.monitor.wait_until(lambda: len(self.begins()) == 2)
        self.assertEqual(self.begins()[1], "The clock of m1 was set back by 60 min: it began to watch anew")
        self.webs[0].kill()
        self.monitor.wait_for("web1", "DOWN", self.token)
        self.monitor.wait_until(lambda: self.hook.told() == [("web1", "firing")])

    def test_a_verdict_does_not_outlive_its_cause_when_it_is_set_back(self):
        self.webs[0].kill()
        self.monitor.wait_until(lambda: self.hook.told() == [("web1", "firing")])
        alert = self.monitor.get("monitor/alerts", self.token)["items"][0]
        self.monitor.set(-HOUR)
        self.monitor.wait_until(lambda: len(self.begins()) == 2)
        # What it was is not over for that, nor new.
        self.monitor.wait_for("web1", "DOWN", self.token)
        self.webs[0].start()
        self.monitor.wait_for("web1", None, self.token)
        self.monitor.wait_until(lambda: len(self.hook.told()) > 1)
        self.assertEqual(self.hook.told(), [("web1", "firing"), ("web1", "resolved")])
        closed = self.monitor.get("monitor/alerts?state=closed", self.token)["items"]
        self.assertEqual([one["id"] for one in closed], [alert["id"]])

    def figures(self):
        points = self.monitor.get("monitor/series/web1/health-time?step_seconds=1", self.token)["points"]
        return sum(1 for point in points if point["count"])

    def test_nothing_is_forgotten_when_it_was_years_ahead(self):
        self.monitor.wait_until(lambda: self.figures() > 70, within=240)
        told = self.monitor.get("monitor/timeline", self.token)["total"]
        self.monitor.set(400 * 24 * HOUR)
        self.monitor.wait_until(lambda: len(self.begins()) == 2)
        self.monitor.set(0)
        self.monitor.wait_until(lambda: len(self.begins()) == 3)
        before = self.figures()
        self.monitor.wait_until(lambda: self.figures() > before + 70, within=240)
        self.monitor.stop()
        self.monitor.start()
        self.monitor.wait_until(lambda: self.figures() > before)
        self.assertGreaterEqual(self.monitor.get("monitor/timeline", self.token)["total"], told + 2)

    def test_nobody_is_woken_when_it_is_set_ahead_and_right_again(self):
        self.monitor.set(HOUR)
        self.monitor.wait_until(lambda: len(self.begins()) == 2)
        self.monitor.set(0)
        self.monitor.wait_until(lambda: len(self.begins()) == 3)
        # A fault and its end, so that there was time enough to be wrong.
        self.webs[0].kill()
        self.monitor.wait_until(self.hook.told)
        self.webs[0].start()
        self.monitor.wait_until(lambda: len(self.hook.told()) > 1)
        self.assertEqual(self.hook.told(), [("web1", "firing"), ("web1", "resolved")])


if __name__ == "__main__":
    unittest.main()
