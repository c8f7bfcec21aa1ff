# SPDX-License-Identifier: GPL-3.0-or-later
"""The static mirror of a real registry: what is published, when, and what is not done."""
import os
import random
import shutil
import signal
import subprocess
import threading
import time
import unittest

from mirrors import Mirror, Reader, UpstreamTest
from support import RegistryTest, sdist, wheel

KILLS = int(os.environ.get("CHEESEMONGER_MIRROR_KILLS", "25"))


class Following(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls.registry.user("ada")
        cls.admin = cls.registry.user("root", "admin")

    def setUp(self):
        self.mirror = Mirror(self.folder / self.id().rpartition(".")[2], self.registry.url)

    def upload(self, package):
        self.assertEqual(self.registry.upload(package, self.token).status, 200)
        return package

    def order(self, path, **body):
        answer = self.registry.call("POST", f"/admin/v1/projects/{path}", self.admin, {"reason": "a test", **body})
        self.assertLess(answer.status, 300, answer)

    def delete(self, path, confirm):
        answer = self.registry.call("DELETE", f"/admin/v1/{path}?confirm={confirm}&reason=a+test", self.admin)
        self.assertEqual(answer.status, 200, answer)

    def same(self, project):
        """The mirror's page says what the registry's says, but for the links."""
        def told(files):
            return {name: {key: value for key, value in file.items() if key != "url"} for name, file in files.items()}
        self.assertEqual(told(self.mirror.files(project)), told(self.registry.files(project)))

    def test_uploads_yanks_quarantines_and_deletions_are_followed_within_one_run(self):
        first = self.upload(wheel("Follow.One", "1.0", extra="Requires-Python: >=3.8\n"))
        second = self.upload(sdist("Follow.One", "2.0"))
        other = self.upload(wheel("follow-two", "1.0"))
        self.mirror.run()
        self.same("follow-one")
        for package in (first, second):
            self.assertEqual(self.mirror.content("follow-one", package.filename), package.content)
        self.assertIn("Follow.One", self.mirror.listed())
        status = self.mirror.status()
        self.assertEqual((status["serial"], status["synced_through"], status["errors"]), (status["upstream_serial"],) * 2 + ([],))

        self.order("follow-one/releases/1.0/yank")
        self.mirror.run()
        self.same("follow-one")
        self.assertEqual(self.mirror.files("follow-one")[first.filename]["yanked"], "a test")

        blob = self.mirror.web / "packages" / self.mirror.files("follow-two")[other.filename]["url"].removeprefix("../../packages/")
        self.order("follow-two/quarantine")
        self.mirror.run()
        self.assertEqual(self.mirror.page("follow-two")["project-status"]["status"], "quarantined")
        self.assertEqual(self.mirror.files("follow-two"), {})
        self.assertFalse(blob.exists(), "a quarantined file is still served")
        self.assertNotIn("follow-two", self.mirror.listed())
        requests = self.order("follow-two/lift") or self.mirror.run().stdout
        self.assertTrue(blob.exists())
        self.assertIn("0 files", requests, "bytes that were kept aside were fetched again")
        self.assertIn("follow-two", self.mirror.listed())

        self.delete(f"files/{second.filename}", second.filename)
        self.mirror.run()
        self.same("follow-one")
        self.delete("projects/follow-two", "follow-two")
        self.mirror.run()
        self.assertEqual(self.mirror.files("follow-two"), self.registry.files("follow-two"))
        self.assertFalse(blob.exists())
        self.assertEqual(self.mirror.check(), [])

    def test_a_quiet_minute_is_one_request_and_moves_the_check_alone(self):
        self.upload(wheel("quiet", "1.0"))
        self.mirror.run()
        before = self.mirror.status()
        tree = self.snapshot()
        done = self.mirror.run()
        after = self.mirror.status()
        self.assertIn(" 1 requests", done.stdout)
        self.assertGreater(after["last_checked"], before["last_checked"])
        self.assertEqual(after["last_changed"], before["last_changed"])
        self.assertEqual(self.snapshot(), tree)

    def snapshot(self):
        return {path: path.lstat().st_mtime_ns for path in self.mirror.web.rglob("*")
                if path.is_file() and path.name not in ("status.json", "last-modified")}

    def test_one_upload_takes_three_requests(self):
        self.upload(wheel("three", "1.0"))
        self.mirror.run()
        package = self.upload(wheel("three", "2.0"))
        self.assertIn(" 3 requests", self.mirror.run().stdout)
        self.assertEqual(self.mirror.content("three", package.filename), package.content)

    def test_another_registry_is_not_taken_for_this_one(self):
        self.upload(wheel("identity", "1.0"))
        self.mirror.run()
        with_other = self.folder / "other"
        from support import Registry
        other = Registry(with_other / "data")
        with_other.mkdir()
        other.start()
        self.addCleanup(other.kill)
        token = other.user("eve")
        for number in range(60):
            other.upload(wheel("identity", f"9.{number}"), token)
        moved = Mirror(self.mirror.folder, other.url)
        done = moved.run(check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("another registry", done.stderr)
        self.assertIn("--accept-upstream", done.stderr)
        self.assertEqual(list(moved.files("identity")), ["identity-1.0-py3-none-any.whl"])
        moved.run("--accept-upstream", "--allow-deletions")
        self.assertEqual(len(moved.files("identity")), 60)
        self.assertEqual(moved.check(), [])

    def test_filters_choose_projects_releases_and_files(self):
        for package in (wheel("pick-me", "1.0"), wheel("pick-me", "2.0"), wheel("pick-me", "3.0a1"), sdist("pick-me", "2.0"),
                        wheel("pick-not", "1.0")):
            self.upload(package)
        self.mirror.arguments = ("--allow", "pick-*", "--deny", "pick-not", "--prereleases", "false", "--latest", "1", "--sdists", "false")
        self.mirror.run()
        self.assertEqual(list(self.mirror.listed()), ["pick-me"])
        self.assertEqual(list(self.mirror.files("pick-me")), ["pick_me-2.0-py3-none-any.whl"])
        self.assertEqual(self.mirror.page("pick-me")["versions"], ["2.0"])
        self.mirror.arguments = ("--allow", "pick-*")
        self.mirror.run()
        self.assertEqual(sorted(self.mirror.listed()), ["pick-me", "pick-not"])
        self.assertEqual(len(self.mirror.files("pick-me")), 4)
        self.assertEqual(self.mirror.check(), [])

    def test_damage_is_found_and_mended(self):
        package = self.upload(wheel("damage", "1.0", payload=b"x" * 5000))
        self.mirror.arguments = ("--scrub", "100", "--allow", "damage")
        self.mirror.run()
        blob = self.mirror.web / "packages" / self.mirror.files("damage")[package.filename]["url"].removeprefix("../../packages/")
        blob.write_bytes(package.content[:-1] + b"!")
        (blob.parent / (blob.name + ".metadata")).unlink()
        self.assertEqual(len(self.mirror.check()), 2)
        self.assertIn("1 files", self.mirror.run().stdout)
        self.assertEqual(blob.read_bytes(), package.content)
        self.assertEqual(self.mirror.check(), [])

    def test_sigterm_leaves_a_valid_tree_and_says_so(self):
        for number in range(30):
            self.upload(wheel(f"term-{number}", "1.0", payload=os.urandom(200_000)))
        self.mirror.arguments = ("--bandwidth", "1MB", "--allow", "term-*")
        process = subprocess.Popen(self.mirror.command("--once"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        _, words = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 1)
        self.assertIn("goes on from here", words)
        self.assertEqual([line for line in self.mirror.check() if "index" not in line], [])
        self.mirror.arguments = ("--allow", "term-*")
        self.mirror.run()
        self.assertEqual(len(self.mirror.listed()), 30)
        self.assertEqual(self.mirror.check(), [])

    def test_every_minute_and_one_at_a_time(self):
        self.upload(wheel("daemon", "1.0"))
        self.mirror.arguments = ("--every", "1s")
        process = subprocess.Popen(self.mirror.command(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(process.kill)
        process.stdout.readline()
        package = self.upload(wheel("daemon", "2.0"))
        for _ in range(600):
            if package.filename in self.mirror.files("daemon"):
                break
            time.sleep(0.05)
        self.assertIn(package.filename, self.mirror.files("daemon"))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)
        process.stdout.close()

    def test_configuration_is_judged_at_once(self):
        done = subprocess.run([*self.mirror.command("--once", "--jobs", "0", "--every", "soon")], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--jobs", done.stderr)
        self.assertIn("--every", done.stderr)


class Killing(RegistryTest):
    """kill -9 at random moments: whoever reads the tree finds it whole, and the next run goes on."""

    def moderate(self, dice, numbers):
        """What takes away and brings back: quarantines, lifts, deletions of a file."""
        for number in numbers:
            name = f"kill-{number}"
            files = sorted(self.registry.files(name))
            if not files:
                order = self.registry.call("POST", f"/admin/v1/projects/{name}/lift", self.admin, {"reason": "a test"})
            elif dice.random() < 0.6 or len(files) == 1:
                order = self.registry.call("POST", f"/admin/v1/projects/{name}/quarantine", self.admin, {"reason": "a test"})
            else:
                filename = dice.choice(files)
                order = self.registry.call("DELETE", f"/admin/v1/files/{filename}?confirm={filename}&reason=a+test", self.admin)
            self.assertLess(order.status, 300, order)

    def test_a_kill_at_any_moment_leaves_a_whole_tree(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        dice = random.Random(seed)
        token, self.admin = self.registry.user("ada"), self.registry.user("root", "admin")
        mirror = Mirror(self.folder / "mirror", self.registry.url)
        packages = [wheel(f"kill-{number}", "1.0", payload=dice.randbytes(20_000)) for number in range(40)]
        for package in packages:
            self.assertEqual(self.registry.upload(package, token).status, 200)
        mirror.run()
        whole, interrupted, number = 1.0, 0, 0  # seconds that such a run takes, about: less when it was over before it was killed
        with Reader(mirror, [f"kill-{number}" for number in range(40)]) as reader:
            while interrupted < KILLS:
                number += 1
                changed = [wheel(f"kill-{dice.randrange(40)}", f"2.{number}.{part}", payload=dice.randbytes(20_000)) for part in range(8)]
                threads = [threading.Thread(target=self.registry.upload, args=(package, token)) for package in changed]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.moderate(dice, dice.sample(range(40), 4))
                process = subprocess.Popen(mirror.command("--once"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(dice.uniform(0, whole))
                process.kill()
                killed = process.wait() == -signal.SIGKILL
                interrupted += killed
                whole *= 1.1 if killed else 0.7
                found = [line for line in mirror.check() if ".tmp/" not in line]
                self.assertEqual((found, reader.problems), ([], []), f"round {number}")
        self.assertGreater(reader.read, KILLS)
        mirror.run()
        self.assertEqual(mirror.check(), [])
        for number in range(40):
            self.assertEqual(sorted(mirror.files(f"kill-{number}")), sorted(self.registry.files(f"kill-{number}")))
        # Nothing is left of the runs that were killed.
        named = {f"{path}{more}" for number in range(40) for file in mirror.page(f"kill-{number}")["files"]
                 for path in [file["url"].rpartition("/packages/")[2]] for more in ("", ".metadata")}
        self.assertEqual({str(path.relative_to(mirror.web / "packages")) for path in (mirror.web / "packages").rglob("*") if path.is_file()}, named)
        pages = [path for path in (mirror.web / ".pages").glob("??/*")]
        self.assertLessEqual(len(pages), 80, "old pages pile up")


class KillingPartly(UpstreamTest):
    """The same where one serial has several pages: without a file that does not come, of other filters and back. It is killed while
    it drops older pages, and at random moments."""
    arguments = ("--allow-deletions",)

    def setUp(self):
        super().setUp()
        self.names = [f"kill-{number}" for number in range(12)]
        for name in self.names:
            for version in range(1, 5):
                self.upstream.publish(name, f"{name}-{version}.0.tar.gz", os.urandom(500))
        self.mirror.run()
        self.release = 5

    def killed(self, until):
        """A run that is killed as soon as that is so."""
        process = subprocess.Popen(self.mirror.command("--once"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not until():
            pass
        process.kill()
        return process.wait() == -signal.SIGKILL

    def pages(self):
        return set((self.mirror.web / ".pages").glob("??/*"))

    def whole(self, names, when):
        missing = [name for name in names if not (self.mirror.web / "simple" / name / "index.html").exists()]
        self.assertEqual(missing, [], f"{when}: what is published is answered with 404")
        self.assertEqual([line for line in self.mirror.check() if ".tmp/" not in line and "global index" not in line], [], when)

    def part(self, name):
        """A file that does not come, and one that goes: the page is of the serial it had."""
        filename = f"{name}-{self.release}.0.tar.gz"
        self.release += 1
        self.upstream.lie.add(filename)
        self.upstream.publish(name, filename, os.urandom(500))
        self.withdraw(name)

    def withdraw(self, name):
        files = self.upstream.projects[name]["files"]
        sound = [filename for filename in files if filename not in self.upstream.lie]
        if len(sound) > 1:
            del files[sound[0]]
        self.upstream.touch(name)

    def test_a_kill_while_older_pages_go_leaves_those_that_are_served(self):
        for name in self.names:
            self.part(name)
        self.mirror.run(check=False)
        for name in self.names:
            self.withdraw(name)
        before = self.pages()
        self.assertTrue(self.killed(lambda: len(before & self.pages()) < len(before) - 3), "the run was over before it was killed")
        for when in ("the next run", "the one after it"):
            self.mirror.run(check=False)
            self.whole(self.names, when)

    def test_a_kill_at_any_moment_with_pages_in_part_and_filters_that_come_and_go(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        dice = random.Random(seed)
        whole, interrupted, number = 0.5, 0, 0
        while interrupted < KILLS:
            number += 1
            for name in dice.sample(self.names, 5):
                if dice.random() < 0.5:
                    self.part(name)
                else:
                    self.upstream.publish(name, f"{name}-{self.release}.0.tar.gz", os.urandom(500))
                    self.release += 1
            if dice.random() < 0.4:
                self.upstream.lie.clear()
            self.mirror.arguments = self.arguments + dice.choice(((), ("--latest", "1"), ("--deny", "kill-1*")))
            end = time.monotonic() + dice.uniform(0, whole)
            killed = self.killed(lambda: time.monotonic() > end)
            interrupted += killed
            whole *= 1.1 if killed else 0.7
            names = [name for name in self.names if (self.mirror.web / "simple" / name).is_symlink()]
            self.whole(names, f"round {number}")
        self.upstream.lie.clear()
        self.mirror.arguments = self.arguments
        self.mirror.run()
        self.whole(self.names, "the end")
        for name in self.names:
            self.assertEqual(set(self.mirror.files(name)), set(self.upstream.projects[name]["files"]))
        self.assertLessEqual(len(self.pages()), 2 * len(self.names), "old pages pile up")

    def test_a_link_that_a_version_before_left_without_its_pages_is_mended(self):
        name = self.names[3]
        self.mirror.state("DELETE FROM facts WHERE name = 'links_looked'")
        shutil.rmtree((self.mirror.web / "simple" / name).resolve())
        self.mirror.run()
        self.whole(self.names, "the next run")


if __name__ == "__main__":
    unittest.main()
