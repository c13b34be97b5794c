#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may include whom, and who may call what. One check a function, one TAP line a check.

Usage: check-layers.py SOURCE-ROOT | --self-test
"""

import os
import re
import sys
import tempfile

# A room is a folder of src/. What its files may include of ours: rooms, or headers by name.
MAY_INCLUDE = {
    'common': {'common'},
    'libferry': {'libferry', 'common'},
    # As programs that are not ours.
    'libferry/examples': {'libferry/ferry.h'},
    'cli': {'cli', 'common', 'libferry/ferry.h'},
    'app': {'app', 'common', 'libferry/ferry.h'},
    # Here the rooms of the service are put together.
    'service': {'service', 'service/api', 'service/model', 'service/transfer', 'service/store',
                'service/desktop', 'common'},
    'service/api': {'service/api', 'service/model', 'service/transfer', 'service/store',
                    'service/desktop', 'common'},
    # Of a job the model sees values: what goes in, what comes out, what is counted and kept.
    'service/model': {'service/model', 'common', 'service/transfer/plan.h',
                      'service/transfer/outcome.h', 'service/transfer/tally.h',
                      'service/transfer/kept.h'},
    'service/transfer': {'service/transfer', 'common'},
    # The interface that the store implements, and a value that it keeps.
    'service/store': {'service/store', 'common', 'service/model/store.h',
                      'service/transfer/kept.h'},
    # The interfaces of the model that it implements are listed by name, as they come.
    'service/desktop': {'service/desktop', 'common'},
}

# Made by the build, so not in src/.
GENERATED = re.compile(r'^(config|ferry-.*-resources|.*-generated)\.h$')

# Who may include whose headers, and whether only one file (its .c and .h) may.
LIBRARIES = [
    (re.compile(r'^libsoup/'), 'service/transfer', False),
    (re.compile(r'^gnutls/'), 'service/transfer', False),
    (re.compile(r'^sqlite3\.h$'), 'service/store', False),
    (re.compile(r'^libsecret/'), 'service/desktop', True),
    (re.compile(r'^libnotify/'), 'service/desktop', True),
    (re.compile(r'^(gtk|gdk|gsk|adwaita\.h|adw)\b'), 'app', False),
]

# What would block: their files run on the main thread, but for functions named …_in_thread.
MAIN_THREAD = ('service/api', 'service/model')
BLOCKING = re.compile(
    r'\b(\w+_sync|sqlite3_\w+|fopen|open|openat|openat2|read|pread|readlink|'
    r'g_file_(?:get|set)_contents|g_file_set_contents_full|g_file_load_contents|'
    r'g_file_load_bytes|g_file_read|g_file_copy|'
    r'g_file_query_info|g_file_query_exists|g_file_enumerate_children|g_dir_open|'
    r'g_key_file_load_from_\w+|g_mapped_file_new|g_usleep|sleep|usleep) \(')
THREAD_FUNCTION = re.compile(r'_in_thread$')


class Source:
    """A C file of src/: path relative to src/, room, text without comments."""

    def __init__(self, path, text):
        self.path = path
        self.room = os.path.dirname(path)
        self.code = re.sub(r'/\*.*?\*/', lambda found: re.sub(r'[^\n]', ' ', found.group()), text,
                           flags=re.S)

    def lines(self):
        return enumerate(self.code.split('\n'), 1)

    def includes(self):
        """Yields (line, header, whether in quotes)."""
        for number, line in self.lines():
            found = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if found:
                yield number, found.group(2), found.group(1) == '"'


class Tree:
    def __init__(self, sources):
        self.sources = sources
        self.paths = {source.path for source in sources}

    def resolve(self, source, header):
        """The path of @header in src/, None where it is none of ours."""
        places = [header, 'service/' + header]
        if '/' not in header:
            places.insert(0, source.room + '/' + header)
            if header == 'ferry.h':
                return 'libferry/ferry.h'
        return next((place for place in places if place in self.paths), None)


def check_rooms(tree):
    for source in tree.sources:
        if source.room not in MAY_INCLUDE:
            yield source.path, 1, f'the room {source.room or "src"} is not in the table'


def check_includes(tree):
    for source in tree.sources:
        allowed = MAY_INCLUDE.get(source.room, set())
        for number, header, quoted in source.includes():
            target = tree.resolve(source, header)
            if '..' in header.split('/'):
                yield source.path, number, f'"{header}": includes begin at src/ or src/service/'
            elif target and not {target, os.path.dirname(target)} & allowed:
                yield source.path, number, f'{source.room} may not include {target}'
            elif target and not quoted and target != 'libferry/ferry.h':
                yield source.path, number, f'<{header}> is ours: "{header}"'
            elif quoted and not target and not GENERATED.match(header):
                yield source.path, number, f'"{header}" is neither in src/ nor generated'


def check_libraries(tree):
    for pattern, room, only_one in LIBRARIES:
        users = []
        for source in tree.sources:
            for number, header, _ in source.includes():
                if not pattern.match(header):
                    continue
                if source.room != room:
                    yield source.path, number, f'only {room} may include <{header}>'
                users.append((os.path.splitext(source.path)[0], source.path, number, header))
        if only_one:
            for stem, path, number, header in users:
                if stem != users[0][0]:
                    yield path, number, f'<{header}> is for one file, and {users[0][1]} has it'


def check_main_thread(tree):
    for source in tree.sources:
        if source.room not in MAIN_THREAD:
            continue
        function = ''
        for number, line in source.lines():
            name = re.match(r'(?:[a-z][\w ]*[ *])?([a-z_]\w*) \(', line)
            function = name.group(1) if name else function
            code = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
            # At the beginning of a line stands a definition or a declaration.
            found = re.search(BLOCKING, code if code.startswith(' ') else '')
            if found and not THREAD_FUNCTION.search(function):
                yield source.path, number, f'{found.group(1)}() blocks the main thread'


def check_http1(tree):
    """libsoup reads SOUP_FORCE_HTTP1 when it makes its first connection."""
    for source in tree.sources:
        if source.path != 'service/main.c':
            continue
        body = re.search(r'^main \([^)]*\)\s*\{\n', source.code, re.M)
        if not body:
            yield source.path, 1, 'no main() found'
            continue
        # Declarations may stand before it, but nothing that calls.
        declaration = re.compile(r'\s*[A-Za-z_][\w ()]*[ *]+\w+(\[\w*\])?( = [^();]*)?;$')
        rest = source.code[body.end():].split('\n')
        first = next((line for line in rest
                      if line.strip() and not declaration.match(line)), '')
        if not re.match(r'\s*(\(void\) )?g_setenv \("SOUP_FORCE_HTTP1", "1", TRUE\)', first):
            number = source.code[:body.end()].count('\n') + 1
            yield source.path, number, 'main() does not begin by setting SOUP_FORCE_HTTP1'


CHECKS = [check_rooms, check_includes, check_libraries, check_main_thread, check_http1]

# For each check: trees that it must complain about, and trees that it must leave alone.
KEPT = {'service/transfer/kept.h': '', 'service/transfer/http.h': '', 'service/model/store.h': '',
        'service/model/task.h': '', 'service/api/door.h': '', 'common/error.h': '',
        'libferry/ferry.h': '', 'libferry/ferry-task.h': ''}
MAIN = 'int\nmain (int argc,\n      char *argv[])\n{\n%s}\n'


def include(path, *headers):
    return KEPT | {path: ''.join(f'#include {header}\n' for header in headers)}


def call(path, line, function='foo_cb'):
    return {path: f'static void\n{function} (void)\n{{\n  {line}\n}}\n'}


SAMPLES = {
    check_rooms: ([{'service/attic/a.c': ''}, {'a.c': ''}],
                  [{'common/a.c': '', 'service/main.c': ''}]),
    check_includes: ([include('common/a.c', '"service/model/task.h"'),
                      include('common/a.c', '"model/task.h"'),
                      include('service/model/a.c', '"transfer/http.h"'),
                      include('service/model/a.c', '"api/door.h"'),
                      include('service/transfer/a.c', '"model/task.h"'),
                      include('service/transfer/a.c', '"api/door.h"'),
                      include('service/store/a.c', '"model/task.h"'),
                      include('service/desktop/a.c', '"model/task.h"'),
                      include('cli/a.c', '"model/task.h"'),
                      include('cli/a.c', '"libferry/ferry-task.h"'),
                      include('service/model/a.c', '"../transfer/kept.h"'),
                      include('service/model/a.c', '"nowhere.h"'),
                      include('service/model/a.c', '<common/error.h>'),
                      include('service/api/a.c', '<ferry.h>'),
                      include('libferry/examples/a.c', '"common/error.h"'),
                      include('libferry/a.c', '"model/task.h"')],
                     [include('service/model/a.c', '"config.h"', '<gio/gio.h>', '"task.h"',
                              '"common/error.h"', '"transfer/kept.h"', '"model/store.h"'),
                      include('service/store/a.c', '"model/store.h"', '"transfer/kept.h"'),
                      include('service/api/a.c', '"transfer/http.h"', '"model/task.h"'),
                      include('service/main.c', '"api/door.h"', '"transfer/http.h"'),
                      include('cli/a.c', '<ferry.h>', '"common/error.h"',
                              '"transfers1-generated.h"'),
                      include('app/a.c', '"ferry.h"'),
                      include('libferry/examples/a.c', '<ferry.h>'),
                      include('common/a.c', '"error.h"'),
                      {'common/a.c': '/*\n#include "model/task.h"\n*/\n'}]),
    check_libraries: ([include('service/model/a.c', '<libsoup/soup.h>'),
                       include('service/transfer/a.c', '<sqlite3.h>'),
                       include('service/store/a.c', '<gnutls/crypto.h>'),
                       include('cli/a.c', '<gtk/gtk.h>'), include('cli/a.c', '<adwaita.h>'),
                       include('service/desktop/a.c', '<libsecret/secret.h>')
                       | include('service/desktop/b.c', '<libsecret/secret.h>')],
                      [include('service/transfer/a.c', '<libsoup/soup.h>', '<gnutls/crypto.h>'),
                       include('service/store/a.c', '<sqlite3.h>'),
                       include('app/a.c', '<gtk/gtk.h>', '<adwaita.h>'),
                       include('service/desktop/a.c', '<libsecret/secret.h>')
                       | include('service/desktop/a.h', '<libsecret/secret.h>')
                       | include('service/desktop/b.c', '<libnotify/notify.h>')]),
    check_main_thread: ([call('service/api/a.c', 'g_dbus_connection_call_sync (a);'),
                         call('service/model/a.c', 'sqlite3_step (a);'),
                         call('service/model/a.c', 'if (g_file_get_contents (a))'),
                         call('service/api/a.c', 'fd = openat (a);')],
                        [call('service/api/a.c', 'fd = openat (a);', 'look_in_thread'),
                         call('service/api/a.c', 'say ("open (a)"); /* read (a) */'),
                         call('service/model/a.c', 'g_file_query_info_async (a);'),
                         call('service/model/a.c', 'ferryd_task_open (a);'),
                         call('service/transfer/a.c', 'pread (a);')]),
    check_http1: ([{'service/main.c': MAIN % '  return 0;\n'},
                   {'service/main.c': MAIN % '  int a = foo ();\n\n  g_setenv ("SOUP_FORCE_HTTP1",'
                                             ' "1", TRUE);\n'},
                   {'service/main.c': ''}],
                  [{'service/main.c': MAIN % '  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);\n'},
                   {'service/main.c': MAIN % '  g_autoptr(GApplication) app = NULL;\n  int a;\n\n'
                                             '  /* Why. */\n'
                                             '  (void) g_setenv ("SOUP_FORCE_HTTP1", "1",'
                                             ' TRUE);\n'},
                   {'cli/main.c': MAIN % '  return 0;\n'}]),
}


def read_tree(src):
    sources = []
    for folder, _, names in os.walk(src):
        for name in sorted(names):
            if name.endswith(('.c', '.h')):
                full = os.path.join(folder, name)
                with open(full, encoding='utf-8', errors='replace') as file:
                    sources.append(Source(os.path.relpath(full, src), file.read()))
    return Tree(sorted(sources, key=lambda source: source.path))


def check_itself(check):
    """Through files, for the reading of them to be part of it."""
    def run(files):
        with tempfile.TemporaryDirectory() as src:
            for path, text in files.items():
                os.makedirs(os.path.join(src, os.path.dirname(path)), exist_ok=True)
                with open(os.path.join(src, path), 'w', encoding='utf-8') as file:
                    file.write(text)
            return list(check(read_tree(src)))

    bad, good = SAMPLES[check]
    news = [{path: text for path, text in files.items() if text} for files in bad + good]
    return ([f'not found in {new}' for files, new in zip(bad, news) if not run(files)]
            + [f'false alarm {run(files)} in {new}'
               for files, new in zip(good, news[len(bad):]) if run(files)])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == '--self-test':
        results = [(check, check_itself(check)) for check in CHECKS]
    else:
        tree = read_tree(os.path.join(sys.argv[1], 'src'))
        if not tree.sources:
            sys.exit(f'no sources in {sys.argv[1]}/src')
        results = [(check, [f'src/{path}:{line}: {message}' for path, line, message in check(tree)])
                   for check in CHECKS]

    print(f'1..{len(results)}')
    for number, (check, complaints) in enumerate(results, 1):
        name = check.__name__.replace('check_', '').replace('_', ' ')
        print(f'{"not ok" if complaints else "ok"} {number} - {name}')
        for complaint in complaints:
            # Not as a TAP comment: the test runner shows those to nobody.
            print(complaint, file=sys.stderr)
    return 1 if any(complaints for _, complaints in results) else 0


if __name__ == '__main__':
    sys.exit(main())
