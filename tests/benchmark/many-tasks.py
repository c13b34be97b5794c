#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long CreateDownloadTasks takes for 10,000 tasks. After the answer ferryd is killed, and must
have them all when it is started again. The peer is aria2, which gets as many downloads in one call
and is then asked to write its list down; that is the most it can promise."""

import signal

import aria2
import bench
import rig

COUNT = 10_000
QUICK_COUNT = 1000
BAR = 2.0


def run_ferry(programs, parent, urls):
    with rig.Rig(*programs, parent=parent) as ferry:
        session = ferry.open_session()
        (began, ended), _ = ferry.create(session, urls)
        ferry.stop_service(signal.SIGKILL)
        kept = ferry.get_number(session, "Session", "Suspended")
        if kept != len(urls):
            bench.fail(f"{kept} of {len(urls)} tasks outlived the service")
        return ended - began


def run_aria2(parent, urls):
    with aria2.Service(parent) as peer:
        seconds, _ = peer.add(urls, pause="true")
        saving, _ = peer.call("aria2.saveSession")
        kept = (peer.folder / "session").read_text().count("http:")
        if kept != len(urls):
            bench.fail(f"aria2 has saved {kept} of {len(urls)} downloads")
        return seconds + saving


def main():
    options = bench.options(__doc__, "aria2c")
    count = QUICK_COUNT if options.quick else COUNT
    urls = [f"http://127.0.0.1:9/folder/file-{i}.iso" for i in range(count)]
    for place, parent in bench.PLACES.items():
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(run_ferry(options.programs, parent, urls))
            theirs.append(run_aria2(parent, urls))
        bench.report(f"{count:,} tasks made in one call, the store {place}", "s", ours, "aria2",
                     theirs, most=BAR)


if __name__ == "__main__":
    main()
