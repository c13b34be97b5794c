#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of ferryd: idle, with 10,000 tasks, and of each transfer that runs.

Usage: memory.py FERRYD CLIENT
"""

import sys

import bench

QUEUED = 10_000
RUNNING = 8
# Fast enough that the buffers grow as they do over a good line.
RATE = 4 * bench.MIB
SIZE = 2 << 30
# Of each transfer, before its memory is looked at.
ENOUGH = 16 * bench.MIB


def measure_idle_and_suspended(programs):
    with bench.Rig(*programs) as rig:
        session = rig.open_session()
        pid = rig.service_pid()
        bench.report("idle, PSS", bench.settled_pss(pid) / bench.MB, 12, "MB")
        rig.create(session, [f"http://127.0.0.1:9/folder/file-{i}.iso" for i in range(QUEUED)])
        bench.report(f"{QUEUED} suspended tasks, PSS", bench.settled_pss(pid) / bench.MB, 48, "MB")


def measure_not_yet(programs):
    with bench.Rig(*programs) as rig:
        session = rig.open_session()
        rig.create(session, [f"http://127.0.0.1:9/folder/file-{i}.iso" for i in range(QUEUED)],
                   start="true", not_before=bench.in_an_hour())
        bench.report(f"{QUEUED} tasks that wait for their time, PSS",
                     bench.settled_pss(rig.service_pid()) / bench.MB, 48, "MB")


def measure_queue(programs):
    """Behind one that runs, and is in the figure."""
    with bench.Server(RATE) as server, bench.Rig(*programs, max_running=1) as rig:
        url = server.add_file("file.iso", SIZE)
        session = rig.open_session()
        rig.create(session, [url] * QUEUED, start="true")
        rig.wait_for_running(1)
        bench.report(f"{QUEUED} tasks in the queue, PSS",
                     bench.settled_pss(rig.service_pid()) / bench.MB, 48, "MB")


def measure_running(programs, tls, bar):
    with bench.Server(RATE, tls) as server, \
            bench.Rig(*programs, max_running=RUNNING, max_connections_per_host=RUNNING) as rig:
        url = server.add_file("file.iso", SIZE)
        trust = {"tls_ca": bench.quote(server.folder / "ca.pem")} if tls else {}
        session = rig.open_session(max_connections_per_host=f"uint32 {RUNNING}", **trust)
        pid = rig.service_pid()
        before = bench.settled_pss(pid)
        _, tasks = rig.create(session, [url] * RUNNING, start="true")
        rig.wait_for_running(RUNNING)
        for task in tasks:
            bench.wait_for(lambda path=task: rig.get_number(path, "Task", "BytesReceived") > ENOUGH,
                           "bytes come", 60)
        each = (bench.settled_pss(pid) - before) / RUNNING
        rig.wait_for_running(RUNNING)
        bench.report(f"each of {RUNNING} running transfers, {'HTTPS' if tls else 'HTTP'}, PSS",
                     each / bench.MB, bar, "MB")


def main():
    programs = sys.argv[1:3]
    measure_idle_and_suspended(programs)
    measure_queue(programs)
    measure_not_yet(programs)
    measure_running(programs, False, 1.5)
    measure_running(programs, True, 6.5)


if __name__ == "__main__":
    main()
