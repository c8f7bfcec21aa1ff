# SPDX-License-Identifier: GPL-3.0-or-later
"""kill -9 of the core at random moments of uploads: nothing half-done is ever seen, nothing acknowledged
is ever lost, and the same upload then succeeds."""
import hashlib
import http.client
import os
import random
import statistics
import threading
import time
import unittest
import urllib.request

from support import SIMPLE_JSON, RegistryTest, sdist, wheel

KILLS = int(os.environ.get("CHEESEMONGER_KILLS", "200"))


class KillTest(RegistryTest):
    def test_uploads_survive_a_kill_at_any_moment(self):
        seed = random.randrange(1 << 32)
        print(f"seed {seed}")
        dice = random.Random(seed)
        token = self.registry.user("ada")
        acknowledged = {}
        typical = self.usual_time(dice, token, acknowledged)
        interrupted = round_number = 0
        # A machine may grow faster meanwhile: then more are needed for as many that fall into an upload.
        while round_number < KILLS or (interrupted <= KILLS // 10 and round_number < 2 * KILLS):
            round_number += 1
            packages = [self.package(dice, round_number, part) for part in range(2)]
            answered = self.kill_during(packages, token, dice.uniform(0, typical * 1.2), acknowledged)
            interrupted += answered < len(packages)
            self.registry.kill()
            self.registry.start()
            self.check_whole(packages, acknowledged)
            for package in packages:
                answer = self.registry.upload(package, token)
                self.assertEqual(answer.status, 200, answer)
                acknowledged[package.filename] = package
        self.assertGreater(interrupted, KILLS // 10, "too few kills fell into an upload to prove anything")
        self.check_everything(acknowledged)
        self.assertEqual(self.registry.admin("fsck", "--rehash", check=False).returncode, 0)

    def package(self, dice, round_number, part):
        payload = dice.randbytes(dice.choice((2_000, 60_000, 700_000)))
        make = dice.choice((wheel, sdist))
        return make(f"kill-{round_number % 20}", f"1.{round_number}.{part}", payload=payload)

    def usual_time(self, dice, token, acknowledged):
        """The median time of the uploads of a round, so that kills fall into them on any machine."""
        times = []
        for number in range(9):
            packages = [self.package(dice, 1000 + number, part) for part in range(2)]
            start = time.monotonic()
            threads = [threading.Thread(target=self.registry.upload, args=(package, token)) for package in packages]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            times.append(time.monotonic() - start)
            acknowledged.update({package.filename: package for package in packages})
        return statistics.median(times)

    def kill_during(self, packages, token, delay, acknowledged):
        """Uploads at once, kills after `delay` seconds; answers how many uploads were acknowledged."""
        answered = []

        def send(package):
            try:
                if self.registry.upload(package, token, timeout=20).status == 200:
                    answered.append(package)
            except (OSError, http.client.HTTPException):
                pass  # the core died under it, as it should

        process = self.registry.process
        threads = [threading.Thread(target=send, args=(package,)) for package in packages]
        for thread in threads:
            thread.start()
        time.sleep(delay)
        process.kill()
        for thread in threads:
            thread.join()
        for package in answered:
            acknowledged[package.filename] = package
        return len(answered)

    def check_whole(self, packages, acknowledged):
        staging = [path for path in self.registry.data.rglob("*") if path.is_file() and "tmp" in path.parent.name]
        self.assertEqual(staging, [], "temporary files were left")
        for package in packages:
            listed = (self.registry.files(package.name) or {}).get(package.filename)
            if package.filename in acknowledged:
                self.assertIsNotNone(listed, f"{package.filename} was acknowledged and is gone")
            if listed:
                self.assertEqual(self.download(listed["url"]), package.content, package.filename)

    def check_everything(self, acknowledged):
        pages = {}
        for filename, package in acknowledged.items():
            page = pages.setdefault(package.name, self.registry.files(package.name))
            self.assertIn(filename, page)
            self.assertEqual(page[filename]["hashes"]["sha256"], hashlib.sha256(package.content).hexdigest())

    def download(self, url):
        if url.startswith("/"):
            url = self.registry.url + url
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": SIMPLE_JSON})) as answer:
            return answer.read()


if __name__ == "__main__":
    unittest.main()
