# SPDX-License-Identifier: GPL-3.0-or-later
"""What keepers do when a server, its disk or its standby is lost: no copy is destroyed, nothing acknowledged is given up,
and whoever waits says for what."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import unittest

from keepers import ADDRESSES, TwoServers, as_server, server_user, wait_for
from postgres import programs


class KeepersTest(TwoServers):
    def setUp(self):
        self.primary, self.standby = self.settled()
        self.keepers[self.primary].psql("DROP TABLE IF EXISTS acks; CREATE TABLE acks (number integer)")

    def power(self, name):
        """The host is gone: keeper and server at once."""
        keeper = self.keepers[name]
        postmaster = keeper.postmaster()
        children = map(int, pathlib.Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split())
        keeper.kill()
        for pid in (postmaster, *children):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def order(self, name, path, **words):
        answer = self.two.order(name, "database/" + path, **words)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def rows(self, name):
        return self.keepers[name].psql("SELECT string_agg(number::text, ' ' ORDER BY number) FROM acks")

    def acknowledged(self, name, number):
        """Whether it is within 3 s."""
        try:
            return self.keepers[name].psql(f"INSERT INTO acks VALUES ({number})", check=False, timeout=3).returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def waits(self, name, state, *words):
        def told():
            database = self.two.database(name)
            return database if database.get("state") == state and all(word in database["problem"] for word in words) else None
        return wait_for(f"{name} to say that it waits: {words}", told)

    def kept(self, name):
        return list(self.keepers[name].data.parent.glob("data.kept-*"))

    def promoted_and_lost(self):
        """The standby was promoted and has acknowledged a row, its host is gone, and the old primary is back."""
        self.acknowledged(self.primary, 1)
        self.order(self.primary, "fence")
        self.order(self.standby, "promote", received="")
        self.assertTrue(self.acknowledged(self.standby, 2))
        self.power(self.standby)
        self.order(self.primary, "unfence")

    # Data.

    def test_1_a_new_disk_is_filled_from_whoever_has_the_data_and_never_by_a_new_database(self):
        primary, standby, keeper = self.primary, self.standby, self.keepers[self.primary]
        self.keepers[primary].psql("INSERT INTO acks SELECT generate_series(1, 9)")
        self.power(primary)
        shutil.rmtree(keeper.data.parent)
        keeper.data.parent.mkdir()
        if os.geteuid() == 0:
            shutil.chown(keeper.data.parent, server_user())
        keeper.start("--first")
        database = self.waits(primary, "starting", "no data here", f"{standby} has some")
        self.assertNotIn("alone", database)  # its notes are lost as well
        time.sleep(8)  # longer than an answer of a peer is believed
        self.assertFalse(keeper.data.exists())
        self.power(standby)
        self.waits(primary, "starting", f"{standby} does not say")
        time.sleep(3)  # some looks
        self.assertFalse(keeper.data.exists())
        self.keepers[standby].start()
        wait_for("the standby", lambda: self.two.database(standby).get("state") == "standby")
        self.order(standby, "promote", received="")
        self.pair(standby, primary)
        self.assertEqual(self.rows(primary), "1 2 3 4 5 6 7 8 9")

    def test_2_another_database_is_not_followed_and_its_data_is_kept(self):
        primary, standby, keeper = self.primary, self.standby, self.keepers[self.primary]
        self.assertTrue(self.acknowledged(primary, 1))
        keeper.stop()
        shutil.rmtree(keeper.data)
        keeper.data.with_name("data.keeper.json").unlink()
        subprocess.run(as_server(programs() / "initdb", "-D", keeper.data, "-U", "postgres", "-A", "peer", "--wal-segsize=4"), cwd="/", check=True, capture_output=True)
        keeper.start()
        wait_for("the other database", lambda: (self.two.database(primary).get("state") or "").startswith("primary"))
        keeper.psql(self.keepers[primary].folder.joinpath("etc/postgres/roles.sql").read_text().replace("CREATE DATABASE", "-- "))
        self.waits(standby, "standby", f"{primary} is the primary of another database")
        time.sleep(20)  # longer than a standby waits before it is copied anew
        self.assertEqual(self.rows(standby), "1")
        # People say which one is right.
        self.order(primary, "fence")
        self.order(standby, "promote", received="")
        self.order(primary, "unfence")
        self.waits(primary, "starting", f"{standby} is the primary of another database")
        self.assertEqual(self.two.order(primary, "database/rejoin").status, 412)
        self.order(primary, "rejoin", copy=True)
        self.pair(standby, primary)
        self.assertEqual(self.rows(primary), "1")
        self.assertEqual(self.two.database(primary)["kept"], [str(folder) for folder in self.kept(primary)])
        self.assertEqual(len(self.kept(primary)), 1)
        shutil.rmtree(self.kept(primary)[0])

    def test_3_whoever_asks_a_server_without_data_is_told_so(self):
        primary, standby, keeper = self.primary, self.standby, self.keepers[self.standby]
        keeper.stop()
        self.keepers[primary].stop()
        shutil.rmtree(keeper.data)
        notes = keeper.data.with_name("data.keeper.json")
        known = notes.read_text()
        keeper.start()
        self.waits(standby, "starting", "the data is gone that was here")
        with self.assertRaises(ConnectionRefusedError):  # it had some
            socket.create_connection((ADDRESSES[standby], keeper.port), 5)
        keeper.stop()
        notes.unlink()
        keeper.start()
        self.waits(standby, "starting", "no data here")
        for words in (b"", b"x", b"\x7f" * 100000, b"\0\0\0\x08\x04\xd2\x16\x2f" * 9):
            with socket.create_connection((ADDRESSES[standby], keeper.port), 5) as connection:
                try:
                    connection.sendall(words)
                except OSError:
                    pass
        done = subprocess.run([programs() / "psql", "-Xc", "SELECT 1", f"host={ADDRESSES[standby]} port={keeper.port} user=postgres dbname=postgres"],
                              capture_output=True, text=True, timeout=60)
        self.assertIn("there is no data here yet", done.stderr)
        self.assertEqual(json.loads(known)["system"].isdigit(), True)
        self.keepers[primary].start()
        self.pair(primary, standby)

    # Who goes on.

    def test_4_a_primary_that_nobody_has_followed_since_its_start_acknowledges_nothing(self):
        self.promoted_and_lost()
        self.waits(self.primary, "primary, waiting", f"commits wait for {self.standby}")
        for _ in range(3):
            self.assertFalse(self.acknowledged(self.primary, 3))
        self.keepers[self.standby].start()
        self.pair(self.standby, self.primary)
        self.assertEqual(self.rows(self.primary), "1 2")
        self.assertEqual(self.kept(self.primary), [])

    def test_5_what_was_committed_alone_by_order_is_kept_beside_what_turns_out_newer(self):
        self.promoted_and_lost()
        self.waits(self.primary, "primary, waiting", "promote this server to go on alone")
        self.order(self.primary, "promote", received="")
        wait_for("commits to go on alone", lambda: self.two.database(self.primary)["state"] == "primary, alone")
        self.assertTrue(self.acknowledged(self.primary, 3))
        self.keepers[self.standby].start()
        self.pair(self.standby, self.primary)
        self.assertEqual(self.rows(self.primary), "1 2")
        self.assertEqual(len(self.kept(self.primary)), 1)
        shutil.rmtree(self.kept(self.primary)[0])

    def test_6_after_a_power_cut_of_both_the_primary_comes_up_with_its_standby(self):
        self.assertTrue(self.acknowledged(self.primary, 1))
        self.power(self.primary)
        self.power(self.standby)
        self.keepers[self.primary].start()
        self.waits(self.primary, "primary, waiting", f"commits wait for {self.standby}")
        self.keepers[self.standby].start()
        self.pair(self.primary, self.standby)
        self.assertTrue(self.acknowledged(self.primary, 2))
        # From then on it knows.
        self.keepers[self.standby].stop()
        wait_for("commits to go on alone", lambda: self.two.database(self.primary)["state"] == "primary, alone")
        self.power(self.primary)
        self.keepers[self.primary].start()
        wait_for("commits to go on alone again", lambda: self.two.database(self.primary).get("state") == "primary, alone")
        self.assertTrue(self.acknowledged(self.primary, 3))
        self.keepers[self.standby].start()
        self.pair(self.primary, self.standby)
        self.assertEqual(self.rows(self.standby), "1 2 3")

    def test_7_a_primary_that_has_stepped_down_for_one_that_is_lost_says_so_and_goes_on_by_order(self):
        primary, standby = self.primary, self.standby
        self.assertTrue(self.acknowledged(primary, 1))
        self.order(primary, "step-down", successor=standby)
        self.power(standby)
        self.waits(primary, "stopped, waiting", f"stepped down for {standby}")
        self.assertFalse(self.two.database(primary)["running"])
        # A fence that is taken away changes nothing of it.
        self.order(primary, "fence")
        self.assertEqual(self.two.order(primary, "database/promote", received="").status, 412)
        self.order(primary, "unfence")
        self.waits(primary, "stopped, waiting", "promote this server to go on alone")
        self.order(primary, "promote", received="")
        wait_for("commits to go on alone", lambda: self.two.database(primary)["state"] == "primary, alone")
        self.assertTrue(self.acknowledged(primary, 2))
        self.keepers[standby].start()
        self.pair(primary, standby)
        self.assertEqual(self.rows(standby), "1 2")

    # Room.

    def without_room(self, name):
        """As its keeper sees it from then on."""
        keeper = self.keepers[name]
        file = keeper.folder / "etc" / "postgres" / "keeper_copy.py"
        text = file.read_text()
        self.assertEqual(text.count("ROOM = 1.2"), 1)
        file.write_text(text.replace("ROOM = 1.2", "ROOM = 1e9"))

        def restore():
            file.write_text(text)
            keeper.stop()
            keeper.start()
        return restore

    def test_8_where_there_is_no_room_for_a_copy_the_data_stays_that_may_be_of_use(self):
        primary, standby = self.primary, self.standby
        self.assertTrue(self.acknowledged(primary, 1))
        restore = self.without_room(standby)
        self.keepers[standby].stop()
        self.keepers[standby].start()
        self.pair(primary, standby)
        # By order: whoever gives it can make room.
        answer = self.two.order(standby, "database/rejoin", copy=True)
        self.assertEqual((answer.status, [field["field"] for field in answer.json()["fields"]]), (412, ["room"]))
        self.assertEqual(self.rows(standby), "1")
        restore()
        self.pair(primary, standby)
        # What was committed there alone.
        self.promoted_and_lost()
        self.waits(primary, "primary, waiting", "promote this server to go on alone")
        self.order(primary, "promote", received="")
        wait_for("commits to go on alone", lambda: self.two.database(primary)["state"] == "primary, alone")
        self.assertTrue(self.acknowledged(primary, 3))
        restore = self.without_room(primary)
        self.keepers[primary].stop()
        self.keepers[primary].start()
        wait_for("it to go on", lambda: self.two.database(primary).get("state") == "primary, alone")
        self.keepers[standby].start()
        wait_for("the refusal", lambda: "no room for a copy beside the data here, which stays: it may have what nobody else has" in self.two.database(primary)["problem"])
        self.assertTrue((self.keepers[primary].data / "PG_VERSION").exists())
        restore()
        self.pair(standby, primary)
        self.assertEqual(self.rows(primary), "1 1 2")
        self.assertEqual(len(self.kept(primary)), 1)
        shutil.rmtree(self.kept(primary)[0])

    def test_9_a_standby_that_cannot_follow_any_more_gives_up_its_old_data_where_there_is_room_for_one_alone(self):
        primary, standby = self.primary, self.standby
        restore = self.without_room(standby)
        self.keepers[standby].stop()
        wait_for("commits to go on alone", lambda: self.two.database(primary)["state"] == "primary, alone")
        # What it would have to receive is gone.
        sql = self.keepers[primary].psql
        sql("ALTER SYSTEM SET wal_keep_size = 0")
        sql("SELECT pg_reload_conf()")
        sql(f"SELECT pg_drop_replication_slot('{standby}')")
        for _ in range(3):
            sql("INSERT INTO acks SELECT generate_series(1, 1000)")
            sql("SELECT pg_switch_wal()")
            sql("CHECKPOINT")
        sql("ALTER SYSTEM RESET wal_keep_size")
        begun = len(self.keepers[standby].log())
        self.keepers[standby].start()
        wait_for("the old data to go", lambda: "no room for both, so the old data goes first" in self.keepers[standby].log()[begun:], 180)
        self.pair(primary, standby)
        self.assertEqual(self.keepers[standby].psql("SELECT count(*) FROM acks"), "3000")
        said = self.keepers[standby].log()[begun:]
        self.assertLess(said.index("rewind to"), said.index("no room for both"))
        restore()


if __name__ == "__main__":
    unittest.main()
