# SPDX-License-Identifier: GPL-3.0-or-later
"""aria2 as the peer: a program that ends with its list, or a service that is asked by JSON-RPC."""

import http.client
import json
import pathlib
import subprocess
import tempfile
import time

import bench
import rig

# As Ferry: what is not known to be whole is not allocated, and no settings but these.
COMMAND = ["aria2c", "--no-conf", "--quiet", "--file-allocation=none"]


class Service:
    """aria2 with its RPC server on the loopback. `options` have `_` for `-`."""

    def __init__(self, parent=None, **options):
        self.temporary = tempfile.TemporaryDirectory(prefix="ferry-benchmark-", dir=parent)
        self.folder = pathlib.Path(self.temporary.name)
        self.files = self.folder / "files"
        self.files.mkdir()
        self.options = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        self.children = rig.Children()
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.temporary.cleanup()

    def start(self):
        """Returns how many seconds it took until it listened."""
        port = rig.free_port()
        began = time.monotonic()
        self.process = self.children.start(
            [*COMMAND, "--enable-rpc", f"--rpc-listen-port={port}", "--rpc-max-request-size=100M",
             f"--dir={self.files}", f"--save-session={self.folder}/session", *self.options],
            env=bench.peer_environment(), stdout=subprocess.DEVNULL)
        self.server = http.client.HTTPConnection("127.0.0.1", port, timeout=bench.DEADLINE)
        bench.wait_for(self.listens, "aria2 listens", 30, 0.0005)
        return time.monotonic() - began

    def stop(self):
        self.server.close()
        # There is nothing that it would have to save; asked nicely it takes seconds to leave.
        self.process.kill()
        self.children.end()

    def listens(self):
        if self.process.poll() is not None:
            bench.fail("aria2 ended")
        try:
            self.server.connect()
        except ConnectionRefusedError:
            return False
        return True

    def call(self, method, *arguments):
        """Returns how many seconds the answer took, and the answer."""
        body = json.dumps({"jsonrpc": "2.0", "id": "", "method": method, "params": arguments})
        began = time.monotonic()
        self.server.request("POST", "/jsonrpc", body)
        text = self.server.getresponse().read()
        seconds = time.monotonic() - began
        answer = json.loads(text)
        if "result" not in answer:
            bench.fail(f"aria2 does not {method}: {text[:200]}")
        return seconds, answer["result"]

    def add(self, urls, **options):
        """Adds a download for each URL in one call; returns its seconds and their ids."""
        calls = [{"methodName": "aria2.addUri", "params": [[url], options]} for url in urls]
        seconds, answers = self.call("system.multicall", calls)
        if not all(isinstance(answer, list) for answer in answers):
            bench.fail("aria2 has not added all downloads")
        return seconds, [answer[0] for answer in answers]

    def running(self):
        return int(self.call("aria2.getGlobalStat")[1]["numActive"])

    def wait_for_running(self, count):
        bench.wait_for(lambda: self.running() >= count, f"aria2 runs {count} downloads", 30)
