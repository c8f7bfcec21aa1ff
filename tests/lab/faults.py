# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults of the lab, one word each, how they begin and how they end."""
import signal
import time

import faults_edge  # noqa: F401  the words in it
from fault import FAULTS, Fault, address, apart, fault, on
from hosts import LabError, run, wait_for
from laboratory import CUT, EMPTY, FILL


def services(lab, arguments):
    return lab.supervisor.on(on(lab, arguments[0]), arguments[1] if len(arguments) > 1 else None)


@fault("kill", "HOST [SERVICE]", "kill -9 of a service with all its processes; ends with its start")
class Kill(Fault):
    words = (1, 2)

    def cause(self, lab, arguments):
        for service in services(lab, arguments):
            lab.supervisor.kill(service)

    def end(self, lab, record):
        lab.start(services(lab, record["arguments"]))


@fault("power", "HOST [keep]", "the host's power is cut: every process, and every write that was not synchronised"
       " (those stay with the word keep); ends with its boot")
class Power(Fault):
    words = (1, 2)

    def cause(self, lab, arguments):
        host = on(lab, arguments[0])
        if arguments[1:] not in ([], ["keep"]):
            raise LabError("the one word after the host is 'keep'")
        if lab.reduced and not arguments[1:]:
            raise LabError("the reduced lab knows no writes that were not synchronised: lab fault power HOST keep")
        # Nothing leaves the host any more: a dead machine says no good-bye.
        lab.apply_rules([*self.rules(lab, {"arguments": arguments})])
        lab.machine.power_off(host)
        for disk in lab.layout.disks(host):
            lab.signal_disk(disk, signal.SIGKILL if "keep" in arguments else CUT)
            wait_for(f"disk {disk['name']}", lambda disk=disk: not lab.disk_pids(disk), 20)
        lab.plug(host, False)

    def end(self, lab, record):
        host = record["arguments"][0]
        lab.plug(host, True)
        lab.boot(host)
        lab.start_on(host)

    def rules(self, lab, record):
        here = address(lab, record["arguments"][0])
        return [f"ip saddr {here} drop", f"ip daddr {here} drop"]


@fault("unplug", "HOST", "loud partition: the host's cable is pulled, both ends notice")
class Unplug(Fault):
    reduced = False

    def cause(self, lab, arguments):
        address(lab, arguments[0])
        lab.plug(arguments[0], False)

    def end(self, lab, record):
        lab.plug(record["arguments"][0], True)


class Partition(Fault):
    words = (1, 99)
    reduced = False
    both = True

    def target(self, lab, arguments):
        return ",".join(arguments)

    def cause(self, lab, arguments):
        for host in arguments:
            address(lab, host)
        if arguments[0] in arguments[1:]:
            raise LabError("a host is never apart from itself")

    def rules(self, lab, record):
        host, *peers = record["arguments"]
        here, found = address(lab, host), []
        for there in [address(lab, peer) for peer in peers] or [None]:
            found.append(f"ip saddr {here} {f'ip daddr {there} ' if there else ''}drop")
            if self.both:
                found.append(f"ip daddr {here} {f'ip saddr {there} ' if there else ''}drop")
        return found


@fault("silent", "HOST [PEER…]", "silent partition: nothing passes between the host and the peers (or all), nobody is told")
class Silent(Partition):
    pass


@fault("oneway", "HOST [PEER…]", "one-way partition: what the host sends to the peers (or all) is lost, the other way works")
class OneWay(Partition):
    both = False


@fault("freeze", "HOST [SERVICE]", "all processes of a service stop where they are (SIGSTOP) and go on at the end")
class Freeze(Fault):
    words = (1, 2)

    def cause(self, lab, arguments):
        found, seen = services(lab, arguments), None
        for _ in range(50):  # what it forks meanwhile, too
            pids = {pid for service in found for pid in lab.supervisor.pids(service)}
            if pids == seen:
                break
            seen = pids
            lab.machine.kill(pids, signal.SIGSTOP)

    def end(self, lab, record):
        for service in services(lab, record["arguments"]):
            lab.machine.kill(lab.supervisor.pids(service), signal.SIGCONT)


@fault("slow", "HOST [RATE]", "slow link, both ways; 1mbit without a rate")
class Slow(Fault):
    words = (1, 2)
    reduced = False

    def sides(self, lab, host):
        return ((lab.machine.name(host), "eth0"), (lab.machine.hub, lab.machine.link(host)))

    def cause(self, lab, arguments):
        address(lab, arguments[0])
        rate = arguments[1] if len(arguments) > 1 else "1mbit"
        for namespace, device in self.sides(lab, arguments[0]):
            run("tc", "-n", namespace, "qdisc", "replace", "dev", device, "root", "tbf", "rate", rate, "burst", "16k", "latency", "400ms")

    def end(self, lab, record):
        for namespace, device in self.sides(lab, record["arguments"][0]):
            run("tc", "-n", namespace, "qdisc", "del", "dev", device, "root", check=False)


