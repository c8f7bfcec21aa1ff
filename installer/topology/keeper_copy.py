# SPDX-License-Identifier: GPL-3.0-or-later
"""How the keeper makes a server a copy of another one, and what the files of a stopped server say. Everything here
runs in the keeper's loop."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

LONGEST = 3600  # seconds for a copy or a rewind
ROOM = 1.2      # of the size of the databases, for a copy beside the old data


def initialise(keeper):
    keeper.say("make the database")
    # A small segment, for writes wait while a new primary copies the one in use, or a standby receives its own anew.
    keeper.run(keeper.bin / "initdb", "-D", keeper.data, "-U", "postgres", "-A", "peer", "-k", "--encoding=UTF8", "--locale=C.UTF-8", "--wal-segsize=4",
               timeout=120, check=True)
    keeper.start()
    keeper.run("psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", keeper.sockets, "-p", keeper.config["port"], "-U", "postgres", "-d", "postgres",
               "-f", f"{keeper.folder}/roles.sql", timeout=60, check=True)


def control_data(keeper):
    lines = keeper.run(keeper.bin / "pg_controldata", "-D", keeper.data).stdout.splitlines()
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def own_timeline(keeper):
    """Of the data here: the newest that they have seen. The control file lags behind a promotion."""
    control = control_data(keeper)
    found = [int(control.get(name, "0")) for name in ("Latest checkpoint's TimeLineID", "Min recovery ending loc's timeline")]
    return max(found + [int(file.name[:8], 16) for file in (keeper.data / "pg_wal").glob("????????.history")])


def system_of(folder):
    """Which database a data folder is of, a number that initdb makes; None without one. It comes first in this file in every version."""
    try:
        with open(folder / "global" / "pg_control", "rb") as file:
            head = file.read(8)
    except OSError:
        return None
    return str(int.from_bytes(head, sys.byteorder)) if len(head) == 8 else None


def own_system(keeper):
    """Of the data here, or that was here."""
    return system_of(keeper.data) or keeper.notes.get("system")


def note_system(keeper):
    system = system_of(keeper.data)
    if system and system != keeper.notes.get("system") and keeper.running():
        keeper.note(system=system)


def holds_alone(keeper):
    """Whether the data here has, or may have, what was committed on this server alone."""
    return bool(keeper.notes.get("alone")) and (keeper.data / "PG_VERSION").exists() and not (keeper.data / "standby.signal").exists()


def has_to_be_copied(keeper):
    """And not rewound: nothing is here, or what nobody else has."""
    return not (keeper.data / "PG_VERSION").exists() or holds_alone(keeper)


def make_standby(folder):
    """Whatever its data was. Settings that came along from a primary name its standby."""
    (folder / "standby.signal").touch()
    (folder / "postgresql.auto.conf").write_text("")


def kept(keeper):
    """Folders of data that nobody else has."""
    return sorted(keeper.data.parent.glob(keeper.data.name + ".kept-*"))


def against_following(keeper, peer, any_database=False):
    """Why a peer is not to be followed; empty when it may be. Not one that a promotion has left behind: what was acknowledged
    since then would be thrown away."""
    seen, own = keeper.ask_peer(peer), own_system(keeper)
    has_data = (keeper.data / "PG_VERSION").exists()
    if not seen or seen.role != "primary":
        return f"{peer['name']} is not followed: it is no primary"
    if seen.system != own and (own or has_data):
        return "" if any_database else f"{peer['name']} is not followed: it has another database than this server, whose data is kept"
    if has_data and seen.timeline < own_timeline(keeper):
        return f"{peer['name']} is not followed: it is on an older timeline than this server, and what was acknowledged since would be thrown away"
    return ""


def note_unclean(keeper):
    """Of a server that does not run: whether it ended without a farewell, told once for each time."""
    control = keeper.data / "global" / "pg_control"
    if not control.exists() or (keeper.data / "backup_label").exists():
        return
    mark = control.stat().st_mtime
    if mark == keeper.notes.get("unclean_mark"):
        return
    state = control_data(keeper).get("Database cluster state", "")
    if (keeper.data / "postmaster.pid").exists() or state in ("in production", "in archive recovery", "in crash recovery", "shutting down"):
        keeper.say("it ended uncleanly:", state)
        word = {"unclean_stop": time.time(), "unclean_mark": mark}
        try:
            keeper.note(**word)
        except OSError as error:  # a full disk ends a server so, and does not keep it from coming back
            keeper.notes = {**keeper.notes, **word}
            keeper.say("that could not be written down:", error)


def size_of(keeper, peer):
    """Bytes of all its databases, or None."""
    done = keeper.run("psql", "-XAtq", keeper.address(peer), "-c", "SELECT sum(pg_database_size(oid))::bigint FROM pg_database", timeout=30)
    return int(done.stdout) if done.returncode == 0 and done.stdout.strip().isdigit() else None


def free_beside(keeper):
    return shutil.disk_usage(keeper.data.parent).free


def told_room(keeper):
    """The same for the state, which is told whatever the disk does."""
    try:
        return {"room": free_beside(keeper)}
    except OSError:
        return {}


def run_long(keeper, *words):
    """What tells its progress on standard error as "1234/5678 kB (21%)"."""
    process = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               text=True, env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"})
    limit = threading.Timer(LONGEST, process.kill)
    limit.start()
    last = ""
    for line in process.stderr:
        told = re.match(r"\s*(\d+)/(\d+) kB", line)
        if told:
            keeper.work_done = min(int(told[1]) / max(int(told[2]), 1), 1.0)
        else:
            last = line.strip() or last
    limit.cancel()
    if process.wait() != 0:
        raise RuntimeError(f"{words[0]}: {last[-500:]}")


def against_giving_up(keeper, seen, ordered):
    """Why the data here may not go before there is a copy; empty when it may. It may where nothing else is left: a rewind
    has not helped, or is half done, so that this server cannot follow; and where the primary has all of it, being of the same
    database and on no older timeline. Then it is of no use to anybody, and waiting would leave the primary without a second
    copy until somebody makes room. Whoever orders a copy is there to make room."""
    if holds_alone(keeper):
        return "it may have what nobody else has"
    if not seen or seen.system != own_system(keeper):
        return "it is of another database, or nobody can tell"
    if not (keeper.data / "PG_VERSION").exists():
        return ""
    if seen.timeline < own_timeline(keeper):
        return "it is newer than what would be copied"
    if ordered:
        return "the copy is by order, and the data here may still be of use"
    return "" if keeper.rewound or keeper.notes.get("rewinding") else "a rewind may do"


def make_room(keeper, size, seen, ordered):
    """For a copy of so many bytes beside the data here. First goes what earlier copies have replaced, then, if it may, the data."""
    if free_beside(keeper) >= size * ROOM:
        return
    drop_replaced(keeper, "no room for a copy, so this goes:")
    if free_beside(keeper) >= size * ROOM or not keeper.data.exists():
        return
    if against := against_giving_up(keeper, seen, ordered):
        raise RuntimeError(f"there is no room for a copy beside the data here, which stays: {against}")
    put_aside(keeper, "before")  # whole or not at all, so that half of it is never started
    drop_replaced(keeper, "no room for both, so the old data goes first:")


def copy(keeper, peer, ordered=False):
    """Beside the old data, which is put aside when the copy is whole, and goes when it streams. What is of another database,
    or was committed here alone, stays."""
    keeper.say("copy", peer["name"])
    seen, system = keeper.ask_peer(peer), system_of(keeper.data)
    stays = holds_alone(keeper) or system and not (seen and seen.system == system)
    fresh = keeper.data.with_name(keeper.data.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    size = size_of(keeper, peer)
    if size is not None:
        make_room(keeper, size, seen, ordered)
    run_long(keeper, keeper.bin / "pg_basebackup", "-D", fresh, "-d", keeper.address(peer), "-X", "stream", "-c", "fast", "--progress",
             *([f"--max-rate={rate}"] if (rate := keeper.config.get("copy_rate")) else []))
    # Before it is in its place: whatever happens then, it is no primary.
    make_standby(fresh)
    if keeper.data.exists():
        put_aside(keeper, "kept" if stays else "before")
    fresh.rename(keeper.data)


def waits_for_wal(keeper):
    """Whether a server that is not up yet waits for a segment to replay, by what its startup process says of itself."""
    pid = keeper.postmaster()
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split() if pid else []
        said = [pathlib.Path(f"/proc/{child}/cmdline").read_bytes() for child in children]
    except OSError:  # one has ended meanwhile
        return False
    return any(re.match(rb"postgres: .*startup waiting for [0-9A-F]{24}", words) for words in said)


def forget_old_data(keeper):
    if not keeper.on_hold():
        drop_replaced(keeper, "the copy streams, so this goes:")


def put_aside(keeper, word):
    keeper.data.rename(keeper.data.with_name(f"{keeper.data.name}.{word}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"))


def drop_replaced(keeper, why):
    """What copies have replaced: of the same database, and nothing in it was committed here alone."""
    for old in keeper.data.parent.glob(keeper.data.name + ".before-*"):
        keeper.say(why, old)
        shutil.rmtree(old, ignore_errors=True)


def rewind(keeper, peer):
    keeper.say("rewind to", peer["name"])
    # The new timeline reaches the control file.
    keeper.run("psql", "-XAtq", keeper.address(peer), "-c", "CHECKPOINT", timeout=60, check=True)
    run_long(keeper, keeper.bin / "pg_rewind", "-D", keeper.data, "--source-server", keeper.address(peer), "--config-file",
             keeper.folder / "postgresql.conf", "--progress")
