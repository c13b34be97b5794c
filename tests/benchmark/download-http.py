#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CPU time of one 2 GiB download over HTTP: ferryd, curl and aria2, from one nginx, taking
turns."""

import bench
import transfer_cpu

if __name__ == "__main__":
    transfer_cpu.run(bench.options(__doc__, "nginx", "curl", "aria2c"), tls=False,
                     places=["in memory", "on the disk"], bars={"curl": 0.75, "aria2": 0.65})
