# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's monitors: what they need of the registry, and what they conclude."""
import datetime
import http.client
import io
import json
import ssl
import threading
import time
import zipfile

import render
from clients import blob_path, request, upload
from hosts import LabError, Network, wait_for
from support import Package

CANARY = "canary"


def canary():
    """A package whose bytes are the same wherever and whenever it is made."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, text in ((f"{CANARY}/__init__.py", "works = True\n"),
                           (f"{CANARY}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {CANARY}\nVersion: 1.0\n"),
                           (f"{CANARY}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
                           (f"{CANARY}-1.0.dist-info/RECORD", "")):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)
    return Package(CANARY, "1.0", f"{CANARY}-1.0-py3-none-any.whl", content.getvalue(), "bdist_wheel", "py3")


def canary_pages():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("index.html", "<h1>It sings</h1>")
    return content.getvalue()


def canary_path():
    package = canary()
    return blob_path(package.content, package.filename)


def add_monitor_key(lab, node, token):
    """The key with which monitors try uploads over ssh is the canary's."""
    key = render.monitor_key(lab.state / "config")[1]
    body = json.dumps({"public_key": key, "projects": [CANARY]})
    answer = Network(lab, node["host"]).call(request, (lab.hosts[node["host"]]["address"], node["port"]), "POST", "/admin/v1/ssh-keys", body,
                                             {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}, tls=True)
    if answer.status != 200:
        raise LabError(f"the monitor's key is not taken: {answer}")


def set_up(lab):
    """Uploads the canary and its documentation, makes a token for each monitor's own door. Answers those with which they try the registry."""
    node = lab.topology["web"][0]
    lab.admin(["user", "add", "canary", "--role", "user"])
    lab.admin(["user", "add", "probe", "--role", "observer"])
    token = lab.admin(["token", "create", "--user", "canary", "--description", "the lab's canary"]).stdout.strip()
    if lab.topology["ssh"]:
        add_monitor_key(lab, node, lab.admin(["token", "create", "--user", "canary", "--description", "for its key"]).stdout.strip())
    answer = Network(lab, node["host"]).call(upload, (lab.hosts[node["host"]]["address"], node["port"]), canary(), token, tls=True)
    if answer.status != 200:
        raise LabError(f"the canary is not taken: {answer}")
    answer = Network(lab, node["host"]).call(request, (lab.hosts[node["host"]]["address"], node["port"]), "PUT", f"/admin/v1/projects/{CANARY}/documentation/1.0",
                                             canary_pages(), {"Content-Type": "application/zip", "Authorization": f"Bearer {token}"}, tls=True)
    if answer.status not in (200, 201):
        raise LabError(f"the canary's documentation is not taken: {answer}")
    for monitor in lab.topology["monitor"]:
        data = lab.topology["paths"]["state"].replace("{host}", monitor["host"]) + "/monitor"
        made = lab.machine.run(monitor["host"], lab.layout.program(monitor["host"], "cheesemongerd"), "admin", "monitor-token", "create", "--user", "lab",
                               "--role", "admin", "--description", "for who works with the lab", "--data", data, user=lab.topology["users"]["web"])
        lab.keep_token(lab.token_file(monitor), made.stdout)
    probe = lab.admin(["token", "create", "--user", "probe", "--description", "write probe of the monitors"]).stdout.strip()
    return {"probe_token": probe, "upload_token": token}


