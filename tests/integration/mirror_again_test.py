# SPDX-License-Identifier: GPL-3.0-or-later
"""When a mirror runs again: soon after what may pass by itself, at its tick after what somebody has to see to; and that
what takes it out of rotation ends."""
import json
import os
import signal
import unittest

from keepers import Authority, Agent, wait_for
from mirrors import UpstreamTest, moment
from support import in_seconds

LONG = 1800  # seconds between two ticks: what happens in this test happens for another reason


class Again(UpstreamTest):
    arguments = ("--every", f"{LONG}s")

    def setUp(self):
        super().setUp()
        for number in range(20):
            self.upstream.publish(f"project-{number}", f"project_{number}-1.0.tar.gz", os.urandom(100))

    def launch(self):
        self.process = self.mirror.launch(self)
        wait_for("the first run", lambda: (self.mirror.web / "status.json").exists() and self.mirror.status().get("next_run"))

    def run_now(self):
        before = self.mirror.status()["started"]
        self.process.send_signal(signal.SIGUSR1)
        return wait_for("a run", lambda: (status := self.mirror.status())["started"] != before and status["running"] is None and status)

    def pause_told(self, status):
        """Seconds from the end of that run to the next one, as far as status.json tells: a run here takes no time."""
        return moment(status["next_run"]) - moment(status["started"])

    def test_what_may_pass_is_tried_again_with_a_growing_pause(self):
        self.launch()
        self.assertGreater(self.pause_told(self.mirror.status()), LONG / 2)
        self.upstream.down = True
        first = self.run_now()
        self.assertIn("503", " ".join(first["errors"]))
        self.assertLess(self.pause_told(first), 20)
        second = wait_for("another try", lambda: (status := self.mirror.status())["started"] != first["started"] and status["next_run"] and status)
        self.assertGreater(self.pause_told(second), self.pause_told(first))
        self.upstream.publish("late", "late-1.0.tar.gz", b"late")
        self.upstream.down = False
        wait_for("what was published meanwhile", lambda: self.mirror.page("late"))
        wait_for("the end of that run", lambda: self.mirror.status()["errors"] == [])
        self.assertGreater(self.pause_told(self.mirror.status()), 60, "what went well is not repeated before its tick")

    def test_a_project_that_fails_is_tried_again_also_beside_one_that_fails_for_long(self):
        self.launch()
        self.upstream.publish("project-1", "project_1-2.0.tar.gz", b"second")
        self.upstream.broken.add("project-1")
        pauses = [self.pause_told(self.run_now()) for _ in range(4)]
        self.assertEqual(pauses, sorted(pauses))
        self.upstream.publish("project-2", "project_2-2.0.tar.gz", b"second")
        self.upstream.broken.add("project-2")
        self.assertLess(self.pause_told(self.run_now()), pauses[-1])
        self.upstream.broken.clear()
        wait_for("both", lambda: len(self.mirror.files("project-1")) == len(self.mirror.files("project-2")) == 2)

    def test_what_somebody_has_to_see_to_waits_for_its_tick(self):
        self.launch()
        for number in range(1, 20):
            self.upstream.remove(f"project-{number}")
        held = self.run_now()
        self.assertIn("held back", " ".join(held["errors"]))
        self.assertGreater(self.pause_told(held), 60)
        # A fault of another kind beside it hurries nothing.
        self.upstream.publish("project-0", "project_0-2.0.tar.gz", b"second")
        self.upstream.broken.add("project-0")
        self.assertGreater(self.pause_told(self.run_now()), 60)
        self.upstream.serial = 3
        fallen = self.run_now()
        self.assertIn("restored", " ".join(fallen["errors"]))
        self.assertGreater(self.pause_told(fallen), 60)
        self.assertEqual(len(self.mirror.listed()), 20)

    def test_an_order_is_obeyed_at_its_time(self):
        self.launch()
        pause = self.mirror.folder / "pause.json"
        until = in_seconds(4)
        pause.write_text(json.dumps({"until": until, "by": "ann", "reason": "a deploy"}))
        self.process.send_signal(signal.SIGUSR1)
        told = wait_for("the pause", lambda: (status := self.mirror.status())["paused"] and status)
        self.assertEqual(moment(told["next_run"]), moment(until))
        self.upstream.publish("late", "late-1.0.tar.gz", b"late")
        wait_for("the end of the pause", lambda: self.mirror.page("late"))

    def test_out_of_rotation_ends_by_itself(self):
        self.launch()
        out = self.mirror.folder / "out"
        order = {"since": in_seconds(0), "until": in_seconds(4), "by": "ann", "reason": "a new disk"}
        out.write_text(json.dumps(order))
        self.process.send_signal(signal.SIGUSR1)
        told = wait_for("that it is out", lambda: self.mirror.status()["out"])
        self.assertEqual((told["by"], told["reason"], moment(told["until"])), ("ann", "a new disk", moment(order["until"])))
        wait_for("its end", lambda: not out.exists())
        wait_for("that it is told", lambda: self.mirror.status()["out"] is None)
        # Put there by hand it has no end, and nobody takes it away.
        out.write_text("")
        self.run_now()
        self.assertTrue(out.exists())
        self.assertEqual(self.mirror.status()["out"], {"since": None, "until": None, "by": "", "reason": ""})

    def test_an_agent_ends_it_for_a_mirror_that_does_not_run(self):
        self.mirror.run()
        authority = Authority(self.folder / "authority")
        monitor = authority.issue("monitor", "monitor")
        agent = Agent(self.folder, "far", "127.0.0.1", authority, f'[agent.mirror]\ntree = "{self.mirror.folder}"\n').start()
        self.addCleanup(agent.kill)
        out = self.mirror.folder / "out"

        def order(until):
            return agent.request(monitor, "POST", "mirror/out", {"order": {"by": "ann", "reason": "a new disk"}, "until": in_seconds(until)})
        for wrong in (-5, 2 * 86400):
            self.assertEqual(order(wrong).status, 422)
        self.assertFalse(out.exists())
        self.assertEqual(order(600).status, 200)
        self.assertEqual(agent.request(monitor, "GET", "state").json()["mirror"]["out"]["reason"], "a new disk")
        self.assertEqual(self.mirror.run().returncode, 0)
        self.assertEqual(self.mirror.status()["out"]["by"], "ann")
        self.assertTrue(out.exists())
        self.assertEqual(order(2).status, 200)
        wait_for("its end", lambda: not out.exists())
        wait_for("a line of the log", lambda: "mirror.returned" in agent.log())


if __name__ == "__main__":
    unittest.main()
