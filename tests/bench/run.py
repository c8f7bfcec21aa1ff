#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the core and the desktop beside references in one run; see `run.py --help`.

Prints one table and writes the same to a JSON file as a list of {name, ours, reference, unit, ratio}; a
ratio above 1 means that ours is better. Figures are medians of alternating rounds. A reference that is
a limit of ours rather than another program is marked so in the table, and rows that do not reach what is
asked of them are named at the end: that is for a reader to weigh, for a machine has bad moments.
"""
import argparse
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import desktop
import downloads
import ingest
import log_lines
import mirror
import monitor
import nodes
from servers import Core, Nginx, certificate, fetch, free_port

JSON_TYPE = "application/vnd.pypi.simple.v1+json"


class Table:
    def __init__(self):
        self.rows = []

    def add(self, name, what, ours, reference, unit, lower_is_better=False, limit=False, asked=None):
        """`asked`: the ratio to reach; of a limit it is 1."""
        ratio = (reference / ours if lower_is_better else ours / reference) if ours and reference else None
        self.rows.append({"name": name, "what": what, "ours": ours, "reference": reference, "unit": unit,
                          "ratio": ratio, "limit": limit, "asked": 1 if limit else asked})
        print(self.line(self.rows[-1]), flush=True)

    @staticmethod
    def line(row):
        figure = lambda value: "-" if value is None else f"{value:,.2f}"
        return (f"{row['name']:<20} {row['what']:<54} {figure(row['ours']):>12} {figure(row['reference']):>12} "
                f"{row['unit']:<8} {figure(row['ratio']):>6}{'  (reference is a limit)' if row['limit'] else ''}")

    def missed(self):
        return [f"{row['name']} {row['ratio']:.2f} (asked: {row['asked']:g})" for row in self.rows
                if row["asked"] and row["ratio"] is not None and row["ratio"] < row["asked"]]

    def write(self, path):
        keys = ("name", "ours", "reference", "unit", "ratio")
        path.write_text(json.dumps([{key: row[key] for key in keys} for row in self.rows], indent=2) + "\n")


def wrk(url, seconds, connections=64, accept=None):
    command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", url]
    if accept:
        command[1:1] = ["-H", f"Accept: {accept}"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    if wrong:
        raise RuntimeError(f"{wrong.group(1)} answers of {url} were no success")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))


def alternate(rounds, ours, reference):
    """Medians of both, measured in turns so that a busy machine hurts both alike."""
    pairs = [(ours(), reference()) for _ in range(rounds)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


def run_json(*command):
    return json.loads(subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout)


def reads(options, table, work):
    """Simple page and file, plain and TLS, against nginx with the same bytes."""
    tls = certificate(work)
    data = work / "reads"
    with Core(options.core, data, free_port()) as core:
        token = core.token()
        for version in range(3):
            run_json(options.bin / "bench_upload", "small", core.port, token, 1, 0.05, f"page{version}")
        run_json(options.bin / "bench_upload", "big", core.port, token, 1, "onemb")
        base = f"http://127.0.0.1:{core.port}"
        page = fetch(f"{base}/simple/page0-0-0/", JSON_TYPE)
        file_url = json.loads(fetch(f"{base}/simple/onemb/", JSON_TYPE))["files"][0]["url"]
        file_path = re.sub(r"^https?://[^/]+", "", file_url)
        blob = fetch(base + file_path)
        with Nginx(work / "nginx", free_port()) as nginx:
            nginx.serve("page", page)
            nginx.serve("file", blob)
            seconds = options.seconds
            ours, reference = alternate(options.rounds,
                                        lambda: wrk(f"{base}/simple/page0-0-0/", seconds, accept=JSON_TYPE),
                                        lambda: wrk(f"http://127.0.0.1:{nginx.port}/page", seconds, accept=JSON_TYPE))
            table.add("page", f"simple page, {len(page)} bytes, against nginx", ours, reference, "req/s")
            ours, reference = alternate(options.rounds, lambda: wrk(base + file_path, seconds, 16),
                                        lambda: wrk(f"http://127.0.0.1:{nginx.port}/file", seconds, 16))
            table.add("file-1mb", "1 MB file, against nginx", ours, reference, "req/s")
    with Core(options.core, data, free_port(), tls) as core, Nginx(work / "nginx-tls", free_port(), tls) as nginx:
        nginx.serve("page", page)
        ours, reference = alternate(options.rounds,
                                    lambda: wrk(f"https://127.0.0.1:{core.port}/simple/page0-0-0/", seconds, accept=JSON_TYPE),
                                    lambda: wrk(f"https://127.0.0.1:{nginx.port}/page", seconds, accept=JSON_TYPE))
        table.add("tls-page", "simple page over TLS, against nginx", ours, reference, "req/s")


def uploads(options, table, work):
    """Large and small uploads against the bare work of the disk and the hashes."""
    with Core(options.core, work / "uploads", free_port()) as core:
        token = core.token()
        number = iter(range(1000))

        def big(megabytes):
            return run_json(options.bin / "bench_upload", "big", core.port, token, megabytes, f"big{next(number)}")["mb_per_s"]

        ours, reference = alternate(options.rounds, lambda: big(options.megabytes),
                                    lambda: run_json(options.bin / "bench_reference", "upload", work, options.megabytes)["mb_per_s"])
        table.add("upload", f"{options.megabytes} MB upload, against write + hashes + fdatasync", ours, reference, "MB/s")
        big(1024)
        table.add("upload-peak-mb", "peak memory of the core after a 1 GB upload", core.peak_mb(), 64, "MB", True, True)
    with Core(options.core, work / "small", free_port()) as core:
        token = core.token()
        ours, reference = alternate(
            options.rounds,
            lambda: run_json(options.bin / "bench_upload", "small", core.port, token, 16, options.seconds, f"s{next(number)}")["per_s"],
            lambda: run_json(options.bin / "bench_reference", "small", tempfile.mkdtemp(dir=work), options.seconds)["per_s"])
        table.add("small-uploads", "durable uploads on 16 connections, against fsync + commit", ours, reference, "per s")


def main():
    parts = {"reads": reads, "uploads": uploads, "desktop": desktop.measure, "monitor": monitor.measure, "mirror": mirror.measure,
             "nodes": nodes.measure, "log-lines": log_lines.measure, "ingest-relp": ingest.measure, "downloads": downloads.measure}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, required=True, help="folder of the built programs")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="where the JSON goes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each load round")
    parser.add_argument("--megabytes", type=int, default=500, help="size of the large upload")
    parser.add_argument("--projects", type=int, default=1_000_000, help="length of the long list")
    parser.add_argument("--mirrored", type=int, default=886_000, help="projects beside which a mirror's run is measured")
    parser.add_argument("--ingest-seconds", type=int, default=60, help="of the stream of log lines")
    parser.add_argument("--ingest-kills", type=int, default=10, help="of the ingester meanwhile")
    parser.add_argument("--only", choices=parts, action="append")
    options = parser.parse_args()
    # nginx reads a relative path from its own folder.
    options.bin, options.out = options.bin.resolve(), options.out.resolve()
    options.core = str(options.bin / "cheesemongerd")
    table = Table()
    work = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-bench-", dir=options.out.parent))
    try:
        for name in options.only or parts:
            parts[name](options, table, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    table.write(options.out)
    print(f"\nWritten to {options.out}")
    print(f"Below what is asked: {', '.join(table.missed()) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
