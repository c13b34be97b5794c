#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""That all that is public is documented, and that the pages can be made without a warning.

Usage: documented.py GIR LIBRARY CONFIGURATION FOLDER-OF-PAGES
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

DEADLINE = 120
GIR, LIBRARY, CONFIGURATION, PAGES = sys.argv[1:]
CORE = "{http://www.gtk.org/introspection/core/1.0}"
C = "{http://www.gtk.org/introspection/c/1.0}"
GLIB = "{http://www.gtk.org/introspection/glib/1.0}"


def run_program(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=DEADLINE, check=False)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}"
    return done.stdout


class Documented(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gir = xml.etree.ElementTree.parse(GIR).getroot()

    def test_names(self):
        """The library offers what the introspection data says, no more and no less."""
        lines = run_program("nm", "--dynamic", "--defined-only", LIBRARY).splitlines()
        offered = {line.split()[-1].split("@")[0] for line in lines}
        described = {element.get(C + "identifier") for element in self.gir.iter()
                     if element.tag in {CORE + kind for kind in ("function", "method",
                                                                 "constructor")}}
        types = {element.get(GLIB + "get-type") for element in self.gir.iter()}
        self.assertGreater(len(described), 100)
        self.assertEqual(offered - described - types, set())
        self.assertEqual(described - offered, set())

    def test_domain(self):
        domains = [element.get(GLIB + "error-domain")
                   for element in self.gir.iter(CORE + "enumeration")]
        self.assertEqual([domain for domain in domains if domain], ["ferry-error-quark"])

    def test_everything_documented(self):
        run_program("gi-docgen", "check", "--fatal-warnings", "--config", CONFIGURATION, GIR)

    def test_pages(self):
        with tempfile.TemporaryDirectory(prefix="ferry-pages-") as folder:
            run_program("gi-docgen", "generate", "--quiet", "--fatal-warnings",
                        "--config", CONFIGURATION, "--content-dir", PAGES,
                        "--output-dir", folder, "--no-namespace-dir", GIR)
            pages = pathlib.Path(folder)
            front = (pages / "index.html").read_text()
            self.assertIn("transfer service", front)
            self.assertIn("getting-started.html", front)
            first = (pages / "getting-started.html").read_text()
            # A name that is none of the library's would be left as it was written.
            for kind in ("class@", "method@", "signal@", "property@", "error@", "iface@"):
                self.assertNotIn("[" + kind, first)
            self.assertTrue((pages / "class.Client.html").exists())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
