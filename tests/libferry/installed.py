#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library as it is installed: programs in C, Vala and Python find it by its files alone.

Usage: installed.py BUILD-FOLDER FOLDER-OF-EXAMPLES [VALA-PROGRAM]
"""

import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import unittest

DEADLINE = 120
SERVER = os.environ["FERRY_TEST_SERVER"]
BUILD, EXAMPLES = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
VALA_PROGRAM = sys.argv[3] if len(sys.argv) > 3 else None


def link_system(root, folder):
    """A root that pkg-config looks into has the machine's libraries and headers as well."""
    (root / folder).mkdir(parents=True, exist_ok=True)
    for entry in os.scandir("/" + folder):
        place = root / folder / entry.name
        if not place.exists():
            place.symlink_to(entry.path)


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="ferry-installed-")
        cls.addClassCleanup(temporary.cleanup)
        cls.root = pathlib.Path(temporary.name, "root")
        cls.work = pathlib.Path(temporary.name)
        cls.run_program("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet",
                        "--destdir", cls.root)
        libraries = cls.find("libferry-1.so").parent
        triplet = sysconfig.get_config_var("MULTIARCH") or ""
        for folder in ("usr/include", "usr/lib/" + triplet, "usr/lib"):
            link_system(cls.root, folder)
        cls.environment = dict(
            os.environ, PKG_CONFIG_SYSROOT_DIR=str(cls.root),
            PKG_CONFIG_PATH=str(cls.find("ferry-1.pc").parent), LD_LIBRARY_PATH=str(libraries))

    @classmethod
    def find(cls, name):
        found = [path for path in cls.root.rglob(name) if "usr/lib/debug" not in str(path)]
        assert len(found) == 1, f"{name}: {found}"
        return found[0]

    @classmethod
    def run_program(cls, *command, environment=None):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=DEADLINE, check=False, env=environment)
        assert done.returncode == 0, f"{command}: {done.stdout}"
        return done.stdout

    def ask_pkg_config(self, *options):
        return self.run_program("pkg-config", *options, "ferry-1",
                                environment=self.environment).split()

    def assert_works(self, *program, environment=None):
        environment = environment or self.environment
        output = self.run_program(*program, SERVER + "/file", environment=environment)
        self.assertEqual(pathlib.Path(output.rstrip("\n")).stat().st_size, 300000)
        done = subprocess.run([*program, SERVER + "/missing"], env=environment, text=True,
                              capture_output=True, timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("404", done.stdout + done.stderr)

    def test_pkg_config(self):
        self.assertEqual(self.ask_pkg_config("--print-requires"), ["gio-2.0", ">=", "2.74"])
        self.assertEqual(len(self.ask_pkg_config("--modversion")), 1)
        self.assertIn("-lferry-1", self.ask_pkg_config("--libs"))
        include = self.find("ferry.h").parent
        self.assertIn(f"-I{include}", self.ask_pkg_config("--cflags"))
        for variable, name in (("girdir", "Ferry-1.gir"), ("typelibdir", "Ferry-1.typelib"),
                               ("vapidir", "ferry-1.vapi"), ("includedir", "ferry-1")):
            place = self.ask_pkg_config(f"--variable={variable}")[0]
            if name.endswith("vapi") and VALA_PROGRAM is None:
                continue
            # Some say the path with the root, some without.
            inside = self.root / os.path.relpath(place.removeprefix(str(self.root)), "/")
            self.assertTrue((inside / name).exists(), inside / name)

    def test_c(self):
        program = self.work / "download"
        self.run_program("cc", "-Wall", "-Werror", "-o", program, EXAMPLES / "download.c",
                         *self.ask_pkg_config("--cflags", "--libs"))
        self.assert_works(program)

    @unittest.skipIf(VALA_PROGRAM is None, "there is no Vala API")
    @unittest.skipIf(shutil.which("valac") is None, "there is no valac")
    def test_vala(self):
        program = self.work / "vala"
        vapi = self.find("ferry-1.vapi")
        self.assertEqual((vapi.parent / "ferry-1.deps").read_text().split(), ["gio-2.0"])
        output = self.run_program("valac", "--vapidir", vapi.parent, "--pkg", "ferry-1",
                                  "-o", program, "-X", "-w", VALA_PROGRAM,
                                  environment=self.environment)
        self.assertNotIn("warning", output)
        self.assert_works(program)

    def test_python(self):
        environment = dict(self.environment,
                           GI_TYPELIB_PATH=str(self.find("Ferry-1.typelib").parent))
        self.assert_works(sys.executable, EXAMPLES / "download.py", environment=environment)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
