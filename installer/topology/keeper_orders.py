# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agent of this host asks of the keeper, over the socket keeper.sock in its run folder: a line of JSON in, a
line out. {"do": "state"} is answered at once, whatever is at work. Everything else waits for its turn in the keeper's
one loop, where its guards are looked at and it is done, so that nothing is decided on what is no longer so. While one
order waits or something long is at work others are refused: the answer is {"done": …} or {"error": …}."""
import json
import os
import pathlib
import queue
import select
import socket
import threading
import time

import keeper_copy

MOST_BYTES = 65536
CHECKPOINT_PATIENCE = 30  # seconds for what comes before a stop
STEP_DOWN_PATIENCE = 10  # seconds for a clean stop; a primary that has not ended then is stopped at once


class Refused(Exception):
    """Becomes the error of the answer: a code of the contract, the detail, and the guards that do not hold."""

    def __init__(self, code, detail, **guards):
        super().__init__(detail)
        self.answer = {"code": code, "detail": detail, "fields": [{"field": name, "problem": text} for name, text in guards.items()]}


def guard(holds, name, problem):
    if not holds:
        raise Refused("guard-failed", problem, **{name: problem})


class Order:
    def __init__(self, words, connection):
        self.words, self.connection, self.answered = words, connection, False

    def abandoned(self):
        """Whether whoever gave it has gone: nobody would learn what came of it."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""
        except OSError:
            return True

    def answer(self, what):
        if self.answered:
            return
        self.answered = True
        try:
            self.connection.sendall(json.dumps(what).encode() + b"\n")
        except OSError:
            pass  # gone meanwhile: it reads the state
        finally:
            self.connection.close()


class Desk(threading.Thread):
    """Takes orders. Only serve() runs in the keeper's loop."""

    def __init__(self, keeper, path):
        super().__init__(daemon=True)
        self.keeper, self.orders, self.lock = keeper, queue.Queue(), threading.Lock()
        pathlib.Path(path).unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(path))
        os.chmod(path, 0o600)
        self.listener.listen(16)

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.read, args=(connection,), daemon=True).start()

    def waiting(self):
        return not self.orders.empty()

    def read(self, connection):
        try:
            connection.settimeout(5)
            text = b""
            while not text.endswith(b"\n") and len(text) < MOST_BYTES:
                part = connection.recv(4096)
                if not part:
                    break
                text += part
            words = json.loads(text)
            order = Order(words if isinstance(words, dict) else {}, connection)
        except (OSError, ValueError):
            connection.close()
            return
        if order.words.get("do") == "state":
            order.answer({"done": self.keeper.state()})
            return
        with self.lock:
            work = self.keeper.work or ("another order" if self.orders.unfinished_tasks else "")
            if not work:
                self.orders.put(order)
                return
        order.answer({"error": {"code": "conflict", "detail": f"{work} is at work", "fields": []}})

    def serve(self, patience):
        """Carries out the next order, waiting for one up to `patience` seconds."""
        try:
            order = self.orders.get(timeout=patience)
        except queue.Empty:
            return
        if not order.abandoned():
            carry_out(self.keeper, order)
        self.orders.task_done()


def carry_out(keeper, order):
    do = order.words.get("do")
    try:
        if do not in ORDERS:
            raise Refused("unsupported", f"there is no order {do}")
        answer = {"done": ORDERS[do](keeper, order)}
    except Refused as refused:
        answer = {"error": refused.answer}
    except (KeyError, TypeError, ValueError) as error:
        answer = {"error": {"code": "invalid-input", "detail": f"{do}: {error!r}", "fields": []}}
    except (OSError, RuntimeError) as error:
        answer = {"error": {"code": "unavailable", "detail": f"{do}: {error}", "fields": []}}
    finally:
        keeper.work, keeper.work_done = "", None
    keeper.say(f"order {do}:", json.dumps(answer))
    order.answer(answer)


def done(statement, lsn=""):
    return {"statement": statement, "lsn": lsn}


def literal(text):
    return "'" + str(text).replace("'", "''") + "'"


def one_row(keeper, text, timeout=3):
    rows = keeper.sql(text, timeout=timeout)
    guard(rows is not None, "running", "the server does not answer")
    return rows[0] if rows else None


def require_standby(keeper):
    guard(keeper.running(), "running", "the server does not run")
    guard(one_row(keeper, "SELECT pg_is_in_recovery()")[0] == "t", "standby", "this server is the primary")


def peer_named(keeper, name):
    return next((peer for peer, _ in keeper.peers if peer["name"] == name), None)


# What each order does, in the keeper's loop.

def check_successor(keeper, name, *first, patience=3):
    """That it has everything, once the statements `first` are done: in one session, for afterwards writes wait."""
    rows = keeper.sql(*first, "SELECT pg_is_in_recovery(), current_setting('synchronous_standby_names'), coalesce(state, ''), coalesce(sync_state, '')"
                      f" FROM (SELECT) AS here LEFT JOIN pg_stat_replication ON application_name = {literal(name)}", timeout=patience)
    guard(rows, "running", f"the server does not answer within {patience} s")
    recovery, names, state, kind = rows[0]
    guard(recovery == "f", "primary", "this server is no primary")
    guard(names, "synchronous", "the primary is alone: no standby holds every commit")
    guard(state == "streaming" and kind in ("sync", "quorum"), "successor",
          f"{name} does not follow as a synchronous standby" + (f": {state}, {kind}" if state else ""))


