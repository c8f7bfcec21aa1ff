# SPDX-License-Identifier: GPL-3.0-or-later
"""What the monitor of a lab says under a fault, kept as a scene of `cheesemonger --render` and of the tests of Overview."""
import datetime
import json
import re
import shutil
import time
import tomllib

import faults
from hosts import wait_for
from laboratory import ROOT, TOPOLOGY
from reduced import toml
from watching import Monitor

FOLDER = ROOT / "resources/sample/monitor-scenes"
# A scene ends at the moment of all samples: its newest conclusion is this much older than that.
CONCLUDED_BEFORE = datetime.timedelta(milliseconds=600)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")  # within sentences without a fraction
# What Overview draws over time, by the role of the node.
DRAWN = {"postgres": ("lag-bytes",), "web": ("simple-time",), "cdn": ("requests",)}

# Of each: the scenes of one lab in their order, each after what came before it; its name, the faults that are added (a word in
# braces is who it was at the beginning), and how many seconds after the first sentence about them it is recorded: at once, or
# when what the fault leads to by itself is over.
STORIES = {
    "primary": [("primary-killed-just-now", [("kill", "{primary}", "postgres")], 0), ("primary-killed", [], 15)],
    "databases": [("standby-killed", [("kill", "{standby}", "postgres")], 15), ("databases-away", [("power", "{primary}")], 10)],
    "webs": [("web-killed", [("kill", "web2", "web")], 8), ("webs-killed", [("kill", "web1", "web")], 8)],
    "disk": [("disk-full", [("full", "{primary}_disk")], 15)],
    "slot": [("slot-lost", [("slot", "{standby}")], 5)],
}

# Of the installation there is in a scene what carries it: the rest would only be more to draw.
LEFT_OUT = ("gluster", "ssh", "ssh_door", "ingest")


def topology_of_scenes(path):
    """Written there: the lab's, with the files in one folder, without the parts that are left out and their hosts."""
    data = tomllib.loads(TOPOLOGY.read_text())
    gone = {node["host"] for kind in LEFT_OUT for node in data.pop(kind)}
    mount = data.pop("volume")["mount"]
    for kind in ("disk", "agent", "certificate"):
        data[kind] = [entry for entry in data[kind] if entry["host"] not in gone]
    data["host"] = [host for host in data["host"] if host["name"] not in gone]
    data["disk"] += [{"name": f"{node['name']}_disk", "host": node["host"], "path": mount} for node in data["web"]]
    path.write_text(toml(data))


def moment_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def moved(text, by):
    """The same with each moment in it moved."""
    return MOMENT.sub(lambda found: (moment_of(found[0]) + by).strftime("%Y-%m-%dT%H:%M:%S.%fZ" if found[1] else "%Y-%m-%dT%H:%M:%SZ"), text)


def answers(monitor, begun):
    """All that Overview asks for, by the name of its file; the state last, so that nothing is newer than it."""
    found = {"list-alerts": monitor.get("monitor/alerts"), "list-timeline": monitor.get("monitor/timeline?limit=100"),
             "compare-monitors": monitor.get("monitor/peers"), "list-series": monitor.get("monitor/series"),
             "monitor-replication": monitor.get("monitor/replication"), "monitor-pools": monitor.get("monitor/pools"),
             "list-actions": monitor.get("monitor/actions"), "monitor-topology": monitor.get("monitor/topology")}
    # How a lab came up is nothing that an installation would tell.
    for name, time_of in (("list-alerts", "started"), ("list-timeline", "time"), ("list-actions", "started")):
        page = found[name]
        page["items"] = [item for item in page["items"] if moment_of(item[time_of]) >= begun]
        page["total"] = len(page["items"])
    roles = {node["name"]: node["role"] for node in found["monitor-topology"]["nodes"]}
    drawn = [info for info in found["list-series"]["series"] if info["signal"] in DRAWN.get(roles.get(info["target"]), ())]
    found["list-series"]["series"] = drawn
    for info in drawn:
        found[f"read-series/{info['target']}/{info['signal']}"] = monitor.get(f"monitor/series/{info['target']}/{info['signal']}?step_seconds=20")
    found["monitor-state"] = monitor.get("monitor/state")
    return found


def keep(answers, folder):
    """As if its newest conclusion had been drawn just before the moment of all samples."""
    taken = moment_of((FOLDER.parent / "time.txt").read_text().strip()) - CONCLUDED_BEFORE
    by = taken - moment_of(answers["monitor-state"]["time"])
    shutil.rmtree(folder, ignore_errors=True)
    for what, answer in answers.items():
        path = folder / f"{what}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(moved(json.dumps(answer, separators=(",", ":"), ensure_ascii=False), by) + "\n")


def record(lab, story):
    """Breaks a lab that has just come up, and keeps what its monitor says of it. Answers the sentence of each scene."""
    monitor, said = Monitor(lab), {}

    def line():
        return monitor.get("monitor/state")["line"]
    wait_for("the monitor to say that all is well", lambda: line()["verdict"] == "ok", 60)
    who = {"primary": lab.database("primary"), "standby": lab.database("standby")}
    begun = datetime.datetime.now(datetime.timezone.utc)
    for name, added, seconds in STORIES[story]:
        before = line()
        for word, *arguments in added:
            faults.cause(lab, word, [argument.format(**who) for argument in arguments])
        if added:
            wait_for("the monitor to say something", lambda before=before: line()["statement"] != before["statement"], 60, 0.1)
        time.sleep(seconds)
        found = answers(monitor, begun)
        keep(found, FOLDER / name)
        said[name] = found["monitor-state"]["line"]["statement"]
    return said
