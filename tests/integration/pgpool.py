# SPDX-License-Identifier: GPL-3.0-or-later
"""Private pgpools in front of private PostgreSQLs: own folders and loopback ports, ended with the test."""
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE = 60
PASSWORD = "s3cret"


def available():
    return shutil.which("pgpool", path="/usr/sbin:/usr/bin:/sbin:/bin") is not None


class Pgpool:
    """One pgpool over `servers`; with `watchdog`, a list of (port, watchdog port, heartbeat port) of all and the number
    of this one, it has a watchdog. `settings` are lines of pgpool.conf."""

    def __init__(self, servers, port, pcp_port, watchdog=None, number=0, **settings):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="cheesemonger-pgpool-"))
        self.port, self.pcp_port, self.process = port, pcp_port, None
        values = {
            "backend_clustering_mode": "'streaming_replication'", "listen_addresses": "'127.0.0.1'", "port": port,
            "socket_dir": f"'{self.folder}'", "pcp_listen_addresses": "'127.0.0.1'", "pcp_port": pcp_port,
            "pcp_socket_dir": f"'{self.folder}'", "pid_file_name": f"'{self.folder}/pgpool.pid'", "logdir": f"'{self.folder}'",
            "log_destination": "'stderr'", "num_init_children": 8, "max_pool": 1, "memory_cache_enabled": "off",
            "memqcache_total_size": "1MB", "memqcache_max_num_cache": 1000, "memqcache_cache_block_size": "64kB",
            "memqcache_maxcache": "16kB", "enable_shared_relcache": "off", "load_balance_mode": "off",
            "sr_check_period": 1, "sr_check_user": "'postgres'", "sr_check_database": "'postgres'", "delay_threshold": 1000000,
            "health_check_period": 1, "health_check_timeout": 3, "health_check_user": "'postgres'",
            "health_check_database": "'postgres'", "health_check_max_retries": 1, "health_check_retry_delay": 1,
            "connect_timeout": 1000, "failover_command": "''", "failover_on_backend_error": "off",
            "search_primary_node_timeout": 5, "enable_pool_hba": "off"}
        for index, server in enumerate(servers):
            values.update({f"backend_hostname{index}": "'127.0.0.1'", f"backend_port{index}": server.port,
                           f"backend_weight{index}": 1, f"backend_data_directory{index}": f"'{server.data}'",
                           f"backend_flag{index}": "'ALLOW_TO_FAILOVER'", f"backend_application_name{index}": f"'db{index + 1}'"})
        if watchdog:
            values.update({"use_watchdog": "on", "wd_ipc_socket_dir": f"'{self.folder}'", "delegate_IP": "''", "wd_interval": 1,
                           "wd_lifecheck_method": "'heartbeat'", "wd_heartbeat_keepalive": 1, "wd_heartbeat_deadtime": 3,
                           "enable_consensus_with_half_votes": "off", "failover_when_quorum_exists": "on"})
            for index, (other, watchdog_port, heartbeat_port) in enumerate(watchdog):
                values.update({f"hostname{index}": "'127.0.0.1'", f"wd_port{index}": watchdog_port, f"pgpool_port{index}": other,
                               f"heartbeat_hostname{index}": "'127.0.0.1'", f"heartbeat_port{index}": heartbeat_port})
        values.update(settings)
        (self.folder / "pgpool.conf").write_text("".join(f"{name} = {value}\n" for name, value in values.items()))
        (self.folder / "pcp.conf").write_text(f"monitor:{hashlib.md5(PASSWORD.encode()).hexdigest()}\n")
        (self.folder / "pool_hba.conf").write_text("")
        (self.folder / "pool_passwd").write_text("")
        (self.folder / "pgpool_node_id").write_text(f"{number}\n")
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, "postgres", "postgres")

    def start(self):
        other = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", *other, "--pdeathsig", "INT", "/usr/sbin/pgpool", "-n", "-f", self.folder / "pgpool.conf", "-F",
                 self.folder / "pcp.conf", "-a", self.folder / "pool_hba.conf"], cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.pcp_port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError("pgpool does not start: " + (self.folder / "log").read_text()[-2000:])

    def stop(self):
        """Ends all its processes at once: they are a session of their own."""
        if self.process:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
