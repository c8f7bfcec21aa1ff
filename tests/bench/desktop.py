# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop's figures: first paint, a long list, gaps of the event loop in a scripted session."""
import json
import os
import pathlib
import select
import signal
import statistics
import subprocess
import time

from servers import Core, free_port


def environment(work, platform):
    home = work / "home"
    home.mkdir(exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"), "XDG_CACHE_HOME": str(home / "cache"), "LANG": "C.UTF-8",
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent", "QT_QPA_PLATFORM": platform,
            "QT_LOGGING_RULES": "qt.qpa.*=false"}


def milliseconds_to_paint(command, env):
    """From just before exec to the CLOCK_MONOTONIC that the program prints at its first paint."""
    start = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    output = subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=60).stdout
    return (int(output.split()[0]) - start) / 1e6


def first_paint(options, table, work):
    env = environment(work, "offscreen")
    desktop = [str(options.bin / "cheesemonger"), "--paint-report", "--data", str(work / "paint")]
    bare = [str(options.bin / "bench_bare_window")]
    for command in (desktop, bare):  # warm the page cache
        milliseconds_to_paint(command, env)
    pairs = [(milliseconds_to_paint(desktop, env), milliseconds_to_paint(bare, env)) for _ in range(15)]
    table.add("first-paint", "exec to first paint, against a bare QMainWindow",
              statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs), "ms", True)


def populated(options, work, count):
    """A data folder whose registry lists `count` projects."""
    data = work / f"list-{count}"
    with Core(options.core, data, free_port()):
        pass
    database = next(data.rglob("*.sqlite"))
    subprocess.run([str(options.bin / "bench_populate"), str(database), str(count)], check=True)
    return data


def long_list(options, table, work, data):
    """Refresh of the visible part of the project list, long against short, each over its own core."""
    def refresh(folder):
        with Core(options.core, folder, free_port()) as core:
            core.admin("user", "add", "bench", "--role", "admin")
            token = core.admin("token", "create", "--user", "bench")
            output = subprocess.run([str(options.bin / "bench_list"), f"http://127.0.0.1:{core.port}/"],
                                    input=token, env=environment(work, "offscreen"), check=True, capture_output=True, text=True)
            return json.loads(output.stdout)["refresh_ms"]

    short = populated(options, work, 1000)
    table.add("list-1m", f"refresh of a list of {options.projects:,} projects, against 1,000",
              refresh(data), refresh(short), "ms", True)


class Display:
    """An X server of our own, so that real keys can be pressed."""

    def __enter__(self):
        read, write = os.pipe()
        self.process = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
                                        pass_fds=(write,), stderr=subprocess.DEVNULL)
        os.close(write)
        ready, _, _ = select.select([read], [], [], 20)
        self.name = ":" + os.read(read, 16).decode().strip() if ready else ""
        os.close(read)
        if not self.name:
            raise RuntimeError("Xvfb did not start")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def press(display, *keys, pause=0.15):
    for key in keys:
        subprocess.run(["xdotool", "key", "--clearmodifiers", key], env={"DISPLAY": display, "PATH": os.environ["PATH"]}, check=True)
        time.sleep(pause)


def write(display, text):
    subprocess.run(["xdotool", "type", "--delay", "60", text], env={"DISPLAY": display, "PATH": os.environ["PATH"]}, check=True)


def session(display):
    """What an admin does with a long list: open, search, clear, sort by keyboard, scroll to the end and back."""
    press(display, "alt+2", pause=1.5)
    for word in ("flask", "cloud-tool"):
        press(display, "ctrl+f")
        write(display, word)
        time.sleep(1)
        press(display, "ctrl+a", "BackSpace", pause=0.4)
    press(display, "Tab", "Tab", "Down", *["Page_Down"] * 25, "ctrl+End", *["Page_Up"] * 25, "ctrl+Home", *["Down"] * 30, pause=0.08)
    press(display, "alt+1", "alt+2", "F5", "ctrl+k", pause=0.6)
    write(display, "audit")
    press(display, "Return", "alt+2", pause=0.8)


def stalls(options, table, work, data):
    report = work / "stalls.json"
    with Core(options.core, data, free_port()) as core, Display() as display:
        core.admin("user", "add", "stall", "--role", "admin")
        token_file = work / "token"
        token_file.write_text(core.admin("token", "create", "--user", "stall"))
        env = environment(work, "xcb") | {"DISPLAY": display.name}
        window = subprocess.Popen([str(options.bin / "cheesemonger"), "--connect", f"http://127.0.0.1:{core.port}/",
                                   "--token-file", str(token_file), "--stall-report", str(report)], env=env)
        # No window manager hands out the focus here.
        subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", "Cheesemonger", "windowfocus"],
                       env={"DISPLAY": display.name, "PATH": os.environ["PATH"]}, check=True, timeout=60)
        time.sleep(3)
        session(display.name)
        window.send_signal(signal.SIGTERM)
        window.wait(20)
    table.add("stall-p999-ms", f"event-loop gap, p99.9 of a session over {options.projects:,} projects",
              json.loads(report.read_text())["p999_ms"], 16, "ms", True, True)


def history(options, table, work):
    """A day of lag, panned and zoomed by script: what a person feels of it, and what the machine does to an idle loop."""
    env = environment(work, "offscreen")

    def pan(points):
        report = work / "pan.json"
        moved = json.loads(subprocess.run([str(options.bin / "bench_pan"), str(report), str(points)], env=env, check=True,
                                          capture_output=True, text=True, timeout=180).stdout)
        if points >= 0 and moved["moves"] < moved["steps"] / 2:
            raise RuntimeError(f"the script moved the chart {moved['moves']} times only")
        return json.loads(report.read_text())

    rounds = [(pan(-1), pan(0), pan(1_000_000)) for _ in range(3)]
    for name, place, what in (("history-pan", 1, "24 h of lag as a monitor keeps them"), ("history-pan-1m", 2, "24 h of lag, a million points")):
        for key in ("p50_ms", "p999_ms"):
            table.add(f"{name}-{key[:-3]}", f"event-loop gap, {key[:-3]}, {what}", statistics.median(one[place][key] for one in rounds), 16, "ms", True, True)
        # The limit is of every gap: the longest of all rounds.
        table.add(name, f"the longest gap, {what}", max(one[place]["max_ms"] for one in rounds), 16, "ms", True, True)
    # A longer one than this is ours, a shorter one may be the machine's.
    table.add("history-idle", "the longest gap of a loop that repaints nothing", max(one[0]["max_ms"] for one in rounds), None, "ms", True)


def measure(options, table, work):
    history(options, table, work)
    first_paint(options, table, work)
    data = populated(options, work, options.projects)
    long_list(options, table, work, data)
    stalls(options, table, work, data)
