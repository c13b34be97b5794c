#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long CreateDownloadTasks takes for 10,000 tasks. After the answer ferryd is killed, and
must have them all when it is started again.

Usage: many-tasks.py FERRYD CLIENT
"""

import signal
import sys

import bench

COUNT = 10_000
ROUNDS = 3
BAR = 2.0


def create_once(programs, parent):
    with bench.Rig(*programs, parent=parent) as rig:
        session = rig.open_session()
        urls = [f"http://127.0.0.1:9/folder/file-{i}.iso" for i in range(COUNT)]
        (began, ended), _ = rig.create(session, urls)
        rig.stop_service(signal.SIGKILL)
        kept = rig.get_number(session, "Session", "Suspended")
        if kept != COUNT:
            bench.fail(f"{kept} of {COUNT} tasks outlived the service")
        return ended - began


def main():
    for where, parent in (("in memory", bench.IN_MEMORY), ("on the disk", bench.ON_DISK)):
        best = min(create_once(sys.argv[1:3], parent) for _ in range(ROUNDS))
        bench.report(f"{COUNT} tasks made, the store {where}", best, BAR, "s")


if __name__ == "__main__":
    main()