@fault("loss", "HOST [PERCENT]", "packets to and from the host are lost at random; 20 without a figure")
class Loss(Fault):
    words = (1, 2)
    reduced = False

    def cause(self, lab, arguments):
        self.rules(lab, {"arguments": arguments})

    def rules(self, lab, record):
        here, percent = address(lab, record["arguments"][0]), (record["arguments"][1:] or ["20"])[0]
        if not percent.isdigit() or not 0 < int(percent) <= 100:
            raise LabError(f"'{percent}' is no percentage")
        return [f"ip {way} {here} numgen random mod 100 < {percent} drop" for way in ("saddr", "daddr")]


@fault("full", "DISK", "the disk is full: nothing on it can grow")
class Full(Fault):
    reduced = False

    def disk(self, lab, name):
        found = [disk for disk in lab.topology["disk"] if disk["name"] == name]
        if not found:
            raise LabError(f"there is no disk '{name}'")
        on(lab, found[0]["host"])
        return found[0]

    def cause(self, lab, arguments):
        lab.signal_disk(self.disk(lab, arguments[0]), FILL)

    def end(self, lab, record):
        lab.signal_disk(self.disk(lab, record["arguments"][0]), EMPTY)


class OfStandby(Fault):
    words = (0, 1)

    def target(self, lab, arguments):
        return arguments[0] if arguments else lab.database("standby")

    def standby(self, lab, arguments):
        host = self.target(lab, arguments)
        if not (lab.supervisor.keeper(on(lab, host)) or "").startswith("standby"):
            raise LabError(f"{host} is no standby")
        return host


@fault("pause", "[HOST]", "the standby receives but does not replay")
class Pause(OfStandby):
    def cause(self, lab, arguments):
        host = self.standby(lab, arguments)
        lab.sql(host, "SELECT pg_wal_replay_pause()")
        return {"host": host}

    def end(self, lab, record):
        if lab.sql(record["host"], "SELECT pg_is_in_recovery()") == "t":
            lab.sql(record["host"], "SELECT pg_wal_replay_resume()")


