# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans and presses over a monitor's API, as a desktop makes them."""
import time


class Acting:
    """For a TestCase that has the token of an operator in `token`."""

    def plan(self, monitor, action, target, **more):
        answer = monitor.call("POST", "/admin/v1/monitor/actions/plan", self.token, {"wish": {"action": action, "target": target, **more}})
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json()

    def press(self, monitor, plan, confirm=""):
        return monitor.call("POST", "/admin/v1/monitor/actions", self.token,
                            {"plan": plan["id"], "confirm": confirm or plan["confirm"], "reason": "a test"})

    def guards(self, plan):
        return [guard["name"] for guard in plan["guards"] if not guard["holds"]]

    def ended(self, monitor, number, within=120):
        """The action of that number, once it runs no more."""
        return monitor.wait_until(lambda: (found := monitor.get(f"monitor/actions/{number}", self.token)) and found["state"] != "running" and found, within)

    def act(self, monitor, action, target, **more):
        """Planned, pressed, and done with all that has to come true; how long it took."""
        plan = self.plan(monitor, action, target, **more)
        self.assertTrue(plan["allowed"], plan["guards"])
        begin = time.monotonic()
        answer = self.press(monitor, plan)
        self.assertEqual(answer.status, 200, answer.body)
        ended = self.ended(monitor, answer.json()["id"])
        self.assertEqual(ended["state"], "done", ended)
        return time.monotonic() - begin

    def refused(self, answer, guard):
        self.assertEqual(answer.status, 412, answer.body)
        self.assertIn(guard, [field["field"] for field in answer.json()["fields"]], answer.body)

    def race(self, monitor, action, target, change, guard, **more):
        """Planned while it may be done; then `change`, and the press is refused by that guard, is audited, and does nothing."""
        def newest():
            return monitor.get("monitor/actions", self.token)["total"]
        plan = monitor.wait_until(lambda: (found := self.plan(monitor, action, target, **more))["allowed"] and found)
        change()
        before = newest()
        answer = self.press(monitor, plan)
        self.refused(answer, guard)
        self.assertEqual(newest(), before)
        line = next(line for line in monitor.get("audit", self.token)["items"] if line["action"].startswith("action."))
        self.assertEqual((line["action"], line["subject"], line["reason"]), (f"action.{action}.refused", target, "a test"))
        refused = next(field["problem"] for field in answer.json()["fields"] if field["field"] == guard)
        self.assertIn(refused, line["after"])
        print(f"{action} of {target}: {refused}")
