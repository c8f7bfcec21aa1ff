#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole installation on this machine, from one topology file, to break and to mend."""
import argparse
import json
import os
import pwd
import shlex
import sys

import faults
from doors import Doors, desktop_program
from laboratory import TOPOLOGY, Lab, topology_file
from hosts import LabError


def show(as_json, report, lines):
    if as_json:
        print(json.dumps(report, indent=1))
    else:
        print("\n".join(lines))


def up(arguments):
    lab = Lab().locked()
    lab.up(topology_file(arguments.topology))
    report = {"seconds": round(lab.seconds(), 1), **lab.status()}
    show(arguments.json, report, [f"The lab is up: {report['url']}" + ("" if lab.reduced else " as seen from its hosts (lab run client …).")])


def down(arguments):
    lab = Lab().locked()
    lab.down()
    lab.state.with_name(lab.state.name + ".lock").unlink()
    show(arguments.json, {"left": lab.machine.existing()}, ["Nothing of the lab is left."])


def status(arguments):
    lab = Lab().load()
    report = lab.status()
    report["problems"] = lab.well()
    lines = []
    for host in report["hosts"]:
        services = [f"{service['name']} ({service.get('state') or ('runs' if service['running'] else 'does not run')})" for service in host["services"]]
        lines.append(f"{host['name']:8} {host['address']:13} {host['site']:8} {'on ' if host['on'] else 'OFF'}  {', '.join(services)}")
    lines += [f"fault: {fault['id']} since {fault['since']}" for fault in report["faults"]]
    lines += [f"problem: {problem}" for problem in report["problems"]] or ["all is well"]
    show(arguments.json, report, lines)
    return 0


def list_hosts(arguments):
    found = Lab().load().topology["host"]
    show(arguments.json, found, [f"{host['name']:8} {host['address']:13} {host['site']}" for host in found])


def run(arguments):
    if not arguments.words:
        raise LabError("what is to be run? lab run HOST COMMAND…")
    lab = Lab().load()
    if arguments.host not in lab.hosts:
        raise LabError(f"there is no host '{arguments.host}'")
    words = lab.machine.enter(arguments.host, *arguments.words, user=arguments.user)
    os.chdir("/")
    os.execvp(words[0], words)


def open_doors(arguments):
    lab = Lab().locked().load()
    doors = Doors(lab)
    addresses = doors.open(arguments.port_base)
    words = doors.desktop_words(addresses)
    report = {"addresses": addresses, "authority": str(lab.keys / "authority.pem"), "desktop": words,
              "tokens": {path.stem: str(path) for path in sorted(lab.keys.glob("*.token"))}}
    show(arguments.json, report, [*(f"{what:10} {url}" for what, url in addresses.items()), f"certificates are by {report['authority']}",
                                  *(f"token of {name}: {path}" for name, path in report["tokens"].items()),
                                  f"desktop: {shlex.join(['cheesemonger', *words])}", "until: lab down"])


def open_desktop(arguments):
    program = desktop_program()
    lab = Lab().locked().load()
    doors = Doors(lab)
    words = doors.desktop_words(doors.open(arguments.port_base))
    lab.lock.close()  # the lab is broken and mended while the window is open
    print(shlex.join([str(program), *words]), flush=True)
    if os.geteuid() == 0 and os.environ.get("SUDO_UID"):
        person = pwd.getpwuid(int(os.environ["SUDO_UID"]))
        os.initgroups(person.pw_name, person.pw_gid)
        os.setgid(person.pw_gid)
        os.setuid(person.pw_uid)
        os.environ.update(HOME=person.pw_dir, USER=person.pw_name, LOGNAME=person.pw_name)
    os.execv(program, [str(program), *words])


def monitor(arguments):
    lab = Lab().load()
    from watching import Monitor, lines_of
    asked = Monitor(lab, arguments.name)
    if arguments.token:
        show(arguments.json, {"token": asked.token, "url": f"https://{asked.node['listen']}/"}, [asked.token])
        return
    report = asked.report()
    show(arguments.json, report, lines_of(report))


def admin(arguments):
    print(Lab().load().admin(arguments.words).stdout, end="")


def cause(arguments):
    lab = Lab().locked().load()
    record = faults.cause(lab, arguments.name, arguments.arguments)
    show(arguments.json, record, [f"caused: {record['id']} (ends with: lab end {record['id']})"])


def end(arguments):
    lab = Lab().locked().load()
    ended = faults.end(lab, arguments.name)
    seconds = lab.wait_until_well(arguments.wait) if arguments.wait and not lab.faults() else None
    show(arguments.json, {"ended": ended, "well_after_seconds": seconds},
         [f"ended: {name}" for name in ended] + ([f"all is well after {seconds:.1f} s"] if seconds is not None else []))


