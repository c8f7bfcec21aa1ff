# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults at random, one after the other as the topology promises to survive, under uploaders and people who install, some of
them with pip: no install fails, nothing acknowledged is lost, and nothing that is well is called broken for longer than
two polls. MINUTES says how long (5), SEED repeats a run.

    make lab-test ARGS=random_faults
    MINUTES=30 make lab-test ARGS=random_faults"""
import collections
import os
import random
import time
import unittest

import faults
from clients import Crew, Team, pip, upload, wheel
from files_test import Installers
from hosts import LabError
from lab_case import LabCase, figure
from watching import Monitor, Watch, troubles

MINUTES = float(os.environ.get("MINUTES", "5"))
UPLOADERS, INSTALLERS, PIPS = 4, 4, 1
POLLS = 2
# What follows from a fault for those who are well: a role or a pair has less than it should have.
CONSEQUENCES = {"NO_SECOND_COPY", "SYNC_IN_NAME", "SLOT_INACTIVE", "SLOT_ENDANGERED", "NO_SPARE", "NO_QUORUM", "HEAL_PENDING", "BACKEND_DOWN", "STATUS_MISMATCH",
                "ROLE_MISMATCH", "DISAGREE", "EDGE_DIFFERS", "HIT_RATIO_DROP", "UNCLEAN_STOP", "SET_ASIDE", "NOT_WATCHED"}
# Faults that are named for certain when they last: something that is touched is said to be ill. A way that is slow or loses
# packets may be borne, and one that is cut in one direction may be carried by the other.
NAMED = {"kill", "power", "unplug", "silent", "freeze", "full", "pause", "slot", "brick", "samples", "certificate"}
LASTS = 12
# What was measured, and is so whoever is at fault: uploads were refused within the last minute, a machine is busy, and
# the disks of all hosts are that of this machine, which others fill.
MEASURED = {"EDGE_ERRORS", "SLOW", "DISK_FILLING"}


class Pips(Crew):
    """The real pip, which installs a package again and again at the client host."""

    def __init__(self, lab, project, count):
        super().__init__(count)
        self.lab, self.project, self.done, self.failed = lab, project, 0, []

    def work(self, number):
        while not self.finished.is_set():
            result = pip(self.lab, "install", "--upgrade", "--force-reinstall", "--target", f"/var/tmp/pip-{number}", self.project)
            if result.returncode:
                self.failed.append(f"{time.strftime('%T')}: {result.stdout[-300:]}{result.stderr[-300:]}")
            self.done += 1


class RandomFaults(LabCase):
    def choices(self, chance):
        """A fault with its arguments, and the hosts to which it may matter."""
        topology = self.lab.topology
        primary, standby = self.lab.database("primary"), self.lab.database("standby")
        pair = {primary, standby}

        def some(kind):
            return chance.choice([node["host"] for node in topology[kind]])
        host = chance.choice([primary, standby, some("web"), some("pgpool"), some("gluster"), some("mirror")])
        touched = pair if host in pair else {host}
        disk = chance.choice([disk for disk in topology["disk"] if disk["host"] not in ("cdn", "monitor", "client")])
        files = chance.choice([node["host"] for node in topology["gluster"]])
        agents = chance.choice([node["host"] for node in topology["agent"] if node["host"] != "cdn"])
        away = topology["mirror"][0]["host"]
        certificate = chance.choice([entry for entry in topology["certificate"] if entry["host"] in {node["host"] for node in topology["web"]}])
        return [("kill", [host], touched), ("power", [host], touched), ("unplug", [host], touched), ("silent", [host], touched), ("oneway", [host], touched),
                ("freeze", [host], touched), ("slow", [host], touched), ("loss", [host], touched), ("full", [disk["name"]], pair if disk["host"] in pair else {disk["host"]}),
                ("pause", [], pair), ("slot", [], pair), ("brick", [files], {files}), ("samples", [agents], {agents}), ("certificate", [certificate["name"]], {certificate["host"]}),
                ("datacentre", [], {away}), ("stalemirror", [], {away}), ("emptypage", ["canary"], {away})]

    def hosts_of_nodes(self):
        return {node["name"]: node.get("host", node["name"]) for kind in self.lab.topology.values() if isinstance(kind, list)
                for node in kind if isinstance(node, dict) and "name" in node}

    def wrong(self, states, touched):
        """(node, finding) of whom no fault concerned, in more than so many conclusions in a row."""
        host_of = self.hosts_of_nodes()
        rows, out = collections.Counter(), {}
        for state in states:
            now = {(node, code) for node, _, code, cause in troubles(state)
                   if not cause and code not in CONSEQUENCES | MEASURED and host_of.get(node, node.removeprefix("agent-")) not in touched}
            rows = collections.Counter({found: rows[found] + 1 for found in now})
            for found in [found for found, count in rows.items() if count > POLLS]:
                out.setdefault(found, []).append(state)
        return out

    def unnamed(self, states, touched):
        """Whether no conclusion says anything of those whom the fault concerned."""
        host_of = self.hosts_of_nodes()
        return not any(code not in MEASURED and host_of.get(node, node.removeprefix("agent-")) in touched for state in states for node, _, code, _ in troubles(state))

    def test_faults_at_random(self):
        seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
        chance, counts, wrong = random.Random(seed), collections.Counter(), []
        print(f"\nseed {seed}, {MINUTES:g} minutes", flush=True)
        monitor = Monitor(self.lab)
        watch = Watch(monitor)
        watch.start()
        self.addCleanup(watch.stop)
        for package in (wheel("steady", "1.0"), *(packages := [wheel(f"often-{number}", "1.0", payload=os.urandom(3000)) for number in "abcd"])):
            self.assertEqual(self.network.call(upload, self.cdn, package, self.token).status, 200)
        end = time.monotonic() + 60 * MINUTES
        with Team(self.lab, self.network, self.cdn, self.token, UPLOADERS, "random") as team, Pips(self.lab, "steady", PIPS) as pips, \
                Installers(self.network, self.cdn, packages, INSTALLERS) as installers:
            while time.monotonic() < end:
                word, arguments, touched = chance.choice(self.choices(chance))
                begun, failed = time.time(), len(installers.failed) + len(pips.failed)
                faults.cause(self.lab, word, arguments)
                caused = time.monotonic()
                time.sleep(chance.uniform(3, 20))
                lasted, ending = time.monotonic() - caused, time.time()
                faults.end(self.lab, "all")
                # What is being written counts among what waits to be healed, and the next fault is not to meet it.
                team.resting.set()
                try:
                    well = self.lab.wait_until_well(240)
                except LabError as error:
                    raise LabError(f"after {word} {' '.join(arguments)}: {error}") from None
                team.resting.clear()
                mended = time.time()
                # What is left of it is not asked for its due for ever.
                over = watch.until(lambda state: not [code for _, _, code, _ in troubles(state) if code not in MEASURED], mended, 120)[0]
                found = self.wrong(watch.after(begun), touched)
                meanwhile = [state for state in watch.after(begun) if state["moment"] < ending]
                if word in NAMED and lasted > LASTS and self.unnamed(meanwhile, touched):
                    found[("unnamed", word)] = meanwhile[-1:] or [watch.states[-1]]
                if over is None:
                    found[("still", "")] = [watch.states[-1]]
                for one, states in sorted(found.items()):
                    wrong.append((word, arguments, one))
                    print(f"{one} in {len(states)} conclusions too many, {states[0]['moment'] - begun:.1f} s after the fault and {states[0]['moment'] - mended:.1f} s "
                          f"after its end: {troubles(states[0])} {[node['findings'] for node in states[0]['nodes'] if node['name'] == one[0]]}", flush=True)
                counts[word] += 1
                print(f"{time.strftime('%T')} {word} {' '.join(arguments)}: well after {well:.1f} s, {len(team.acknowledged)} uploads, {installers.done}+{pips.done} installs, "
                      f"{len(installers.failed) + len(pips.failed) - failed} failed{', wrong: ' + str(sorted(found)) if found else ''}", flush=True)
        figure(f"{sum(counts.values())} faults in {MINUTES:g} minutes (seed {seed}): {dict(counts)}; {len(team.acknowledged)} uploads acknowledged, {len(team.failed)} tries refused; "
               f"{installers.done} installs and {pips.done} by pip, {len(installers.failed)} and {len(pips.failed)} failed, longest {installers.longest:.1f} s; wrong verdicts: {len(wrong)}")
        self.check(team)
        self.assertEqual((installers.failed[:5], pips.failed[:5]), ([], []))
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
