# SPDX-License-Identifier: GPL-3.0-or-later
"""The story of the first day, told with real clients: upload with twine, install with pip, yank,
quarantine, lift, and every step in the audit log."""
import glob
import pathlib
import unittest

from support import RegistryTest, sdist, wheel


class Story(RegistryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada = cls.registry.user("ada")
        cls.eve = cls.registry.user("eve")
        cls.admin = cls.registry.user("root", "admin")

    def audit(self, **filters):
        query = "&".join(f"{key}={value}" for key, value in filters.items())
        answer = self.registry.call("GET", f"/admin/v1/audit?{query}", self.admin)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()["items"]

    def act(self, method, path, body):
        answer = self.registry.call(method, path, self.admin, body)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def download(self, requirement, check=True, kind="--only-binary"):
        target = self.folder / f"download-{requirement.replace('=', '')}"
        done = self.pip("download", "--no-deps", "--no-cache-dir", kind, ":all:", "--dest", str(target), requirement, check=check)
        return done if not check else sorted(target.iterdir())

    def test_real_wheels_travel_unchanged(self):
        real = sorted(glob.glob("/usr/share/python-wheels/*.whl"))
        self.assertTrue(real, "python3-pip-whl, python3-setuptools-whl and python3-wheel-whl are missing")
        self.twine(self.ada, *real)
        for path in map(pathlib.Path, real):
            name, version = path.name.split("-")[:2]
            files = self.download(f"{name}=={version}")
            self.assertEqual([file.name for file in files], [path.name])
            self.assertEqual(files[0].read_bytes(), path.read_bytes())

    def test_upload_yank_quarantine_lift(self):
        old, new = wheel("storyteller", "1.0"), wheel("storyteller", "2.0")
        self.twine(self.ada, old.write(self.folder), new.write(self.folder), sdist("storyteller", "2.0").write(self.folder))
        self.assertIn("2.0", self.download("storyteller")[0].name)

        self.act("POST", "/admin/v1/projects/storyteller/releases/2.0/yank", {"reason": "wrong ending"})
        self.assertTrue(all("2.0" not in file.name for file in self.download("storyteller<3")), "pip took the yanked release")
        self.act("POST", "/admin/v1/projects/storyteller/releases/2.0/unyank", {"reason": "the ending was right"})

        self.act("POST", "/admin/v1/projects/storyteller/quarantine", {"reason": "reported as malware"})
        refused = self.download("storyteller>0", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("No matching distribution found", refused.stderr)
        self.assertEqual(self.registry.files("storyteller"), {})
        self.assertNotIn(b"storyteller", self.registry.request("GET", "/simple/").body)
        self.assertRefused(self.registry.upload(wheel("storyteller", "3.0"), self.ada), 403, "quarantine")

        self.act("POST", "/admin/v1/projects/storyteller/lift", {"reason": "a false alarm"})
        self.assertIn("2.0", self.download("storyteller>=0")[0].name)

        lines = {line["action"]: line for line in self.audit(subject="storyteller", limit=50)}
        for action, reason in (("release.yank", "wrong ending"), ("release.unyank", "the ending was right"),
                               ("project.quarantine", "reported as malware"), ("project.lift", "a false alarm")):
            self.assertIn(action, lines)
            self.assertEqual((lines[action]["actor"], lines[action]["reason"]), ("root", reason))
            self.assertNotEqual(lines[action]["before"], lines[action]["after"], action)
        self.assertEqual(lines["project.quarantine"]["after"]["status"], "quarantined")
        self.assertTrue(self.registry.call("GET", "/admin/v1/audit/proof", self.admin).json()["intact"])

    def test_a_refusal_can_be_read_in_twine(self):
        self.twine(self.ada, wheel("adas-own", "1.0").write(self.folder))
        done = self.twine(self.eve, wheel("adas-own", "1.1").write(self.folder), check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("isn't allowed to upload to project", " ".join((done.stdout + done.stderr).split()))

    def test_the_same_upload_twice_is_one(self):
        package = wheel("twice", "1.0")
        for _ in range(2):
            self.assertEqual(self.registry.upload(package, self.ada).status, 200)
        other = wheel("twice", "1.0", payload=b"other = 1\n")
        self.assertRefused(self.registry.upload(other, self.ada), 400, "File already exists")
        self.assertEqual(list(self.registry.files("twice")), [package.filename])

    def test_admin_commands_work_beside_the_running_core(self):
        token = self.registry.user("late")
        self.assertEqual(self.registry.upload(wheel("latecomer", "1.0"), token).status, 200)
        self.assertIn("late", self.registry.admin("user", "list"))

    def test_a_second_core_on_the_same_data_is_refused(self):
        import subprocess
        from support import BIN, free_port
        done = subprocess.run([BIN / "cheesemongerd", "serve", "--data", self.registry.data, "--listen", f"127.0.0.1:{free_port()}"],
                              capture_output=True, text=True, timeout=30)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(self.registry.data), done.stderr)


if __name__ == "__main__":
    unittest.main()
