# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the registry on their servers, which are broken on purpose under uploaders and installers: nothing
fails, nobody waits long, and what is there afterwards is on every server the bytes whose digest the catalog has. Part
of `make lab-test`."""
import hashlib
import os
import pathlib
import threading
import time
import unittest
import urllib.parse

import faults
import hosts
from clients import SIMPLE_JSON, Crew, Team, request
from lab_case import LabCase, figure
from watching import Monitor, node_of, troubles

UPLOADERS, INSTALLERS = (8, 4) if os.environ.get("CHEESEMONGER_LAB_SHORT") else (32, 16)
PAUSE = 6  # seconds


class Installers(Crew):
    """Each gets a project's page and then the file, again and again, as pip does; and remembers what took long."""

    def __init__(self, network, address, packages, count):
        super().__init__(count)
        self.network, self.address, self.packages = network, address, packages
        self.lock = threading.Lock()
        self.done, self.failed, self.longest = 0, [], 0.0

    def work(self, number):
        self.network.join()
        while not self.finished.is_set():
            package = self.packages[number % len(self.packages)]
            begin, problem = time.monotonic(), None
            try:
                page = request(self.address, "GET", f"/simple/{package.name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}, timeout=30)
                digest = package.sha256
                path = next((file["url"] for file in page.json()["files"] if file["filename"] == package.filename), None) if page.status == 200 else None
                file = request(self.address, "GET", urllib.parse.urlsplit(urllib.parse.urljoin(f"/simple/{package.name}/", path)).path, timeout=30) if path else None
                if not file or file.status != 200 or hashlib.sha256(file.body).hexdigest() != digest:
                    problem = f"{page.status} {file.status if file else None}"
            except Exception as error:  # what a user would see
                problem = repr(error)
            time.sleep(0.02)  # a client's ports come to an end
            with self.lock:
                self.done += 1
                self.longest = max(self.longest, time.monotonic() - begin)
                if problem:
                    self.failed.append(problem)


class FilesTest(LabCase):
    def setUp(self):
        self.addCleanup(self.mend)

    def team(self, label):
        return Team(self.lab, self.network, self.cdn, self.token, UPLOADERS, label)

    def bricks(self):
        return {node["host"]: node["brick"] for node in self.lab.topology["gluster"] if not node["arbiter"]}

    def check_bytes(self, team):
        """Of every acknowledged file, on every server that has bytes."""
        self.network.call(team.check)
        for host, brick in self.bricks().items():
            lines = self.lab.machine.run(host, "sh", "-c", f"cd {brick} && find files/packages -type f -name '*.whl' -print0 | xargs -0 -r sha256sum", timeout=120).stdout.splitlines()
            found = {line.rsplit("/", 1)[1]: line.split()[0] for line in lines}
            for name, package in team.acknowledged.items():
                self.assertEqual(found.get(name), package.sha256, f"{name} on {host}")

    def broken(self, label, word, *arguments):
        """A fault under load: what it cost. Answers when all is healed."""
        with self.team(label) as team:
            packages = list(team.acknowledged.values())[:8]
            with Installers(self.network, self.cdn, packages, INSTALLERS) as installers:
                time.sleep(2)
                begin = time.monotonic()
                faults.cause(self.lab, word, list(arguments))
                team.wait_for(3 * UPLOADERS, 120)
                faults.end(self.lab, "all")
                team.wait_for(3 * UPLOADERS, 120)
                pause = team.longest_pause(begin)
        # Files that are being written count among those to be healed.
        healed = self.lab.wait_until_well(180)
        figure(f"{word} {' '.join(arguments)} under {UPLOADERS} uploaders and {INSTALLERS} installers: {len(team.acknowledged)} uploads, longest pause {pause:.1f} s "
               f"(limit {PAUSE} s), {len(team.failed)} refused; {installers.done} installs, longest {installers.longest:.1f} s; healed {healed:.1f} s after the last upload")
        self.assertEqual(installers.failed, [])
        self.assertEqual(team.failed, [])
        self.check_bytes(team)

    def test_the_contract_of_a_file_store_holds_on_the_volume(self):
        program = pathlib.Path(os.environ.get("CHEESEMONGER_BIN", "")) / "contract_stores"
        if not program.is_file():
            self.skipTest("contract_stores is no part of a headless build")
        web, folder = self.lab.topology["web"][0]["host"], self.lab.topology["volume"]["mount"] + "/contract"
        self.lab.machine.run(web, "mkdir", "-p", folder)
        done = self.lab.machine.run(web, "env", f"TMPDIR={folder}", program, "--source-file=*blobs_test.cpp", check=False, timeout=300)
        self.lab.machine.run(web, "rm", "-rf", folder)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"test cases: +\d+ \| +[1-9]\d* passed")

    # Mended by an operator.

    def act(self, monitor, action, target):
        ended = monitor.act(action, target)
        self.assertEqual(ended["state"], "done", ended)

    def test_two_truths_of_a_file_are_found_and_the_right_one_is_chosen(self):
        """The fault leaves the right bytes on the first server; the other way round as well, by hand."""
        monitor, servers = Monitor(self.lab), list(self.bricks())
        with self.team("split") as team:
            team.wait_for(4)
        packages = list(team.acknowledged.values())[:3]
        mount = self.lab.topology["volume"]["mount"]
        for package, wrong, suffix in zip(packages, (servers[1], servers[0], servers[1]), ("", "", ".metadata")):
            found = self.lab.machine.run(self.lab.topology["web"][0]["host"], "sh", "-c", f"cd {mount} && find files/packages -name '{package.filename}{suffix}'").stdout.split()
            listed = next(file for file in self.network.call(request, self.cdn, "GET", f"/simple/{package.name}/", headers={"Accept": SIMPLE_JSON}).json()["files"]
                          if file["filename"] == package.filename)
            right = listed["core-metadata"]["sha256"] if suffix else package.sha256
            self.assertEqual(len(found), 1)
            path = "/" + found[0]
            if wrong == servers[0]:
                faults.cause(self.lab, "splitbrain", [path, wrong])
            else:
                faults.cause(self.lab, "splitbrain", [path])
            since = time.time()
            state = hosts.wait_for("the split to be found", lambda: (seen := monitor.get("monitor/state")) and
                                   [1 for _, verdict, code, _ in troubles(seen) if code == "FILE_SPLIT_BRAIN" and verdict == "critical"] and seen, 30, 0.2)
            figure(f"split brain of a file: found {time.time() - since:.1f} s after it was there (agents look each 2 s)")
            self.assertNotIn("NO_SPARE", [code for _, _, code, _ in troubles(state)])
            told = next(node for node, _, code, _ in troubles(state) if code == "FILE_SPLIT_BRAIN")
            self.assertIn(package.filename, next(found["statement"] for found in node_of(state, told)["findings"] if found["code"] == "FILE_SPLIT_BRAIN"))
            begin = time.time()
            self.act(monitor, "resolve-split", told)
            figure(f"resolved from the window after {time.time() - begin:.1f} s")
            for host, brick in self.bricks().items():
                digest = self.lab.machine.run(host, "sha256sum", f"{brick}{path}").stdout.split()[0]
                self.assertEqual(digest, right, host)
            faults.end(self.lab, "all")
        self.lab.wait_until_well(180)
        self.check_bytes(team)

    def test_a_brick_that_is_down_is_started_and_heals(self):
        monitor = Monitor(self.lab)
        host = next(iter(self.bricks()))
        faults.cause(self.lab, "brick", [host])
        with self.team("brick") as team:
            team.wait_for(8, 60)
            hosts.wait_for("the monitor to say so", lambda: [1 for node, _, code, _ in troubles(monitor.get("monitor/state")) if (node, code) == (host, "BRICK_DOWN")], 30, 0.2)
            self.act(monitor, "restart-brick", host)
        self.act(monitor, "heal-files", host)
        self.assertEqual(team.failed, [])
        faults.end(self.lab, "all")
        self.lab.wait_until_well(180)
        self.check_bytes(team)
        # And one that runs.
        self.act(monitor, "restart-brick", host)

    def has(self, host, path):
        brick = next(node["brick"] for node in self.lab.topology["gluster"] if node["host"] == host)
        return self.lab.machine.run(host, "test", "-e", f"{brick}/{path}", check=False).returncode == 0

    def lose(self, host, folder):
        """Makes a folder and cuts the power of a server that has not written it to its disk yet; not each time that is in time."""
        web, mount = self.lab.topology["web"][0]["host"], self.lab.topology["volume"]["mount"]
        for number in range(5):
            name = f"{folder}-{number}"
            self.lab.machine.run(web, "mkdir", "-p", f"{mount}/{name}")
            faults.cause(self.lab, "power", [host])
            # Blames the server for this file, which needs the folder to be healed.
            self.lab.machine.run(web, "sh", "-c", f"echo bytes >{mount}/{name}/file")
            faults.end(self.lab, "all")
            if not self.has(host, name):
                return name
            self.lab.wait_until_well(180)
        raise AssertionError(f"{host} loses nothing in a power cut")

    def test_names_that_a_power_cut_took_are_given_back(self):
        web, mount = self.lab.topology["web"][0]["host"], self.lab.topology["volume"]["mount"]
        self.addCleanup(self.lab.machine.run, web, "sh", "-c", f"rm -rf {mount}/lost-*")
        for node in self.lab.topology["gluster"]:
            name = self.lose(node["host"], f"lost-{node['host']}")
            begin = time.monotonic()
            self.lab.wait_until_well(180)
            figure(f"a folder that {node['host']} had lost: healed {time.monotonic() - begin:.1f} s after the power was back")
            for other in self.lab.topology["gluster"]:
                self.assertTrue(self.has(other["host"], f"{name}/file"), other["host"])
        log = self.lab.layout.home(node["host"]) / "log/agent.log"
        hosts.wait_for("the agent to tell of it", lambda: "volume.lost-names" in log.read_text(), 60)

    def test_what_a_killed_brick_had_begun_to_make_does_not_stand_in_the_way(self):
        """A name without an identity, which the self-heal daemon cannot take away."""
        web, mount = self.lab.topology["web"][0]["host"], self.lab.topology["volume"]["mount"]
        arbiter = next(node["host"] for node in self.lab.topology["gluster"] if node["arbiter"])
        self.addCleanup(self.lab.machine.run, web, "sh", "-c", f"rm -rf {mount}/begun")
        self.lab.machine.run(web, "mkdir", f"{mount}/begun")
        faults.cause(self.lab, "brick", [arbiter])
        # The others know that the arbiter lacks something of this folder, and would take away what only it has.
        self.lab.machine.run(web, "sh", "-c", f"touch {mount}/begun/name && rm {mount}/begun/name")
        brick = next(node["brick"] for node in self.lab.topology["gluster"] if node["host"] == arbiter)
        self.lab.machine.run(arbiter, "touch", f"{brick}/begun/name")
        faults.end(self.lab, "all")
        begin = time.monotonic()
        self.lab.wait_until_well(180)
        figure(f"a name that a killed brick had begun to make: healed {time.monotonic() - begin:.1f} s after it was back")
        self.assertFalse(self.has(arbiter, "begun/name"))
        log = self.lab.layout.home(arbiter) / "log/agent.log"
        hosts.wait_for("the agent to tell of it", lambda: "volume.half-made" in log.read_text(), 60)

    def test_a_name_that_a_power_cut_gave_back_to_one_server_waits_for_nothing(self):
        """A removal that all had acknowledged, undone on one: it is told by its identity alone, and heals never by itself."""
        web, mount = self.lab.topology["web"][0]["host"], self.lab.topology["volume"]["mount"]
        self.addCleanup(self.lab.machine.run, web, "sh", "-c", f"rm -rf {mount}/undone")
        self.lab.machine.run(web, "sh", "-c", f"mkdir {mount}/undone && echo bytes >{mount}/undone/name")
        self.lab.wait_until_well(180)
        one, *others = sorted(self.lab.topology["gluster"], key=lambda node: node["arbiter"])
        brick = one["brick"]
        number = self.lab.machine.run(one["host"], "getfattr", "--absolute-names", "-n", "trusted.gfid", "-e", "hex", f"{brick}/undone/name").stdout
        digits = number.strip().split("=0x")[1]
        identity = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        handle = f".glusterfs/{identity[:2]}/{identity[2:4]}/{identity}"
        for node in others:
            self.lab.machine.run(node["host"], "sh", "-c", f"rm {node['brick']}/undone/name {node['brick']}/{handle}")
        # What was being written is noted so; the removal took the note away, and the power cut brought it back as well.
        self.lab.machine.run(one["host"], "sh", "-c", f"setfattr -n trusted.afr.dirty -v 0x000000010000000000000000 {brick}/undone/name && cd {brick}/.glusterfs/indices/dirty && touch {identity}")
        hosts.wait_for("it to wait", lambda: self.lab.well(), 60)
        begin = time.monotonic()
        self.lab.wait_until_well(180)
        figure(f"a name that only {one['host']} had: healed {time.monotonic() - begin:.1f} s after it waited")
        for node in self.lab.topology["gluster"]:
            self.assertTrue(self.has(node["host"], "undone/name"), node["host"])
        # GlusterFS may find a path for the identity: then those who lack the name see that, and ask for it.
        logs = [self.lab.layout.home(node["host"]) / "log/agent.log" for node in self.lab.topology["gluster"]]
        hosts.wait_for("an agent to tell of it", lambda: any(event in log.read_text() for log in logs for event in ("volume.lone-names", "volume.lost-names")), 60)

    def test_what_one_server_has_lost_is_not_taken_from_another(self):
        """A server with bytes has lost one name of a folder, the arbiter then another one."""
        web, mount = self.lab.topology["web"][0]["host"], self.lab.topology["volume"]["mount"]
        self.addCleanup(self.lab.machine.run, web, "sh", "-c", f"rm -rf {mount}/both")
        arbiter = next(node["host"] for node in self.lab.topology["gluster"] if node["arbiter"])
        first, second = self.bricks()
        self.lab.machine.run(web, "sh", "-c", f"mkdir {mount}/both && touch {mount}/both/made && sync {mount}/both/made")
        # Nobody is blamed for this one, and nobody looks for it.
        self.lab.machine.run(web, "mkdir", f"{mount}/both/kept")
        faults.cause(self.lab, "power", [first])
        faults.end(self.lab, "all")
        gone = not self.has(first, "both/kept")
        self.lab.wait_until_well(180)
        name = self.lose(arbiter, "both/lost")
        self.lab.wait_until_well(180)
        figure(f"{first} {'had lost' if gone else 'still had'} a name when {arbiter} lost another one of the folder")
        for host in (first, second, arbiter):
            self.assertTrue(self.has(host, f"{name}/file"), host)
        for host in (second, arbiter):
            self.assertTrue(self.has(host, "both/kept"), host)

    def test_one_server_without_power(self):
        self.broken("first", "power", "gfs1")

    def test_the_other_server_without_power(self):
        self.broken("second", "power", "gfs2")

    def test_the_arbiter_without_power(self):
        self.broken("third", "power", "gfs3")


if __name__ == "__main__":
    unittest.main()