def tell_of_the_end(keeper):
    """The pgpools, that this server has ended, so that they need not find out; while the order goes on. What they promote
    has everything that was acknowledged."""
    threading.Thread(target=keeper.tell_pools, args=("pcp_detach_node", keeper.config["number"], ("up", "waiting")), daemon=True).start()


def step_down(keeper, order):
    name = order.words["successor"]
    guard(peer_named(keeper, name), "successor", f"{name} is no peer of this server")
    check_successor(keeper, name)
    keeper.work = f"step down for {name}"
    # First: should the keeper end in the middle, the next one knows.
    keeper.note(stepped={"successor": name, "at": time.time()})
    try:
        # While writes go on, so that what the end has left to write is little; the second one takes what was written during
        # the first. Whoever gave the order waits no longer than a minute, and has to be there for the promotion.
        check_successor(keeper, name, "CHECKPOINT", "CHECKPOINT", patience=CHECKPOINT_PATIENCE)
    except Refused:
        keeper.note(stepped=None)
        raise
    keeper.stop("to step down for " + name, STEP_DOWN_PATIENCE)
    control = keeper_copy.control_data(keeper)
    if control.get("Database cluster state") != "shut down":
        keeper.note(stepped=None)
        raise Refused("unavailable", f"it did not end in {STEP_DOWN_PATIENCE} s and was stopped at once; it comes back as the primary")
    (keeper.data / "standby.signal").touch()
    keeper.note(stepped={"successor": name, "at": time.time()})
    keeper.now_is("stopped, waiting")
    tell_of_the_end(keeper)
    lsn = control["Latest checkpoint location"]
    return done(f"stopped on purpose at {lsn}, to follow {name} once that is the primary", lsn)


def promoted_at(keeper):
    """Where this primary's timeline left the one before; None on the first."""
    file = "'pg_wal/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '.history'"
    # Each line is parent, place, reason; the last one is of this timeline.
    row = one_row(keeper, f"SELECT split_part(line, E'\\t', 2) FROM regexp_split_to_table(rtrim(pg_read_file({file}, 0, 1000000, true), E'\\n'), E'\\n')"
                          " WITH ORDINALITY AS lines (line, number) ORDER BY number DESC LIMIT 1")
    return row[0] if row and row[0] else None


def already(keeper, wanted):
    """The answer when the pgpools were quicker: promoted, with everything that the old primary had; else None."""
    rows = keeper.sql("SELECT pg_is_in_recovery()")
    place = promoted_at(keeper) if rows and rows[0][0] == "f" else None
    row = place and one_row(keeper, f"SELECT {literal(place)}::pg_lsn >= {literal(wanted)}::pg_lsn")
    return done(f"was promoted at {place} already, with everything", place) if row and row[0] == "t" else None


def promote(keeper, order):
    """With what it has to have received, the second half of a switch-over: then it does not matter who promotes."""
    wanted = order.words.get("received")
    try:
        return promote_standby(keeper, wanted or "0/0")
    except Refused:
        answer = already(keeper, wanted) if wanted else None
        if not answer:
            raise
        return answer


def is_primary(keeper, peer):
    """Asked over the network, but not of a server that is stopped: writes wait for the answer."""
    try:
        socket.create_connection((peer["address"], peer["port"]), 1).close()
    except ConnectionRefusedError:
        return False
    except OSError:
        pass
    return keeper.role_of(peer) == "primary"


def go_on(keeper):
    """Of a server that waits, as nobody can tell whether another one has become the primary: people say that none has, or
    that it is lost for good. Should it come back after all and be newer, what is committed here is kept beside its copy."""
    stopped = not keeper.running()
    if stopped:
        keeper.work = "start as the primary"
        (keeper.data / "standby.signal").unlink(missing_ok=True)
    keeper.note(alone=True, stepped=None)
    if stopped:
        keeper.start()
        guard(keeper.running(), "running", "the server does not start: its log says why")
    return done("goes on alone, by order")


def promote_standby(keeper, wanted):
    """In as few steps as can be, for writes wait."""
    waits = keeper.word.endswith(", waiting")
    guard(waits or keeper.running(), "running", "the server does not run")
    for peer, _ in keeper.peers:
        guard(not is_primary(keeper, peer), "no-other-primary", f"{peer['name']} is a primary")
    if waits:
        return go_on(keeper)
    keeper.work = "promote"
    keeper.note(alone=True)  # nobody follows it yet
    # After a restart the receiver begins at the start of a segment: what is replayed was received as well.
    row = one_row(keeper, "SELECT pg_is_in_recovery(), coalesce(pg_last_wal_receive_lsn(), '0/0'), coalesce(pg_last_wal_replay_lsn(), '0/0'),"
                          f" CASE WHEN NOT pg_is_in_recovery() OR greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn(), '0/0') < {literal(wanted)}::pg_lsn"
                          " THEN 'refused' ELSE pg_promote(true, 30)::text END", 35)
    guard(row[0] == "t", "standby", "this server is the primary")
    guard(row[3] != "refused", "received", f"received up to {row[1]} and replayed up to {row[2]}, not up to {wanted}")
    # A pgpool may have been quicker: then it is what it should be.
    if row[3] != "true" and one_row(keeper, "SELECT pg_is_in_recovery()")[0] == "t":
        raise Refused("timeout", "it was told to become the primary and is none yet")
    keeper.now_is("primary, alone")
    return done("is the primary")


