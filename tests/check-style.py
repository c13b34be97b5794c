#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The style of the sources, as far as a script can hold it. One check a function, one TAP line
a check.

Usage: check-style.py SOURCE-ROOT | --self-test
"""

import os
import re
import sys

MAX_LINES = 500
MAX_COLUMNS = 100
MAX_COLUMNS_PROSE = 140     # XML and Markdown: tables, addresses

CODE = ('.c', '.h')
SHORT = CODE + ('.py', '.sh', '.build')
LONG = ('.xml', '.ui', '.md', '.in', '.service')
SKIPPED_FOLDERS = re.compile(r'^(_build.*|\.git|__pycache__|subprojects)$')
LGPL_FOLDERS = ('src/common/', 'src/libferry/')

# What may stand right before its parenthesis.
TIGHT = {'_', 'N_', 'C_', 'Q_', 'NC_', 'g_auto', 'g_autoptr', 'g_autolist', 'g_autoslist',
         'g_autoqueue', '__attribute__', '_Atomic', 'defined', '__has_feature'}
RELEASES = re.compile(r'^\s*(?:\(void\) )?(g_free|g_object_unref|g_error_free|g_strfreev|'
                      r'g_bytes_unref|g_variant_unref|g_hash_table_unref|g_array_unref|'
                      r'g_ptr_array_unref|g_main_context_unref|g_main_loop_unref) \(')
RELEASING_FUNCTION = re.compile(r'_(free|clear|finalize|unref|dispose|tear_?down)$')
# Spelled in halves, for this file to pass its own check.
UNFINISHED = re.compile(r'\b(' + '|'.join(['TO' 'DO', 'FIX' 'ME', 'XX' 'X', 'HA' 'CK']) + r')\b')


class Source:
    """A file: its lines, and for C the same lines with comments and strings blanked out."""

    def __init__(self, path, data):
        self.path = path
        self.data = data
        self.text = data.decode('utf-8', errors='replace')
        self.lines = self.text.split('\n')
        if self.lines[-1] == '':
            self.lines.pop()
        self.is_code = path.endswith(CODE)
        self.is_script = self.text.startswith('#!')
        self.code = blank(self.text).split('\n')[:len(self.lines)] if self.is_code else []


def blank(text):
    """Replaces comments and the insides of strings by spaces; positions stay."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

    def spaces(match):
        found = match.group()
        if found[0] == '/':
            return re.sub(r'[^\n]', ' ', found)
        return found[0] + re.sub(r'[^\n]', ' ', found[1:-1]) + found[-1]

    return pattern.sub(spaces, text)


def code_lines(source):
    """Yields (number, line) of blanked lines outside the preprocessor's directives."""
    continued = False
    for number, line in enumerate(source.code, 1):
        directive = continued or line.lstrip().startswith('#')
        continued = directive and line.rstrip().endswith('\\')
        if not directive:
            yield number, line


def check_encoding(source):
    try:
        source.data.decode('utf-8')
    except UnicodeDecodeError as error:
        yield 1 + source.data.count(b'\n', 0, error.start), 'not valid UTF-8'


def check_white_space(source):
    for number, line in enumerate(source.lines, 1):
        if '\t' in line:
            yield number, 'a tab'
        if line != line.rstrip():
            yield number, 'white space at the end of the line'
    if source.data and not source.data.endswith(b'\n'):
        yield len(source.lines), 'no new line at the end of the file'
    if source.data.endswith(b'\n\n'):
        yield len(source.lines), 'empty lines at the end of the file'


def check_columns(source):
    if source.path.endswith(SHORT) or source.is_script:
        limit = MAX_COLUMNS
    elif source.path.endswith(LONG):
        limit = MAX_COLUMNS_PROSE
    else:
        return
    for number, line in enumerate(source.lines, 1):
        if len(line) > limit:
            yield number, f'{len(line)} columns; the limit is {limit}'


