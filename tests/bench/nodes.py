# SPDX-License-Identifier: GPL-3.0-or-later
"""How soon a change on one of two nodes over one PostgreSQL is seen on the other, each of them changing in turn."""
import http.client
import json
import statistics
import time

import servers  # finds what the tests share
import support  # noqa: E402
from postgres import shared_server  # noqa: E402

CHANGES = 60
SOON = 200  # ms, of each change


class Reader:
    """Asks a node for one page again and again over one connection, as a monitor of it would."""

    def __init__(self, node):
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)

    def files(self, project):
        self.connection.request("GET", f"/simple/{project}/", headers={"Accept": support.SIMPLE_JSON})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"/simple/{project}/: {answer.status}")
        return {file["filename"] for file in json.loads(body)["files"]}


def measure(options, table, work):
    support.BIN = options.bin
    folder, server = work / "nodes", shared_server()
    folder.mkdir()
    config = folder / "cheesemongerd.toml"
    config.write_text(f'[serve]\nfiles = "{folder}/files"\nnode_key = "{folder}/node.key"\ndatabase.url = "{server.url(server.create_database())}"\n')
    nodes = []
    try:
        for name in ("one", "two"):
            (folder / name).mkdir()
            nodes.append(support.Registry(folder / name / "data", store=("--config", config)).start())
        ada, readers = nodes[0].user("ada"), [Reader(node) for node in nodes]

        def uploaded(number):
            """To one node and the other in turn; answers the file's name."""
            package = support.wheel("seen", f"1.{number}")
            answer = nodes[number % 2].upload(package, ada)
            if answer.status != 200:
                raise RuntimeError(f"an upload was refused: {answer}")
            return package.filename

        for number in range(2):
            uploaded(number)
        took = []
        for number in range(2, CHANGES + 2):
            reader = readers[1 - number % 2]
            reader.files("seen")  # the old page is kept ready there
            filename, begin = uploaded(number), time.monotonic()
            while filename not in reader.files("seen"):
                time.sleep(0.001)
            took.append(1000 * (time.monotonic() - begin))
    finally:
        for node in nodes:
            node.kill()
    print(f"seen on the other node after {statistics.median(took):.1f} ms (median of {len(took)})", flush=True)
    table.add("nodes", "until a change is seen on the other node, longest", max(took), SOON, "ms", lower_is_better=True, limit=True)
