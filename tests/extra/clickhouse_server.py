#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""clickhouse_server.py PORT FOLDER: the engine of ClickHouse (the Python package chdb) behind the part of its HTTP interface
that we use. The statements are carried out by the engine itself; what is ours is the door: parameters, settings, users and
the form of errors, after its manual. Ends with its standard input."""
import http.server
import os
import re
import sys
import threading
import urllib.parse

from chdb import session

USER, PASSWORD = "ingest", "not a secret"
# Of the address that are no settings.
KNOWN = {"query", "database", "default_format", "wait_end_of_query"}


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Engine:
    def __init__(self, folder):
        self.session, self.lock = session.Session(str(folder)), threading.Lock()

    def run(self, arguments, body):
        """The answer's bytes; RuntimeError with the engine's words."""
        query = arguments.get("query", "")
        settings = ", ".join(f"{name} = {quoted(value)}" for name, value in arguments.items() if name not in KNOWN and not name.startswith("param_"))
        parameters = {name[6:]: value for name, value in arguments.items() if name.startswith("param_")}
        if query.startswith("INSERT"):
            # As the server does it: what follows the format is data. The engine takes settings before it.
            statement = query.replace(" FORMAT ", f" SETTINGS {settings} FORMAT ") + "\n"
            text = statement.encode() + body
        else:
            text = body
            if settings:
                text += f" SETTINGS {settings}".encode()
        with self.lock:
            if arguments.get("database"):
                self.session.query(f"USE `{arguments['database']}`")
            result = self.session.query(text.decode("utf-8", "surrogateescape"), arguments.get("default_format", "TabSeparated"), params=parameters)
            return bytes(result.bytes()) if result else b""


class Door(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    engine = None

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        arguments = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query, keep_blank_values=True))
        if (self.headers.get("X-ClickHouse-User"), self.headers.get("X-ClickHouse-Key")) != (USER, PASSWORD):
            return self.answer(403, b"Code: 516. DB::Exception: Authentication failed\n", [("X-ClickHouse-Exception-Code", "516")])
        try:
            self.answer(200, self.engine.run(arguments, body))
        except RuntimeError as error:
            code = re.search(r"Code: (\d+)", str(error))
            self.answer(500, f"{error}\n".encode(), [("X-ClickHouse-Exception-Code", code[1] if code else "1002")])


def main(port, folder):
    os.makedirs(folder, exist_ok=True)
    Door.engine = Engine(folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
