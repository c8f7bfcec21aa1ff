# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the registry on their servers, which are broken on purpose under uploaders, installers and readers of
documentation: nothing fails, nobody waits long, and what is there afterwards is on every server the bytes whose digest the
catalog has. Part of `make lab-test`."""
import hashlib
import json
import os
import pathlib
import shutil
import threading
import time
import unittest
import urllib.parse

import faults
import hosts
from clients import SIMPLE_JSON, Installers, Team, Tries, basic, blob_path, request, upload, wheel
from documentation import doc_form, site
from lab_case import AGENT_POLLS, SHORT, JudgedCase, figure
from watching import node_of, troubles

UPLOADERS, INSTALLERS, READERS = (8, 4, 1) if SHORT else (32, 16, 4)
PAUSE = 6  # seconds
# Runs on a server of files: every blob there whose bytes are not those that its path tells of, the metadata beside a wheel not
# those in it; and how many were looked at.
WRONG = r"""
import hashlib, json, pathlib, sys, zipfile
root, looked, wrong = pathlib.Path(sys.argv[1]), 0, []
for path in sorted(path for path in root.glob("*/*/*/*") if path.is_file()):
    looked += 1
    try:
        if path.suffix == ".metadata":
            with zipfile.ZipFile(path.with_suffix("")) as archive:
                name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
                right = archive.read(name) == path.read_bytes()
        else:
            right = hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest() == "".join(path.relative_to(root).parts[:3])
    except (OSError, StopIteration, zipfile.BadZipFile):
        right = False
    if not right:
        wrong.append(str(path.relative_to(root)))
