# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads through the CDN are counted: its log, the real rsyslog over RELP, the ingester, the database, the admin API.
None is lost and none counted twice, whatever happens to the ingester and to the way there. Part of `make lab-test`."""
import os
import time
import unittest

import faults
import hosts
from clients import pip, request, upload, wheel
from lab_case import WatchedCase, figure

CI = 'pip/24.0 {"ci":true,"implementation":{"name":"CPython","version":"3.11.2"},"installer":{"name":"pip","version":"24.0"},"python":"3.11.2","system":{"name":"Linux"}}'
MIRROR = "bandersnatch/6.5.0 (cpython 3.11.2-final0, Linux x86_64)"


class MetricsTest(WatchedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.observer = cls.user("olga", "observer")

    def counted(self, project):
        """Downloads of a project by class, as the admin API tells them."""
        path = f"/admin/v1/projects/{project}/downloads/shares?split=class"
        answer = self.network.call(request, self.web, "GET", path, headers={"Authorization": f"Bearer {self.observer}"}, tls=True)
        self.assertEqual(answer.status, 200, answer)
        return {share["value"]: share["count"] for share in answer.json()["items"] if share["count"]}

    @property
    def web(self):
        node = self.lab.topology["web"][0]
        return self.lab.hosts[node["host"]]["address"], node["port"]

    def published(self, name):
        package = wheel(name, "1.0", payload=os.urandom(2000))
        self.assertEqual(self.network.call(upload, self.cdn, package, self.token).status, 200)
        page = self.network.call(request, self.cdn, "GET", f"/simple/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"})
        return page.json()["files"][0]["url"].removeprefix(self.lab.topology["registry"]["url"].rstrip("/"))

    def download(self, path, times, agent):
        def all_of_them():
            for _ in range(times):
                answer = request(self.cdn, "GET", path, headers={"User-Agent": agent})
                if answer.status != 200:
                    raise AssertionError(answer)
        self.network.call(all_of_them)

    def awaits(self, project, wanted, patience=90):
        begin = time.monotonic()
        try:
            hosts.wait_for("the counts", lambda: self.counted(project) == wanted, patience, 0.5)
        except hosts.LabError:
            self.fail(f"{self.counted(project)} instead of {wanted}")
        return time.monotonic() - begin

    def test_each_download_is_counted_by_class(self):
        path = self.published("counted")
        self.download(path, 7, CI)
        self.download(path, 5, MIRROR)
        self.download(path, 3, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
        self.assertEqual(pip(self.lab, "download", "-d", "/var/tmp/counted", "counted").returncode, 0)
        figure(f"downloads through the CDN are in the admin API {self.awaits('counted', {'ci': 7, 'mirror': 5, 'browser': 3, 'interactive': 1}):.1f} s later")

    def test_an_ingester_that_is_killed_again_and_again_counts_each_download_once(self):
        path = self.published("killed")
        service = self.lab.supervisor.on("metrics", "ingest")[0]
        for _ in range(5):
            self.download(path, 40, CI)
            self.lab.supervisor.kill(service)
            self.download(path, 10, MIRROR)
            self.lab.supervisor.start(service)
            self.lab.supervisor.wait_until_works(service)
        self.awaits("killed", {"ci": 200, "mirror": 50})

    def test_a_cut_to_the_ingester_delays_counts_and_its_monitor_says_so(self):
        path = self.published("cut")
        faults.cause(self.lab, "unplug", ["metrics"])
        self.download(path, 60, CI)
        hosts.wait_for("the monitor to miss it", lambda: any("metrics" in str(trouble) for trouble in self.troubles()), 60)
        self.download(path, 40, CI)
        faults.end(self.lab, "all")
        figure(f"what was downloaded during a cut is counted {self.awaits('cut', {'ci': 100}):.1f} s after its end")

    def test_an_ingester_without_its_database_keeps_the_lines(self):
        path = self.published("waiting")
        faults.cause(self.lab, "silent", ["metrics", "pg1", "pg2"])
        self.download(path, 30, CI)
        # It takes them and says what holds it up.
        status = self.lab.hosts["metrics"]["address"], self.lab.topology["ingest"][0]["status_port"]

        def held():
            told = self.network.call(request, status, "GET", "/status").json()
            return told["problem"] and told["spool"]["bytes"] > 0
        hosts.wait_for("the ingester to say what holds it up", held, 60, 0.5)
        self.assertEqual(self.counted("waiting"), {})
        faults.end(self.lab, "all")
        self.awaits("waiting", {"ci": 30})


if __name__ == "__main__":
    unittest.main()