class Monitor:
    """One of them, asked from its own host, so that no fault of the network is in the way."""

    def __init__(self, lab, name=None):
        found = [node for node in lab.topology["monitor"] if name in (None, node["name"])]
        if not found:
            raise LabError(f"there is no monitor {name or ''}".rstrip())
        self.node, self.network = found[0], Network(lab, found[0]["host"])
        address, _, port = self.node["listen"].rpartition(":")
        self.address, self.token = (address, int(port)), lab.token_file(self.node).read_text().strip()
        self.trust = ssl.create_default_context(cafile=lab.state / "authority/authority.pem")

    def request(self, method, path, body=None):
        """For a thread that has joined the network."""
        connection = http.client.HTTPSConnection(*self.address, timeout=20, context=self.trust)
        try:
            headers = {"Authorization": f"Bearer {self.token}", **({"Content-Type": "application/json"} if body is not None else {})}
            connection.request(method, f"/admin/v1/{path}", json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except OSError as error:
            raise LabError(f"the monitor {self.node['name']} does not answer: {error}") from None
        finally:
            connection.close()
        if answer.status != 200:
            raise LabError(f"the monitor {self.node['name']} answers {answer.status} to {path}: {text[:300]}")
        return json.loads(text)

    def get(self, what):
        return self.network.call(self.request, "GET", what)

    def post(self, path, body):
        return self.network.call(self.request, "POST", path, body)

    def plan(self, action, target, **more):
        return self.post("monitor/actions/plan", {"wish": {"action": action, "target": target, **more}})

    def press(self, plan):
        return self.post("monitor/actions", {"plan": plan["id"], "confirm": plan["confirm"], "reason": "a test"})

    def act(self, action, target, patience=180, **more):
        """Planned, pressed when its guards hold, and waited for: the operation as it ended."""
        plans = []
        try:
            wait_for(f"{action} of {target} to be allowed", lambda: plans.append(self.plan(action, target, **more)) or plans[-1]["allowed"], 30, 0.5)
        except LabError as error:
            raise LabError(f"{error}: {[guard for plan in plans[-1:] for guard in plan['guards'] if not guard['holds']]}") from None
        pressed = self.press(plans[-1])

        def over():
            found = self.get(f"monitor/actions/{pressed['id']}")
            return found["state"] != "running" and found
        return wait_for(f"{action} of {target}", over, patience, 0.2)

    def report(self):
        state, replication = self.get("monitor/state"), self.get("monitor/replication")
        return {**state, "promotion_blockers": replication["promotion_blockers"], "primary": replication["primary"]}


def rehearse(lab):
    """A fallback drill of each CDN at each monitor, which else says that nobody knows whether the mirror would be used."""
    for node in lab.topology["monitor"] if lab.topology["mirror"] else []:
        monitor = Monitor(lab, node["name"])
        for mirror in lab.topology["mirror"]:
            monitor.act("sync-mirror", mirror["name"])  # its first run may have come before the way to the nodes was there
        for cdn in lab.topology["cdn"]:
            # A cache that has just come up may not have looked at the mirror yet.
            tries = []
            try:
                wait_for("a drill", lambda: tries.append(monitor.act("drill-fallback", cdn["name"])) or tries[-1]["state"] == "done", 20, 1)
            except LabError:
                raise LabError(f"the fallback of {cdn['name']} does not work: {tries[-1]}") from None


class Watch(threading.Thread):
    """Looks at a monitor's state all the time: `states` are its conclusions in their order, each once."""

    def __init__(self, monitor):
        super().__init__(daemon=True)
        self.monitor, self.states, self.changed, self.finished = monitor, [], threading.Condition(), False

    def run(self):
        self.monitor.network.join()
        while not self.finished:
            try:
                state = self.monitor.request("GET", "monitor/state")
            except LabError:
                time.sleep(0.2)
                continue
            state["moment"] = datetime.datetime.fromisoformat(state["time"]).timestamp()
            if not self.states or state["moment"] > self.states[-1]["moment"]:
                with self.changed:
                    self.states.append(state)
                    self.changed.notify_all()
            time.sleep(0.1)

    def stop(self):
        self.finished = True
        self.join()

    def after(self, moment):
        return [state for state in list(self.states) if state["moment"] > moment]

    def until(self, question, since, patience=60):
        """The first conclusion after `since` of which `question` is true, and the how manieth it is."""
        end = time.monotonic() + patience
        with self.changed:
            while True:
                for count, state in enumerate(self.after(since), 1):
                    if question(state):
                        return state, count
                if not self.changed.wait(max(0.0, end - time.monotonic())) and time.monotonic() >= end:
                    return None, len(self.after(since))


def node_of(state, name):
    return next((node for node in state["nodes"] if node["name"] == name), None)


def troubles(state):
    """What a conclusion says, short: (node, verdict, finding, cause) of each finding. That something came back from an
    unclean stop is told for an hour, and is no trouble any more."""
    return [(node["name"], finding["verdict"], finding["code"], finding.get("cause", "")) for node in state["nodes"] for finding in node["findings"]
            if finding["code"] != "UNCLEAN_STOP"]


def said(state):
    """The verdict of the whole, as far as it is of now."""
    return "ok" if state["line"].get("finding") == "UNCLEAN_STOP" else state["line"]["verdict"]


def lines_of(report):
    """A report for people."""
    def words(of):
        return " ".join(filter(None, (of.get("finding"), of.get("statement"))))
    line = report["line"]
    found = [f"{line['verdict'].upper()}: {line['statement']}"]
    if line["verdict"] != "ok":
        found.append(f"affected: {line.get('affected', '')}; not at risk: {line.get('not_at_risk', '')}")
    for role in report["roles"]:
        found.append(f"{role['role']:12} {role['working']} of {role['nodes']:<3} {role['verdict']:9} {words(role)}".rstrip())
    found.append("")
    for node in report["nodes"]:
        found.append(f"{node['name']:12} {node['role']:12} {node['verdict']:9} {words(node)}".rstrip())
        found += [f"{'':26}{finding['verdict']:9} {finding['code']} {finding['statement']}" + (f" (because of {finding['cause']})" if finding.get("cause") else "")
                  for finding in node["findings"] if finding["code"] != node.get("finding") or finding.get("cause")]
    found += ["", *(f"promotion is blocked: {blocker}" for blocker in report["promotion_blockers"]),
              *(f"blind spot: {spot}" for spot in report["blind_spots"])]
    return found