def check_length(source):
    if (source.path.endswith(SHORT) or source.is_script) and len(source.lines) > MAX_LINES:
        yield len(source.lines), f'more than {MAX_LINES} lines: the file wants to be two'


def check_licence(source):
    first = source.lines[1 if source.is_script else 0:][:1]
    if source.path.endswith(('.xml', '.ui')):
        first = source.lines[:3]
    elif not (source.path.endswith(SHORT) or source.is_script):
        return
    lgpl = source.path.startswith(LGPL_FOLDERS) and source.is_code
    licence = 'LGPL-2.1-or-later' if lgpl else 'GPL-3.0-or-later'
    if not any(re.search(r'SPDX-License-Identifier: ' + re.escape(licence) + r'\b', line)
               for line in first):
        yield 1, f'the first line is not "SPDX-License-Identifier: {licence}"'


def check_header_guard(source):
    if source.path.endswith('.h'):
        first = [(number, line) for number, line in enumerate(source.code, 1) if line.strip()][:1]
        if not first or first[0][1].strip() != '#pragma once':
            yield first[0][0] if first else 1, 'a header begins with "#pragma once"'


def check_beginning(source):
    """In src/: the log domain, then config.h, then everything else; examples have neither."""
    if (not (source.path.startswith('src/') and source.path.endswith('.c'))
            or '/examples/' in source.path):
        return
    domain = re.compile(r'#define G_LOG_DOMAIN "')
    include = re.compile(r'#include\b')
    directives = [(number, line) for number, (line, code)
                  in enumerate(zip(source.lines, source.code), 1) if code.strip()]
    if not directives or not domain.match(directives[0][1]):
        yield directives[0][0] if directives else 1, 'does not begin with "#define G_LOG_DOMAIN"'
    includes = [(number, line) for number, line in directives if include.match(line)]
    if not includes or includes[0][1] != '#include "config.h"':
        yield includes[0][0] if includes else 1, 'the first include is not "config.h"'


def check_parentheses(source):
    call = re.compile(r'\b([A-Za-z_]\w*)\(')
    pointer = re.compile(r'\(\*+\w+\)\(')
    definition = re.compile(r'\s*#\s*define\s+\w+\(')
    condition = re.compile(r'\s*#\s*(if|elif|include)\b')
    for number, line in enumerate(source.code, 1):
        if condition.match(line):
            continue
        match = definition.match(line)
        for found in call.finditer(line, match.end() if match else 0):
            if found.group(1) not in TIGHT:
                yield number, f'no space between "{found.group(1)}" and its parenthesis'
        if pointer.search(line):
            yield number, 'no space between a function pointer and its parenthesis'


def check_indentation(source):
    """A statement that begins after a finished one is indented by a multiple of two."""
    depth = 0
    finished = True
    for number, line in code_lines(source):
        text = line.strip()
        if not text:
            continue
        indent = len(line) - len(line.lstrip())
        if finished and depth == 0 and indent % 2 != 0:
            yield number, f'indented by {indent}'
        depth = max(0, depth + line.count('(') - line.count(')'))
        finished = text[-1] in ';{}'


def check_braces(source):
    same_line = re.compile(r'\s*(}\s*)?(if|else|for|while|do|switch)\b.*\{$')
    after_brace = re.compile(r'\s*}\s*(else|while)\b')
    function = re.compile(r'[A-Za-z_][^=]*\)\s*\{$')
    for number, line in code_lines(source):
        if same_line.match(line.rstrip()) or function.match(line.rstrip()):
            yield number, 'the opening brace has a line of its own'
        elif after_brace.match(line) and 'while' not in line:
            yield number, '"else" has a line of its own'


def check_goto(source):
    for number, line in enumerate(source.code, 1):
        if re.search(r'\bgoto\b', line):
            yield number, 'goto'


def check_unfinished(source):
    for number, line in enumerate(source.lines, 1):
        found = UNFINISHED.search(line)
        if found:
            yield number, f'{found.group()}: finish it, or file an issue'


