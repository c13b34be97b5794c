# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests in Python share: the library's calls in a straight line, with a deadline."""

import os
import signal

import gi

gi.require_version("Ferry", "1")

from gi.repository import Ferry, Gio, GLib  # noqa: E402

SERVICE = "io.github.ferryapp.Ferry.Transfers1"
SERVER = os.environ["FERRY_TEST_SERVER"]
FOLDER = os.environ["FERRY_TEST_FOLDER"]
DEADLINE = 30


def wait_for(condition, what):
    """Lets the main loop run until it holds."""
    late = []
    timer = GLib.timeout_add_seconds(DEADLINE, lambda: late.append(True))
    while not condition():
        if late:
            raise AssertionError(f"waited in vain: {what}")
        GLib.MainContext.default().iteration(True)
    if not late:
        GLib.source_remove(timer)


def run_until_idle():
    while GLib.MainContext.default().iteration(False):
        pass


def call(target, verb, *arguments, cancellable=None):
    """Begins the verb, waits for its end, and returns what it comes to."""
    results = []
    getattr(target, verb + "_async")(*arguments, cancellable,
                                     lambda _, result: results.append(result))
    wait_for(lambda: results, verb)
    return getattr(target, verb + "_finish")(results[0])


def vardict(**options):
    """`_` stands for `-`; strings, truths and floats as they are, all else as GLib.Variant."""
    types = {str: "s", bool: "b", float: "d"}
    return GLib.Variant("a{sv}", {
        key.replace("_", "-"): GLib.Variant(types[type(value)], value)
        if type(value) in types else value for key, value in options.items()})


def open_session(client, identifier):
    return call(client, "open_session", identifier,
                vardict(destination=FOLDER, notify="none"))


def create(session, path, **options):
    return call(session, "create_download_task", SERVER + path, vardict(**options))


def ask_bus(method, answer):
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    return bus.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                         method, GLib.Variant("(s)", (SERVICE,)), GLib.VariantType(answer),
                         Gio.DBusCallFlags.NONE, DEADLINE * 1000, None)[0]


def kill_service():
    os.kill(ask_bus("GetConnectionUnixProcessID", "(u)"), signal.SIGKILL)
