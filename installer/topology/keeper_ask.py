# SPDX-License-Identifier: GPL-3.0-or-later
"""How the keeper tells what it does, runs other programs, and asks those who are far away."""
import os
import socket
import subprocess
import threading
import time
import typing

BELIEVED = 8  # seconds for which an answer from far away counts: a question may take 4
NOTHING = "there is no data here yet"
REQUESTS = (80877103, 80877104)  # for encryption, which come before the first message


class Seen(typing.NamedTuple):
    """What a peer is: "primary", "standby", or "empty", by the word of its keeper; and which database it has."""
    role: str
    timeline: int = 0  # of a primary
    system: str = ""


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


class Door:
    """Where the server would listen, while there is none and no data for one: tells so whoever asks, in the server's own
    protocol. A host that says nothing may have data."""

    def __init__(self, address, port):
        self.place, self.listener, self.thread = (address, port), None, None

    def open(self):
        if not self.listener:
            self.listener = socket.create_server(self.place)
            self.thread = threading.Thread(target=self.serve, args=(self.listener,), daemon=True)
            self.thread.start()

    def close(self):
        """The port is free when this returns."""
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.thread.join()
            self.listener.close()
            self.listener = None

    def serve(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.settimeout(1)
                    self.answer(connection)
                except OSError:
                    pass

    @staticmethod
    def answer(connection):
        # What was not read when a connection is closed would take the answer with it.
        for _ in range(len(REQUESTS) + 1):
            head = connection.recv(8, socket.MSG_WAITALL)
            if int.from_bytes(head[4:], "big") not in REQUESTS:
                connection.recv(max(0, min(int.from_bytes(head[:4], "big") - 8, 10000)), socket.MSG_WAITALL)
                # "Cannot connect now", at which clients try the next server.
                fields = f"SFATAL\0VFATAL\0C57P03\0M{NOTHING}\0\0".encode()
                connection.sendall(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
                return
            connection.sendall(b"N")
