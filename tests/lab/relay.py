#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""relay.py NETWORK LISTEN=HOST:PORT… : carries bytes from 127.0.0.1 of this machine into a lab, as they are. It listens
out here, then moves to the client host's network (a path, or - to stay), so it ends with the lab like whatever is there."""
import socket
import sys
import threading

from hosts import enter_network

CONNECT_SECONDS = 10


def carry(source, target):
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        pass
    for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        try:
            end.shutdown(how)
        except OSError:
            pass


def serve(client, to):
    with client:
        try:
            server = socket.create_connection(to, timeout=CONNECT_SECONDS)
        except OSError:
            return
        with server:
            server.settimeout(None)
            back = threading.Thread(target=carry, args=(server, client), daemon=True)
            back.start()
            carry(client, server)
            back.join()


def accept(listener, to):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, to), daemon=True).start()


def main(words):
    doors = []
    for word in words[1:]:
        port, _, target = word.partition("=")
        host, _, number = target.rpartition(":")
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", int(port)))
        except OSError as error:
            print(f"127.0.0.1:{port}: {error.strerror}", flush=True)
            return 1
        listener.listen(128)
        doors.append((listener, (host, int(number))))
    if words[0] != "-":
        enter_network(words[0])
    print("ready", flush=True)
    threads = [threading.Thread(target=accept, args=door) for door in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