def check_releases(source):
    """Locals clean themselves up; only clear functions release by hand."""
    function = ''
    for number, line in code_lines(source):
        name = re.match(r'(?:[a-z][\w ]*[ *])?([a-z_]\w*) \(', line)
        if name:
            function = name.group(1)
        found = RELEASES.match(line)
        if found and not RELEASING_FUNCTION.search(function):
            yield number, f'bare {found.group(1)}() in {function}(): use g_auto…, g_clear_…'


CHECKS = [check_encoding, check_white_space, check_columns, check_length, check_licence,
          check_header_guard, check_beginning, check_parentheses, check_indentation,
          check_braces, check_goto, check_unfinished, check_releases]

# For each check: what it must find, and what it must leave alone, as (path, text).
HEAD = ('/* SPDX-License-Identifier: GPL-3.0-or-later */\n#define G_LOG_DOMAIN "x"\n\n'
        '#include "config.h"\n\n')
FUNCTION = 'static void\nfoo_bar (int a,\n         int b)\n{\n%s\n}\n'
SAMPLES = {
    check_encoding: ([('a.c', b'\xff\n')], [('a.c', 'ä…\n')]),
    check_white_space: ([('a.c', '\tx;\n'), ('a.md', 'x \n'), ('a.c', 'x;'), ('a.c', 'x;\n\n'),
                         ('a.c', 'x;\r\n')],
                        [('a.c', 'x;\n\ny;\n'), ('a.c', '')]),
    check_columns: ([('a.c', 'x' * 101 + '\n'), ('a.xml', 'x' * 141 + '\n')],
                    [('a.c', 'ä' * 100 + '\n'), ('a.md', 'x' * 140 + '\n'),
                     ('LICENSE', 'x' * 200 + '\n')]),
    check_length: ([('a.c', '\n' * 501)], [('a.c', '\n' * 500), ('LICENSE', '\n' * 600)]),
    check_licence: ([('src/a.c', 'int a;\n'), ('src/common/a.c', HEAD), ('a.sh', '#!/bin/sh\n'),
                     ('a.c', '\n' + HEAD), ('a.py', '')],
                    [('src/a.c', HEAD), ('src/common/a.c', HEAD.replace('GPL-3.0', 'LGPL-2.1')),
                     ('tests/x', '#!/bin/sh\n# SPDX-License-Identifier: GPL-3.0-or-later\n'),
                     ('a.xml', '<?xml version="1.0"?>\n'
                      '<!-- SPDX-License-Identifier: GPL-3.0-or-later -->\n'),
                     ('LICENSE', 'x\n')]),
    check_header_guard: ([('a.h', '/* x */\n#include <glib.h>\n'), ('a.h', '/* x */\n')],
                         [('a.h', '/* x */\n\n#pragma once\n'), ('a.c', 'int a;\n')]),
    check_beginning: ([('src/a.c', HEAD.replace('config', 'a')),
                       ('src/a.c', '#include "config.h"\n'),
                       ('src/a.c', '#include <glib.h>\n' + HEAD)],
                      [('src/a.c', HEAD + '#include <glib.h>\n'), ('tests/a.c', 'int a;\n'),
                       ('src/b/examples/a.c', '#include <glib.h>\n')]),
    check_parentheses: ([('a.c', 'foo(a);\n'), ('a.c', 'if(a)\n'), ('a.c', 'sizeof(a);\n'),
                         ('a.h', 'int foo(void);\n'), ('a.c', '(*foo)(a);\n'),
                         ('a.c', '#define A(x) foo(x)\n')],
                        [('a.c', 'foo (a);\n'), ('a.c', '#define A(x) foo (x)\n'),
                         ('a.c', '/* foo(a) */\n'), ('a.c', 'foo ("bar(1)", \'(\');\n'),
                         ('a.c', 'g_autoptr(GError) e = NULL;\n'), ('a.c', 'foo (_("x"));\n'),
                         ('a.c', '#if __has_feature(x)\n'), ('a.c', '(*foo) (a);\n'),
                         ('a.c', '#include <a(b).h>\n'), ('a.c', 'a = (int) (b);\n'),
                         ('a.md', 'foo(a)\n')]),
    check_indentation: ([('a.c', FUNCTION % '   foo ();'), ('a.c', FUNCTION % '  a;\n   b;'),
                         ('a.c', 'struct A\n{\n int b;\n};\n')],
                        [('a.c', FUNCTION % '  foo (a,\n       b);\n  c;'),
                         ('a.c', FUNCTION % '  for (i = 0;\n       i < 1;\n       i++)\n    a;'),
                         ('a.c', FUNCTION % '  a = b\n      + c;\n  switch (a)\n    {\n'
                          '    case 1:\n      b;\n    }'),
                         ('a.c', '#define A \\\n   b;\n'), ('a.c', 'x;\n   /* y */\n')]),
    check_braces: ([('a.c', '  if (a) {\n'), ('a.c', '  } else\n'), ('a.c', '  else {\n'),
                    ('a.c', 'foo (void) {\n'), ('a.c', '  do {\n')],
                   [('a.c', '  if (a)\n    {\n    }\n  else\n    {\n'),
                    ('a.c', 'static const int a[] = {\n'), ('a.c', '  } while (a);\n'),
                    ('a.c', '#define A do { b } while (0)\n'), ('a.c', 'typedef struct {\n'),
                    ('a.c', '  { "if (x)", 1 },\n'), ('a.c', '  int a[] = { if_x (1) };\n')]),
    check_goto: ([('a.c', '  goto out;\n')], [('a.c', '/* goto */\n  go_to ("goto");\n')]),
    check_unfinished: ([('a.c', '/* TO' 'DO: x */\n'), ('a.md', 'FIX' 'ME\n')],
                       [('a.c', 'mkstemp ("foo' + 6 * 'X' + '");\n'), ('a.md', 'To do\n')]),
    check_releases: ([('a.c', FUNCTION % '  g_free (a);'),
                      ('a.c', 'int foo (void)\n{\n  g_object_unref (a);\n}\n'),
                      ('a.c', FUNCTION.replace('foo_bar', 'foo_free_all') % '  g_free (a);')],
                     [('a.c', FUNCTION.replace('foo_bar', 'foo_clear') % '  g_free (a);'),
                      ('a.c', FUNCTION % '  g_clear_pointer (&a, g_free);'),
                      ('a.c', FUNCTION % '  g_ptr_array_new_with_free_func (g_free);'),
                      ('a.c', FUNCTION % '  /* g_free (a); */')]),
}


