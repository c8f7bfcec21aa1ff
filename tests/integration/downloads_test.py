# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads from lines of a log to the answers of the admin API and the public page: who may ask, what is known, what
operators say of it."""
import subprocess
import time
import unittest
import urllib.parse

from ingesters import line
from support import BIN, RegistryTest, wheel

DAY = 86_400
MIRROR = "bandersnatch/6.5.0 (cpython 3.11.2-final0, Linux 6.1 x86_64) (aiohttp 3.9)"
CI = 'pip/24.0 {"ci":true,"installer":{"name":"pip","version":"24.0"},"python":"3.12.1","system":{"name":"Linux"}}'
BROWSER = "Mozilla/5.0 (X11; Linux x86_64)"


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Downloads(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tokens = {role: cls.registry.user(f"the-{role}", role) for role in ("admin", "operator", "observer", "user")}
        cls.owner = cls.registry.user("owner")
        for name in ("cheddar", "brie"):
            assert cls.registry.upload(wheel(name, "1.0"), cls.owner).status == 200
        cls.midnight = int(time.time()) // DAY * DAY
        yesterday, last_week = cls.midnight - DAY // 2, cls.midnight - 5 * DAY
        lines = ([line("cheddar", at=yesterday)] * 7 + [line("cheddar", "2.0", at=yesterday, agent=CI)] * 5 +
                 [line("cheddar", at=yesterday, agent=MIRROR)] * 300 + [line("cheddar", at=last_week, agent=BROWSER)] * 2 +
                 [line("brie", at=yesterday)] * 40 + [line("gone", at=yesterday)] * 3 + ["no line of a log"] * 4)
        log = cls.registry.data.parent / "downloads.log"
        log.write_text("\n".join(lines) + "\n")
        cls.ingest(log)
        cls.window = f"from={stamp(cls.midnight - 7 * DAY)}&to={stamp(cls.midnight)}"

    @classmethod
    def ingest(cls, log, *words):
        done = subprocess.run([BIN / "cheesemongerd", "ingest", log, "--data", cls.registry.data, *words, *cls.registry.store],
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    def ask(self, path, role="observer", status=200):
        answer = self.registry.call("GET", f"/admin/v1/{path}", self.tokens.get(role, role))
        self.assertEqual(answer.status, status, (path, answer))
        return answer.json()

    def totals(self, answer):
        return {(one["project"], one.get("value", "")): one["total"] for one in answer["lines"] if one["total"]}

    def test_charts_add_up_by_class_and_mirrors_are_in_or_out(self):
        by_class = self.ask(f"downloads/series?{self.window}&step=day")
        self.assertEqual(self.totals(by_class), {("", "interactive"): 50, ("", "ci"): 5, ("", "mirror"): 300, ("", "browser"): 2})
        without = self.ask(f"downloads/series?{self.window}&split=none&classes=interactive,ci,browser,tooling,unknown")
        mirrors = self.ask(f"downloads/series?{self.window}&split=none&classes=mirror")
        both = self.ask(f"downloads/series?{self.window}&split=none&step=day")
        self.assertEqual(without["lines"][0]["total"] + mirrors["lines"][0]["total"], both["lines"][0]["total"])
        # Days of which no line is known have no figure, and say so.
        known = [bucket["known"] for bucket in both["buckets"]]
        self.assertEqual(len(known), 7)
        self.assertEqual([index for index, minutes in enumerate(known) if minutes], [2, 6])
        compared = self.ask(f"downloads/series?{self.window}&split=none&projects=Cheddar,BRIE,never")
        self.assertEqual(self.totals(compared), {("cheddar", ""): 314, ("brie", ""): 40})

    def test_small_charts_of_a_list_come_in_one_answer(self):
        answer = self.ask("downloads/trends?projects=Cheddar,brie,nobody&days=8")
        trends = {one["project"]: one for one in answer["items"]}
        self.assertEqual(list(trends), ["cheddar", "brie", "nobody"])
        self.assertEqual([trends[name]["total"] for name in trends], [314, 40, 0])
        # The days of which some lines are known; of the others nobody knows anything.
        self.assertEqual([at for at, count in enumerate(trends["cheddar"]["counts"]) if count is not None][:2], [2, 6])
        self.assertEqual((trends["cheddar"]["counts"][2], trends["cheddar"]["counts"][6], trends["brie"]["counts"][2]), (2, 312, 0))
        self.ask("downloads/trends?projects=" + ",".join(f"p{number}" for number in range(101)), status=422)

    def test_lists_shares_and_evidence(self):
        top = self.ask(f"downloads/shares?{self.window}")
        self.assertEqual([(one["value"], one["count"]) for one in top["items"]], [("cheddar", 314), ("brie", 40), ("gone", 3)])
        versions = self.ask(f"projects/cheddar/downloads/shares?{self.window}&classes=interactive,ci")
        self.assertEqual([(one["value"], one["count"]) for one in versions["items"]], [("1.0", 7), ("2.0", 5)])
        found = self.ask(f"downloads/evidence?{self.window}&project=cheddar&classes=interactive,ci,browser")
        self.assertEqual((found["count"], found["of"]), (14, 314))
        self.assertAlmostEqual(found["lower"], 7.65, 2)
        self.assertAlmostEqual(found["upper"], 23.49, 2)
        self.assertNotIn("people", found)

    def test_lines_are_reconciled(self):
        answer = self.ask("downloads/completeness")
        total = answer["total"]
        self.assertEqual(total["received"], 361)
        self.assertEqual(total["received"], sum(total[name] for name in ("downloads", "simple", "ignored", "unprocessed", "refused")))
        self.assertEqual(total["stored"], 357)
        self.assertEqual(sum(one["lines"] for one in answer["reasons"]), 4)
        self.assertNotIn("sent", answer)

    def test_who_may_ask_what(self):
        for path in ("downloads/series", "downloads/trends?projects=cheddar", "downloads/shares", "downloads/completeness", "downloads/evidence", "downloads/annotations"):
            self.ask(path, "user", 403)
        for path in ("projects/cheddar/downloads/series", "projects/cheddar/downloads/shares"):
            self.ask(path, self.owner)
            self.ask(path, "user", 403)
        # One's own project opens no other.
        for project in ("cheddar,brie", "brie/../cheddar", "gone"):
            answer = self.registry.call("GET", f"/admin/v1/projects/{urllib.parse.quote(project, safe='')}/downloads/series?split=none", self.owner)
            self.assertIn(answer.status, (403, 404), (project, answer))
        self.assertEqual(self.ask("projects/gone/downloads/series?split=none")["lines"][0]["total"], 3)

    def test_what_an_operator_says_is_in_every_chart_that_spans_it(self):
        body = {"kind": "gap", "from": stamp(self.midnight - DAY), "to": stamp(self.midnight), "text": "half of it was lost", "reason": "seen in the log"}
        self.assertEqual(self.registry.call("POST", "/admin/v1/downloads/annotations", self.tokens["observer"], body).status, 403)
        for wrong in ({"text": " "}, {"to": body["from"]}, {"project": "../x"}, {"project": "never-there"}, {"reason": ""}, {"kind": "rumour"}):
            answer = self.registry.call("POST", "/admin/v1/downloads/annotations", self.tokens["operator"], body | wrong)
            self.assertEqual(answer.status, 422, (wrong, answer))
        self.assertEqual(self.registry.call("POST", "/admin/v1/downloads/annotations", self.tokens["operator"], body).status, 200)
        series = self.ask(f"downloads/series?{self.window}&split=none&step=day")
        self.assertEqual(series["buckets"][6]["known"], 0)
        self.assertEqual(series["lines"][0]["counts"][6], 0)
        # A total is one however it is asked for, and of a gap alone there is none.
        self.assertEqual(self.ask(f"downloads/shares?{self.window}&split=none")["count"], series["lines"][0]["total"])
        self.assertEqual(self.ask(f"downloads/evidence?{self.window}")["count"], series["lines"][0]["total"])
        alone = f"from={stamp(self.midnight - DAY)}&to={stamp(self.midnight)}"
        for path in (f"downloads/shares?{alone}&split=none", f"downloads/evidence?{alone}"):
            self.assertNotIn("count", self.ask(path))
        self.assertNotIn("total", self.ask(f"downloads/series?{alone}&split=none&step=day")["lines"][0])
        said, = series["annotations"]
        self.assertEqual((said["text"], said["author"]), ("half of it was lost", "the-operator"))
        path = f"/admin/v1/downloads/annotations/{said['id']}"
        self.assertEqual(self.registry.call("DELETE", path + "?reason=mended", self.tokens["operator"]).status, 200)
        self.assertEqual(self.registry.call("DELETE", path + "?reason=mended", self.tokens["operator"]).status, 404)
        self.assertGreater(self.ask(f"downloads/series?{self.window}&split=none&step=day")["buckets"][6]["known"], 0)
        lines = self.ask("audit?action=annotation.", "admin")["items"]
        self.assertEqual([one["action"] for one in lines], ["annotation.remove", "annotation.add"])

    def test_the_public_reads_whole_days_and_caches_are_told_how(self):
        answer = self.registry.request("GET", "/stats/cheddar/")
        self.assertEqual(answer.status, 200)
        self.assertIn("max-age=", answer.headers["Cache-Control"])
        self.assertIn("project/cheddar", answer.headers["Surrogate-Key"].split())
        stats = answer.json()
        self.assertEqual((stats["last_day"]["downloads"], stats["last_day"]["without_mirrors"]), (312, 12))
        self.assertEqual(stats["last_week"]["classes"], {"interactive": 7, "ci": 5, "mirror": 300, "browser": 2, "tooling": 0, "unknown": 0})
        again = self.registry.request("GET", "/stats/cheddar/", headers={"If-None-Match": answer.headers["ETag"]})
        self.assertEqual(again.status, 304)
        self.assertEqual(self.registry.request("GET", "/stats/").json()["last_day"]["downloads"], 355)
        self.assertEqual(self.registry.request("GET", "/stats/Cheddar").headers["Location"], "/stats/cheddar/")
        for path in ("/stats/never/", "/stats/gone/", "/stats/a/b/", "/stats/.."):
            self.assertEqual(self.registry.request("GET", path).status, 404, path)
        self.assertEqual(self.registry.request("POST", "/stats/").status, 405)

    def test_what_another_mode_of_the_parser_means_is_said(self):
        """By whoever reads in it, once."""
        log = self.registry.data.parent / "nothing.log"
        log.write_text("")
        for mode, changes in (("strict", 0), ("compatible", 1), ("compatible", 1), ("strict", 2)):
            self.ingest(log, "--mode", mode)
            said = [one for one in self.ask("downloads/annotations")["items"] if one["author"] == "cheesemongerd ingest"]
            self.assertEqual(len(said), changes, (mode, said))
        self.assertEqual({one["kind"] for one in said}, {"definition"})


if __name__ == "__main__":
    unittest.main()
