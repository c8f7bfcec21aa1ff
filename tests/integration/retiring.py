# SPDX-License-Identifier: GPL-3.0-or-later
"""A record of something that retires, driven over the admin API as two admins do it."""
import datetime
import time

from support import basic, form

BASE = "/admin/v1/deprecations"


def moment(seconds=0):
    """From now, as the API takes times."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def terms(**changed):
    values = {"title": "Upload by twine before 3.0", "kind": "client_version", "subject": "twine <3.0", "owner": "alice",
              "replacement": "twine 3.0 or newer", "link": "https://shop.example/help/twine", "command": "python3 -m pip install -U twine",
              "client_project": "", "mentions": "twine 2", "deprecated": moment(-60), "sunset": moment(40 * 86400),
              "removal": moment(80 * 86400), "budget": 0, "quiet_days": 7, "second_person": False}
    values.update(changed)
    return values


def window(begins=2, lasts=3, **more):
    """A brown-out that begins in so many seconds."""
    return {"starts": moment(begins), "ends": moment(begins + lasts), "on_call": "alice", **more}


def send(node, package, token, agent="twine/2.0.0 pkginfo/1.5", fields=(), timeout=60, **changes):
    body, kind = form(package, fields=fields, **changes)
    return node.request("POST", "/legacy/", body, {"Content-Type": kind, "User-Agent": agent, **basic("__token__", token)}, timeout=timeout)


class Retiring:
    """`one` is an admin's token on `node`, `two` another one's."""

    def __init__(self, node, one, two, **changed):
        self.node, self.one, self.two = node, one, two
        known = {item["id"] for item in node.call("GET", BASE, one).json()["items"]}
        self.must(node.call("POST", BASE, one, {"terms": terms(**changed), "reason": "it is old"}))
        self.id = next(item["id"] for item in node.call("GET", BASE, one).json()["items"] if item["id"] not in known)

    @staticmethod
    def must(answer, status=200):
        if answer.status != status:
            raise AssertionError(answer)
        return answer

    @property
    def path(self):
        return f"{BASE}/{self.id}"

    def record(self):
        return self.must(self.node.call("GET", self.path, self.one)).json()

    def evidence(self):
        return self.must(self.node.call("GET", self.path + "/evidence", self.one)).json()

    def plan(self, to, **window):
        return self.must(self.node.call("POST", self.path + "/plan", self.one, {"to": to, **window})).json()

    def guards(self, to, **window):
        return {guard["name"]: guard for guard in self.plan(to, **window)["guards"]}

    def step(self, to, revision=None, override=False, token=None, **window):
        """Its Answer."""
        body = {"to": to, "revision": revision or self.record()["revision"], "reason": "as planned", "override_guards": override, **window}
        return self.node.call("POST", self.path + "/step", token or self.one, body)

    def confirm(self, to, token=None, override=True, revision=None, **window):
        """The second admin's word for that very step."""
        return self.node.call("POST", self.path + "/confirm", token or self.two,
                              {"to": to, "revision": revision or self.record()["revision"], "reason": "I have looked at it",
                               "override_guards": override, **window})

    def go(self, to, **window):
        """With both admins, over the guards that time alone would meet; waits for the nodes' rehearsals first."""
        self.wait_rehearsed()
        self.must(self.confirm(to, **window))
        return self.must(self.step(to, override=True, **window))

    def wait_rehearsed(self, within=20):
        end = time.monotonic() + within
        while True:
            record = self.record()
            if record["tombstones"] and all(proof["revision"] == record["revision"] for proof in record["tombstones"]):
                return
            if time.monotonic() > end:
                raise AssertionError(f"not every node has rehearsed: {record['tombstones']}")
            time.sleep(0.1)  # until the nodes have looked

    def reach(self, state, window=window):
        """From the proposal on; `window` makes the brown-out when that is the stage."""
        for to in ("measuring", "announced", "warning"):
            self.go(to)
            if to == state:
                return self
        self.go(state, **window())
        return self

