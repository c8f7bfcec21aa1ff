#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""keeper.py CONFIG [--first]: starts this node's PostgreSQL and keeps three promises, as the server's user.

1. A node that is attached to the pgpools holds every acknowledged commit: it is attached only while it is a
   synchronous standby, and commits go on alone only after a majority of the pgpools has detached it. So whatever a
   pgpool promotes loses nothing, and where nothing is attached nothing is promoted. Pgpools forget, so that they are
   believed only by a primary that has seen its standby follow since it was started; any other waits for that, or for an order.
2. A primary that sees neither its standby nor a majority of the pgpools is stopped; until then its commits wait.
3. A node that another one has overtaken stops and follows it: by pg_rewind, else by a new copy. What is of another
   database, or was committed here alone, is never thrown away: it is put aside and kept.

While there is a file keeper.hold in its run folder nothing is copied, rewound or dropped. What people want of the
server comes over keeper.sock (keeper_orders.py) and is done in the same loop. What has to survive a restart (a fence,
who is set aside, which database this is) is kept in a file beside the data folder.

--first makes the database of a new installation, once every peer's keeper says that nothing is there either. It is for
one start by hand, and not for what starts the keeper when the host boots."""
import glob
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import tomllib

import keeper_copy
import keeper_orders
import keeper_start
from keeper_ask import NOTHING, Door, Seen, Watched, run, say

TICK = 0.5
FENCE_AFTER = 3      # seconds without standby and majority, after the patience for the standby
REATTACH_AFTER = 10  # a primary that pgpools hold for dead
REBUILD_AFTER = 15   # a standby that cannot follow a primary that is there; each time twice as long
CAUGHT_UP = 1 << 20  # bytes behind with which a standby may become synchronous


class Keeper:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.config = tomllib.load(file)
        self.data = pathlib.Path(self.config["data"])
        self.bin = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda found: int(found.split("/")[4]))[-1])
        self.folder, self.sockets = pathlib.Path(self.config["config"]), self.config["run"]
        self.peers = [(peer, Watched(lambda peer=peer: self.ask_peer(peer))) for peer in self.config.get("peer", [])]
        self.pools = [(pool, Watched(lambda pool=pool: self.ask_pool(pool))) for pool in self.config.get("pgpool", [])]
        self.majority = len(self.pools) // 2 + 1
        self.notes_file = self.data.with_name(self.data.name + ".keeper.json")
        self.notes = json.loads(self.notes_file.read_text()) if self.notes_file.exists() else {}
        self.desk = keeper_orders.Desk(self, pathlib.Path(self.sockets) / "keeper.sock")
        self.work, self.work_done, self.problem = "", None, ""
        self.hindrance = ""  # why the last round came to no end
        self.waits, self.waiting_for = "", ""  # what the last round waited for; what this one does
        self.followed = set()  # the peers that have followed this server since it was started
        self.door = Door(self.config["address"], self.config["port"])
        self.checkpoint = None
        self.word, self.since = "", time.time()
        self.say, self.run = say, run
        self.child = None
        self.gone_since = self.unfollowed_since = self.dead_since = self.mark = None
        self.rewound = self.cut_off = False
        self.rebuild_after = REBUILD_AFTER
        self.slots_at = 0.0
        self.told, self.turn = {}, 0

    # What is told, and what is remembered.

    def note(self, **changes):
        """Kept beside the data folder, whole or not at all, and on the disk when this returns."""
        notes = {name: value for name, value in {**self.notes, **changes}.items() if value is not None}
        draft = self.notes_file.with_suffix(".new")
        with open(draft, "w") as file:
            json.dump(notes, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.notes_file)
        folder = os.open(self.notes_file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.notes = notes

    def now_is(self, word):
        if word == self.word:
            return
        say("state:", word)
        self.word, self.since = word, time.time()
        report = pathlib.Path(self.sockets) / "keeper.json"
        report.with_suffix(".new").write_text(json.dumps({"state": word, "since": self.since}))
        report.with_suffix(".new").replace(report)

    def wait_for(self, what):
        """Told with the state, until a round has nothing to wait for."""
        if what not in (self.waits, self.waiting_for):
            say("waits:", what)
        self.waiting_for = what

    def set_aside(self):
        return {name: until for name, until in self.notes.get("set_aside", {}).items() if until > time.time()}

    def state(self):
        """Without a question to anybody: from any thread, whatever is at work."""
        fence = self.notes.get("fence") or {}
        # Without its data it may have lost its notes as well: what it did nobody can tell.
        alone = {"alone": bool(self.notes.get("alone"))} if keeper_copy.system_of(self.data) else {}
        return {"state": self.word or "starting", "since": self.since, "running": not (self.word or "starting").startswith(("starting", "stopped")),
                "fenced": bool(fence), "fenced_by": fence.get("by", ""),
                "set_aside": [{"node": node, "until": until} for node, until in self.set_aside().items()], **alone,
                "problem": self.waits or self.problem or self.hindrance,
                "kept": [str(folder) for folder in keeper_copy.kept(self)], "work": self.work, "work_done": self.work_done,
                **keeper_copy.told_room(self), "unclean_stop": self.notes.get("unclean_stop")}

    # What is there.

    def sql(self, *texts, timeout=3):
        """Rows of the own server, of each text after the other, or None when it does not answer."""
        done = run("psql", "-XAtq", "-F", "|", "-h", self.sockets, "-p", self.config["port"], "-U", "postgres", "-d", "postgres",
                   *(word for text in texts for word in ("-c", text)), timeout=timeout)
        return [line.split("|") for line in done.stdout.splitlines()] if done.returncode == 0 else None

    def address(self, peer):
        return (f"host={peer['address']} port={peer['port']} user=cheesemonger_replication dbname=postgres connect_timeout=2"
                # Not the standby's own name: a copy that runs would pass for a standby that follows.
                f" passfile={self.folder}/pgpass application_name=keeper_{self.config['name']}")

    def ask_peer(self, peer):
        """What is Seen of it; None when nothing is."""
        done = run("psql", "-XAtq", "-F", "|", self.address(peer), "-c", "SELECT CASE WHEN pg_is_in_recovery() THEN '0'"
                   " ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END, system_identifier FROM pg_control_system()", timeout=4)
        timeline, _, system = done.stdout.strip().partition("|")
        if done.returncode == 0 and system:
            return Seen("standby" if timeline == "0" else "primary", int(timeline, 16), system)
        return Seen("empty") if NOTHING in done.stderr else None

    def role_of(self, peer):
        seen = self.ask_peer(peer)
        return seen.role if seen else None

    def pcp(self, command, pool, *words):
        return run(command, "-h", pool["address"], "-p", pool["port"], "-U", "cheesemonger", "-w", *words, timeout=4,
                   env={"PCPPASSFILE": f"{self.folder}/pcppass"})

    def ask_pool(self, pool):
        """The words for the state of each node: up, waiting, down, quarantine, …"""
        done = self.pcp("pcp_node_info", pool, "-a")
        words = [line.split() for line in done.stdout.splitlines()]
        return [line[4] for line in words] if done.returncode == 0 and words and all(len(line) > 8 for line in words) else None

    def states(self, number):
        """What each pgpool that answers takes a node for."""
        return [(pool, watched.value[number]) for pool, watched in self.pools if watched.value and len(watched.value) > number]

    def states_by_trusting(self, number):
        """The same, of those pgpools alone that hold this node for up: the others may have made another the primary."""
        trusting = [pool for pool, state in self.states(self.config["number"]) if state in ("up", "waiting")]
        return [(pool, state) for pool, state in self.states(number) if pool in trusting]

    def sees_majority(self):
        return sum(watched.value is not None for _, watched in self.pools) >= self.majority

    def on_hold(self):
        return (pathlib.Path(self.sockets) / "keeper.hold").exists()

    def primary_peer(self):
        """The peer that is the primary of this node's database, or of the only one where this node has none, with its timeline."""
        found = [(seen, peer) for peer, watched in self.peers if (seen := watched.value) and seen.role == "primary"]
        own, systems = keeper_copy.own_system(self), {seen.system for seen, _ in found}
        if systems - {own} and (own or len(systems) > 1):
            self.wait_for(" and ".join(f"{peer['name']} is the primary of another database than {f'the one here' if own else 'others are'}"
                                       for seen, peer in found if seen.system != own) + ": fence the wrong one, and rejoin it by a copy")
            found = [(seen, peer) for seen, peer in found if seen.system == own]
        return max(((seen.timeline, peer) for seen, peer in found), key=lambda pair: pair[0], default=(0, None))

    def postmaster(self):
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            return pid if pathlib.Path(f"/proc/{pid}/comm").read_text().startswith("postgres") else None
        except (OSError, ValueError, IndexError):
            return None

    def running(self):
        if self.child and self.child.poll() is not None:
            self.child = None
        return bool(self.child) or self.postmaster() is not None

    # Starting, stopping, copying.

    def start(self):
        say("start")
        self.door.close()
        self.followed = set()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        with open(pathlib.Path(self.sockets) / "postgres.log", "ab") as log:
            self.child = subprocess.Popen([self.bin / "postgres", "-D", self.data, "-c", f"config_file={self.folder}/postgresql.conf"],
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        for tenth in range(600):
            if self.sql("SELECT 1") or not self.running() or self.desk.waiting() or tenth > 100 and keeper_copy.waits_for_wal(self):
                break
            time.sleep(0.1)
        self.gone_since = self.unfollowed_since = self.dead_since = None
        self.forget_mark()
        self.slots_at = 0.0

    def stop(self, why, patience=3):
        say("stop:", why)
        for number, patience in ((signal.SIGINT, patience), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            pid = self.child.pid if self.child else self.postmaster()
            if pid and self.running():
                os.kill(pid, number)
            end = time.monotonic() + patience
            while self.running() and time.monotonic() < end:
                time.sleep(0.02)

    def follow(self, peer, any_database=False):
        """Makes this node a standby of `peer`, whatever it was."""
        if against := keeper_copy.against_following(self, peer, any_database):
            self.wait_for(against)
            return
        if self.running():
            self.stop("to follow " + peer["name"])
        self.now_is("starting")
        if self.on_hold():
            return
        copy = self.rewound or bool(self.notes.get("rewinding")) or any_database or keeper_copy.has_to_be_copied(self)
        self.work, self.work_done, self.problem = ("copy " if copy else "rewind to ") + peer["name"], None, ""
        try:
            if copy:
                keeper_copy.copy(self, peer, any_database)
            else:
                self.rewound = True
                # What a rewind leaves half done is no database any more.
                self.note(rewinding=True)
                keeper_copy.rewind(self, peer)
            self.note(rewinding=None, alone=None)
        except (RuntimeError, OSError) as error:
            say("failed:", error)
            self.problem = f"{self.work} failed: {error}"
            return
        finally:
            self.work, self.work_done = "", None
        keeper_copy.make_standby(self.data)
        self.start()

    # What a primary does.

    def names(self):
        """Of every standby: with any one of several, a commit would be on a server that may not be the one that is promoted."""
        return f"ANY {len(self.peers)} (" + ", ".join(f'"{peer["name"]}"' for peer, _ in self.peers) + ")"

    def keep_slots(self):
        if time.monotonic() < self.slots_at:
            return
        self.slots_at = time.monotonic() + 5
        for peer, _ in self.peers:
            self.sql(f"SELECT pg_create_physical_replication_slot('{peer['slot']}', true)"
                     f" WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = '{peer['slot']}')")
        if self.on_hold():
            return
        # Of no use to anybody: the standby is copied anew.
        self.sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE wal_status = 'lost' AND NOT active")
        self.sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_type = 'physical'"
                 f" AND NOT active AND slot_name = '{self.config['slot']}'")

    def set_synchronous(self, names):
        done = f"ALTER SYSTEM SET synchronous_standby_names = '{names}'" if names else "ALTER SYSTEM RESET synchronous_standby_names"
        if not names:
            self.note(alone=True)  # before the first commit that nobody else has
        say("synchronous:", names or "none, commits go on alone")
        if self.sql(done) is not None:
            self.sql("SELECT pg_reload_conf()")

    def tell_pools(self, command, number, unwanted):
        """Attaches or detaches a node. One pgpool is asked at a time, for it tells the others: several at once get in
        each other's way. Each gets 2 s for it."""
        now = time.monotonic()
        if now < self.told.get(number, 0):
            return
        mine = number == self.config["number"]
        asked = [pool for pool, state in (self.states(number) if mine else self.states_by_trusting(number)) if state in unwanted]
        if asked:
            self.told[number] = now + 2
            self.turn += 1
            pool = asked[self.turn % len(asked)]
            done = self.pcp(command, pool, "-n", number)
            say(command, number, "at", pool["address"], done.stderr.strip() or "done")

    def go_alone(self, now):
        peers = [peer for peer, _ in self.peers]
        # After a partition what was seen last may be of the time before it.
        if any(self.role_of(peer) == "primary" for peer in peers):
            return
        # Whoever has not followed this server since it was started may have been promoted before, and the pgpools may have
        # forgotten it: one that was started anew knows what its own file says, which only their leader keeps up to date.
        unseen = [] if self.notes.get("alone") else [peer["name"] for peer in peers if peer["name"] not in self.followed]
        if unseen:  # not detached: it may be the primary that the pgpools have to find
            self.wait_for(f"commits wait for {', '.join(unseen)}, which has not followed since this server was started and may have taken writes before: "
                          "start it, or copy it anew; if it is lost for good, promote this server to go on alone")
        else:
            for peer in peers:
                self.tell_pools("pcp_detach_node", peer["number"], ("up", "waiting"))
        if not unseen and (not self.pools or all(sum(state == "down" for _, state in self.states_by_trusting(peer["number"])) >= self.majority for peer in peers)):
            self.set_synchronous("")
        elif self.pools and not self.sees_majority() and now > self.gone_since + self.config["patience"] + FENCE_AFTER:
            self.cut_off = True
            self.stop("cut off: neither the standby nor a majority of the pgpools is seen")

    def cannot_be_primary(self, peer, watched):
        """It says so, or it lacks what was committed here alone, and a majority of the pgpools would not promote it."""
        dropped = sum(state == "down" for _, state in self.states(peer["number"])) >= self.majority
        return bool(watched.value and watched.value.role == "standby" or not watched.value and self.notes.get("alone") and dropped)

    def keep_attached(self, now):
        """Pgpools that held this primary for dead, wrongly: nobody else has become one."""
        if not any(state == "down" for _, state in self.states(self.config["number"])):
            self.dead_since = None
        elif self.dead_since is None:
            self.dead_since = now
        elif now > self.dead_since + REATTACH_AFTER:
            unknown = [peer["name"] for peer, watched in self.peers if not self.cannot_be_primary(peer, watched)]
            if not unknown:
                self.tell_pools("pcp_attach_node", self.config["number"], ("down",))
            elif not self.waiting_for:
                self.wait_for(f"pgpools hold this primary for down, and it is not attached while {', '.join(unknown)} may be the primary: start it"
                              + ("" if self.notes.get("alone") else "; if it is lost for good, promote this server to go on alone"))

    def be_primary(self, synchronous):
        now = time.monotonic()
        if self.notes.get("stepped"):
            self.note(stepped=None)  # of an order that this keeper did not live to carry out
        if not synchronous and not self.notes.get("alone"):
            self.note(alone=True)
        self.keep_slots()
        # A standby that returns claims at once what it has replayed, but receives the segment anew from its start, and
        # nothing newer before that.
        rows = self.sql("SELECT application_name, sync_state, flush_lsn,"
                        " CASE WHEN flush_lsn IS NOT NULL THEN pg_wal_lsn_diff(pg_current_wal_flush_lsn(), least(sent_lsn, write_lsn, flush_lsn)) END,"
                        f" pg_current_wal_flush_lsn() >= '{self.mark or 'FFFFFFFF/0'}'::pg_lsn AND flush_lsn >= '{self.mark or '0/0'}'::pg_lsn"
                        " FROM pg_stat_replication WHERE state = 'streaming'")
        if rows is None:
            return
        standbys = {row[0]: row for row in rows}
        followers = [peer for peer, _ in self.peers if peer["name"] in standbys]
        self.followed |= {peer["name"] for peer in followers}
        if not followers:
            self.gone_since = self.gone_since or now
            self.forget_mark()
            if synchronous and now > self.gone_since + self.config["patience"]:
                self.go_alone(now)
        else:
            self.gone_since = None
        if not synchronous:
            if followers and all(peer in followers and float(standbys[peer["name"]][3] or CAUGHT_UP) < CAUGHT_UP for peer, _ in self.peers):
                self.set_synchronous(self.names())
                self.forget_mark()
            else:
                for peer, _ in self.peers:
                    self.tell_pools("pcp_detach_node", peer["number"], ("up", "waiting"))
        elif followers and self.mark is None:
            self.take_mark()
        aside = self.set_aside()
        for peer in [peer for peer, _ in self.peers if peer["name"] in aside]:
            self.tell_pools("pcp_detach_node", peer["number"], ("up", "waiting"))
        for peer in [peer for peer in followers if peer["name"] not in aside]:
            # What was committed before the standby counted has reached it as well.
            if synchronous and standbys[peer["name"]][1] in ("sync", "quorum") and self.mark and standbys[peer["name"]][4] == "t":
                if self.notes.get("alone"):
                    self.note(alone=None)
                self.tell_pools("pcp_attach_node", peer["number"], ("down",))
        self.keep_attached(now)

    def take_mark(self):
        """From where on commits wait for the standby: they do when the checkpointer has read the setting, not when a new
        session has. It has when a checkpoint that was asked for afterwards is over; the second one is for a checkpointer
        that was about to begin the first."""
        if self.checkpoint is None:
            self.checkpoint = subprocess.Popen(["psql", "-XAtq", "-h", self.sockets, "-p", str(self.config["port"]), "-U", "postgres", "-d", "postgres",
                                                "-c", "CHECKPOINT", "-c", "CHECKPOINT"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                               stderr=subprocess.DEVNULL)
        elif self.checkpoint.poll() is not None:
            rows = self.sql("SELECT pg_current_wal_insert_lsn()") if self.checkpoint.returncode == 0 else None
            self.mark = rows[0][0] if rows else None
            self.checkpoint = None

    def forget_mark(self):
        self.mark = None
        if self.checkpoint:
            self.checkpoint.kill()
            self.checkpoint.wait()
            self.checkpoint = None

    def be_standby(self, streaming):
        timeline, peer = self.primary_peer()
        if streaming:
            keeper_copy.forget_old_data(self)
            self.rewound, self.rebuild_after = False, REBUILD_AFTER
        if streaming or not peer or self.on_hold():
            self.unfollowed_since = None
            return
        self.unfollowed_since = self.unfollowed_since or time.monotonic()
        if time.monotonic() > self.unfollowed_since + self.rebuild_after:
            if self.rewound:  # a copy did not help either, or is the next try
                self.rebuild_after = min(2 * self.rebuild_after, 600)
            self.follow(peer)

    def tick(self, first):
        if not self.running():
            return keeper_start.bring_up(self, first)
        rows = self.sql("SELECT pg_is_in_recovery(), current_setting('synchronous_standby_names'),"
                        " coalesce((SELECT status FROM pg_stat_wal_receiver), ''),"
                        " CASE WHEN pg_is_in_recovery() THEN '0' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END")
        if not rows:
            # It may never come up: what it would have to replay, nobody has any more.
            if keeper_copy.waits_for_wal(self):
                self.be_standby(False)
            else:
                self.unfollowed_since = None
            return "silent"
        recovery, synchronous, receiver, timeline = rows[0]
        if recovery == "t":
            self.be_standby(receiver == "streaming")
            return "standby"
        newer, peer = self.primary_peer()
        if newer > int(timeline, 16):
            self.rewound = False
            self.follow(peer)
            return "starting"
        self.be_primary(synchronous)
        return "primary, alone" if not synchronous else "primary, waiting" if self.waiting_for else "primary, synchronous"

    def keep(self, first):
        for _, watched in self.peers + self.pools:
            watched.start()
        self.desk.start()
        while True:
            self.look(first)
            # An order is taken at once; else this is the pause between two looks.
            self.desk.serve(TICK)

    def look(self, first):
        """One round. What could not be written down, on a full disk, is not done; the next round tries it again."""
        self.waiting_for = ""
        try:
            self.now_is(self.tick(first))
            keeper_copy.note_system(self)
            self.hindrance = ""
        except OSError as error:
            if str(error) != self.hindrance:
                self.hindrance = str(error)
                say("hindered:", error)
        self.waits = self.waiting_for


def main(words):
    if not words:
        print(__doc__, file=sys.stderr)
        return 2
    os.umask(0o077)
    keeper = Keeper(words[0])
    # Debian's own psql is a script that looks for this one, which takes longer than the question.
    os.environ["PATH"] = f"{keeper.bin}:{os.environ['PATH']}"

    def end(*_):
        keeper.stop("asked to")
        os._exit(0)
    signal.signal(signal.SIGTERM, end)
    keeper.keep("--first" in words)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
