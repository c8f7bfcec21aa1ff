# SPDX-License-Identifier: GPL-3.0-or-later
"""What a monitor costs that looks at 200 targets each second: its share of a core and its memory."""
import os
import select
import signal
import subprocess
import time

from servers import Core, free_port

TARGETS = 200
WARM_SECONDS = 10


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
            if not ready or not process.stdout.readline().startswith(b"ready "):
                raise RuntimeError(f"the monitor did not start, see {folder}/log")
            time.sleep(WARM_SECONDS)
            # Long enough for a minute of figures to be written.
            seconds = max(65, options.seconds)
            begin, used = time.monotonic(), cpu_seconds(process.pid)
            time.sleep(seconds)
            share = 100 * (cpu_seconds(process.pid) - used) / (time.monotonic() - begin)
            memory = memory_mb(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
            process.stdout.close()
    table.add("monitor-200", f"share of a core of a monitor of {TARGETS} targets at 1 s", share, 10, "%", True, True)
    table.add("monitor-200-mb", "its peak memory", memory, 150, "MB", True, True)
