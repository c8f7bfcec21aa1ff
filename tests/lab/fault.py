# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fault of the lab is. cause() answers what end() needs to know; what a fault does to the network is a list of
rules, and the rules of all faults that last are put in force together."""
from hosts import LabError

FAULTS = {}


def fault(name, usage, about):
    def add(kind):
        kind.name, kind.usage, kind.about = name, usage, about
        FAULTS[name] = kind()
        return kind
    return add


class Fault:
    words = (1, 1)  # how many arguments, at least and at most
    reduced = True  # whether it can be caused in the reduced lab
    patroni = True  # whether it can be caused where Patroni keeps the databases

    def target(self, lab, arguments):
        return arguments[0]

    def cause(self, lab, arguments):
        raise NotImplementedError

    def end(self, lab, record):
        pass

    def rules(self, lab, record):
        return []


def address(lab, host):
    if host not in lab.hosts:
        raise LabError(f"there is no host '{host}'")
    return lab.hosts[host]["address"]


def on(lab, host):
    address(lab, host)
    if lab.machine.init(host) is None:
        raise LabError(f"{host} is off")
    return host


def apart(here, there):
    """Nothing passes between two addresses."""
    return [f"ip saddr {here} ip daddr {there} drop", f"ip saddr {there} ip daddr {here} drop"]
