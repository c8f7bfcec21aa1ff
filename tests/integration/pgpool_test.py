# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry behind pgpool, which spreads reads over a primary and a standby whose replay stands still: a read that
goes astray would be seen at once."""
import os
import shutil
import signal
import subprocess
import threading

from failover_test import Servers
from postgres import PATIENCE, as_server
from support import free_port, wheel

SETTINGS = """
backend_clustering_mode = 'streaming_replication'
listen_addresses = '127.0.0.1'
port = {port}
socket_dir = '{folder}'
pcp_listen_addresses = '127.0.0.1'
pcp_port = {pcp_port}
pcp_socket_dir = '{folder}'
pid_file_name = '{folder}/pgpool.pid'
logdir = '{folder}'
log_destination = 'stderr'
backend_hostname0 = '127.0.0.1'
backend_port0 = {primary}
backend_weight0 = 1
backend_flag0 = 'DISALLOW_TO_FAILOVER'
backend_hostname1 = '127.0.0.1'
backend_port1 = {standby}
backend_weight1 = 1000
backend_flag1 = 'DISALLOW_TO_FAILOVER'
num_init_children = 32
max_pool = 2
load_balance_mode = on
statement_level_load_balance = on
sr_check_period = 1
sr_check_user = 'postgres'
sr_check_database = 'postgres'
memory_cache_enabled = off
memqcache_total_size = 1MB
relcache_size = 64
enable_shared_relcache = off
"""


class Pgpool:
    def __init__(self, primary, standby):
        self.folder, self.port = primary.folder / "pgpool", free_port()
        self.folder.mkdir()
        (self.folder / "pgpool.conf").write_text(SETTINGS.format(
            folder=self.folder, port=self.port, pcp_port=free_port(), primary=primary.port, standby=standby.port))
        for name in ("pcp.conf", "pool_hba.conf"):
            (self.folder / name).write_text("")
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, "postgres", "postgres")
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                as_server("/usr/sbin/pgpool", "-n", "-f", self.folder / "pgpool.conf", "-F", self.folder / "pcp.conf",
                          "-a", self.folder / "pool_hba.conf"), cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def url(self, database):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE)


class ThroughPgpool(Servers):
    def setUp(self):
        super().setUp()
        self.add_standby(synchronous=False)
        pgpool = Pgpool(self.primary, self.standby)
        self.addCleanup(pgpool.stop)
        self.registry = self.serve(f'url = "{pgpool.url(self.database)}"\n')

    def test_writes_and_their_reads_go_to_the_primary(self):
        token = self.registry.user("ada")
        admin = self.registry.user("root", "admin")
        self.standby.psql("SELECT pg_wal_replay_pause()")
        refused = []

        def publish(number):
            for version in range(10):
                answer = self.registry.upload(wheel(f"pooled-{number}", f"1.{version}"), token)
                if answer.status != 200:
                    refused.append(answer)

        threads = [threading.Thread(target=publish, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(refused, [])
        for number in range(4):
            self.assertEqual(len(self.registry.files(f"pooled-{number}")), 10)
        self.assertEqual(self.registry.call("GET", "/admin/v1/me", admin).status, 200)
        self.assertTrue(self.registry.call("GET", "/admin/v1/audit/proof", admin).json()["intact"])
        self.assertEqual(self.primary.psql("SELECT max(serial) - count(*) FROM journal", self.database), "0")


del Servers
