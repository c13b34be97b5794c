#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the README's table from the log of the benchmarks.

Usage: markdown.py LOG

The log is meson's, a JSON object a line; of what a benchmark printed its lines "row: …" count (see
bench.py). Ends with 0 when each benchmark of the log has measured all that it should.
"""

import json
import os
import pathlib
import platform
import re
import subprocess
import sys

HEAD = """|  | Ferry | the peer | ratio | bar |  |
|---|---:|---:|---:|---:|---|"""


def read(path):
    """Returns the rows, each a list of six cells, and the names of benchmarks that failed."""
    rows, failed = [], []
    for line in pathlib.Path(path).read_text().splitlines():
        test = json.loads(line)
        found = [row.removeprefix("row: ").split(" | ")
                 for row in test.get("stdout", "").splitlines() if row.startswith("row: ")]
        broken = [row for row in found if len(row) != 6]
        rows += [row for row in found if row not in broken]
        if test["result"] != "OK" or not found or broken:
            failed.append(test["name"].split(" / ")[-1])
            print(f"{failed[-1]}: {test['result']}\n{test.get('stderr', '')}", file=sys.stderr)
    return rows, failed


def cells(row):
    what, ours, theirs, ratio, bar, verdict = row
    bar = bar.removeprefix("bar ")
    bar = f"≤ {bar}" if " " in bar else f"≤ {bar} ×"
    ratio = "–" if ratio == "-" else f"{ratio.removeprefix('ratio ')} ×"
    theirs = "–" if theirs == "-" else theirs
    return [what, ours.removeprefix("ferry "), theirs, ratio, bar,
            "reached" if verdict == "reached" else "**missed**"]


def name_of(row):
    """Of a row whose bar is a ratio the peer is part of the name."""
    return f"{row[0]} (against {row[2].split(' ')[0]})" if " " not in row[4][4:] else row[0]


def first_line(*command):
    return subprocess.run(command, capture_output=True, text=True,
                          check=True).stdout.split("\n")[0]


def machine():
    """What the figures depend on besides Ferry."""
    processor = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(),
                          re.MULTILINE)
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    kernel = ".".join(platform.release().split(".")[:2])
    curl = first_line("curl", "--version").split()[1]
    aria2 = first_line("aria2c", "--version").split()[-1]
    return f"{os.cpu_count()} × {processor[1] if processor else platform.machine()}, {system}, " \
           f"Linux {kernel}, against curl {curl} and aria2 {aria2}."


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    rows, failed = read(sys.argv[1])
    if not rows:
        sys.exit("nothing was measured")
    table = [cells(row) for row in rows]
    print(HEAD)
    for row in table:
        print("| " + " | ".join(row) + " |")
    for name in failed:
        print(f"| {name} | – | – | – | – | **not measured** |")
    missed = [name_of(row) for row in rows if row[5] != "reached"]
    print(f"\n{len(rows) - len(missed)} of {len(rows)} bars are reached"
          + (f"; missed: {'; '.join(missed)}." if missed else "."))
    print(f"\nMeasured on {machine()}")
    sys.exit(f"not measured: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
