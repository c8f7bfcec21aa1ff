# SPDX-License-Identifier: GPL-3.0-or-later
"""Descriptions that uploads are refused for, held against the renderer that package indexes use."""
import json
import pathlib
import subprocess
import unittest

from support import RegistryTest, sdist

CASES = json.loads((pathlib.Path(__file__).parent.parent / "data/descriptions/rst.json").read_text())
# Debian's Python, which has the renderer with twine.
RENDER = """import io, json, sys
from readme_renderer.rst import render
json.dump([render(text, stream=io.StringIO()) is not None for text in json.load(sys.stdin)], sys.stdout)"""


def rendered(cases):
    done = subprocess.run(["/usr/bin/python3", "-c", RENDER], input=json.dumps([case["text"] for case in cases]),
                          capture_output=True, text=True, timeout=120, check=True)
    return [case["name"] for case, good in zip(cases, json.loads(done.stdout)) if good]


class Descriptions(RegistryTest):
    def test_what_is_refused_does_not_render(self):
        self.assertEqual(rendered([case for case in CASES if case["refused"]]), [])

    def test_what_is_taken_renders(self):
        # The check finds what is certain: a few mistakes only docutils can tell.
        taken = [case for case in CASES if not case["refused"]]
        self.assertGreater(len(rendered(taken)), 0.8 * len(taken))

    def test_an_upload_is_refused_in_the_words_of_the_protocol(self):
        token = self.registry.user("ada")
        package = sdist("described", "1.0")
        answer = self.registry.upload(package, token, description="A long title\n====\n")
        self.assertEqual(answer.status, 400)
        self.assertEqual(answer.reason, "The description failed to render in the default format of reStructuredText. "
                                        "See /help/uploads#description-content-type for more information.")
        self.assertIn('id="description-content-type"', self.registry.request("GET", "/help/uploads").body.decode())
        self.assertEqual(self.registry.upload(package, token, description="A long title\n====\n",
                                              description_content_type="text/markdown").status, 200)
