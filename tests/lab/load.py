# SPDX-License-Identifier: GPL-3.0-or-later
"""A load of real clients at the client host, for who breaks a lab by hand: twine uploads and pip installs, each in a loop and
without a second try of its own."""
import signal
import time

from clients import Pips, Tries, said_when_failed, twine, wheel
from hosts import LabError

PROJECT = "load"


class Twines(Tries):
    """Each uploads one release after the other of a project of its own."""

    def __init__(self, lab, token, first, count):
        super().__init__(count)
        self.lab, self.token, self.first = lab, token, first
        self.releases = [0] * count

    def attempt(self, number):
        release = self.releases[number]
        self.releases[number] += 1
        return said_when_failed(twine(self.lab, wheel(f"{PROJECT}-{number}", f"{self.first}.{release}"), self.token))


def token_of(lab):
    try:
        return lab.admin(["token", "create", "--user", PROJECT]).stdout.strip()
    except LabError:  # the first load of this lab
        lab.admin(["user", "add", PROJECT, "--role", "user"])
        return lab.admin(["token", "create", "--user", PROJECT]).stdout.strip()


def run(lab, uploaders, pips, seconds, tell):
    """For so long, or until Ctrl-C without an end; what is under way then is waited for. Calls `tell` with each failure, and
    answers what was done."""
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell has started it in the background
        signal.signal(number, signal.default_int_handler)
    token, first = token_of(lab), int(time.time())
    done = twine(lab, wheel(PROJECT, str(first)), token)
    if done.returncode != 0:
        raise LabError(f"nothing can be uploaded: {(done.stdout + done.stderr).strip()[-300:]}")
    begin, told = time.monotonic(), {}
    with Twines(lab, token, first, uploaders) as uploads, Pips(lab, [PROJECT], pips) as installs:
        try:
            while seconds is None or time.monotonic() < begin + seconds:
                time.sleep(0.2)
                for crew in (uploads, installs):
                    for words in crew.failed[told.get(crew, 0):]:
                        tell(words)
                        told[crew] = told.get(crew, 0) + 1
        except KeyboardInterrupt:
            pass
    return {"seconds": round(time.monotonic() - begin, 1),
            **{name: {"done": crew.done, "failed": crew.failed, "longest_seconds": round(crew.longest, 1)} for name, crew in (("uploads", uploads), ("installs", installs))}}
