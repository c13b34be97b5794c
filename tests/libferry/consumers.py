#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library as Python sees it, against the real service."""

import gc
import os
import pathlib
import unittest

from asking import (FOLDER, SERVER, call, create, kill_service, open_session, run_until_idle,
                    vardict, wait_for)
from gi.repository import Ferry, Gio, GLib, GObject

MANY = 100
SIZE = 300000


def is_error(error, code):
    return error.matches(Ferry.error_quark(), code)


class Consumer(unittest.TestCase):
    def setUp(self):
        self.client = Ferry.Client()
        self.session = open_session(self.client, self.id())

    def tearDown(self):
        call(self.session, "invalidate_and_cancel")

    def assert_fails(self, domain, code, *arguments, **options):
        with self.assertRaises(GLib.Error) as context:
            call(*arguments, **options)
        error = context.exception
        self.assertTrue(error.matches(domain, code), f"{error.domain} {error.code}: {error}")
        self.assertGreater(len(error.message), 10)
        self.assertNotIn("GDBus.Error", error.message)

    def assert_refused(self, code, *arguments):
        self.assert_fails(Ferry.error_quark(), code, *arguments)


class Downloads(Consumer):
    def test_file(self):
        task = create(self.session, "/file", filename="file.bin")
        self.assertEqual(task.get_state(), Ferry.TaskState.SUSPENDED)
        self.assertEqual(task.get_session_number(), self.session.get_number())
        states, endings, paths = [], [], []
        task.connect("notify::state", lambda task, _: states.append(task.props.state))
        task.connect("did-complete", lambda _, serial, error: endings.append((serial, error)))
        task.connect("did-finish-downloading", lambda _, serial, path: paths.append(path))
        self.assertTrue(call(task, "resume"))
        wait_for(lambda: endings, "the download's end")

        path = pathlib.Path(FOLDER, "file.bin")
        self.assertEqual(states[-1], Ferry.TaskState.FINISHED)
        self.assertIn(Ferry.TaskState.RUNNING, states)
        self.assertGreater(endings[0][0], 0)
        self.assertIsNone(endings[0][1])
        self.assertEqual(paths, [str(path)])
        self.assertEqual(task.get_path(), str(path))
        self.assertEqual(path.stat().st_size, SIZE)
        self.assertEqual(task.props.bytes_received, SIZE)
        self.assertTrue(task.is_over())
        self.assertIsNone(task.get_error())

        file = call(task, "open_result")
        self.assertEqual(os.fstat(file).st_ino, path.stat().st_ino)
        os.close(file)
        kinds = [event[1] for event in call(self.session, "get_events", 0, 0).unpack()]
        self.assertIn("finished", kinds)
        self.assertTrue(call(self.session, "acknowledge_events", endings[0][0]))

    def test_missing_file(self):
        errors = []
        task = create(self.session, "/missing")
        task.connect("did-complete", lambda _, serial, error: errors.append(error))
        call(task, "resume")
        wait_for(lambda: errors, "the failure")
        self.assertEqual(task.get_state(), Ferry.TaskState.FAILED)
        self.assertTrue(is_error(errors[0], Ferry.Error.SERVER), errors[0])
        self.assertTrue(is_error(task.get_error(), Ferry.Error.SERVER))
        self.assertTrue(is_error(task.props.error, Ferry.Error.SERVER))

    def test_cancel(self):
        errors = []
        task = create(self.session, "/held", start=True, filename="held.bin")
        task.connect("did-complete", lambda _, serial, error: errors.append(error))
        wait_for(lambda: task.get_bytes_received() > 0, "some bytes")
        self.assertTrue(call(task, "cancel"))
        wait_for(lambda: errors, "the end")
        self.assertTrue(is_error(errors[0], Ferry.Error.CANCELLED), errors[0])
        self.assertEqual(task.get_state(), Ferry.TaskState.CANCELLED)
        self.assert_refused(Ferry.Error.WRONG_STATE, task, "suspend")

    def test_resume_data(self):
        task = create(self.session, "/held", start=True, filename="taken-up.bin")
        wait_for(lambda: task.get_bytes_received() > 0, "some bytes")
        data = call(task, "cancel_by_producing_resume_data")
        self.assertEqual(data.get_size(), 16)
        heir = call(self.session, "create_download_task_with_resume_data", data, vardict())
        self.assertGreater(heir.get_number(), task.get_number())
        self.assertEqual(heir.get_url(), task.get_url())

    def test_remove(self):
        task = create(self.session, "/file")
        removed = []
        task.connect("notify::removed", lambda *_: removed.append(True))
        self.assertTrue(call(task, "remove", False))
        wait_for(lambda: removed, "the removal")
        self.assertTrue(task.is_removed())


