# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of what lies in front of the web nodes and beside them: a data centre, the mirror in it, the CDN's fallback."""
from fault import Fault, address, apart, fault, on
from hosts import LabError


@fault("datacentre", "[SITE]", "a data centre is cut off, that of the mirror without a site: between its hosts everything works, and nothing passes"
       " between them and others, of which nobody is told")
class DataCentre(Fault):
    words = (0, 1)
    reduced = False

    def target(self, lab, arguments):
        return arguments[0] if arguments else lab.hosts[OfMirror.node(lab, [])["host"]]["site"]

    def cause(self, lab, arguments):
        sites = {host["site"] for host in lab.hosts.values()}
        if self.target(lab, arguments) not in sites:
            raise LabError(f"there is no site '{arguments[0]}': {', '.join(sorted(sites))}")

    def rules(self, lab, record):
        site = self.target(lab, record["arguments"])
        inside = ", ".join(host["address"] for host in lab.hosts.values() if host["site"] == site)
        return [f"ip saddr {{ {inside} }} ip daddr != {{ {inside} }} drop", f"ip saddr != {{ {inside} }} ip daddr {{ {inside} }} drop"]


class OfMirror(Fault):
    words = (0, 1)

    @staticmethod
    def node(lab, hosts):
        found = [node for node in lab.topology["mirror"] if not hosts or node["host"] == hosts[0]]
        if not found:
            raise LabError(f"{hosts[0]} is no mirror" if hosts else "this topology has no mirror")
        return found[0]

    def target(self, lab, arguments):
        return self.node(lab, arguments)["host"]


@fault("stalemirror", "[HOST]", "a mirror serves and grows old: it reaches no web node, of which nobody is told; everybody else does")
class StaleMirror(OfMirror):
    reduced = False

    def cause(self, lab, arguments):
        on(lab, self.target(lab, arguments))

    def rules(self, lab, record):
        here = address(lab, self.target(lab, record["arguments"]))
        return [rule for web in lab.topology["web"] for rule in apart(here, address(lab, web["host"]))]


@fault("emptypage", "PROJECT [HOST]", "a mirror's page of a project has lost its files; ends with those that it had, unless the mirror has made another")
class EmptyPage(OfMirror):
    words = (1, 2)
    # Where the page lies is asked once: the mirror may put another in its place meanwhile, which is whole.
    empty = ("cd \"$(readlink -f \"$0\")\" && [ ! -e .whole ] && mkdir .whole && cp -p index.html index.v1_json legacy.json .whole/"
             " && sed -i 's/\"files\":.*/\"files\":[]}/' index.v1_json && sed -i '/<a href=/d' index.html && pwd")
    whole = "cd \"$0\" 2>/dev/null || exit 0; for file in .whole/*; do cat \"$file\" >\"${file##*/}\" || exit 1; done; rm -r .whole"

    def target(self, lab, arguments):
        return f"{arguments[0]}@{self.node(lab, arguments[1:])['host']}"

    def cause(self, lab, arguments):
        node = self.node(lab, arguments[1:])
        done = lab.machine.run(on(lab, node["host"]), "sh", "-c", self.empty, f"{node['tree']}/web/simple/{arguments[0]}", check=False)
        if done.returncode != 0:
            raise LabError(f"{node['host']} has no page of {arguments[0]}: {done.stderr.strip()}")
        return {"host": node["host"], "page": done.stdout.strip()}

    def end(self, lab, record):
        if lab.machine.init(record["host"]):
            lab.machine.run(record["host"], "sh", "-c", self.whole, record["page"])


@fault("nofallback", "[HOST]", "the fallback does not fire: no web node runs, and the CDN does not reach the mirrors, which are ready; ends with their start")
class NoFallback(Fault):
    words = (0, 1)
    reduced = False

    def target(self, lab, arguments):
        if not lab.topology["cdn"] or not lab.topology["mirror"]:
            raise LabError("this topology has no CDN, or no mirror behind it")
        return arguments[0] if arguments else lab.topology["cdn"][0]["host"]

    def webs(self, lab):
        return [service for node in lab.topology["web"] if lab.machine.init(node["host"]) for service in lab.supervisor.on(node["host"], "web")]

    def cause(self, lab, arguments):
        if self.target(lab, arguments) not in {node["host"] for node in lab.topology["cdn"]}:
            raise LabError(f"{arguments[0]} is no CDN")
        # Before the nodes go: what the mirror answers in between would be kept.
        lab.apply_rules(self.rules(lab, {"arguments": arguments}))
        for service in self.webs(lab):
            lab.supervisor.kill(service)

    def end(self, lab, record):
        for service in self.webs(lab):
            if not lab.supervisor.pids(service):
                lab.start([service])

    def rules(self, lab, record):
        here = address(lab, self.target(lab, record["arguments"]))
        return [rule for mirror in lab.topology["mirror"] for rule in apart(here, address(lab, mirror["host"]))]