def record(arguments):
    lab = Lab().locked()
    import scenes
    unknown = [name for name in arguments.names if name not in scenes.STORIES]
    if unknown:
        raise LabError(f"there is no story '{unknown[0]}': {', '.join(scenes.STORIES)}")
    report = {}
    try:
        for name in arguments.names or scenes.STORIES:
            # Anew for each: that something came back from an unclean stop is told for an hour.
            lab = Lab()
            source = lab.state.with_name("scenes.toml")
            scenes.topology_of_scenes(source)
            lab.up(source)
            report.update(scenes.record(lab, name))
    finally:
        lab.down()
    show(arguments.json, report, [f"{name}: {said}" for name, said in report.items()])


def list_faults(arguments):
    lasting = Lab().load().faults() if Lab().is_there else []
    report = {"faults": [{"name": name, "usage": kind.usage, "about": kind.about} for name, kind in faults.FAULTS.items()], "lasting": lasting}
    show(arguments.json, report, [f"{name:12} {kind.usage:16} {kind.about}" for name, kind in faults.FAULTS.items()]
         + [f"lasts: {record['id']} since {record['since']}" for record in lasting])


def put_load(arguments):
    import load

    def tell(words):
        if not arguments.json:
            print("failed:", " ".join(words.split()), flush=True)
    report = load.run(Lab().load(), arguments.uploaders, arguments.pips, arguments.seconds, tell)
    show(arguments.json, report, [f"{name}: {report[name]['done']} in {report['seconds']} s, {len(report[name]['failed'])} failed, "
                                  f"the longest took {report[name]['longest_seconds']} s" for name in ("uploads", "installs")])
    return int(bool(report["uploads"]["failed"] or report["installs"]["failed"]))


def count(text):
    if int(text) < 0:
        raise ValueError
    return int(text)


def main(words):
    parser = argparse.ArgumentParser(prog="lab", description=__doc__)
    parser.add_argument("--json", action="store_true", help="answer for programs")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name, function, about):
        sub = commands.add_parser(name, help=about, description=about)
        sub.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="answer for programs")
        sub.set_defaults(function=function)
        return sub

    command("up", up, "make the lab, anew when there is one").add_argument(
        "--topology", default=TOPOLOGY, metavar="FILE", help="a topology file, or the word patroni for PostgreSQL under Patroni instead of keepers and pgpools")
    command("down", down, "remove it with all it left, also after it was killed")
    command("status", status, "hosts, services, faults, and what is not well")
    command("hosts", list_hosts, "names, addresses, sites")
    sub = command("run", run, "run a command on a host")
    sub.add_argument("--user")
    sub.add_argument("host")
    sub.add_argument("words", nargs=argparse.REMAINDER, metavar="COMMAND")
    sub = command("fault", cause, "cause a fault: lab fault NAME [ARGUMENT…]")
    sub.add_argument("name")
    sub.add_argument("arguments", nargs="*", metavar="ARGUMENT")
    sub = command("end", end, "end a fault by its id or name, or all")
    sub.add_argument("name")
    sub.add_argument("--wait", type=float, metavar="SECONDS", help="then wait until all is well")
    command("faults", list_faults, "what can be caused, and what lasts")
    command("record", record, "what the monitor says under a fault, for --render: makes a lab for each scene, and removes it").add_argument(
        "names", nargs="*", metavar="STORY", help="of tests/lab/scenes.py; all of them without one")
    sub = command("monitor", monitor, "what the monitor concludes")
    sub.add_argument("--name", help="which one, where there are several")
    sub.add_argument("--token", action="store_true", help="print a token for its API instead")
    for name, function, about in (("open", open_doors, "reach the registry, the monitor and the web nodes at 127.0.0.1, until the lab goes down"),
                                  ("desktop", open_desktop, "likewise, and open the desktop over them")):
        command(name, function, about).add_argument("--port-base", type=int, default=8440, metavar="N", help="the first of their ports (8440)")
    sub = command("load", put_load, "twine uploads and pip installs, until Ctrl-C; tells what fails, and ends with 1 when something has")
    sub.add_argument("--uploaders", type=count, default=4, metavar="N", help="how many twines at once (4)")
    sub.add_argument("--pips", type=count, default=4, metavar="N", help="how many pips at once (4)")
    sub.add_argument("--seconds", type=float, metavar="N", help="end by itself after so long")
    command("admin", admin, "cheesemongerd admin … on a web node").add_argument("words", nargs=argparse.REMAINDER, metavar="WORDS")
    arguments = parser.parse_args(words)
    try:
        return arguments.function(arguments) or 0
    except LabError as error:
        if arguments.json:
            print(json.dumps({"error": str(error)}))
        else:
            print(f"lab: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