class Errors(Consumer):
    def test_kinds(self):
        session = self.session
        for code, target, verb, *arguments in (
                (Ferry.Error.INVALID_URL, session, "create_download_task", "gopher://a/", None),
                (Ferry.Error.INVALID_OPTION, session, "create_download_task", SERVER + "/file",
                 vardict(nonsense=True)),
                (Ferry.Error.NOT_FOUND, self.client, "load_task", 1 << 40),
                (Ferry.Error.INVALID_URL, self.client, "probe", "gopher://a/", None),
                (Ferry.Error.INVALID_OPTION, self.client, "open_session", "", None)):
            with self.subTest(verb=verb, code=code):
                self.assert_refused(code, target, verb, *arguments)

    def test_names(self):
        self.assertEqual(GLib.quark_to_string(Ferry.error_quark()), "ferry-error-quark")
        self.assertEqual(Ferry.Error.INVALID_URL.value_nick, "invalid-url")
        self.assertEqual(Ferry.TaskState.FINISHED.value_nick, "finished")
        self.assertEqual(Ferry.ClientState.CONNECTED.value_nick, "connected")
        self.assertEqual(Ferry.WaitReason.NEW_URL.value_nick, "new-url")

    def test_call_cancelled(self):
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        self.assert_fails(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED, self.session,
                          "create_download_task", SERVER + "/file", None, cancellable=cancellable)


class Lists(Consumer):
    def create_many(self):
        downloads = GLib.Variant("a(sa{sv})", [
            (f"{SERVER}/file?{i}", {"description": GLib.Variant("s", str(i))})
            for i in range(MANY)])
        return call(self.session, "create_download_tasks", downloads)

    def test_model(self):
        tasks = self.session.get_tasks()
        self.assertIsInstance(tasks, Gio.ListModel)
        self.assertEqual(tasks.get_item_type(), Ferry.Task.__gtype__)
        wait_for(tasks.is_complete, "an empty list")
        changes = []
        tasks.connect("items-changed",
                      lambda _, at, removed, added: changes.append(added - removed))
        made = self.create_many()
        self.assertEqual(len(made), MANY)
        wait_for(lambda: tasks.get_n_items() == MANY, "all tasks")

        self.assertEqual(sum(changes), MANY)
        numbers = [tasks.get_item(i).get_number() for i in range(MANY)]
        self.assertEqual(numbers, sorted((task.get_number() for task in made), reverse=True))
        self.assertIs(tasks.find(numbers[-1]), tasks.get_item(MANY - 1))
        self.assertIs(tasks.find(made[7].get_number()), made[7])
        self.assertEqual(made[7].get_description(), "7")
        self.assertIsNone(tasks.find(1 << 40))
        self.assertIsNone(tasks.get_item(MANY))

        call(made[3], "remove", False)
        wait_for(lambda: tasks.get_n_items() == MANY - 1, "one task less")
        self.assertIsNone(tasks.find(numbers[-4]))

    def test_watch(self):
        client = Ferry.Client()
        self.assertTrue(call(client, "watch"))
        mine = self.create_many()
        sessions, tasks = client.get_sessions(), client.get_tasks()
        wait_for(lambda: tasks.is_complete() and tasks.find(mine[-1].get_number()), "the tasks")
        self.assertIn(self.session.get_identifier(),
                      [sessions.get_item(i).props.identifier
                       for i in range(sessions.get_n_items())])
        found = call(client, "list_tasks", vardict(state="suspended", text="/file?99"))
        self.assertIn(mine[99].get_number(), [task.get_number() for task in found])
        self.assertIs(call(client, "load_task", mine[99].get_number()),
                      tasks.find(mine[99].get_number()))

    def test_filter_model(self):
        """A model of a model: what a list in a window is made of."""
        self.create_many()
        tasks = self.session.get_tasks()
        wait_for(lambda: tasks.get_n_items() == MANY, "all tasks")
        store = Gio.ListStore.new(Ferry.Task)
        for task in tasks:
            store.append(task)
        self.assertEqual(store.get_n_items(), MANY)
        self.assertIs(store.get_item(0), tasks.get_item(0))


