#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of ferryd: idle, with 10,000 tasks, and of each transfer that runs. The peer is aria2
as a service, which does the same."""

import aria2
import bench
import rig

QUEUED = 10_000
QUICK_QUEUED = 1000
RUNNING = 8
# Fast enough that the buffers grow as they do over a good line.
RATE = 4 * bench.MIB
SIZE = 2 * bench.GIB
# Of each transfer, before its memory is looked at.
ENOUGH = 16 * bench.MIB
IDLE_BAR = 12
QUEUED_BAR = 48
HTTP_BAR = 1.5
HTTPS_BAR = 6.5


def addresses(count):
    return [f"http://127.0.0.1:9/folder/file-{i}.iso" for i in range(count)]


def ferry_idle_and_suspended(programs, count):
    with rig.Rig(*programs) as ferry:
        session = ferry.open_session()
        pid = ferry.service_pid()
        idle = bench.settled_pss(pid)
        ferry.create(session, addresses(count))
        return idle, bench.settled_pss(pid)


def aria2_idle_and_paused(count):
    with aria2.Service() as peer:
        idle = bench.settled_pss(peer.process.pid)
        peer.add(addresses(count), pause="true")
        return idle, bench.settled_pss(peer.process.pid)


def ferry_not_yet(programs, count):
    with rig.Rig(*programs) as ferry:
        ferry.create(ferry.open_session(), addresses(count), start="true",
                     not_before=rig.in_an_hour())
        return bench.settled_pss(ferry.service_pid())


def ferry_queue(programs, url, count):
    """Behind one that runs, and is in the figure."""
    with rig.Rig(*programs, max_running=1) as ferry:
        ferry.create(ferry.open_session(), [url] * count, start="true")
        ferry.wait_for_running(1)
        return bench.settled_pss(ferry.service_pid())


def aria2_queue(url, count):
    with aria2.Service(max_concurrent_downloads=1) as peer:
        peer.add([url] * count)
        peer.wait_for_running(1)
        return bench.settled_pss(peer.process.pid)


def ferry_running(programs, server, url):
    with rig.Rig(*programs, max_running=RUNNING, max_connections_per_host=RUNNING) as ferry:
        trust = {"tls_ca": rig.quote(server.folder / "ca.pem")} if server.tls else {}
        session = ferry.open_session(max_connections_per_host=f"uint32 {RUNNING}", **trust)
        pid = ferry.service_pid()
        before = bench.settled_pss(pid)
        _, tasks = ferry.create(session, [url] * RUNNING, start="true")
        ferry.wait_for_running(RUNNING)
        for task in tasks:
            bench.wait_for(
                lambda path=task: ferry.get_number(path, "Task", "BytesReceived") > ENOUGH,
                "bytes come", 60)
        each = (bench.settled_pss(pid) - before) / RUNNING
        ferry.wait_for_running(RUNNING)
        return each


def aria2_running(server, url):
    trust = {"ca_certificate": server.folder / "ca.pem"} if server.tls else {}
    with aria2.Service(max_concurrent_downloads=RUNNING, **trust) as peer:
        pid = peer.process.pid
        before = bench.settled_pss(pid)
        for i in range(RUNNING):
            peer.add([url], out=str(i))
        peer.wait_for_running(RUNNING)
        bench.wait_for(
            lambda: all(int(download["completedLength"]) > ENOUGH for download
                        in peer.call("aria2.tellActive", ["completedLength"])[1]), "bytes come", 60)
        each = (bench.settled_pss(pid) - before) / RUNNING
        peer.wait_for_running(RUNNING)
        return each


def report(what, bar, rounds, ours, theirs=None):
    """`ours` and `theirs` are functions that measure once."""
    figures = ([], [])
    for _ in range(rounds):
        figures[0].append(ours())
        if theirs is not None:
            figures[1].append(theirs())
    peer = ("aria2", figures[1]) if theirs is not None else ()
    bench.report(f"memory (PSS), {what}", "MB", figures[0], *peer, pick=bench.worst, most=bar)


def report_quiet(options, count):
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(ferry_idle_and_suspended(options.programs, count))
        theirs.append(aria2_idle_and_paused(count))
    for i, (what, bar) in enumerate((("idle", IDLE_BAR),
                                     (f"{count:,} suspended tasks", QUEUED_BAR))):
        bench.report(f"memory (PSS), {what}", "MB", [pair[i] for pair in ours], "aria2",
                     [pair[i] for pair in theirs], pick=bench.worst, most=bar)


def main():
    # Other work on the machine hardly shows here.
    options = bench.options(__doc__, "nginx", "openssl", "aria2c", rounds=2, quick_rounds=1)
    count = QUICK_QUEUED if options.quick else QUEUED
    programs = options.programs
    report_quiet(options, count)
    for tls, bar in ((False, HTTP_BAR), (True, HTTPS_BAR)):
        with rig.Server(RATE, tls) as server:
            url = server.add_file("file.iso", SIZE)
            if not tls:
                report(f"{count:,} tasks in the queue", QUEUED_BAR, options.rounds,
                       lambda: ferry_queue(programs, url, count), lambda: aria2_queue(url, count))
                report(f"{count:,} tasks that wait for their time", QUEUED_BAR, options.rounds,
                       lambda: ferry_not_yet(programs, count))
            report(f"each of {RUNNING} that run, {'HTTPS' if tls else 'HTTP'}", bar, options.rounds,
                   lambda: ferry_running(programs, server, url),
                   lambda: aria2_running(server, url))


if __name__ == "__main__":
    main()
