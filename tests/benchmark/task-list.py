#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""libferry's list of 10,000 tasks: how long a program that uses it waits from its first call until
the list is complete, and how much memory (PSS) it has by then, all in all. The service is there
already.

The third program is task-list.c, started on the service's bus. It prints three numbers: µs, tasks,
KiB."""

import subprocess

import bench
import rig

COUNT = 10_000
QUICK_COUNT = 1000
TIME_BAR = 500
MEMORY_BAR = 20


def load(ferry, program, count):
    """Returns milliseconds and MB."""
    answer = subprocess.run([program], env=ferry.environment, stdout=subprocess.PIPE, text=True,
                            timeout=bench.DEADLINE)
    if answer.returncode != 0:
        bench.fail("the program that uses libferry failed")
    microseconds, tasks, kib = map(int, answer.stdout.split())
    if tasks != count:
        bench.fail(f"{tasks} of {count} tasks are in the list")
    return microseconds / 1e3, kib * bench.KIB / 1e6


def main():
    options = bench.options(__doc__, rounds=5)
    count = QUICK_COUNT if options.quick else COUNT
    ferryd, client, program = options.programs
    with rig.Rig(ferryd, client) as ferry:
        ferry.create(ferry.open_session(),
                     [f"http://127.0.0.1:9/folder/file-{i}.iso" for i in range(count)])
        figures = [load(ferry, program, count) for _ in range(options.rounds)]
    what = f"libferry's list of {count:,} tasks"
    bench.report(f"{what}, complete", "ms", [pair[0] for pair in figures], pick=bench.median,
                 most=TIME_BAR)
    bench.report(f"{what}, memory (PSS)", "MB", [pair[1] for pair in figures], pick=bench.worst,
                 most=MEMORY_BAR)


if __name__ == "__main__":
    main()