class Properties(Consumer):
    def test_all(self):
        """Each can be read, and says what its getter says."""
        task = create(self.session, "/file", description="words", priority=0.25)
        call(task, "load")
        objects = (self.client, self.session, self.session.get_tasks(), task)
        for thing in objects:
            for pspec in GObject.list_properties(thing):
                if not pspec.flags & GObject.ParamFlags.READABLE:
                    continue
                with self.subTest(name=f"{pspec.owner_type.name}:{pspec.name}"):
                    value = thing.get_property(pspec.name)
                    name = pspec.name.replace("-", "_")
                    getter = getattr(thing, "get_" + name, getattr(thing, "is_" + name, None))
                    if getter is not None and not isinstance(value, GLib.Variant):
                        self.assertEqual(value, getter())
        self.assertEqual(task.get_description(), "words")
        self.assertEqual(task.get_priority(), 0.25)
        self.assertEqual(self.client.get_version(), 1)
        self.assertIn("download", self.client.get_capabilities())

    def test_load(self):
        task = create(self.session, "/file", description="words")
        facts = call(task, "load").unpack()
        self.assertEqual(facts["Description"], "words")
        self.assertEqual(facts["Options"]["description"], "words")

    def test_set(self):
        task = create(self.session, "/file")
        seen = []
        task.connect("notify::priority", lambda task, _: seen.append(task.get_priority()))
        self.assertTrue(call(task, "set_priority", 0.75))
        self.assertTrue(call(task, "set_description", "ä"))
        self.assertTrue(call(task, "set_download_limit", 5000))
        wait_for(lambda: seen and task.get_description() == "ä"
                 and task.get_download_limit() == 5000, "the new values")
        self.assertEqual(seen, [0.75])

    def test_probe(self):
        facts = call(self.client, "probe", SERVER + "/file", None).unpack()
        self.assertEqual(facts["size"], SIZE)


class Losses(Consumer):
    def test_service_killed(self):
        tasks = self.session.get_tasks()
        mine = [create(self.session, "/file") for _ in range(3)]
        wait_for(lambda: tasks.is_complete() and tasks.get_n_items() == 3, "the list")
        running = create(self.session, "/held", start=True, filename="survivor.bin")
        wait_for(lambda: running.get_bytes_received() > 0, "some bytes")
        states = []
        self.client.connect("notify::state", lambda client, _: states.append(client.get_state()))
        kill_service()
        wait_for(lambda: Ferry.ClientState.CONNECTED in states, "the service's return")
        self.assertEqual(states, [Ferry.ClientState.LOST, Ferry.ClientState.CONNECTED])
        wait_for(tasks.is_complete, "the list's return")
        self.assertEqual(tasks.get_n_items(), 4)
        for task in [*mine, running]:
            self.assertIs(tasks.find(task.get_number()), task)
        self.assertFalse(running.is_over())
        self.assertIsNone(self.client.get_error())

        # What was held still works, and tells.
        self.assertTrue(call(mine[0], "cancel"))
        wait_for(mine[0].is_over, "a cancelled task")
        create(self.session, "/file")
        wait_for(lambda: tasks.get_n_items() == 5, "one more task")


class Memory(Consumer):
    def test_nothing_stays(self):
        """Objects go with their last reference."""
        gone = []
        tasks = self.session.get_tasks()
        self.session.connect("notify::state", lambda *_: None)
        task = create(self.session, "/file")
        wait_for(lambda: tasks.is_complete() and tasks.get_n_items() == 1, "the list")
        client = Ferry.Client()
        session = open_session(client, self.id() + "/2")
        other = create(session, "/file")
        call(session, "invalidate_and_cancel")
        for thing in (client, session, other):
            thing.weak_ref(gone.append, type(thing).__name__)
        del client, session, other, thing
        gc.collect()
        wait_for(lambda: sorted(gone) == ["Client", "Session", "Task"], "all to go")
        self.assertFalse(task.is_removed())

    def test_memory(self):
        """A hundred clients with a list each cost no more than the first ones."""
        Lists.create_many(self)

        def read():
            client = Ferry.Client()
            session = open_session(client, self.id())
            tasks = session.get_tasks()
            wait_for(lambda: tasks.is_complete() and tasks.get_n_items() == MANY, "the list")
            self.assertTrue(all(tasks.get_item(i).get_url() for i in range(MANY)))

        def measure():
            gc.collect()
            run_until_idle()
            status = pathlib.Path("/proc/self/statm").read_text().split()
            return int(status[1]) * os.sysconf("SC_PAGESIZE")

        for _ in range(20):
            read()
        before = measure()
        for _ in range(100):
            read()
        # Of each hundred tasks that stayed, 40 kB at the least would be seen.
        self.assertLess(measure() - before, 3_000_000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
