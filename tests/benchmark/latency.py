#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long calls take while 16 transfers run as fast as they can: the 99th percentile of each
round. The peer is aria2's JSON-RPC, asked for one download and for 50 that wait.

The files replace each other, so that the transfers may go on for as long as it takes without
filling the disk. There are more names than run at once: aria2 refuses to write one file twice.
"""

import time

import aria2
import bench
import rig

RUNNING = 16
NAMES = 32
TASKS = 1000
SIZE = 128 * bench.MIB
# For so many seconds, so many calls of each kind in turns.
SPAN = 15
QUICK_SPAN = 3
TURN = 10
BAR = 20.0
SHOWN = ("{'properties': <['State', 'Reason', 'FileName', 'BytesReceived', "
         "'BytesExpectedToReceive', 'Rate', 'Error']>}")
SHOWN_BY_ARIA2 = ["status", "files", "completedLength", "totalLength", "downloadSpeed",
                  "errorMessage"]
GET = "Get"
LIST_ALL = "ListTasks of 50, all properties"
LIST_SHOWN = "ListTasks of 50, what a row shows"


def measure(kinds, span):
    """`kinds` are functions that return the seconds of TURN calls. Returns the 99th percentile of
    each in ms."""
    seconds = {kind: [] for kind in kinds}
    end = time.monotonic() + span
    while time.monotonic() < end:
        for kind, call in kinds.items():
            seconds[kind] += call()
    return {kind: bench.percentile(values, 99) * 1000 for kind, values in seconds.items()}


def run_ferry(programs, parent, urls, span):
    with rig.Rig(*programs, parent=parent, max_running=RUNNING,
                 max_connections_per_host=RUNNING) as ferry:
        session = ferry.open_session(max_connections_per_host=f"uint32 {RUNNING}")
        _, tasks = ferry.create(session, [urls[i % NAMES] for i in range(TASKS)], start="true",
                                overwrite="true")
        ferry.wait_for_running(RUNNING)

        def call(path, method, arguments):
            times, _ = ferry.call(path, method, arguments, TURN)
            return [ended - began for began, ended in times]

        listing = f"{rig.SERVICE}.Manager.ListTasks"
        figures = measure({
            GET: lambda: call(tasks[0], "org.freedesktop.DBus.Properties.Get",
                              f"('{rig.SERVICE}.Task', 'BytesReceived')"),
            LIST_ALL: lambda: call(rig.MANAGER, listing, "(@a{sv} {}, uint64 0, uint32 50)"),
            LIST_SHOWN: lambda: call(rig.MANAGER, listing, f"({SHOWN}, uint64 0, uint32 50)"),
        }, span)
        if ferry.get_number(session, "Session", "Waiting") == 0:
            bench.fail("the transfers ended too early")
        return figures


def run_aria2(parent, urls, span):
    with aria2.Service(parent, max_concurrent_downloads=RUNNING, allow_overwrite="true") as peer:
        _, answers = peer.call("system.multicall", [
            {"methodName": "aria2.addUri", "params": [[urls[i % NAMES]], {"out": f"{i % NAMES}"}]}
            for i in range(TASKS)])
        first = answers[0][0]
        peer.wait_for_running(RUNNING)

        def call(method, *arguments):
            return [peer.call(method, *arguments)[0] for _ in range(TURN)]

        figures = measure({
            GET: lambda: call("aria2.tellStatus", first, ["completedLength"]),
            LIST_ALL: lambda: call("aria2.tellWaiting", 0, 50),
            LIST_SHOWN: lambda: call("aria2.tellWaiting", 0, 50, SHOWN_BY_ARIA2),
        }, span)
        if peer.running() < RUNNING:
            bench.fail("aria2's downloads ended too early")
        return figures


def main():
    options = bench.options(__doc__, "nginx", "aria2c")
    span = QUICK_SPAN if options.quick else SPAN
    with rig.Server() as server:
        urls = [server.add_file(f"{i}.bin", SIZE) for i in range(NAMES)]
        for place, parent in bench.PLACES.items():
            bench.need_room(parent, 2 * NAMES * SIZE)
            ours, theirs = [], []
            for _ in range(options.rounds):
                ours.append(run_ferry(options.programs, parent, urls, span))
                theirs.append(run_aria2(parent, urls, span))
            for kind in (GET, LIST_ALL, LIST_SHOWN):
                bench.report(f"a call while {RUNNING} run, {place}, p99: {kind}", "ms",
                             [figures[kind] for figures in ours], "aria2",
                             [figures[kind] for figures in theirs], bench.median, most=BAR)


if __name__ == "__main__":
    main()
