#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a client waits for its first answer when the bus has to start ferryd, which has 10,000
tasks in its store. It was killed, or left, in turns.

Usage: activation.py FERRYD CLIENT
"""

import signal
import statistics
import sys

import bench

COUNT = 10_000
ROUNDS = 10
BAR = 300


def main():
    with bench.Rig(*sys.argv[1:3], parent=bench.ON_DISK) as rig:
        session = rig.open_session()
        rig.create(session, [f"http://127.0.0.1:9/folder/file-{i}.iso" for i in range(COUNT)])
        milliseconds = []
        for i in range(ROUNDS):
            rig.stop_service(signal.SIGKILL if i % 2 == 0 else signal.SIGTERM)
            ((began, ended),), answer = rig.call(
                bench.MANAGER, f"{bench.SERVICE}.Manager.ListTasks",
                "({'properties': <['Url']>}, uint64 0, uint32 1)")
            if f"file-{COUNT - 1}.iso" not in answer:
                bench.fail("the newest task is not there")
            milliseconds.append((ended - began) * 1000)
        bench.report(f"{COUNT} tasks in the store, first answer, median of {ROUNDS}",
                     statistics.median(milliseconds), BAR, "ms")
        bench.report(f"{COUNT} tasks in the store, first answer, worst of {ROUNDS}",
                     max(milliseconds), BAR, "ms")


if __name__ == "__main__":
    main()