print(json.dumps([looked, wrong]))
"""


class WritingTeam(Team):
    """With one more, who sends the documentation of a release after each."""

    def __init__(self, lab, network, address, token, uploaders, label):
        super().__init__(lab, network, address, token, uploaders, label)
        self.number = len(self.threads)
        self.documented = {}  # acknowledged pages by release
        self.threads.append(threading.Thread(target=self.work, args=(self.documents,)))

    def documents(self):
        project, version = f"{self.label}-{self.number}", 0
        while not self.finished.is_set():
            if not self.begins():
                continue
            package, page = wheel(project, f"1.{version}"), f"{self.label} {version} {os.urandom(500).hex()}"
            body, content_type = doc_form(site(page), name=project, version=package.version)
            headers = {"Content-Type": content_type, **basic("__token__", self.token)}
            if not self.insist(lambda: upload(self.address, package, self.token)):
                return
            with self.lock:
                self.acknowledged[package.filename] = package
            if self.begins() and self.insist(lambda: request(self.address, "POST", "/legacy/", body, headers)):
                with self.lock:
                    self.documented[package.version] = f"<h1>{page}</h1>".encode()
            version += 1


class Readers(Tries):
    """Each reads what the web nodes, whom no cache relieves here, have of the documentation that was acknowledged."""

    pause = 0.05

    def __init__(self, lab, network, team, count):
        super().__init__(count, network)
        self.team, self.host = team, urllib.parse.urlsplit(lab.topology["registry"]["canary_docs"]).netloc
        self.nodes = [(lab.hosts[node["host"]]["address"], node["port"]) for node in lab.topology["web"]]

    def work(self, number):
        while not self.team.documented and not self.finished.is_set():
            time.sleep(0.1)
        super().work(number)

    def attempt(self, number):
        with self.team.lock:
            documented = list(self.team.documented.items())
        version, page = documented[self.done % len(documented)]
        path = f"/{self.team.label}-{self.team.number}/{version}/"
        answer = request(self.nodes[self.done % len(self.nodes)], "GET", path, headers={"Host": self.host}, timeout=30, tls=True)
        return None if (answer.status, answer.body) == (200, page) else f"{path}: {answer}"


class FilesTest(JudgedCase):
    def setUp(self):
        self.addCleanup(self.mend)

    def team(self, label):
        return WritingTeam(self.lab, self.network, self.cdn, self.token, UPLOADERS, label)

    def bricks(self):
        return {node["host"]: node["brick"] for node in self.lab.topology["gluster"] if not node["arbiter"]}

    @property
    def mount(self):
        return self.lab.topology["volume"]["mount"]

    def check_bytes(self, team):
        """Of every blob on every server that has bytes, and none that the catalog knows or that was acknowledged is missing."""
        self.check(team)
        primary, found = self.lab.database("primary"), {}
        known = {f"/packages/{path}" for path in self.lab.sql(primary, "SELECT path FROM files UNION SELECT blob FROM documentation_files", "cheesemonger").split()}
        known |= {blob_path(page, "documentation") for page in team.documented.values()}
        for host, brick in self.bricks().items():
            looked, wrong = json.loads(self.lab.machine.run(host, "/usr/bin/python3", "-c", WRONG, f"{brick}/files/packages", timeout=120).stdout)
            self.assertEqual(wrong, [], host)
            lines = self.lab.machine.run(host, "sh", "-c", f"cd {brick}/files && find packages -type f").stdout.splitlines()
            found[host] = {"/" + line for line in lines}
            self.assertEqual(sorted(known - found[host])[:5], [], host)
            wheels = {name for name in found[host] if name.endswith(".whl")}
            self.assertEqual(sorted(name for name in wheels if f"{name}.metadata" not in found[host])[:5], [], host)
            figure(f"{host}: {looked} blobs have the bytes of their digests")
        self.assertEqual(*found.values())

    def broken(self, label, word, *arguments):
        """A fault under load: what it cost. Answers when all is healed."""
        with self.team(label) as team:
            packages = list(team.acknowledged.values())[:8]
            with Installers(self.network, self.cdn, packages, INSTALLERS) as installers, Readers(self.lab, self.network, team, READERS) as readers:
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
               f"(limit {PAUSE} s), longest upload {team.longest:.1f} s, {len(team.failed)} refused; {installers.done} installs, longest {installers.longest:.1f} s "
               f"(limit {PAUSE} s); {len(team.documented)} documentations, {readers.done} pages of them read, longest {readers.longest:.1f} s (limit {PAUSE} s); "
               f"healed {healed:.1f} s after the last upload")
        self.assertEqual((installers.failed, readers.failed, team.failed), ([], [], []))
        self.assertGreater(min(len(team.documented), readers.done), 0)
        self.bound(pause, PAUSE)
        self.bound(installers.longest, PAUSE)
        self.bound(readers.longest, PAUSE)
        self.check_bytes(team)

    def test_the_contract_of_a_file_store_holds_on_the_volume(self):
        program = pathlib.Path(os.environ.get("CHEESEMONGER_BIN", "")) / "contract_stores"
        self.assertTrue(program.is_file(), f"{program} is not built")
        web, folder = self.lab.topology["web"][0]["host"], self.mount + "/contract"
        self.lab.machine.run(web, "mkdir", "-p", folder)
        shutil.copy2(program, self.lab.layout.home(web) / "tmp/contract_stores")  # hosts do not see every folder of this machine
        # A write that hangs is told from one that is slow by more than a write takes there.
        done = self.lab.machine.run(web, "env", f"TMPDIR={folder}", "CHEESEMONGER_TEST_PATIENCE_MS=2000", "/var/tmp/contract_stores", "--source-file=*/blobs_*",
                                    check=False, timeout=300)
        self.lab.machine.run(web, "rm", "-rf", folder)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"test cases: +\d+ \| +[1-9]\d* passed")

    # Mended by an operator.

    def act(self, action, target):
        ended = self.monitor.act(action, target)
        self.assertEqual(ended["state"], "done", ended)

    def listed(self, package):
        page = self.network.call(request, self.cdn, "GET", f"/simple/{package.name}/", headers={"Accept": SIMPLE_JSON}).json()
        return next(file for file in page["files"] if file["filename"] == package.filename)

    def split_and_resolve(self, path, right, wrong):
        """A file gets two versions, of which the server `wrong` has the wrong one: found, told by name, and resolved."""
        record = self.cause("splitbrain", f"/files{path}", wrong)
        state = self.verdict(None, "FILE_SPLIT_BRAIN", "critical", record["split_at"], AGENT_POLLS)
        self.assertNotIn("NO_SPARE", [code for _, _, code, _ in troubles(state)])
        told = next(node for node, _, code, _ in troubles(state) if code == "FILE_SPLIT_BRAIN")
        self.assertIn(path.rsplit("/", 1)[1], next(found["statement"] for found in node_of(state, told)["findings"] if found["code"] == "FILE_SPLIT_BRAIN"))
        begin = time.time()
        self.act("resolve-split", told)
        figure(f"resolved from the window after {time.time() - begin:.1f} s")
        for host, brick in self.bricks().items():
            digest = self.lab.machine.run(host, "sha256sum", f"{brick}/files{path}").stdout.split()[0]
            self.assertEqual(digest, right, host)
        faults.end(self.lab, "all")

    def test_two_truths_of_a_file_are_found_and_the_right_one_is_chosen(self):
        """Of a wheel, either server having the right one; of what lies beside a wheel; of a page of documentation."""
        first, second = self.bricks()
        with self.team("split") as team:
            team.wait_for(4)
            hosts.wait_for("documentation", lambda: team.documented, 60)
        one, other, third = list(team.acknowledged.values())[:3]
        version, page = next(iter(team.documented.items()))
        self.split_and_resolve(blob_path(one.content, one.filename), one.sha256, second)
        self.split_and_resolve(blob_path(other.content, other.filename), other.sha256, first)
        self.split_and_resolve(blob_path(third.content, third.filename + ".metadata"), self.listed(third)["core-metadata"]["sha256"], second)
        self.split_and_resolve(blob_path(page, "documentation"), hashlib.sha256(page).hexdigest(), second)
        self.lab.wait_until_well(180)
        self.check_bytes(team)
        with Readers(self.lab, self.network, team, 1) as readers:
            hosts.wait_for("every page to be read", lambda: readers.done >= 2 * len(team.documented), 60)
        self.assertEqual(readers.failed, [])

    def test_a_brick_that_is_down_is_started_and_heals(self):
        host = next(iter(self.bricks()))
        self.cause("brick", host)
        since = time.time()
        with self.team("brick") as team:
            self.verdict(host, "BRICK_DOWN", "critical", since, AGENT_POLLS)
            team.wait_for(8, 60)
            self.act("restart-brick", host)
        self.act("heal-files", host)
        self.assertEqual(team.failed, [])
        faults.end(self.lab, "all")
        self.lab.wait_until_well(180)
        self.check_bytes(team)
        # And one that runs.
        self.act("restart-brick", host)

    def has(self, host, path):
        brick = next(node["brick"] for node in self.lab.topology["gluster"] if node["host"] == host)
        return self.lab.machine.run(host, "test", "-e", f"{brick}/{path}", check=False).returncode == 0

    def lose(self, host, folder):
        """Makes a folder and cuts the power of a server that has not written it to its disk yet; not each time that is in time."""
        web, mount = self.lab.topology["web"][0]["host"], self.mount
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
        web, mount = self.lab.topology["web"][0]["host"], self.mount
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
        web, mount = self.lab.topology["web"][0]["host"], self.mount
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
        web, mount = self.lab.topology["web"][0]["host"], self.mount
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
        web, mount = self.lab.topology["web"][0]["host"], self.mount
        self.addCleanup(self.lab.machine.run, web, "sh", "-c", f"rm -rf {mount}/both")
        arbiter = next(node["host"] for node in self.lab.topology["gluster"] if node["arbiter"])
        first, second = self.bricks()
        self.lab.machine.run(web, "sh", "-c", f"mkdir {mount}/both && touch {mount}/both/made && sync {mount}/both/made")
        # Nobody is blamed for this one, and nobody looks for it.
        self.lab.machine.run(web, "mkdir", f"{mount}/both/kept")
        faults.cause(self.lab, "power", [first])
        # Lasting at the others, who blame the one without power for bytes of a file and for no name.
        self.lab.machine.run(web, "sh", "-c", f"echo bytes >>{mount}/both/made && sync {mount}/both/made")
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

    def test_a_brick_that_is_killed(self):
        self.broken("killed", "brick", "gfs2")

    def test_one_server_without_power(self):
        self.broken("first", "power", "gfs1")

    def test_the_other_server_without_power(self):
        self.broken("second", "power", "gfs2")

    def test_the_arbiter_without_power(self):
        self.broken("third", "power", "gfs3")


if __name__ == "__main__":
    unittest.main()
