#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CPU time of one 2 GiB download: ferryd, curl and aria2, from one nginx, taking turns.

Usage: download-cpu.py FERRYD FERRY [ROUNDS]

What counts is user and system time of the process that carries the bytes. Each round runs all
three; the best of each counts, for other work on the machine only ever adds. Twice: into memory,
where the program alone is measured, and onto the disk of the temporary folder, where ferryd also
makes the file durable, which the peers do not.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SIZE = 2 << 30
BARS = {"curl": 0.75, "aria2": 0.65}
SERVICE = "io.github.ferryapp.Ferry.Transfers1"
DEADLINE = 300

NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}/www; }}
}}
"""

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir={folder}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>
"""


def free_port():
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"timed out: {what}")
        time.sleep(0.02)


def cpu_of_process(pid):
    """User and system seconds of a running process, all threads there ever were."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_of_command(command, folder):
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return usage.ru_utime + usage.ru_stime


class Rig:
    """nginx, a private bus and a ferryd, each ended by its own id."""

    def __init__(self, folder, ferryd):
        self.folder = folder
        self.port = free_port()
        self.children = []
        (folder / "www").mkdir()
        with open(folder / "www" / "file.bin", "wb") as file:
            file.truncate(SIZE)
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=self.port))
        self.start(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"),
                    "-e", str(folder / "nginx.log")])
        self.environment = dict(os.environ, HOME=str(folder), XDG_DATA_HOME=str(folder / "data"),
                                XDG_CONFIG_HOME=str(folder / "config"),
                                XDG_RUNTIME_DIR=str(folder), GIO_USE_PROXY_RESOLVER="dummy")
        (folder / "bus.conf").write_text(BUS.format(folder=folder))
        bus = self.start(["dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork",
                          "--print-address=1"], stdout=subprocess.PIPE, text=True)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        self.ferryd = self.start([ferryd], env=self.environment)
        wait_for(self.has_service, "ferryd takes its name")

    def start(self, command, **options):
        process = subprocess.Popen(command, **options)
        self.children.append(process)
        return process

    def has_service(self):
        answer = subprocess.run(
            ["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus",
             "--object-path", "/org/freedesktop/DBus",
             "--method", "org.freedesktop.DBus.NameHasOwner", SERVICE],
            env=self.environment, capture_output=True, text=True, check=False)
        return "true" in answer.stdout

    def end(self):
        for process in reversed(self.children):
            process.terminate()
            process.wait()

    def url(self):
        return f"http://127.0.0.1:{self.port}/file.bin"


def run_ferry(rig, ferry, target):
    before = cpu_of_process(rig.ferryd.pid)
    subprocess.run([ferry, "get", "-d", str(target), rig.url()], env=rig.environment, check=True,
                   stdout=subprocess.DEVNULL, timeout=DEADLINE)
    return cpu_of_process(rig.ferryd.pid) - before


def empty(folder):
    for path in folder.iterdir():
        path.unlink()


def measure(rig, ferry, target, rounds):
    best = {}
    commands = {
        "ferry": lambda: run_ferry(rig, ferry, target),
        "curl": lambda: cpu_of_command(["curl", "-s", "-O", rig.url()], target),
        "aria2": lambda: cpu_of_command(["aria2c", "-q", "--file-allocation=none", rig.url()],
                                        target),
    }
    for _ in range(rounds):
        for name, command in commands.items():
            seconds = command()
            if (target / "file.bin").stat().st_size != SIZE:
                sys.exit(f"{name}: the file is not whole")
            empty(target)
            os.sync()
            best[name] = min(best.get(name, seconds), seconds)
    return best


def report(where, best):
    print(f"2 GiB over HTTP {where}, CPU seconds: "
          + ", ".join(f"{name} {seconds:.2f}" for name, seconds in best.items()))
    for peer, bar in BARS.items():
        ratio = best["ferry"] / best[peer]
        word = "reached" if ratio <= bar else "missed"
        print(f"  ferry / {peer}: {ratio:.2f} (bar: {bar:.2f}, {word})")


def main():
    ferryd, ferry = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    memory = "/dev/shm" if shutil.disk_usage("/dev/shm").free > 2 * SIZE else None
    for where, parent in (("into memory", memory), ("onto the disk", None)):
        with tempfile.TemporaryDirectory(prefix="ferry-benchmark-") as folder, \
                tempfile.TemporaryDirectory(prefix="ferry-benchmark-", dir=parent) as target:
            rig = Rig(pathlib.Path(folder), ferryd)
            try:
                report(where, measure(rig, ferry, pathlib.Path(target), rounds))
            finally:
                rig.end()


if __name__ == "__main__":
    main()
