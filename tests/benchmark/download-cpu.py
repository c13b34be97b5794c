#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CPU time of one 2 GiB download: ferryd, curl and aria2, from one nginx, taking turns.

Usage: download-cpu.py FERRYD CLIENT [ROUNDS]

What counts is user and system time of the process that carries the bytes. Each round runs all
three; the best of each counts, for other work on the machine only ever adds. Into memory, where
the program alone is measured, and onto the disk, where ferryd also makes the file durable, which
the peers do not.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import bench

SIZE = 2 << 30
HTTP_BARS = {"curl": 0.75, "aria2": 0.65}
HTTPS_BARS = {"curl": 1.0, "aria2": 0.9}


def cpu_of_command(command, folder):
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        bench.fail(f"{command[0]} failed")
    return usage.ru_utime + usage.ru_stime


def cpu_of_ferry(rig, session, url, target):
    before = bench.cpu_of_process(rig.service_pid())
    rig.create(session, [url], start="true", destination=bench.quote(target))
    rig.wait_for_finish()
    return bench.cpu_of_process(rig.service_pid()) - before


def measure(server, parent, rounds):
    url = server.add_file("file.bin", SIZE)
    ca = server.folder / "ca.pem"
    best = {}
    with bench.Rig(*sys.argv[1:3]) as rig, \
            tempfile.TemporaryDirectory(prefix="ferry-benchmark-", dir=parent) as name:
        target = pathlib.Path(name)
        session = rig.open_session(**({"tls_ca": bench.quote(ca)} if server.tls else {}))
        runs = {
            "ferry": lambda: cpu_of_ferry(rig, session, url, target),
            "curl": lambda: cpu_of_command(["curl", "-q", "-s", "-O", "--cacert", ca, url], target),
            "aria2": lambda: cpu_of_command(
                ["aria2c", "-q", "--no-conf", "--file-allocation=none", f"--ca-certificate={ca}",
                 url], target),
        }
        for _ in range(rounds):
            for program, run in runs.items():
                seconds = run()
                if (target / "file.bin").stat().st_size != SIZE:
                    bench.fail(f"{program}: the file is not whole")
                bench.empty(target)
                os.sync()
                best[program] = min(best.get(program, seconds), seconds)
    return best


def report(what, best, bars):
    print(f"2 GiB over {what}, CPU seconds: "
          + ", ".join(f"{program} {seconds:.2f}" for program, seconds in best.items()))
    for peer, bar in bars.items():
        bench.report(f"  ferry / {peer}", best["ferry"] / best[peer], bar, "")


def main():
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    if shutil.disk_usage(bench.IN_MEMORY).free < 2 * SIZE:
        bench.fail(f"{bench.IN_MEMORY} is too small")
    with bench.Server() as server:
        report("HTTP into memory", measure(server, bench.IN_MEMORY, rounds), HTTP_BARS)
        report("HTTP onto the disk", measure(server, bench.ON_DISK, rounds), HTTP_BARS)
    with bench.Server(tls=True) as server:
        report("HTTPS into memory", measure(server, bench.IN_MEMORY, rounds), HTTPS_BARS)


if __name__ == "__main__":
    main()
