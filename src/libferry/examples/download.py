#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Downloads the file at an address into the download folder.
import sys

import gi
gi.require_version("Ferry", "1")
from gi.repository import Ferry, GLib


def wait_for(condition):
    while not condition():
        GLib.MainContext.default().iteration(True)


def call(target, verb, *arguments):
    results = []
    getattr(target, verb + "_async")(*arguments, None, lambda _, result: results.append(result))
    wait_for(lambda: results)
    return getattr(target, verb + "_finish")(results[0])


session = call(Ferry.Client(), "open_session", "demo", None)
start = GLib.Variant("a{sv}", {"start": GLib.Variant("b", True)})
task = call(session, "create_download_task", sys.argv[1], start)
wait_for(task.is_over)
if task.get_error():
    sys.exit(task.get_error().message)
print(task.get_path())
