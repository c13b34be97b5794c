# SPDX-License-Identifier: GPL-3.0-or-later
"""A ferryd of the benchmarks' own, on a bus of its own, and a server for it and its peers.

Nobody's home, settings or session bus is touched.
"""

import atexit
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

from bench import fail, wait_for

SERVICE = "io.github.ferryapp.Ferry.Transfers1"
MANAGER = "/io/github/ferryapp/Ferry/Transfers1"

NGINX = """
{user} worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; limit_rate {rate}; keepalive_requests 1000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port} {tls}; root {folder}/www; }}
}}
"""

# The limits are those of Debian's session bus.
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir={folder}</listen><auth>EXTERNAL</auth>
<servicedir>{folder}</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy>
<limit name="max_incoming_bytes">1000000000</limit>
<limit name="max_outgoing_bytes">1000000000</limit>
<limit name="max_message_size">1000000000</limit>
</busconfig>
"""


def has_ended(pid):
    """Not our child; whose it is may take its time to bury it."""
    try:
        return "State:\tZ" in pathlib.Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def quote(text):
    """A string in GVariant's text format."""
    return "'" + str(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def vardict(**options):
    """An a{sv} in GVariant's text format; `_` stands for `-`, values are in that format."""
    pairs = ", ".join(f"{quote(key.replace('_', '-'))}: <{value}>"
                      for key, value in options.items())
    return f"@a{{sv}} {{{pairs}}}"


def in_an_hour():
    """A time as the API has it, in GVariant's text format."""
    return f"int64 {time.time_ns() // 1000 + 3600 * 1_000_000}"


class Children:
    """Processes that are ended by their own ids, the last one first, at the latest when the
    benchmark ends."""

    def __init__(self):
        self.processes = []
        atexit.register(self.end)

    def start(self, command, **options):
        process = subprocess.Popen(command, **options)
        self.processes.append(process)
        return process

    def end(self):
        while self.processes:
            process = self.processes.pop()
            if process.stdin is not None:
                process.stdin.close()
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """nginx on the loopback; `rate` is bytes a second of each connection, 0: as many as it can."""

    def __init__(self, rate=0, tls=False):
        self.temporary = tempfile.TemporaryDirectory(prefix="ferry-benchmark-")
        self.folder = pathlib.Path(self.temporary.name)
        self.www = self.folder / "www"
        self.www.mkdir()
        self.tls = tls
        self.port = free_port()
        options = self.make_certificates() if tls else ""
        # As root its workers would be another user, who may not enter our folder.
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(NGINX.format(
            user=user, folder=self.folder, rate=rate, port=self.port, tls=options))
        self.children = Children()
        self.children.start(["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"),
                             "-e", str(self.folder / "nginx.log")])
        wait_for(self.answers, "nginx listens", 10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.children.end()
        self.temporary.cleanup()

    def make_certificates(self):
        make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        folder = self.folder
        for command in (
                [*make, "-subj", "/CN=Benchmark", "-keyout", f"{folder}/ca.key",
                 "-out", f"{folder}/ca.pem"],
                [*make, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                 "-addext", "basicConstraints=critical,CA:FALSE",
                 "-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key",
                 "-keyout", f"{folder}/server.key", "-out", f"{folder}/server.pem"]):
            subprocess.run(command, check=True, capture_output=True)
        return f"ssl; ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key"

    def answers(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def url(self, name):
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/{name}"

    def add_file(self, name, size):
        """A file of zeros that takes no room."""
        with open(self.www / name, "wb") as file:
            file.truncate(size)
        return self.url(name)


class Rig:
    """A bus that starts ferryd when it is called, its folders below `parent`, and a client."""

    def __init__(self, ferryd, client, parent=None, **settings):
        self.temporary = tempfile.TemporaryDirectory(prefix="ferry-benchmark-", dir=parent)
        self.folder = pathlib.Path(self.temporary.name)
        self.files = self.folder / "files"
        self.files.mkdir()
        self.environment = dict(os.environ, HOME=str(self.folder), GSETTINGS_BACKEND="keyfile",
                                GIO_USE_PROXY_RESOLVER="dummy", LC_ALL="C.UTF-8",
                                DBUS_SYSTEM_BUS_ADDRESS="disabled:")
        for kind in ("DATA", "CONFIG", "CACHE", "STATE"):
            self.environment[f"XDG_{kind}_HOME"] = str(self.folder / kind.lower())
        self.environment["XDG_RUNTIME_DIR"] = str(self.folder)
        self.write_settings(settings)
        self.children = Children()
        self.start_bus(ferryd)
        self.client = self.children.start([client], env=self.environment, text=True,
                                          stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Without a client nobody can ask for the service; it leaves with its bus.
        try:
            if self.client.poll() is None and self.has_service():
                self.stop_service(signal.SIGTERM)
        finally:
            self.children.end()
            self.temporary.cleanup()

    def write_settings(self, settings):
        folder = self.folder / "config" / "glib-2.0" / "settings"
        folder.mkdir(parents=True)
        lines = [f"{key.replace('_', '-')}={value}" for key, value in settings.items()]
        (folder / "keyfile").write_text("\n".join(["[io/github/ferryapp/Ferry]", *lines, ""]))

    def start_bus(self, ferryd):
        (self.folder / "ferryd.service").write_text(
            # As the file that is installed starts it.
            f'[D-BUS Service]\nName={SERVICE}\n'
            f'Exec=/usr/bin/env G_SLICE=always-malloc "{ferryd}"\n')
        (self.folder / "bus.conf").write_text(BUS.format(folder=self.folder))
        with open(self.folder / "log", "wb") as log:
            bus = self.children.start(
                ["dbus-daemon", f"--config-file={self.folder}/bus.conf", "--nofork",
                 "--print-address=1"], env=self.environment, stdout=subprocess.PIPE, stderr=log,
                text=True)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()

    def say(self, command):
        try:
            self.client.stdin.write(command + "\n")
            self.client.stdin.flush()
        except BrokenPipeError:
            fail("the client is gone")

    def hear(self):
        line = self.client.stdout.readline()
        if line == "":
            fail("a call failed; the bus and the service say:\n"
                 + (self.folder / "log").read_text(errors="replace"))
        return line.strip()

    def call(self, path, method, arguments="()", times=1, destination=SERVICE):
        """`method` with its interface. Returns when each call began and ended, and the answer."""
        interface, _, member = method.rpartition(".")
        self.say(f"call {destination} {path} {interface} {member} {times} {arguments}")
        numbers = [int(word) / 1e6 for word in self.hear().split()]
        return list(zip(numbers[::2], numbers[1::2], strict=True)), self.hear()

    def wait_for_finish(self):
        """Returns when the session's next DidFinishEvents came, on the monotonic clock."""
        self.say("wait")
        return int(self.hear()) / 1e6

    def ask_bus(self, method):
        _, answer = self.call("/org/freedesktop/DBus", f"org.freedesktop.DBus.{method}",
                              f"({quote(SERVICE)},)", destination="org.freedesktop.DBus")
        return answer

    def has_service(self):
        return "true" in self.ask_bus("NameHasOwner")

    def service_pid(self):
        return int(re.search(r"\d+\b(?!\w)", self.ask_bus("GetConnectionUnixProcessID")
                             .replace("uint32", ""))[0])

    def stop_service(self, how):
        pid = self.service_pid()
        os.kill(pid, how)
        # The bus must have seen it as well, or the next call goes to the dead.
        wait_for(lambda: has_ended(pid) and not self.has_service(), "ferryd ends", 30)

    def open_session(self, **configuration):
        options = vardict(notify=quote("none"), destination=quote(self.files), **configuration)
        _, answer = self.call(MANAGER, f"{SERVICE}.Manager.OpenSession",
                              f"('benchmark', {options})")
        return re.search(r"'(/[^']*)'", answer)[1]

    def create(self, session, urls, **options):
        """Returns when the call began and ended, and the paths of the tasks."""
        downloads = ", ".join(f"({quote(url)}, {vardict(**options)})" for url in urls)
        (times,), answer = self.call(session, f"{SERVICE}.Session.CreateDownloadTasks",
                                     f"([{downloads}],)")
        tasks = re.findall(r"'(/[^']*)'", answer)
        if len(tasks) != len(urls):
            fail(f"{len(tasks)} of {len(urls)} tasks were made")
        return times, tasks

    def get_number(self, path, interface, name):
        _, answer = self.call(path, "org.freedesktop.DBus.Properties.Get",
                              f"({quote(f'{SERVICE}.{interface}')}, {quote(name)})")
        return int(re.search(r"(-?\d+)>", answer)[1])

    def wait_for_running(self, count):
        """Those that only wait for the disk run as well; they make room for others."""
        wait_for(lambda: self.get_number(MANAGER, "Manager", "Running") >= count,
                 f"{count} transfers run", 30)