def find_sources(root):
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not SKIPPED_FOLDERS.match(name))
        for name in sorted(names):
            full = os.path.join(folder, name)
            path = os.path.relpath(full, root)
            # Pictures, databases and other data of the tests are no sources.
            known = name.endswith(SHORT + LONG) or name in ('meson_options.txt', 'packages')
            if os.path.islink(full) or not os.path.isfile(full):
                continue
            with open(full, 'rb') as file:
                data = file.read()
            if known or data.startswith(b'#!'):
                yield Source(path, data)


def check_tree(check, sources):
    return [f'{source.path}:{line}: {message}'
            for source in sources for line, message in check(source)]


def check_itself(check):
    def run(path, text):
        data = text if isinstance(text, bytes) else text.encode()
        return list(check(Source(path, data)))

    bad, good = SAMPLES[check]
    return ([f'not found in {sample!r}' for sample in bad if not run(*sample)]
            + [f'false alarm {run(*sample)} in {sample!r}' for sample in good if run(*sample)])


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == '--self-test':
        results = [(check, check_itself(check)) for check in CHECKS]
    else:
        sources = list(find_sources(sys.argv[1]))
        if not any(source.is_code for source in sources):
            sys.exit(f'no sources in {sys.argv[1]}')
        results = [(check, check_tree(check, sources)) for check in CHECKS]

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
