# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole installation, broken on purpose. One lab for all; of its figures those that need no luck are judged, the others
printed. Run by `make lab-test`; where namespaces are not permitted it says what is left out."""
import errno
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

import faults
import hosts
from clients import Team, on_client, pip, request, twine, upload, wheel
from doors import Doors
from lab_case import HERE, SHORT, LabCase, figure, lab_command
from watching import Monitor, troubles


UPLOADERS, INSTALLERS = (4, 3) if SHORT else (32, 16)
# More than are under way when a fault begins.
MORE = max(20, 3 * UPLOADERS)
MEMORY = 1_000_000_000  # bytes


class LabTest(LabCase):
    def setUp(self):
        self.addCleanup(self.mend)

    def mend(self):
        if self.lab.is_there and self.lab.faults():
            faults.end(self.lab, "all")
        if self.lab.is_there:
            self.lab.wait_until_well(180)

    def cause(self, *words):
        return faults.cause(self.lab, words[0], list(words[1:]))

    def end(self, wanted):
        faults.end(self.lab, wanted)
        return self.lab.wait_until_well(180)

    def resumed(self, words, team, begin, limit):
        pause = team.pause_after(begin)
        figure(f"{words} after {pause:.1f} s (limit {limit} s), {len(team.failed)} tries refused")
        self.bound(pause, limit)

    def team(self, label, **more):
        return Team(self.lab, self.network, self.cdn, self.token, label=label, **more)

    def pip_download(self, project, folder):
        return pip(self.lab, "download", "-d", f"/var/tmp/{folder}", project)

    # What it takes, and what it reaches.

    def test_0_it_is_up_within_a_minute(self):
        self.bound(self.started, 60)

    def test_0_it_takes_less_than_a_gigabyte(self):
        by_host = {name: sum(map(hosts.memory_of, self.lab.machine.pids(name))) for name in self.lab.machine.existing()}
        taken = sum(by_host.values())
        largest = sorted(by_host, key=by_host.get, reverse=True)[:3]
        figure(f"memory of all processes on its hosts (PSS): {taken / 1e6:.0f} MB (limit {MEMORY / 1e6:.0f} MB), most of it on "
               + ", ".join(f"{name.removeprefix(self.lab.machine.prefix)} ({by_host[name] / 1e6:.0f} MB)" for name in largest))
        self.assertGreater(min(by_host[self.lab.machine.name(host)] for host in self.lab.hosts), 0)
        self.bound(taken, MEMORY)

    def test_0_there_is_no_way_out_of_the_machine(self):
        inside = self.lab.topology["registry"]["network"]
        for name in self.lab.machine.existing():
            for family, outside in (("-4", ("192.0.3.1", "198.51.100.1", "8.8.8.8")), ("-6", ("2001:db8::1", "2620:fe::fe"))):
                routes = [line.split()[0] for line in hosts.run("ip", "-n", name, family, "route", "show").stdout.splitlines()]
                self.assertLessEqual(set(routes), {inside, "fe80::/64"}, name)
                for address in outside:
                    found = hosts.run("ip", "-n", name, family, "route", "get", address, check=False)
                    self.assertNotEqual(found.returncode, 0, f"{name}: {found.stdout}")
            links = {line.split(":")[1].strip().split("@")[0] for line in hosts.run("ip", "-n", name, "-o", "link", "show").stdout.splitlines()}
            known = {"lo", "eth0", "lab", *map(self.lab.machine.link, self.lab.hosts)}
            self.assertLessEqual({link for link in links if not link.startswith(("tunl", "sit", "gre", "erspan", "ip", "ip6"))}, known, name)
        for host in self.lab.hosts:
            with self.assertRaises(OSError) as caught:
                hosts.Network(self.lab, host).call(socket.create_connection, ("198.51.100.1", 80), 5)
            self.assertEqual(caught.exception.errno, errno.ENETUNREACH, host)

    # The story.

    def test_1_twine_uploads_and_pip_installs_through_the_cdn(self):
        done = twine(self.lab, wheel("through-the-cdn", "1.0"), self.token)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = on_client(self.lab, "/usr/bin/python3", "-m", "pip", "install", "--no-deps", "--target", "/var/tmp/installed", "--trusted-host", self.cdn[0],
                              "--index-url", f"http://{self.cdn[0]}/simple/", "through-the-cdn")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_1_a_load_ends_by_itself_or_when_somebody_ends_it(self):
        command = [sys.executable, HERE / "lab.py", "--json", "load", "--uploaders", "1", "--pips", "1"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        hosts.wait_for("clients to be at work", lambda: {"twine", "pip"} <= set(self.clients()), 120)
        process.send_signal(signal.SIGINT)
        report = json.loads(process.communicate()[0])
        self.assertEqual(process.returncode, 0, report)
        for told in (report, lab_command("load", "--uploaders", 1, "--pips", 1, "--seconds", 5)):
            for kind in ("uploads", "installs"):
                self.assertEqual(told[kind]["failed"], [])
                self.assertGreater(told[kind]["done"], 0)
        self.assertEqual(self.clients(), [])
        self.cause("kill", "cdn", "varnish")
        told = lab_command("load", "--pips", 1, "--uploaders", 1, "--seconds", 5, check=False)
        self.assertIn("error", told)
        self.end("all")

    def clients(self):
        """Which of them runs at the client host."""
        lines = [pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() for pid in self.lab.machine.processes("client")]
        return [name for name in ("twine", "pip") for line in lines if f"/{name}\0".encode() in line or f"\0{name}\0".encode() in line]

    def test_2_a_primary_that_is_killed_under_uploaders(self):
        primary = self.lab.database("primary")
        with self.team("killed", uploaders=UPLOADERS) as team:
            begin = time.monotonic()
            self.cause("kill", primary)
            team.wait_for(MORE)
            self.resumed("primary killed: writes resume", team, begin, 5)
        figure(f"all is well {self.end('all'):.1f} s after the old primary was started again")
        self.assertNotEqual(self.lab.database("primary"), primary)
        self.check(team)

    def test_3_a_primary_that_is_cut_off_silently_under_uploaders(self):
        primary = self.lab.database("primary")
        with self.team("cut", uploaders=UPLOADERS) as team:
            begin = time.monotonic()
            self.cause("silent", primary)
            team.wait_for(MORE)
            self.resumed("primary cut off silently: writes resume", team, begin, 8)
            hosts.wait_for("the old primary to be stopped", lambda: self.lab.supervisor.keeper(primary) == "starting", 60)
            figure(f"primary cut off silently: stopped by its keeper after {time.monotonic() - begin:.1f} s")
        figure(f"all is well {self.end('all'):.1f} s after the partition")
        self.check(team)

    def test_3_a_primary_whose_power_is_cut_loses_nothing_acknowledged(self):
        primary = self.lab.database("primary")
        with self.team("power", uploaders=UPLOADERS) as team:
            begin = time.monotonic()
            self.cause("power", primary)
            team.wait_for(MORE)
            self.resumed("primary without power: writes resume", team, begin, 8)
        figure(f"all is well {self.end('all'):.1f} s after the old primary's boot")
        self.check(team)

    def test_4_both_databases_lose_power_and_unsynchronised_writes(self):
        with self.team("both") as team:
            for host in (self.lab.database("standby"), self.lab.database("primary")):
                self.cause("power", host)
        figure(f"all is well {self.end('all'):.1f} s after both databases' boot")
        self.check(team)

    def test_4_a_power_cut_forgets_what_was_not_synchronised(self):
        """Bytes and names, and nothing else; a cut of the processes alone forgets nothing."""
        host, folder = "gfs3", "/srv/cheesemonger/bricks"

        def files():
            return self.lab.machine.run(host, "sh", "-c", f"cd {folder} && grep -H . lasting passing 2>/dev/null", check=False).stdout.split()

        def sh(words):
            self.cause("kill", host)  # who else synchronises there makes names lasting
            self.lab.machine.run(host, "sh", "-c", f"cd {folder} && {words}")
        sh("echo old >lasting && sync lasting . && echo new >lasting && echo new >passing")
        self.assertEqual(files(), ["lasting:new", "passing:new"])
        self.cause("power", host, "keep")
        self.end("all")
        self.assertEqual(files(), ["lasting:new", "passing:new"])
        sh("rm passing && echo old >lasting && sync lasting . && echo new >passing && echo more >>lasting && setfattr -n user.more -v x lasting")
        self.cause("power", host)
        self.end("all")
        self.assertEqual(files(), ["lasting:old"])
        self.assertEqual(self.lab.machine.run(host, "getfattr", "--absolute-names", f"{folder}/lasting").stdout.strip(), "")

    def test_5_a_web_node_without_power_is_missed_by_no_pip(self):
        self.assertEqual(self.network.call(upload, self.cdn, wheel("steady", "1.0"), self.token).status, 200)
        finished, failed, done, lock = threading.Event(), [], [], threading.Lock()

        def client(number):
            while not finished.is_set():
                result = self.pip_download("steady", f"pip-{number}")
                with lock:
                    (failed if result.returncode else done).append(result.stdout + result.stderr)
        threads = [threading.Thread(target=client, args=(number,)) for number in range(INSTALLERS)]
        for thread in threads:
            thread.start()
        try:
            hosts.wait_for("all to be under way", lambda: len(done) >= INSTALLERS, 300, 0.1)
            before = len(done)
            self.cause("power", "web1")
            hosts.wait_for("each to have met it", lambda: failed or len(done) >= before + 2 * INSTALLERS, 300, 0.1)
            self.end("all")
        finally:
            finished.set()
            for thread in threads:
                thread.join()
        figure(f"web node without power under {INSTALLERS} clients: {len(done)} runs of pip, {len(failed)} failed")
        self.assertEqual(failed, [])

    def test_5_a_web_node_without_power_under_uploaders_loses_no_bytes(self):
        with self.team("bytes") as team:
            begin = time.monotonic()
            self.cause("power", "web2")
            team.wait_for(20)
            figure(f"web node without power: uploads resume after {team.pause_after(begin):.1f} s, {len(team.failed)} tries failed")
        self.end("all")
        self.check(team)

    def test_6_a_standby_that_is_killed_stalls_uploads_for_a_moment(self):
        with self.team("alone", uploaders=UPLOADERS) as team:
            begin = time.monotonic()
            self.cause("kill", self.lab.database("standby"))
            team.wait_for(MORE)
            self.resumed("standby killed: uploads go on", team, begin, 6)
            hosts.wait_for("the keeper to say so", lambda: self.lab.supervisor.keeper(self.lab.database("primary")) == "primary, alone", 10)
            hosts.wait_for("the monitor to say so", lambda: "NO_SECOND_COPY" in {code for _, _, code, _ in troubles(Monitor(self.lab).get("monitor/state"))}, 20)
        figure(f"all is well {self.end('all'):.1f} s after the standby was started again")
        self.check(team)

    def test_6_what_stands_alone_is_not_replaced_by_what_lacks_commits(self):
        primary, standby = self.lab.database("primary"), self.lab.database("standby")
        self.cause("kill", standby)
        hosts.wait_for("commits to go on alone", lambda: self.lab.supervisor.keeper(primary) == "primary, alone", 60)
        package = wheel("alone-acknowledged", "1.0")
        self.assertEqual(self.network.call(upload, self.cdn, package, self.token).status, 200)
        self.cause("kill", primary)
        faults.end(self.lab, f"kill:{standby}")
        time.sleep(10)
        self.assertEqual(self.lab.supervisor.keeper(standby), "standby", "promoted, though it lacks a commit")
        self.end("all")
        self.assertEqual(self.network.call(request, self.cdn, "GET", "/simple/alone-acknowledged/").status, 200)

    def test_6_a_primary_without_power_is_used_again_while_its_standby_is_dead(self):
        """The pgpools hold both for down, and nobody can have been promoted."""
        primary, standby = self.lab.database("primary"), self.lab.database("standby")
        self.cause("kill", standby)
        hosts.wait_for("commits to go on alone", lambda: self.lab.supervisor.keeper(primary) == "primary, alone", 60)
        pools = [service for service in self.lab.supervisor.services if service.name == "pgpool"]
        self.cause("power", primary)
        hosts.wait_for("the pgpools to miss it", lambda: all(status == "down" for pool in pools for status, _ in self.lab.supervisor.nodes_of(pool) or [("", "")]), 60)
        faults.end(self.lab, f"power:{primary}")
        package = wheel("used-again", "1.0")
        hosts.wait_for("an upload", lambda: self.network.call(upload, self.cdn, package, self.token).status == 200, 60, 1)
        self.end("all")

    def test_7_the_smaller_side_of_a_partition_makes_no_primary(self):
        """The primary with one pgpool on one side, the rest on the other."""
        primary = self.lab.database("primary")
        standby = self.lab.database("standby")
        with self.team("apart") as team:
            for host in (primary, "pool1"):
                self.cause("silent", host, standby, "pool2", "witness")
            hosts.wait_for("the other side's primary", lambda: (self.lab.supervisor.keeper(standby) or "").startswith("primary"), 60)
            hosts.wait_for("the old primary to be stopped", lambda: self.lab.supervisor.keeper(primary) == "starting", 60)
            team.wait_for(20)
        self.end("all")
        self.check(team)

    def test_7_a_rewound_primary_that_lacks_what_nobody_has_any_more_is_copied(self):
        primary, standby = self.lab.database("primary"), self.lab.database("standby")
        segment = "SELECT pg_logical_emit_message(false, 'lab', repeat('x', 1000000)), pg_switch_wal()"
        self.lab.sql(primary, "CHECKPOINT")
        for _ in range(3):  # the last checkpoint that both have lies some segments back
            self.lab.sql(primary, segment)
        self.cause("unplug", primary)
        hosts.wait_for("the other primary", lambda: self.lab.supervisor.keeper(standby) == "primary, alone", 60)
        self.lab.sql(standby, "ALTER SYSTEM SET wal_keep_size = 0")
        self.lab.sql(standby, "SELECT pg_reload_conf()")
        for _ in range(3):  # each ends a segment, and lets go of those before
            self.lab.sql(standby, segment)
            self.lab.sql(standby, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")  # the keeper makes it again
            self.lab.sql(standby, "CHECKPOINT")
        log = self.lab.layout.home(primary) / "log/postgres.log"  # the keeper's
        copies = log.read_text().count(f" copy {standby}")
        try:
            figure(f"all is well {self.end('all'):.1f} s after the old primary, which could not be rewound, was back")
        finally:
            self.lab.sql(standby, "ALTER SYSTEM RESET wal_keep_size")
            self.lab.sql(standby, "SELECT pg_reload_conf()")
        self.assertEqual(log.read_text().count(f" copy {standby}"), copies + 1)

    def test_7_a_server_that_a_full_disk_has_ended_comes_back_by_itself(self):
        standby = self.lab.database("standby")
        node = next(node for node in self.lab.topology["disk"] if node["host"] == standby)
        with self.team("full") as team:
            self.cause("full", node["name"])
            hosts.wait_for("the standby to end for want of room", lambda: self.lab.supervisor.keeper(standby) != "standby", 120)
            team.wait_for(20)
            self.end("all")
        self.assertEqual(self.lab.database("standby"), standby)
        self.check(team)

    # Every fault.

    def test_8_every_fault_can_be_caused_and_ended(self):
        cases = {"kill": ("pool2",), "power": ("witness",), "unplug": ("web2",), "silent": ("pool1", "web1"), "oneway": ("web1", "pg2"),
                 "freeze": ("web2",), "slow": ("cdn", "5mbit"), "loss": ("client", "30"), "full": ("gfs1_disk",), "pause": (), "slot": (),
                 "certificate": (), "samples": (), "readonly": (), "twoprimaries": (), "brick": ("gfs2",), "splitbrain": (self.canary(),),
                 "datacentre": (), "stalemirror": (), "emptypage": (self.lab.topology["registry"]["canary_project"],), "nofallback": ()}
        self.assertEqual(set(cases), set(faults.FAULTS))
        for name, arguments in cases.items():
            with self.subTest(fault=name):
                record = lab_command("fault", name, *arguments)
                self.assertIn(record["id"], [lasting["id"] for lasting in lab_command("faults")["lasting"]])
                self.look(name, record)
                ended = lab_command("end", record["id"], "--wait", 180)
                self.assertEqual(ended["ended"], [record["id"]])
                figure(f"{name}: all is well {ended['well_after_seconds']:.1f} s after its end")

    def canary(self):
        """The path in the volume of a file that is there."""
        return self.lab.topology["registry"]["files"][len(self.lab.topology["volume"]["mount"]):] + self.lab.topology["registry"]["canary_file"]

    def look(self, name, record):
        """The fault is what it says."""
        run = self.lab.machine.run
        if name in ("kill", "freeze"):
            pids = self.lab.supervisor.pids(self.lab.supervisor.on(record["arguments"][0])[0])
            states = {hosts.status_of(pid)["State"][0] for pid in pids}
            self.assertEqual(states, set() if name == "kill" else {"T"})
        elif name == "power":
            self.assertIsNone(self.lab.machine.init("witness"))
        elif name == "unplug":
            self.assertIn("NO-CARRIER", run("web2", "ip", "link", "show", "eth0").stdout)
        elif name in ("silent", "oneway", "loss", "samples", "datacentre", "stalemirror", "nofallback"):
            rules = run("cdn", "true") and hosts.run("ip", "netns", "exec", self.lab.machine.hub, "nft", "list", "ruleset").stdout
            self.assertEqual(rules.count("drop"), {"silent": 2, "oneway": 1, "loss": 2, "samples": 2 * (len(self.lab.hosts) - 1), "datacentre": 2,
                                                   "stalemirror": 2 * len(self.lab.topology["web"]), "nofallback": 2 * len(self.lab.topology["mirror"])}[name])
        elif name == "slow":
            self.assertIn("tbf", run("cdn", "tc", "qdisc", "show", "dev", "eth0").stdout)
        elif name == "full":
            answer = run("gfs1", "sh", "-c", "echo x > /srv/cheesemonger/bricks/more", check=False)
            self.assertIn("No space left", answer.stderr)
        elif name == "brick":
            self.assertEqual([service.host for service in self.lab.supervisor.services if service.name == "gluster" and not self.lab.supervisor.brick(service)],
                             [record["arguments"][0]])
        elif name == "splitbrain":
            self.assertIn(record["path"], run("gfs1", "gluster", "--mode=script", "volume", "heal", "packages", "info", "split-brain").stdout)
        elif name == "emptypage":
            self.assertIn('"files":[]', run(record["host"], "cat", f"{record['page']}/index.v1_json").stdout)
        elif name == "readonly":
            self.assertEqual(self.lab.sql(record["host"], "SHOW transaction_read_only"), "on")
        elif name == "twoprimaries":
            self.assertEqual({self.lab.sql(node["host"], "SELECT pg_is_in_recovery()") for node in self.lab.topology["postgres"]}, {"f"})
        elif name == "pause":
            self.assertEqual(self.lab.sql(record["host"], "SELECT pg_get_wal_replay_pause_state()"), "paused")
        elif name == "slot":
            self.assertEqual(self.lab.sql(self.lab.database("primary"), "SELECT wal_status FROM pg_replication_slots"), "lost")
        elif name == "certificate":
            self.assertNotEqual(*self.serials("web1"))

    def serials(self, host):
        """Of the certificate that is presented, and of the one on the disk."""
        entry = next(entry for entry in self.lab.topology["certificate"] if entry["host"] == host)
        address = f"{self.lab.hosts[host]['address']}:{entry['port']}"
        shown = self.lab.machine.run("client", "sh", "-c", f"openssl s_client -connect {address} </dev/null 2>/dev/null | openssl x509 -noout -serial")
        there = self.lab.machine.run(host, "openssl", "x509", "-noout", "-serial", "-in", entry["file"])
        return shown.stdout, there.stdout

    def test_8_a_certificate_is_read_again_when_its_node_is_told(self):
        self.cause("certificate", "web1_tls")
        self.end("all")
        hosts.wait_for("the new certificate", lambda: len(set(self.serials("web1"))) == 1, 10)

    # What is left.

    def test_9_a_lab_that_is_killed_leaves_nothing_after_down(self):
        lab_command("open")
        lab_command("down")
        self.assertIsNone(Doors(self.lab).relay())
        self.assertFalse(self.lab.keys.exists())
        process = subprocess.Popen([sys.executable, HERE / "lab.py", "up"], stderr=subprocess.PIPE, text=True, start_new_session=True)
        for line in process.stderr:
            if "primary" in line:
                break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()
        namespaces = self.lab.machine.existing()
        self.assertTrue(namespaces)
        inodes = {os.stat(f"/run/netns/{name}").st_ino for name in namespaces}
        self.assertTrue(self.inside(inodes))
        lab_command("down")
        self.assertEqual(self.lab.machine.existing(), [])
        self.assertEqual(self.inside(inodes), [])
        self.assertFalse(self.lab.state.exists())
        self.assertNotIn(str(self.lab.state), pathlib.Path("/proc/self/mounts").read_text())
        self.assertNotIn("forgetful", pathlib.Path("/proc/self/mounts").read_text())

    def inside(self, inodes):
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.stat(f"/proc/{entry}/ns/net").st_ino in inodes:
                    found.append(entry)
            except OSError:
                continue
        return found


# What every submission goes through, in minutes: one of each kind.
SHORT_PART = ["lab_test.LabTest.test_2_a_primary_that_is_killed_under_uploaders",
              *(f"verdicts_test.VerdictsTest.test_{name}" for name in
                ("replay_that_is_paused_is_stalled", "two_that_take_writes_are_a_split_brain",
                 "a_standby_that_is_cut_off_is_disconnected_and_not_in_step"))]


if __name__ == "__main__":
    # The reduced lab as well: it has to work where the other cannot.
    names = sys.argv[1:] or ["reduced_test", "lab_test", "verdicts_test", "actions_test", "files_test", "fallback_test", "metrics_test", "channel_test", "screen_test", "patroni_test", "failover_runs"]
    try:
        program = unittest.main(module=None, argv=[sys.argv[0], *(SHORT_PART if names == ["short"] else names)], exit=False, verbosity=2)
    finally:
        if LabCase.shared is not None:
            lab_command("down")
    result = program.result
    broken = len(result.failures) + len(result.errors)
    if result.skipped:
        print("left out:", *sorted({reason for _, reason in result.skipped}), sep="\n  ")
    print(f"{max(result.testsRun - broken - len(result.skipped), 0)} passed, {broken} failed")
    sys.exit(bool(broken))
