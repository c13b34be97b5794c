# SPDX-License-Identifier: GPL-3.0-or-later
"""What the benchmarks share: their options, how a process is measured, how a figure is printed.

For each row of the README's table a benchmark prints one line that begins with "row:", as in

  row: 2 GiB over HTTP, CPU | ferry 1.03 s | curl 1.35 s | ratio 0.763 | bar 0.75 | missed
  row: memory (PSS), idle | ferry 4.1 MB | aria2 9.2 MB | ratio 0.446 | bar 12 MB | reached
  row: libferry's list, complete | ferry 312 ms | - | - | bar 500 ms | reached

A bar without a unit is the most that the ratio may be, one with a unit the most that Ferry's
figure may be. A benchmark ends with 0 when it has measured, be the figures good or bad, and with
something else when it could not.
"""

import argparse
import os
import pathlib
import re
import shutil
import signal
import statistics
import sys
import time

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30
DEADLINE = 300

# Both are there on each Debian: one in memory, one on the disk, where /tmp may be either.
IN_MEMORY = "/dev/shm"
ON_DISK = "/var/tmp"
PLACES = {"in memory": IN_MEMORY, "on the disk": ON_DISK}

# Where the programs come from, as in the group [benchmark] of tests/packages.
PACKAGES = {"aria2c": "aria2", "curl": "curl", "nginx": "nginx", "openssl": "openssl",
            "dbus-daemon": "dbus-daemon"}


def fail(message):
    sys.exit(f"could not measure: {message}")


def options(description, *programs, rounds=3, quick_rounds=2):
    """The command line; `programs` are those that the benchmark runs besides Ferry's own."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="+", metavar="PROGRAM",
                        help="ferryd, the benchmarks' client, and what else is measured")
    parser.add_argument("--quick", action="store_true",
                        help="less of everything: to try the benchmark, not to measure")
    parser.add_argument("--rounds", type=int, help=f"how often ({rounds})")
    answer = parser.parse_args()
    answer.rounds = answer.rounds or (quick_rounds if answer.quick else rounds)
    # For the processes and folders to go when the benchmark's time is up.
    signal.signal(signal.SIGTERM, lambda *_: fail("it was ended"))
    for program in (*programs, "dbus-daemon"):
        if shutil.which(program) is None:
            fail(f"there is no {program}; install the package {PACKAGES[program]}")
    return answer


def need_room(folder, size):
    if shutil.disk_usage(folder).free < size:
        fail(f"{folder} has less than {size_text(size)} left")


def wait_for(condition, what, deadline=DEADLINE, pause=0.02):
    end = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > end:
            fail(f"timed out: {what}")
        time.sleep(pause)


def peer_environment():
    """The machine's proxy has no business between a peer and our server."""
    return {name: value for name, value in os.environ.items()
            if not name.lower().endswith("_proxy")}


def number(value):
    """Three digits that count, never as a power of ten."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def size_text(size):
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size >= unit:
            return f"{number(size / unit)} {name}"
    return f"{size} bytes"


def best(figures):
    """Of what other work on the machine can only make worse."""
    return min(figures)


def median(figures):
    return statistics.median(figures)


def worst(figures):
    return max(figures)


def spread(program, figures, pick):
    return f"{program} {number(min(figures))} to {number(max(figures))}, {pick.__name__} of " \
           f"{len(figures)}: {number(pick(figures))}"


def report(what, unit, ours, peer=None, theirs=None, pick=best, ratio=None, most=None):
    """Prints a row. `ours` and `theirs` are the figures of all rounds, of which `pick` chooses;
    the bar is the `ratio` of the two, or the `most` that ours may be."""
    figure = pick(ours)
    words = [f"row: {what}", f"ferry {number(figure)} {unit}", "-", "-"]
    shown = [spread("ferry", ours, pick)]
    quotient = None
    if peer is not None:
        reference = pick(theirs)
        words[2] = f"{peer} {number(reference)} {unit}"
        shown.append(spread(peer, theirs, pick))
        if reference > 0:
            quotient = figure / reference
            words[3] = f"ratio {number(quotient)}"
    if ratio is not None and quotient is None:
        fail(f"{what}: there is nothing to compare with")
    reached = quotient <= ratio if ratio is not None else figure <= most
    words.append(f"bar {number(ratio)}" if ratio is not None else f"bar {number(most)} {unit}")
    words.append("reached" if reached else "missed")
    print(f"{what}, {unit}: {'; '.join(shown)}")
    print(" | ".join(words), flush=True)


def percentile(values, percent):
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def pss(pid):
    """The proportional set size of a process in MB."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)[1]) * 1024 / 1e6


def settled_pss(pid):
    """The same when it has not moved by 64 KiB for 3 s, or after 30 s."""
    values = [pss(pid)]
    while len(values) < 60 and (len(values) < 7 or max(values[-7:]) - min(values[-7:]) > 0.0656):
        time.sleep(0.5)
        values.append(pss(pid))
    return values[-1]


def cpu_of_process(pid):
    """User and system seconds of a running process, all threads there ever were."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def switches(pid):
    """Context switches so far of each thread of a process."""
    counts = {}
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        numbers = re.findall(r"ctxt_switches:\s+(\d+)", status.read_text())
        counts[status.parent.name] = sum(map(int, numbers))
    return counts


def growth(before, after):
    """Of two answers of switches(). A thread that is gone has woken up to go."""
    return (sum(count - before.get(thread, 0) for thread, count in after.items())
            + len(before.keys() - after.keys()))


def empty(folder):
    for path in folder.iterdir():
        path.unlink()
