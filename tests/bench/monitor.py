# SPDX-License-Identifier: GPL-3.0-or-later
"""What a monitor costs that looks at 200 targets each second, and a desktop that watches them through it: shares
of a core and memory."""
import os
import select
import signal
import statistics
import subprocess
import time

import desktop
from servers import Core, free_port

TARGETS = 200
WARM_SECONDS = 10
# A desktop is measured that long on a page, twice each, in turns.
WATCH_SECONDS = 30


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return None


def topology(port):
    text = 'name = "bench"\n[registry]\nname = "bench"\ncanary_project = "nothing-here"\n[[host]]\nname = "h"\naddress = "127.0.0.1"\n'
    for number in range(TARGETS):
        text += f'[[host]]\nname = "h{number}"\naddress = "127.0.0.1"\n[[web]]\nname = "web{number}"\nhost = "h{number}"\nport = {port}\n'
    return text + '[monitor]\nname = "m"\nhost = "h"\ninterval_ms = 1000\n'


def share_of(pid, seconds):
    begin, used = time.monotonic(), cpu_seconds(pid)
    time.sleep(seconds)
    return 100 * (cpu_seconds(pid) - used) / (time.monotonic() - begin)


def watching(options, work, display, page, core, monitor_url, tokens):
    """The share of a core of a desktop that shows `page` while nothing changes but the figures."""
    env = desktop.environment(work, "xcb") | {"DISPLAY": display.name}
    window = subprocess.Popen([str(options.bin / "cheesemonger"), "--connect", f"http://127.0.0.1:{core.port}/", "--token-file", str(tokens[0]),
                               "--monitor", monitor_url, "--monitor-token-file", str(tokens[1]), page],
                              env=env, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        time.sleep(WARM_SECONDS)
        return share_of(window.pid, WATCH_SECONDS)
    finally:
        window.send_signal(signal.SIGTERM)
        window.wait(20)


def watched(options, table, work, core, monitor_url):
    core.admin("user", "add", "watch", "--role", "admin")
    tokens = (work / "watch-token", work / "watch-monitor-token")
    tokens[0].write_text(core.admin("token", "create", "--user", "watch"))
    tokens[1].write_text(subprocess.run([options.core, "admin", "monitor-token", "create", "--user", "watch", "--role", "operator", "--data",
                                         str(work / "monitor" / "data")], check=True, capture_output=True, text=True).stdout.strip())
    pages = ("overview", "nodes")
    shares = {page: [] for page in pages}
    with desktop.Display() as display:
        for _ in range(2):
            for page in pages:
                shares[page].append(watching(options, work, display, page, core, monitor_url, tokens))
    for page in pages:
        table.add(f"desktop-200-{page}", f"share of a core of a desktop on {page.capitalize()}, {TARGETS} targets at 1 s",
                  statistics.median(shares[page]), 5, "%", True, True)


def measure(options, table, work):
    folder = work / "monitor"
    folder.mkdir()
    with Core(options.core, work / "watched", free_port()) as core:
        (folder / "topology.toml").write_text(topology(core.port))
        with open(folder / "log", "ab") as log:
            process = subprocess.Popen([options.core, "monitor", "--topology", str(folder / "topology.toml"), "--data", str(folder / "data"),
                                        "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=log, start_new_session=True)
        try:
            ready, _, _ = select.select([process.stdout], [], [], 30)
            said = process.stdout.readline().decode() if ready else ""
            if not said.startswith("ready "):
                raise RuntimeError(f"the monitor did not start, see {folder}/log")
            time.sleep(WARM_SECONDS)
            # Long enough for a minute of figures to be written.
            share = share_of(process.pid, max(65, options.seconds))
            memory = memory_mb(process.pid)
            table.add("monitor-200", f"share of a core of a monitor of {TARGETS} targets at 1 s", share, 10, "%", True, True)
            table.add("monitor-200-mb", "its peak memory", memory, 150, "MB", True, True)
            watched(options, table, work, core, said.split()[1])
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            process.stdout.close()
