# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults at random, one after the other as the topology promises to survive, under uploaders and people who install, some of
them with pip: no install fails, nothing acknowledged is lost, uploads that cannot be taken are told so, and nothing that is
well is called broken for longer than two polls. MINUTES says how long (5), SEED repeats a run.

    make lab-test ARGS=random_faults
    MINUTES=30 make lab-test ARGS=random_faults"""
import collections
import dataclasses
import os
import random
import time
import unittest

import faults
import hosts
from clients import SIMPLE_JSON, Installers, Pips, Team, blob_path, request, upload, wheel
from hosts import LabError
from lab_case import JudgedCase, figure
from watching import node_of, troubles

MINUTES = float(os.environ.get("MINUTES", "5"))
UPLOADERS, INSTALLERS, PIPS = 4, 4, 1
POLLS = 2
# Faults that are named for certain when they last: something that is touched is said to be ill. A way that is slow or loses
# packets may be borne, and one that is cut in one direction may be carried by the other.
NAMED = {"kill", "power", "unplug", "silent", "freeze", "full", "pause", "slot", "brick", "samples", "certificate", "splitbrain", "webs"}
LASTS = 12
# What may be said of those whom a fault does not touch, by the role of whom it does and by theirs, the agents' with that of their
# host. What is said to be because of another is not among them: the monitor has told what it follows from.
FOLLOWS = {
    # The other one of the pair has no second copy, or nobody to copy; pgpools have their views, and clear them after it is back.
    "postgres": {"postgres": {"DISCONNECTED", "LAGGING", "STALLED", "NO_SECOND_COPY", "SYNC_IN_NAME_ONLY", "SLOT_INACTIVE", "SLOT_ENDANGERED"},
                 "agent of postgres": {"NOT_WATCHED"}, "pgpool": {"BACKEND_DOWN", "STATUS_MISMATCH", "ROLE_MISMATCH", "DISAGREE"}, "cdn": {"EDGE_ERRORS"}},
    # The cache looks at it as the monitor does, and not at the same moment.
    "web": {"cdn": {"EDGE_DIFFERS", "EDGE_ERRORS"}},
    # Of both: hosts of sshd are looked at each five seconds.
    "webs": {"cdn": {"EDGE_DIFFERS", "EDGE_ERRORS", "FALLBACK_IN_USE"}, "ssh": {"CHANNEL_BROKEN"}},
    "pgpool": {"pgpool": {"NO_SPARE", "NO_QUORUM", "DISAGREE"}},
    # They wait for each other, and a word of glusterd takes as long as it waits.
    "gluster": {"gluster": {"HEAL_PENDING", "DISAGREE", "NOT_WATCHED"}},
    "mirror": {"cdn": {"EDGE_DIFFERS"}}}
# Faults from which less follows than from the end of a host, for all works as it did; and those of which files are not sure to be
# written in time, for a server that is not gone is waited for.
ELSE = {"pause": {}, "certificate": {}, "emptypage": {}, "stalemirror": {}, "samples": {"cdn": {"EDGE_DIFFERS"}}}
HINDERS = {"slow", "loss", "oneway", "full"}
# What was measured, and is so whoever is at fault: a machine is busy, the disks of all hosts are that of this machine, which
# others fill, and what share of answers a cache gives depends on how many ask.
MEASURED = {"SLOW", "DISK_FILLING", "HIT_RATIO_DROP"}
# Is told for a minute after it was.
LINGERS = {"EDGE_ERRORS"}


@dataclasses.dataclass
class Case:
    """What is caused together, the role of those whom it hits, and their hosts."""
    word: str
    causes: list
    role: str
    touched: set

    def __str__(self):
        return " and ".join(" ".join(words) for words in self.causes)

    def follows(self, role):
        if self.word in ELSE:
            return ELSE[self.word].get(role, set())
        hindered = {"EDGE_ERRORS"} if role == "cdn" and self.role == "gluster" and self.word in HINDERS else set()
        return FOLLOWS[self.role].get(role, set()) | hindered


class RandomFaults(JudgedCase):
    def role_of(self, host):
        return next((kind for kind in FOLLOWS if any(node["host"] == host for node in self.lab.topology.get(kind, []))), None)

    def choices(self, chance, team):
        topology = self.lab.topology
        standby, webs = self.lab.database("standby"), [node["host"] for node in topology["web"]]
        away, files = topology["mirror"][0]["host"], [node["host"] for node in topology["gluster"]]

        def some(kind):
            return chance.choice([node["host"] for node in topology[kind]])

        def one(word, host, *words):
            return Case(word, [(word, *words)], self.role_of(host), {host})
        host = chance.choice([self.lab.database("primary"), standby, some("web"), some("pgpool"), some("gluster"), some("mirror")])
        disk = chance.choice([disk for disk in topology["disk"] if disk["host"] not in ("cdn", "monitor", "client")])
        watched = chance.choice([node["host"] for node in topology["agent"] if node["host"] != "cdn"])
        certificate = chance.choice([entry for entry in topology["certificate"] if entry["host"] in webs])
        how = chance.choice(["kill", "power", "freeze"])
        # A file that nobody installs: with two versions it cannot be read.
        package = chance.choice(list(team.acknowledged.values()))
        split = f"/files{blob_path(package.content, package.filename)}{chance.choice(['', '.metadata'])}"
        return [*(one(word, host, host) for word in ("kill", "power", "unplug", "silent", "oneway", "freeze", "slow", "loss")),
                one("full", disk["host"], disk["name"]), one("pause", standby), one("slot", standby), one("brick", files[0], chance.choice(files)),
                one("samples", watched, watched), one("certificate", certificate["host"], certificate["name"]), one("datacentre", away), one("stalemirror", away),
                one("emptypage", away, "canary"), Case("webs", [(how, web) for web in webs], "webs", set(webs)),
                Case("splitbrain", [("splitbrain", split, chance.choice(files[:2]))], "gluster", set(files))]

    def is_touched(self, state, name, case):
        return node_of(state, name)["host"] in case.touched

    def is_due(self, state, name, code, case):
        """Whether that may be said of a node while the fault lasts, and after it."""
        node = node_of(state, name)
        role = f"agent of {self.role_of(node['host'])}" if node["role"] == "agent" else node["role"]
        return self.is_touched(state, name, case) or code in MEASURED or code in case.follows(role)

    def wrong(self, states, case, before):
        """(node, finding) of whom no fault concerned, in more than so many conclusions in a row; but what is left of those before."""
        rows, out = collections.Counter(), {}
        for state in states:
            said = {(name, code) for name, _, code, _ in troubles(state)}
            before = before & said
            now = {(name, code) for name, _, code, cause in troubles(state) if not cause and (name, code) not in before and not self.is_due(state, name, code, case)}
            rows = collections.Counter({found: rows[found] + 1 for found in now})
            for found in [found for found, count in rows.items() if count > POLLS]:
                out.setdefault(found, []).append(state)
        return out

    def is_named(self, states, case):
        return any(code not in MEASURED and self.is_touched(state, name, case) for state in states for name, _, code, _ in troubles(state))

    def cause_all(self, case, team):
        """Answers the moment when all of it was there."""
        if case.word == "splitbrain":
            team.rest()  # it takes the quorum away while it makes two versions, and nobody promises anything then
        for word, *words in case.causes:
            faults.cause(self.lab, word, words)
        team.resting.clear()
        return time.monotonic()

    def untold(self, case, team, gone, over):
        """Tries to upload that were told something else than that no web node is there."""
        told = [words for moment, words in list(team.failed) if gone + 2 < moment < over]
        # One that hangs may be waited for until it goes on.
        silent = ["nothing"] if not told and over - gone > 5 and case.causes[0][0] != "freeze" else []
        return silent + [words for words in told if not words.startswith("503")]

    def resolve(self, begun):
        """As an operator does, by the digest. Answers what went wrong."""
        def told(state):
            return [name for name, _, code, _ in troubles(state) if code == "FILE_SPLIT_BRAIN"]
        state, _ = self.watch.until(told, begun)
        if state is None:
            return "not found"
        try:
            ended = self.monitor.act("resolve-split", told(state)[0])
        except LabError as error:
            return str(error)
        return None if ended["state"] == "done" else str(ended)

    def on_mirror(self, packages):
        address = (self.lab.hosts["away"]["address"], self.lab.topology["mirror"][0]["port"])
        self.monitor.act("sync-mirror", "away")
        hosts.wait_for("the mirror to have them", lambda: all(
            self.network.call(request, address, "GET", f"/simple/{package.name}/", headers={"Accept": SIMPLE_JSON}, tls=True).status == 200
            for package in packages), 90, 0.3)

    def one(self, chance, team):
        """A fault from its cause until nothing is left of it. Answers its case, how soon all was well again, and (node, finding) with
        the conclusions in which it was wrong."""
        case = chance.choice(self.choices(chance, team))
        resolved = case.word == "splitbrain" and chance.random() < 0.5
        begun, before = time.time(), {(name, code) for name, _, code, _ in troubles(self.watch.states[-1]) if code in LINGERS}
        caused = self.cause_all(case, team)
        time.sleep(chance.uniform(3, 20))
        problem = self.resolve(begun) if resolved else None
        over, ending = time.monotonic(), time.time()
        faults.end(self.lab, "all")
        # What is being written counts among what waits to be healed, and the next fault is not to meet it.
        team.resting.set()
        try:
            well = self.lab.wait_until_well(240)
        except LabError as error:
            raise LabError(f"after {case}: {error}") from None
        team.resting.clear()
        mended = time.time()
        # What is left of it is not asked for its due for ever.
        state = self.watch.until(lambda state: not [code for _, _, code, _ in troubles(state) if code not in MEASURED | LINGERS], mended, 120)[0]
        states = self.watch.after(begun)
        found = self.wrong(states, case, before)
        meanwhile = [state for state in states if state["moment"] < ending]
        last = meanwhile[-1:] or [self.watch.states[-1]]
        if case.word in NAMED and over - caused > LASTS and not self.is_named(meanwhile, case):
            found[("unnamed", case.word)] = last
        if case.word == "webs" and (answers := self.untold(case, team, caused, over)):
            found[("uploads", f"were told {sorted(set(answers))[:3]}")] = last
        if problem:
            found[("unresolved", problem)] = last
        if state is None:
            found[("still", "")] = [self.watch.states[-1]]
        for one, wrong in sorted(found.items()):
            print(f"{one} in {len(wrong)} conclusions too many, {wrong[0]['moment'] - begun:.1f} s after the fault and {wrong[0]['moment'] - mended:.1f} s "
                  f"after its end: {troubles(wrong[0])} {[node['findings'] for node in wrong[0]['nodes'] if node['name'] == one[0]]}", flush=True)
        return case, well, found

    def test_faults_at_random(self):
        seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
        chance, counts, wrong = random.Random(seed), collections.Counter(), []
        print(f"\nseed {seed}, {MINUTES:g} minutes", flush=True)
        steady, *packages = [wheel("steady", "1.0"), *(wheel(f"often-{number}", "1.0", payload=os.urandom(3000)) for number in "abcd")]
        for package in (steady, *packages):
            self.assertEqual(self.network.call(upload, self.cdn, package, self.token).status, 200)
        self.on_mirror([steady, *packages])
        end = time.monotonic() + 60 * MINUTES
        with Team(self.lab, self.network, self.cdn, self.token, UPLOADERS, "random") as team, Pips(self.lab, [steady.name], PIPS) as pips, \
                Installers(self.network, self.cdn, packages, INSTALLERS) as installers:
            while time.monotonic() < end:
                failed = len(installers.failed) + len(pips.failed)
                case, well, found = self.one(chance, team)
                wrong += [(str(case), one) for one in sorted(found)]
                counts[case.word] += 1
                print(f"{time.strftime('%T')} {case}: well after {well:.1f} s, {len(team.acknowledged)} uploads, {installers.done}+{pips.done} installs, "
                      f"{len(installers.failed) + len(pips.failed) - failed} failed{', wrong: ' + str(sorted(found)) if found else ''}", flush=True)
        figure(f"{sum(counts.values())} faults in {MINUTES:g} minutes (seed {seed}): {dict(counts)}; {len(team.acknowledged)} uploads acknowledged, {len(team.failed)} tries refused; "
               f"{installers.done} installs and {pips.done} by pip, {len(installers.failed)} and {len(pips.failed)} failed, longest {installers.longest:.1f} s; wrong verdicts: {len(wrong)}")
        self.check(team)
        self.assertEqual((installers.failed[:5], pips.failed[:5]), ([], []))
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
