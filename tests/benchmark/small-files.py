#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""2,000 files of 16 KiB: ferryd, which makes each durable before it says so, and aria2, from one
nginx, taking turns; the best of each counts, for other work on the machine only ever adds.

Usage: small-files.py FERRYD CLIENT [ROUNDS]
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

import bench

COUNT = 2000
SIZE = 16 * 1024
AT_A_TIME = 8


def check(folder, name):
    sizes = [path.stat().st_size for path in folder.iterdir()]
    if sizes != [SIZE] * COUNT:
        bench.fail(f"{name}: {sizes.count(SIZE)} of {COUNT} files are whole, {len(sizes)} there")


def run_ferry(programs, parent, urls):
    """The service is there already, as it is for a client; its list is empty."""
    with bench.Rig(*programs, parent=parent, max_running=AT_A_TIME,
                   max_connections_per_host=AT_A_TIME) as rig:
        session = rig.open_session(max_connections_per_host=f"uint32 {AT_A_TIME}")
        rig.call(session, f"{bench.SERVICE}.Session.SetDelegate", "(@as [],)")
        os.sync()
        (began, _), _ = rig.create(session, urls, start="true")
        ended = rig.wait_for_finish()
        check(rig.files, "ferry")
        return ended - began


def run_aria2(parent, urls, then_sync):
    with tempfile.TemporaryDirectory(prefix="ferry-benchmark-", dir=parent) as name:
        folder = pathlib.Path(name)
        files = folder / "files"
        files.mkdir()
        (folder / "list").write_text("\n".join(urls) + "\n")
        os.sync()
        began = time.monotonic()
        subprocess.run(["aria2c", "-q", "--no-conf", f"-j{AT_A_TIME}", "-i", folder / "list",
                        "-d", files], check=True, timeout=bench.DEADLINE)
        if then_sync:
            os.sync()
        ended = time.monotonic()
        check(files, "aria2")
        return ended - began


def main():
    programs = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    with bench.Server() as server:
        for i in range(COUNT):
            (server.www / f"{i}.bin").write_bytes(os.urandom(SIZE))
        urls = [server.url(f"{i}.bin") for i in range(COUNT)]
        for where, parent, peer, bar in (("in memory", bench.IN_MEMORY, "aria2", 1),
                                         ("on the disk", bench.ON_DISK, "aria2 and sync", 3)):
            ours, theirs = [], []
            for _ in range(rounds):
                ours.append(run_ferry(programs, parent, urls))
                theirs.append(run_aria2(parent, urls, parent == bench.ON_DISK))
            bench.report_ratio(f"{COUNT} files of 16 KiB {where}", min(ours), min(theirs), peer,
                               bar)


if __name__ == "__main__":
    main()
