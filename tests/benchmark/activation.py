#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a client waits for its first answer when the bus has to start ferryd, which has 10,000
tasks in its store; it was killed, or left. The peer is aria2 with the same in its session file,
from its start to its first answer."""

import signal

import aria2
import bench
import rig

COUNT = 10_000
QUICK_COUNT = 1000
BAR = 300


def start_ferry(ferry, how, newest):
    ferry.stop_service(how)
    ((began, ended),), answer = ferry.call(
        rig.MANAGER, f"{rig.SERVICE}.Manager.ListTasks",
        "({'properties': <['Url']>}, uint64 0, uint32 1)")
    if newest not in answer:
        bench.fail("the newest task is not there")
    return (ended - began) * 1000


def start_aria2(peer, newest):
    peer.stop()
    seconds = peer.start()
    more, answer = peer.call("aria2.tellWaiting", -1, 1, ["files"])
    if answer[0]["files"][0]["uris"][0]["uri"] != newest:
        bench.fail("aria2's newest download is not there")
    return (seconds + more) * 1000


def main():
    options = bench.options(__doc__, "aria2c", rounds=7)
    count = QUICK_COUNT if options.quick else COUNT
    urls = [f"http://127.0.0.1:9/folder/file-{i}.iso" for i in range(count)]
    with rig.Rig(*options.programs, parent=bench.ON_DISK) as ferry, \
            aria2.Service(bench.ON_DISK, pause="true") as peer:
        peer.options.append(f"--input-file={peer.folder}/list")
        (peer.folder / "list").write_text("\n".join(urls) + "\n")
        ferry.create(ferry.open_session(), urls)
        ways = {"after it has left": (signal.SIGTERM, []),
                "after it was killed": (signal.SIGKILL, [])}
        theirs = []
        for _ in range(options.rounds):
            for signal_number, ours in ways.values():
                ours.append(start_ferry(ferry, signal_number, urls[-1]))
            theirs.append(start_aria2(peer, urls[-1]))
        for way, (_, ours) in ways.items():
            bench.report(f"from start to first answer, {count:,} tasks, {way}", "ms", ours,
                         "aria2", theirs, bench.median, most=BAR)


if __name__ == "__main__":
    main()
