# SPDX-License-Identifier: GPL-3.0-or-later
"""cheesemongerd ingest --parse: what each line of a log says, from files, gzip and the standard input, hostile ones too."""
import gzip
import json
import pathlib
import random
import subprocess
import tempfile
import unittest

from support import BIN

PIP = 'pip/20.1 {"installer":{"name":"pip","version":"20.1"},"ci":true}'
LINE = ("download|Fri, 20 Jul 2018 02:19:19 GMT|JP|/packages/ba/c8/x/cfn_flip-1.0.3.tar.gz|TLSv1.2|ECDHE-RSA-AES128-GCM-SHA256|"
        f"cfn-flip|1.0.3|sdist|{PIP}").encode()
RECORD = {"timestamp": "2018-07-20 02:19:19 +00:00", "url": "/packages/ba/c8/x/cfn_flip-1.0.3.tar.gz", "project": "cfn-flip",
          "file": {"filename": "cfn_flip-1.0.3.tar.gz", "project": "cfn-flip", "version": "1.0.3", "type": "sdist"},
          "tls_protocol": "TLSv1.2", "tls_cipher": "ECDHE-RSA-AES128-GCM-SHA256", "country_code": "JP",
          "details": {"installer": {"name": "pip", "version": "20.1"}, "ci": True}}


class IngestParse(unittest.TestCase):
    def run_it(self, *words, given=b""):
        return subprocess.run([BIN / "cheesemongerd", "ingest", "--parse", *words], input=given, capture_output=True)

    def parse(self, *words, given=b"", status=0):
        done = self.run_it(*words, given=given)
        self.assertEqual(status, done.returncode, done.stderr)
        # Lines of JSON end with a newline alone: texts may hold other ends of lines.
        return [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]

    def test_a_line_says_what_it_says(self):
        for mode in ("compatible", "strict"):
            self.assertEqual([{"outcome": "download", "reason": None, "class": "ci", "record": RECORD}],
                             self.parse("--mode", mode, "-", given=LINE + b"\n"))

    def test_files_gzip_and_what_follows_the_last_newline(self):
        simple = b"simple|Fri, 20 Jul 2018 02:19:19 GMT||/simple/x/|(null)|(null)||||curl/8"
        with tempfile.TemporaryDirectory() as folder:
            plain, packed, empty = (pathlib.Path(folder) / name for name in ("plain", "packed", "empty"))
            plain.write_bytes(LINE + b"\r\n" + simple)
            # Two members, as CDNs append them.
            packed.write_bytes(gzip.compress(LINE + b"\n" + simple[:9]) + gzip.compress(simple[9:] + b"\n"))
            empty.write_bytes(b"")
            found = self.parse(str(plain), str(packed), str(empty), "-", given=gzip.compress(LINE))
        self.assertEqual(["download", "simple", "download", "simple", "download"], [each["outcome"] for each in found])
        self.assertEqual([RECORD] * 3, [each["record"] for each in found if each["outcome"] == "download"])
        self.assertEqual(["browser"] * 2, [each["class"] for each in found if each["outcome"] == "simple"])
        self.assertNotIn("country_code", found[1]["record"])

    def test_what_only_counting_heeds_is_not_passed_over(self):
        for flag, value in (("--relp", "127.0.0.1:2514"), ("--earliest", "2014-01-31"), ("--data", "/nowhere"), ("--config", "/nowhere"), ("--check-config", None)):
            done = self.run_it(flag, *([value] if value else []), "-", given=LINE)
            self.assertEqual((2, b""), (done.returncode, done.stdout), flag)
            self.assertIn(flag.encode(), done.stderr)

    def test_what_cannot_be_read_is_said_and_the_rest_read(self):
        with tempfile.TemporaryDirectory() as folder:
            cut, damaged, good = (pathlib.Path(folder) / name for name in ("cut", "damaged", "good"))
            packed = gzip.compress(b"\n".join([LINE] * 1000))
            cut.write_bytes(packed[:len(packed) // 2])
            damaged.write_bytes(packed[:40] + b"\xff" * 40)
            good.write_bytes(LINE)
            for bad in (cut, damaged, pathlib.Path(folder) / "missing", pathlib.Path(folder)):
                done = self.run_it(str(bad), str(good))
                self.assertEqual(1, done.returncode)
                self.assertIn(str(bad).encode(), done.stderr)
                self.assertEqual(RECORD, json.loads(done.stdout.decode().split("\n")[-2])["record"])

    def test_the_command_line_is_held_to_its_words(self):
        for words, told in (((), b"needs files"), (("--mode", "loose", "-"), b"compatible and strict"),
                            (("--relp", "127.0.0.1:0", "-"), b"--relp listens")):
            done = self.run_it(*words)
            self.assertEqual(2, done.returncode)
            self.assertIn(told, done.stderr)

    def test_it_says_how_it_reads_where_nobody_said_so(self):
        for words, says in ((("-",), True), (("--mode", "strict", "-"), False)):
            done = self.run_it(*words, given=b"\xef\xbb\xbf" + LINE + b"\n")
            self.assertEqual(b"counting reads them strictly" in done.stderr, says, done.stderr)
            self.assertEqual(json.loads(done.stdout)["outcome"], "download")
        done = self.run_it("--config", "/nonexistent.toml", "-")
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"--mode", done.stderr)

    def test_hostile_lines_are_told_one_by_one(self):
        lines = [b"\0" * 100, b"\xff\xfe", b"x" * 5_000_000, b"|" * 16_384, b"@" * 16_384, b"<134>" * 3000, b"download|" * 1800,
                 LINE + b"\0", LINE + b"\x80", LINE.replace(b"2018", b"1970"), LINE.replace(b"2018", b"2100"), b"[" * 16_000,
                 LINE.replace(PIP.encode(), b"pip/20.1 " + b"[" * 15_000), LINE.replace(PIP.encode(), b'pip/20.1 {"a":' * 1000), b"", b" ", LINE]
        expected = {
            "compatible": "unprocessed unprocessed refused unprocessed unprocessed unprocessed unprocessed download unprocessed download "
                          "download unprocessed download download unprocessed unprocessed download",
            "strict": "refused refused refused unprocessed unprocessed unprocessed unprocessed refused refused refused "
                      "refused unprocessed download download unprocessed unprocessed download"}
        for mode, outcomes in expected.items():
            found = self.parse("--mode", mode, "-", given=b"\n".join(lines) + b"\n")
            self.assertEqual(outcomes.split(), [each["outcome"] for each in found])
            for each in found:
                self.assertEqual(each["outcome"] in ("download", "simple"), each["record"] is not None)
                self.assertEqual(each["reason"] is None, each["record"] is not None)
            self.assertEqual("TooLong", found[2]["reason"])
            self.assertEqual(RECORD, found[-1]["record"])

    def test_noise_ends_nothing(self):
        noise = random.Random(7)
        alphabet = [LINE[at:at + 9] for at in range(0, len(LINE), 5)] + [bytes([byte]) for byte in range(256)]
        lines = [b"".join(noise.choice(alphabet) for _ in range(noise.randrange(80))).replace(b"\n", b" ") for _ in range(3000)]
        for mode in ("compatible", "strict"):
            self.assertEqual(len(lines), len(self.parse("--mode", mode, "-", given=b"\n".join(lines) + b"\n")))


if __name__ == "__main__":
    unittest.main()