def fence(keeper, order):
    # First: whatever happens after this, it does not start again.
    word, problem = {"by": str(order.words.get("by", "")), "at": time.time()}, None
    try:
        keeper.note(fence=word)
    except OSError as error:  # a full disk is a reason to fence, and none not to
        keeper.notes, problem = {**keeper.notes, "fence": word}, error
    keeper.work = "fence"
    keeper.stop("fenced by order")
    guard(not keeper.running(), "stopped", "it does not end; it will not start again")
    keeper.now_is("stopped")
    tell_of_the_end(keeper)
    if problem:
        raise Refused("unavailable", f"it is stopped, but that it is to stay so could not be written down: {problem}")
    return done("stopped, and stays so")


def unfence(keeper, order):
    guard(keeper.notes.get("fence"), "fenced", "it is not fenced")
    keeper.note(fence=None)
    keeper.now_is("starting")
    return done("may start again")


def rejoin(keeper, order):
    guard(not keeper.notes.get("fence"), "fenced", "it is fenced: it may not start")
    guard(not keeper.on_hold(), "hold", "there is a file keeper.hold: nothing is copied or rewound")
    if keeper.running():
        row = keeper.sql("SELECT pg_is_in_recovery()")
        guard(not row or row[0][0] == "t", "standby", "this server is the primary")
    peer = next((peer for peer, _ in keeper.peers if keeper.role_of(peer) == "primary"), None)
    guard(peer, "primary", "no other primary is seen")
    ordered = bool(order.words.get("copy"))
    against = keeper_copy.against_following(keeper, peer, ordered)
    guard(not against, "history", against)
    copy = ordered or keeper_copy.has_to_be_copied(keeper)
    if copy:
        size, free = keeper_copy.size_of(keeper, peer), keeper_copy.free_beside(keeper)
        guard(size is not None and free >= size * keeper_copy.ROOM, "room",
              f"{peer['name']} does not tell its size" if size is None else f"a copy needs {size * keeper_copy.ROOM:.0f} bytes beside the old one, {free} are free")
    keeper.note(stepped=None)
    keeper.problem = ""
    keeper.work = ("copy " if copy else "rewind to ") + peer["name"]
    keeper.now_is("starting")
    order.answer({"done": done(f"begun: {keeper.work}")})
    keeper.rewound = copy
    keeper.follow(peer, ordered)
    return done("follows " + peer["name"] if keeper.running() else "did not start; it is tried again")


def resume_replay(keeper, order):
    require_standby(keeper)
    state = one_row(keeper, "SELECT pg_get_wal_replay_pause_state()")[0]
    guard(state != "not paused", "paused", "its replay is not paused")
    if keeper.sql("SELECT pg_wal_replay_resume()") is None:
        raise Refused("unavailable", "it does not resume")
    return done("replay goes on")


def set_aside(keeper, order):
    name, until = order.words["node"], float(order.words["until"])
    guard(peer_named(keeper, name), "node", f"{name} is no peer of this server")
    aside = {**keeper.set_aside(), name: until}
    keeper.note(set_aside={node: end for node, end in aside.items() if end > time.time()})
    keeper.told.pop(peer_named(keeper, name)["number"], None)
    if until <= time.time():
        return done(f"{name} may be attached")
    return done(f"{name} is kept out of the pgpools until {time.strftime('%FT%TZ', time.gmtime(until))}")


def drop_slot(keeper, order):
    slot = order.words["slot"]
    guard(keeper.running(), "running", "the server does not run")
    guard(not keeper.on_hold(), "hold", "there is a file keeper.hold: nothing is dropped")
    guard(slot not in [peer["slot"] for peer, _ in keeper.peers], "unused", f"{slot} is the slot of a standby of this installation")
    row = one_row(keeper, f"SELECT active FROM pg_replication_slots WHERE slot_name = {literal(slot)}")
    guard(row, "slot", f"there is no slot {slot}")
    guard(row[0] == "f", "inactive", f"somebody reads from the slot {slot}")
    if keeper.sql(f"SELECT pg_drop_replication_slot({literal(slot)})") is None:
        raise Refused("unavailable", f"the slot {slot} cannot be dropped now")
    return done(f"dropped the slot {slot}")


ORDERS = {"step-down": step_down, "promote": promote, "fence": fence, "unfence": unfence, "rejoin": rejoin, "resume-replay": resume_replay,
          "set-aside": set_aside, "drop-slot": drop_slot}
