# SPDX-License-Identifier: GPL-3.0-or-later
"""Each thing that an operator may do to web nodes and databases, while somebody else changes what it rests on between the
plan and the press: the press is refused by name, the audit has it, and nothing is done."""
import shutil
import subprocess
import tempfile
import unittest

import operations_test
from keepers import ADDRESSES, as_server, server_user, wait_for
from postgres import programs
from support import in_seconds


class Servers(operations_test.WatchedServers):
    def order(self, name, path, **words):
        answer = self.two.order(name, "database/" + path, **words)
        self.assertEqual(answer.status, 200, answer.body)

    def told(self, name, **wanted):
        wait_for(f"the keeper of {name} to say {wanted}", lambda: wanted.items() <= self.two.database(name).items())

    def primary_sql(self, text):
        return self.keepers[self.primary].psql(text)

    def test_1_a_fence_and_its_end(self):
        self.race(self.monitor, "fence", self.standby, lambda: self.order(self.standby, "fence"), "not-fenced")
        self.race(self.monitor, "unfence", self.standby, lambda: self.order(self.standby, "unfence"), "fenced")

    def test_2_a_rejoin_of_one_that_is_fenced_meanwhile(self):
        for copy in (False, True):
            self.race(self.monitor, "rejoin", self.standby, lambda: self.order(self.standby, "fence"), "idle", copy=copy)
            self.order(self.standby, "unfence")
            self.settled()

    def test_3_a_fence_and_a_rejoin_after_the_roles_were_exchanged(self):
        fence = self.plan(self.monitor, "fence", self.primary)
        self.race(self.monitor, "rejoin", self.standby, lambda: (self.act(self.monitor, "switch-over", self.standby), self.settled()), "no-primary-itself")
        self.refused(self.press(self.monitor, fence), "unchanged")
        self.assertFalse(self.two.database(self.primary)["fenced"])

    def test_4_a_replay_that_somebody_else_resumes(self):
        def paused(wanted):
            wait_for("the replay", lambda: self.keepers[self.standby].psql("SELECT pg_get_wal_replay_pause_state()") == wanted)
        self.keepers[self.standby].psql("SELECT pg_wal_replay_pause()")
        paused("paused")
        self.race(self.monitor, "resume-replay", self.standby,
                  lambda: (self.keepers[self.standby].psql("SELECT pg_wal_replay_resume()"), paused("not paused")), "paused")

    def test_5_a_backend_that_somebody_else_attaches_or_that_goes(self):
        def set_aside(seconds):
            self.order(self.primary, "set-aside", node=self.standby, until=in_seconds(seconds))
        set_aside(600)
        self.race(self.monitor, "attach-backend", self.standby, lambda: set_aside(-5), "set-aside")
        set_aside(600)
        self.race(self.monitor, "attach-backend", self.standby, self.keepers[self.standby].stop, "synchronous")
        self.keepers[self.standby].start()
        set_aside(-5)

    def test_6_a_slot_from_which_somebody_begins_to_read(self):
        folder = tempfile.mkdtemp(prefix="cheesemonger-test-")
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        shutil.chown(folder, server_user())
        self.primary_sql("SELECT pg_create_physical_replication_slot('stray', true)")
        keeper, readers = self.keepers[self.primary], []

        def read():
            readers.append(subprocess.Popen(as_server(programs() / "pg_receivewal", "-D", folder, "-S", "stray", "-w", "-d",
                                                      f"host={ADDRESSES[self.primary]} port={keeper.port} user=cheesemonger_replication "
                                                      f"passfile={keeper.folder}/etc/postgres/pgpass"), cwd="/", stdin=subprocess.DEVNULL))
            wait_for("the reader", lambda: self.primary_sql("SELECT active FROM pg_replication_slots WHERE slot_name = 'stray'") == "t")
        try:
            self.race(self.monitor, "drop-slot", self.primary, read, "inactive", slot="stray")
            self.assertEqual(self.primary_sql("SELECT active FROM pg_replication_slots WHERE slot_name = 'stray'"), "t")
        finally:
            for reader in readers:
                reader.terminate()
                reader.wait()
        wait_for("its end", lambda: self.primary_sql("SELECT active FROM pg_replication_slots WHERE slot_name = 'stray'") == "f")
        self.act(self.monitor, "drop-slot", self.primary, slot="stray")

    def test_7_a_candidate_that_has_no_sender_for_whoever_would_follow_it(self):
        self.race(self.monitor, "switch-over", self.standby, self.use_up_senders, "followers")

    def use_up_senders(self):
        """Of the standby: each reader of its WAL takes one."""
        keeper = self.keepers[self.standby]
        free = int(keeper.psql("SELECT current_setting('max_wal_senders')::int - count(*) FROM pg_stat_replication"))
        for number in range(free):
            folder = tempfile.mkdtemp(prefix="cheesemonger-test-")
            self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
            shutil.chown(folder, server_user())
            reader = subprocess.Popen(as_server(programs() / "pg_receivewal", "-D", folder, "-w", "-d",
                                                f"host={ADDRESSES[self.standby]} port={keeper.port} user=cheesemonger_replication "
                                                f"passfile={keeper.folder}/etc/postgres/pgpass application_name=reader{number}"), cwd="/", stdin=subprocess.DEVNULL)
            self.addCleanup(reader.wait)
            self.addCleanup(reader.terminate)
        wait_for("the readers", lambda: int(keeper.psql("SELECT count(*) FROM pg_stat_replication")) >= free)


class Webs(operations_test.WatchedWebs):
    def order(self, name, path, **words):
        answer = self.agents[name].request(self.certificates, "POST", path, {"order": {"by": "ben", "reason": "a test"}, **words})
        self.assertEqual(answer.status, 200, answer.body)

    def test_a_drain_that_somebody_else_begins_or_ends(self):
        until = in_seconds(600)
        self.race(self.monitor, "drain-web", "web1", lambda: self.order("web1", "web/drain", until=until), "unchanged", until=until)
        self.race(self.monitor, "return-web", "web1", lambda: self.order("web1", "web/return"), "drained")
        self.assertEqual(self.webs["web1"].request("GET", "/_health/").status, 200)

    def test_a_certificate_file_that_becomes_nonsense(self):
        file = self.folder / "web1" / "cert.pem"
        self.monitor.topology.write_text(self.monitor.topology.read_text() + operations_test.section(
            "certificate", name="web1-cert", host="web1", port=self.webs["web1"].port, file=file))
        self.monitor.stop()
        self.monitor.start()
        self.monitor.wait_for("web1", None, self.token)
        self.race(self.monitor, "reload-web", "web1", lambda: file.write_text("nothing"), "certificate")


if __name__ == "__main__":
    unittest.main()
