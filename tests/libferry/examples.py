#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples: that they are short, that they download, and that they say what went wrong.

Usage: examples.py FOLDER-OF-SOURCES C-PROGRAM [PYTHON]

PYTHON: one that has the bindings.
"""

import hashlib
import os
import pathlib
import re
import subprocess
import sys
import unittest

MAX_LINES = 20
DEADLINE = 60
SERVER = os.environ["FERRY_TEST_SERVER"]
HOME = pathlib.Path(os.environ["HOME"])
SOURCES = pathlib.Path(sys.argv[1])
PROGRAMS = {"c": [sys.argv[2]]}
if len(sys.argv) > 3:
    PROGRAMS["py"] = [sys.argv[3], str(SOURCES / "download.py")]


def count_lines(name):
    """Without comments and empty lines."""
    text = re.sub(r"/\*.*?\*/|^\s*#(?!include).*?$", "", (SOURCES / name).read_text(),
                  flags=re.DOTALL | re.MULTILINE)
    return sum(1 for line in text.splitlines() if line.strip())


class Examples(unittest.TestCase):
    def run_program(self, language, *arguments):
        return subprocess.run([*PROGRAMS[language], *arguments], capture_output=True, text=True,
                              timeout=DEADLINE, check=False)

    def test_short(self):
        for language in ("c", "py"):
            with self.subTest(language):
                lines = count_lines(f"download.{language}")
                self.assertGreater(lines, 10)
                self.assertLessEqual(lines, MAX_LINES)

    def test_download(self):
        for language in PROGRAMS:
            with self.subTest(language):
                done = self.run_program(language, f"{SERVER}/file?{language}")
                self.assertEqual(done.stderr, "")
                self.assertEqual(done.returncode, 0)
                path = pathlib.Path(done.stdout.rstrip("\n"))
                self.assertEqual(path.parent, HOME)
                self.assertEqual(path.stat().st_size, 300000)
        files = list(HOME.glob("file*"))
        self.assertEqual(len(files), len(PROGRAMS))
        self.assertEqual(len({hashlib.sha256(file.read_bytes()).digest() for file in files}), 1)

    def test_missing(self):
        for language in PROGRAMS:
            with self.subTest(language):
                done = self.run_program(language, f"{SERVER}/missing")
                self.assertEqual(done.returncode, 1)
                self.assertIn("404", done.stdout + done.stderr)

    def test_no_address(self):
        for language in PROGRAMS:
            with self.subTest(language):
                done = self.run_program(language, "gopher://127.0.0.1/")
                self.assertEqual(done.returncode, 1)
                self.assertIn("gopher", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
