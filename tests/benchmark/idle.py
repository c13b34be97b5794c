#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the threads of an idle ferryd wake up: context switches in 20 s. The peer is aria2 as
a service, with nothing to do and with as many downloads that are paused."""

import contextlib
import time

import aria2
import bench
import rig

# Threads of GLib's pools leave after 15 s, a session's idle connections after 30.
SETTLING = 40
SPAN = 20
QUICK_SETTLING = 18
QUICK_SPAN = 5
BAR = 2
SUSPENDED = [f"http://127.0.0.1:9/{i}" for i in range(1000)]


def prepare(options, stack):
    """Returns, for each case, the process of ferryd and of aria2, where it knows the case."""
    cases = {
        "a client attached": (lambda ferry, session: None, lambda peer: None),
        "1,000 suspended tasks": (lambda ferry, session: ferry.create(session, SUSPENDED),
                                  lambda peer: peer.add(SUSPENDED, pause="true")),
        "a task that waits for its time in an hour": (
            lambda ferry, session: ferry.create(session, ["http://127.0.0.1:9/"], start="true",
                                                not_before=rig.in_an_hour()), None),
    }
    pids = {}
    for case, (fill_ferry, fill_peer) in cases.items():
        ferry = stack.enter_context(rig.Rig(*options.programs))
        fill_ferry(ferry, ferry.open_session())
        peer_pid = None
        if fill_peer is not None:
            peer = stack.enter_context(aria2.Service())
            fill_peer(peer)
            peer_pid = peer.process.pid
        pids[case] = (ferry.service_pid(), peer_pid)
    return pids


def main():
    options = bench.options(__doc__, "aria2c", rounds=1, quick_rounds=1)
    span = QUICK_SPAN if options.quick else SPAN
    with contextlib.ExitStack() as stack:
        pids = prepare(options, stack)
        figures = {pid: [] for pair in pids.values() for pid in pair if pid is not None}
        time.sleep(QUICK_SETTLING if options.quick else SETTLING)
        for _ in range(options.rounds):
            before = {pid: bench.switches(pid) for pid in figures}
            time.sleep(span)
            for pid, counts in figures.items():
                counts.append(bench.growth(before[pid], bench.switches(pid)))
    for case, (ours, theirs) in pids.items():
        peer = ("aria2", figures[theirs]) if theirs is not None else ()
        bench.report(f"context switches, idle for {span} s: {case}", "switches", figures[ours],
                     *peer, pick=bench.worst, most=BAR)


if __name__ == "__main__":
    main()
