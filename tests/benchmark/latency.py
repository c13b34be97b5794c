#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long calls take while 16 transfers run as fast as they can.

Usage: latency.py FERRYD CLIENT

Each file replaces one of 16, so that the transfers may go on for as long as it takes without
filling the disk.
"""

import sys

import bench

RUNNING = 16
TASKS = 1000
SIZE = 256 * bench.MIB
CALLS = 2000
BAR = 20.0
SHOWN = ("{'properties': <['State', 'Reason', 'FileName', 'BytesReceived', "
         "'BytesExpectedToReceive', 'Rate', 'Error']>}")


def measure(rig, what, path, method, arguments):
    times, _ = rig.call(path, method, arguments, CALLS)
    milliseconds = [(ended - began) * 1000 for began, ended in times]
    print(f"{what}, p50: {bench.percentile(milliseconds, 50):.2f} ms, "
          f"worst: {max(milliseconds):.2f} ms")
    bench.report(f"{what}, p99", bench.percentile(milliseconds, 99), BAR, "ms")


def run(programs, where, parent):
    with bench.Server() as server, \
            bench.Rig(*programs, parent=parent, max_running=RUNNING,
                      max_connections_per_host=RUNNING) as rig:
        urls = [server.add_file(f"{i}.bin", SIZE) for i in range(RUNNING)]
        session = rig.open_session(max_connections_per_host=f"uint32 {RUNNING}")
        _, tasks = rig.create(session, [urls[i % RUNNING] for i in range(TASKS)], start="true",
                              overwrite="true")
        rig.wait_for_running(RUNNING)
        measure(rig, f"Get of a task, files {where}", tasks[0],
                "org.freedesktop.DBus.Properties.Get",
                f"('{bench.SERVICE}.Task', 'BytesReceived')")
        measure(rig, f"ListTasks of 50, files {where}", bench.MANAGER,
                f"{bench.SERVICE}.Manager.ListTasks", "(@a{sv} {}, uint64 0, uint32 50)")
        measure(rig, f"ListTasks of 50, what a row shows, files {where}", bench.MANAGER,
                f"{bench.SERVICE}.Manager.ListTasks", f"({SHOWN}, uint64 0, uint32 50)")
        left = rig.get_number(session, "Session", "Waiting")
        print(f"  meanwhile {TASKS - RUNNING - left} files of 256 MiB came to their end")
        if left == 0:
            bench.fail("the transfers ended too early")


def main():
    run(sys.argv[1:3], "in memory", bench.IN_MEMORY)
    run(sys.argv[1:3], "on the disk", bench.ON_DISK)


if __name__ == "__main__":
    main()
