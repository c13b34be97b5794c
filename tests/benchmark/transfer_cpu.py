# SPDX-License-Identifier: GPL-3.0-or-later
"""What download-http.py and download-https.py share: the CPU time that one large file costs.

It is user and system time of the process that carries the bytes. In memory the program alone is
measured; on the disk ferryd also makes the file durable, which the peers do not.
"""

import os
import pathlib
import subprocess
import tempfile

import aria2
import bench
import rig

SIZE = 2 * bench.GIB
QUICK_SIZE = 256 * bench.MIB


def cpu_of_command(command, folder):
    process = subprocess.Popen(command, cwd=folder, env=bench.peer_environment(),
                               stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        bench.fail(f"{command[0]} failed")
    return usage.ru_utime + usage.ru_stime


def cpu_of_ferry(ferry, session, url, target):
    before = bench.cpu_of_process(ferry.service_pid())
    ferry.create(session, [url], start="true", destination=rig.quote(target))
    ferry.wait_for_finish()
    return bench.cpu_of_process(ferry.service_pid()) - before


def measure(options, server, parent, url, size):
    """Returns the seconds of all rounds of each program."""
    ca = server.folder / "ca.pem"
    seconds = {"ferry": [], "curl": [], "aria2": []}
    with rig.Rig(*options.programs) as ferry, \
            tempfile.TemporaryDirectory(prefix="ferry-benchmark-", dir=parent) as name:
        target = pathlib.Path(name)
        session = ferry.open_session(**({"tls_ca": rig.quote(ca)} if server.tls else {}))
        trust = {"curl": ["--cacert", ca], "aria2": [f"--ca-certificate={ca}"]} \
            if server.tls else {"curl": [], "aria2": []}
        runs = {
            "ferry": lambda: cpu_of_ferry(ferry, session, url, target),
            "curl": lambda: cpu_of_command(["curl", "-q", "-s", "-O", *trust["curl"], url], target),
            "aria2": lambda: cpu_of_command([*aria2.COMMAND, *trust["aria2"], url], target),
        }
        for _ in range(options.rounds):
            for program, run in runs.items():
                seconds[program].append(run())
                if (target / "file.bin").stat().st_size != size:
                    bench.fail(f"{program}: the file is not whole")
                bench.empty(target)
                os.sync()
    return seconds


def run(options, tls, places, bars):
    size = QUICK_SIZE if options.quick else SIZE
    with rig.Server(tls=tls) as server:
        url = server.add_file("file.bin", size)
        for place in places:
            parent = bench.PLACES[place]
            # A peer's file beside what the disk has not written yet.
            bench.need_room(parent, 2 * size)
            seconds = measure(options, server, parent, url, size)
            for peer, bar in bars.items():
                bench.report(
                    f"{bench.size_text(size)} over {'HTTPS' if tls else 'HTTP'}, {place}, CPU",
                    "s", seconds["ferry"], peer, seconds[peer], ratio=bar)
