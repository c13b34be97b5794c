#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""2,000 files of 16 KiB: ferryd, which makes each durable before it says so, and aria2, from one
nginx, taking turns. On the disk aria2 is followed by sync."""

import os
import pathlib
import subprocess
import tempfile
import time

import aria2
import bench
import rig

COUNT = 2000
QUICK_COUNT = 200
SIZE = 16 * bench.KIB
AT_A_TIME = 8


def check(folder, name, count):
    sizes = [path.stat().st_size for path in folder.iterdir()]
    if sizes != [SIZE] * count:
        bench.fail(f"{name}: {sizes.count(SIZE)} of {count} files are whole, {len(sizes)} there")


def run_ferry(programs, parent, urls):
    """The service is there already, as it is for a client; its list is empty."""
    with rig.Rig(*programs, parent=parent, max_running=AT_A_TIME,
                 max_connections_per_host=AT_A_TIME) as ferry:
        session = ferry.open_session(max_connections_per_host=f"uint32 {AT_A_TIME}")
        ferry.call(session, f"{rig.SERVICE}.Session.SetDelegate", "(@as [],)")
        os.sync()
        (began, _), _ = ferry.create(session, urls, start="true")
        ended = ferry.wait_for_finish()
        check(ferry.files, "ferry", len(urls))
        return ended - began


def run_aria2(parent, urls, then_sync):
    with tempfile.TemporaryDirectory(prefix="ferry-benchmark-", dir=parent) as name:
        folder = pathlib.Path(name)
        files = folder / "files"
        files.mkdir()
        (folder / "list").write_text("\n".join(urls) + "\n")
        os.sync()
        began = time.monotonic()
        subprocess.run([*aria2.COMMAND, f"-j{AT_A_TIME}", "-i", folder / "list", "-d", files],
                       check=True, timeout=bench.DEADLINE, env=bench.peer_environment())
        if then_sync:
            os.sync()
        ended = time.monotonic()
        check(files, "aria2", len(urls))
        return ended - began


def main():
    options = bench.options(__doc__, "nginx", "aria2c")
    count = QUICK_COUNT if options.quick else COUNT
    with rig.Server() as server:
        for i in range(count):
            (server.www / f"{i}.bin").write_bytes(os.urandom(SIZE))
        urls = [server.url(f"{i}.bin") for i in range(count)]
        for place, peer, bar in (("in memory", "aria2", 1), ("on the disk", "aria2 and sync", 3)):
            parent = bench.PLACES[place]
            ours, theirs = [], []
            for _ in range(options.rounds):
                ours.append(run_ferry(options.programs, parent, urls))
                theirs.append(run_aria2(parent, urls, place == "on the disk"))
            bench.report(f"{count:,} files of {bench.size_text(SIZE)}, each durable, {place}", "s",
                         ours, peer, theirs, ratio=bar)


if __name__ == "__main__":
    main()
