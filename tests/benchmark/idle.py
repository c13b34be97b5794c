#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the threads of an idle ferryd wake up: context switches in 20 s.

Usage: idle.py FERRYD CLIENT
"""

import contextlib
import pathlib
import re
import sys
import time

import bench

# Threads of GLib's pools leave after 15 s, a session's idle connections after 30.
SETTLING = 40
SPAN = 20
BAR = 2


def switches(pid):
    """Context switches so far of each thread."""
    counts = {}
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        numbers = re.findall(r"ctxt_switches:\s+(\d+)", status.read_text())
        counts[status.parent.name] = sum(map(int, numbers))
    return counts


def growth(before, after):
    """A thread that is gone has woken up to go."""
    return (sum(count - before.get(thread, 0) for thread, count in after.items())
            + len(before.keys() - after.keys()))


def main():
    cases = {
        "a client attached": lambda rig, session: None,
        "1,000 suspended tasks": lambda rig, session: rig.create(
            session, [f"http://127.0.0.1:9/{i}" for i in range(1000)]),
        "a task that waits for its time in an hour": lambda rig, session: rig.create(
            session, ["http://127.0.0.1:9/"], start="true", not_before=bench.in_an_hour()),
    }
    with contextlib.ExitStack() as stack:
        pids = {}
        for case, prepare in cases.items():
            rig = stack.enter_context(bench.Rig(*sys.argv[1:3]))
            prepare(rig, rig.open_session())
            pids[case] = rig.service_pid()
        time.sleep(SETTLING)
        before = {case: switches(pid) for case, pid in pids.items()}
        time.sleep(SPAN)
        after = {case: switches(pid) for case, pid in pids.items()}
    for case in cases:
        bench.report(f"idle, {case}, context switches in {SPAN} s",
                     growth(before[case], after[case]), BAR, "")


if __name__ == "__main__":
    main()
