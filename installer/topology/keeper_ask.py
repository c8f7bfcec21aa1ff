# SPDX-License-Identifier: GPL-3.0-or-later
"""How the keeper tells what it does, runs other programs, and asks those who are far away."""
import os
import subprocess
import threading
import time

BELIEVED = 8  # seconds for which an answer from far away counts: a question may take 4


def say(*words):
    now = time.time()
    try:
        print(f"{time.strftime('%FT%T', time.gmtime(now))}.{int(now * 1000) % 1000:03}Z", *words, flush=True)
    except OSError:
        pass  # the disk of the log is full: that is no reason to leave the server alone


def run(*words, timeout=5, env=None, check=False):
    try:
        done = subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", **(env or {})})
    except subprocess.TimeoutExpired:
        done = subprocess.CompletedProcess(words, 124, "", "no answer in time")
    if check and done.returncode != 0:
        raise RuntimeError(f"{words[0]}: {done.stderr.strip()[-500:]}")
    return done


class Watched(threading.Thread):
    """Asks somebody far away once a second; `value` is the last answer, None while there is none or it has grown old."""

    def __init__(self, question):
        super().__init__(daemon=True)
        self.question, self.answer, self.asked = question, (None, 0.0), threading.Event()

    @property
    def value(self):
        answer, at = self.answer
        return answer if time.monotonic() < at + BELIEVED else None

    def run(self):
        while True:
            try:
                answer = self.question()
            except Exception as error:  # whatever keeps it from asking: nothing is known then
                say("cannot ask:", repr(error))
                answer = None
            self.answer = (answer, time.monotonic())
            self.asked.set()
            time.sleep(1)