@fault("slot", "[HOST]", "the standby's slot is lost: the primary has thrown away what it still needed; ends with a new copy")
class Slot(OfStandby):
    patroni = False

    def hold(self, lab, on_hold):
        for node in lab.topology["postgres"]:
            path = lab.layout.outside(node["host"], lab.topology["paths"]["run"] + "/keeper.hold")
            path.touch() if on_hold else path.unlink(missing_ok=True)

    def cause(self, lab, arguments):
        host, primary = self.standby(lab, arguments), lab.database("primary")
        slot = next(node["slot"] for node in lab.topology["postgres"] if node["host"] == host)
        service = lab.supervisor.on(host, "postgres")[0]
        self.hold(lab, True)
        lab.supervisor.kill(service)
        lab.sql(primary, "ALTER SYSTEM SET wal_keep_size = 0")
        lab.sql(primary, "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
        lab.sql(primary, "SELECT pg_reload_conf()")

        def lost():
            lab.sql(primary, "SELECT pg_logical_emit_message(false, 'lab', repeat('x', 1000000)), pg_switch_wal()")
            lab.sql(primary, "CHECKPOINT")
            return lab.sql(primary, f"SELECT wal_status FROM pg_replication_slots WHERE slot_name = '{slot}'") == "lost"
        try:
            wait_for(f"the slot {slot} to be lost", lost, 60, 0.2)
        finally:
            lab.sql(primary, "ALTER SYSTEM RESET wal_keep_size")
            lab.sql(primary, "ALTER SYSTEM RESET max_slot_wal_keep_size")
            lab.sql(primary, "SELECT pg_reload_conf()")
            lab.supervisor.start(service)
        return {"host": host, "slot": slot}

    def end(self, lab, record):
        self.hold(lab, False)


class OfFiles(Fault):
    """What is done to GlusterFS itself, which the reduced lab has not."""
    reduced = False

    def servers(self, lab):
        return {node["host"]: node for node in lab.topology["gluster"]}

    def gluster(self, lab, *words):
        host = next(host for host in self.servers(lab) if lab.machine.init(host))
        return lab.machine.run(host, "timeout", "30", "gluster", "--mode=script", *words).stdout

    def volume(self, lab):
        return lab.topology["volume"]["name"]

    def kill_brick(self, lab, host):
        pids = [pid for pid, status in lab.machine.processes(host).items() if status["Name"].startswith("glusterfsd")]
        lab.machine.kill(pids)
        wait_for(f"the brick of {host} to end", lambda: not set(pids) & set(lab.machine.processes(host)), 10)

    def start_bricks(self, lab):
        self.gluster(lab, "volume", "start", self.volume(lab), "force")

    def wait_for_bricks(self, lab):
        services = [service for service in lab.supervisor.services if service.name == "gluster"]
        wait_for("the bricks", lambda: all(lab.supervisor.brick(service) for service in services), 30)


@fault("brick", "HOST", "kill -9 of the brick alone, its server goes on; ends with its start")
class Brick(OfFiles):
    def cause(self, lab, arguments):
        if arguments[0] not in self.servers(lab):
            raise LabError(f"{arguments[0]} is no server of files")
        self.kill_brick(lab, on(lab, arguments[0]))

    def end(self, lab, record):
        self.start_bricks(lab)


@fault("splitbrain", "FILE [HOST]", "a file of the registry (its path in the volume) gets wrong bytes on one of the two servers, the second"
       " one or HOST, without a quorum; ends with a quorum and, unless it was resolved, with the right bytes")
class SplitBrain(OfFiles):
    """By what an arbiter and a quorum are there to prevent. The quorum comes back only when the file is resolved: with
    it GlusterFS holds for void what a server says of more than half of them, and takes the larger file for the truth."""
    words = (1, 2)

    def cause(self, lab, arguments):
        path, volume = arguments[0].lstrip("/"), self.volume(lab)
        first, second, arbiter = self.servers(lab)
        if arguments[1:] == [first]:
            first, second = second, first
        elif arguments[1:] not in ([], [second]):
            raise LabError(f"{arguments[1]} is no server with bytes")
        mount = lab.topology["volume"]["mount"]
        web = next(node["host"] for node in lab.topology["web"] if lab.machine.init(node["host"]))
        if lab.machine.run(web, "test", "-f", f"{mount}/{path}", check=False).returncode != 0:
            raise LabError(f"there is no file {path} in the volume")
        record = {"path": "/" + path, "brick": f"{lab.hosts[first]['address']}:{self.servers(lab)[first]['brick']}"}
        self.gluster(lab, "volume", "set", volume, "cluster.quorum-type", "none")
        self.gluster(lab, "volume", "set", volume, "cluster.self-heal-daemon", "off")
        try:
            # The right bytes on the first, which the second misses; then others on the second.
            for gone, here, text in (((second, arbiter), first, None), ((first, arbiter), second, "wrong")):
                self.start_bricks(lab)
                self.wait_for_bricks(lab)
                for host in gone:
                    self.kill_brick(lab, host)
                what = f"printf {text} >>'{path}'" if text else f"cp '{path}' /tmp/same && cat /tmp/same >'{path}'"
                wait_for(f"a write to {here}", lambda what=what: lab.machine.run(web, "sh", "-c", f"cd {mount} && {what}", check=False).returncode == 0, 20)
            self.start_bricks(lab)
            self.wait_for_bricks(lab)
            wait_for("two versions", lambda: self.is_split(lab, record["path"]), 20)
            record["split_at"] = time.time()
        except LabError:
            self.end(lab, record)
            raise
        self.gluster(lab, "volume", "set", volume, "cluster.self-heal-daemon", "on")
        return record

    def is_split(self, lab, path):
        return path in self.gluster(lab, "volume", "heal", self.volume(lab), "info", "split-brain")

    def end(self, lab, record):
        volume = self.volume(lab)
        self.start_bricks(lab)
        self.wait_for_bricks(lab)
        if self.is_split(lab, record["path"]):
            self.gluster(lab, "volume", "heal", volume, "split-brain", "source-brick", record["brick"], record["path"])
        self.gluster(lab, "volume", "set", volume, "cluster.quorum-type", "auto")
        self.gluster(lab, "volume", "set", volume, "cluster.self-heal-daemon", "on")


@fault("twoprimaries", "[HOST]", "the standby is promoted behind everybody's back, and keepers (or Patroni) stand still; ends when they go on")
class TwoPrimaries(OfStandby):
    def keepers(self, lab):
        found = [(node["host"], lab.machine.processes(node["host"])) for node in lab.topology["postgres"] if lab.machine.init(node["host"])]
        return [pid for _, processes in found for pid, status in processes.items() if status["Name"].startswith(("python3", "keeper", "patroni"))]

    def cause(self, lab, arguments):
        host = self.standby(lab, arguments)
        lab.machine.kill(self.keepers(lab), signal.SIGSTOP)
        lab.sql(host, "SELECT pg_promote(true, 20)")
        return {"host": host}

    def end(self, lab, record):
        lab.machine.kill(self.keepers(lab), signal.SIGCONT)
        if lab.topology["failover"] == "patroni" and lab.machine.init(record["host"]):
            self.copy_anew(lab, record["host"])

    def copy_anew(self, lab, host):
        """As an operator does: Patroni takes what is on a later timeline than its leader for one that needs no rewind."""
        try:
            wait_for("the two to be a pair", lambda: any(lab.supervisor.keeper(node["host"]) == "primary, synchronous" for node in lab.topology["postgres"]), 20, 0.5)
        except LabError:
            name = next(node["name"] for node in lab.topology["postgres"] if node["host"] == host)
            lab.machine.run(host, "patronictl", "-c", lab.topology["paths"]["config"].replace("{host}", host) + "/patroni/patroni.yml", "reinit",
                            lab.topology["name"], name, "--force", user=lab.topology["users"]["database"])


@fault("readonly", "", "the primary takes connections, and no writes")
class ReadOnly(Fault):
    words = (0, 0)

    def target(self, lab, arguments):
        return lab.database("primary")

    def cause(self, lab, arguments):
        host = lab.database("primary")
        self.set(lab, host, "SET default_transaction_read_only = on")
        return {"host": host}

    def set(self, lab, host, how):
        lab.sql(host, "ALTER SYSTEM " + how)
        lab.sql(host, "SELECT pg_reload_conf()")

    def end(self, lab, record):
        if lab.machine.init(record["host"]):
            self.set(lab, record["host"], "RESET default_transaction_read_only")


@fault("certificate", "[NAME]", "the certificate is renewed on the disk, and its node is not told; ends with SIGHUP")
class Certificate(Fault):
    words = (0, 1)

    def entry(self, lab, arguments):
        name = self.target(lab, arguments)
        found = [entry for entry in lab.topology["certificate"] if entry["name"] == name]
        if not found:
            raise LabError(f"there is no certificate '{name}'")
        return found[0]

    def target(self, lab, arguments):
        return arguments[0] if arguments else lab.topology["certificate"][0]["name"]

    def cause(self, lab, arguments):
        lab.certify(self.entry(lab, arguments))

    def end(self, lab, record):
        host = self.entry(lab, record["arguments"])["host"]
        for service in lab.supervisor.on(host):
            if service.name != "etcd":  # which it ends
                lab.machine.kill(lab.supervisor.pids(service), signal.SIGHUP)


@fault("samples", "[HOST…]", "samples stop: the monitor reaches none of the hosts (or of all), which are well and reach each other")
class Samples(Fault):
    words = (0, 99)
    reduced = False

    def target(self, lab, arguments):
        return ",".join(arguments) or "all"

    def cause(self, lab, arguments):
        if not lab.topology["monitor"]:
            raise LabError("this topology has no monitor")
        self.rules(lab, {"arguments": arguments})

    def rules(self, lab, record):
        watching, found = [monitor["host"] for monitor in lab.topology["monitor"]], []
        for monitor in watching:
            here = address(lab, monitor)
            for host in record["arguments"] or [host for host in lab.hosts if host not in watching]:
                found += apart(here, address(lab, host))
        return found


def cause(lab, name, arguments):
    """Answers the record of the fault, whose id ends it."""
    if name not in FAULTS:
        raise LabError(f"there is no fault '{name}': lab faults")
    kind = FAULTS[name]
    if not kind.words[0] <= len(arguments) <= kind.words[1]:
        raise LabError(f"lab fault {name} {kind.usage}")
    if lab.reduced and not kind.reduced:
        raise LabError(f"the reduced lab leaves out {name}")
    if lab.topology["failover"] == "patroni" and not kind.patroni:
        raise LabError(f"there is no fault {name} under Patroni: slots are its own to drop and make")
    target = kind.target(lab, arguments)
    lasting = lab.faults()
    record = {"id": f"{name}:{target}", "name": name, "arguments": list(arguments), "since": time.strftime("%FT%TZ", time.gmtime())}
    if any(other["id"] == record["id"] for other in lasting):
        raise LabError(f"{record['id']} lasts already")
    record.update(kind.cause(lab, list(arguments)) or {})
    lab.note_faults([*lasting, record])
    lab.apply_rules()
    return record


def end(lab, wanted):
    """Ends the fault with this id, all of this name, or all. Answers their ids."""
    found = [record for record in lab.faults() if wanted in ("all", record["id"], record["name"])]
    if not found and wanted != "all":
        raise LabError(f"no fault '{wanted}' lasts: {', '.join(record['id'] for record in lab.faults()) or 'none does'}")
    for record in reversed(found):
        # Away first: a host that boots needs its network, and what fails to end must not stay for ever.
        lab.note_faults([other for other in lab.faults() if other["id"] != record["id"]])
        lab.apply_rules()
        FAULTS[record["name"]].end(lab, record)
    return [record["id"] for record in found]


def rules_of(lab):
    return [rule for record in lab.faults() for rule in FAULTS[record["name"]].rules(lab, record)]
