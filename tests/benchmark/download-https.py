#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CPU time of one 2 GiB download over HTTPS: ferryd, curl and aria2, from one nginx, taking
turns."""

import bench
import transfer_cpu

if __name__ == "__main__":
    transfer_cpu.run(bench.options(__doc__, "nginx", "openssl", "curl", "aria2c"), tls=True,
                     places=["in memory", "on the disk"], bars={"curl": 1.0, "aria2": 0.9})
