/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-request"

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "program.h"

#define A "http://127.0.0.1/a"

static void
assert_errors (Program    *program,
               const char *text)
{
  if (strstr (program->errors->str, text) == NULL)
    g_error ("“%s” is not in:\n%s", text, program->errors->str);
}

/* What cannot be done is said before anything is begun: where there is no bus at all. */
static void
test_options (void)
{
  static const struct
  {
    const char *arguments[6];
    const char *error;
  } rows[] = {
    { { "get", "--at", "noon", A }, "ferry get: “noon” is no time; write it as 22:30" },
    { { "add", "--at", "2020-01-01 10:00", A },
      "ferry add: the time “2020-01-01 10:00” is over already; leave it out" },
    { { "get", "--limit", "2X", A }, "ferry get: “2X” is no" },
    { { "get", "--priority", "2", A }, "“2” is no priority; it is low, normal, high or a number" },
    { { "get", "--priority", "nan", A }, "“nan” is no priority" },
    { { "get", "--priority", "0.5x", A }, "“0.5x” is no priority" },
    { { "get", "--header", "secret", A }, "a header has no colon; write it as “Name: value”" },
    { { "get", "-H", "Na me: secret", A }, "a header cannot be used; write it as “Name: value”" },
    { { "get", "-H", "Host: secret", A }, "the header “Host” is for the transfer service alone" },
    { { "get", "-H", "X: a\nsecret: b", A }, "a header cannot be used; write it in one line" },
    { { "get", "-H", "X: secret", "--header=x: b", A }, "the header “x” is given twice" },
    { { "add", "-i", "/nowhere/list" }, "the list “/nowhere/list” cannot be read: " },
    { { "add", "-i", "/dev/null" }, "no address is given, and none is in “/dev/null”" },
    { { "add", "http://me:secret@127.0.0.1/a" },
      "ferry add: address 1: The address holds a user name or password; leave it out" },
    { { "add" }, "ferry add: no address is given (“ferry add --help” tells how to use it)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(Program) program = program_new (rows[i].arguments);

      g_assert_cmpint (program_wait (program), ==, 2);
      g_assert_cmpstr (program->output->str, ==, "");
      assert_errors (program, rows[i].error);
      g_assert_null (strstr (program->errors->str, "secret"));
    }
}

/* Each broken line is named, by its file and number. */
static void
test_list (void)
{
  static const char list[] =
    A "\n"
    "  split=5\n"
    "127.0.0.1/b\n"
    "# a comment\n"
    A "\n"
    "  dir=/nowhere\n";
  g_autofree char *folder = g_dir_make_tmp ("ferry-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "list", NULL);
  g_autofree char *expected = NULL;
  g_autoptr(Program) program = NULL;

  g_assert_true (g_file_set_contents (path, list, -1, NULL));
  program = program_new ((const char *const[]) { "get", "-i", path, "ftp://127.0.0.1/", NULL });
  g_assert_cmpint (program_wait (program), ==, 2);
  expected = g_strdup_printf (
    "ferry get: %s:2: the option “split” is not known; there are out=, dir=, checksum=, header= and"
    " referer=\n"
    "ferry get: %s:3: The address does not begin with “http://” or “https://”\n"
    "ferry get: address 1 (ftp://127.0.0.1/): The address has the scheme “ftp”; only “http” and"
    " “https” can be fetched\n"
    "ferry get: %s:6: the folder “/nowhere” cannot be used: No such file or directory; make it"
    " first, or name another\n", path, path, path);
  g_assert_cmpstr (program->errors->str, ==, expected);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_standard_input (void)
{
  static const char *const arguments[] = { "add", "-i", "-", NULL };
  g_autoptr(Program) broken = program_new_fed (arguments, A "\n\n" A " \n b\n");
  g_autoptr(Program) several = program_new_fed ((const char *const[]) {
    "get", "--digest=md5=d41d8cd98f00b204e9800998ecf8427e", "-i", "-", NULL }, A "\n" A "\n");
  g_autoptr(Program) empty = program_new_fed (arguments, "");

  g_assert_cmpint (program_wait (broken), ==, 2);
  assert_errors (broken, "ferry add: standard input:4: the option “b” is not known");
  g_assert_cmpint (program_wait (several), ==, 2);
  assert_errors (several, "--digest is that of one file, but there are 2 addresses; in a list for"
                 " -i each can have its own");
  g_assert_cmpint (program_wait (empty), ==, 2);
  assert_errors (empty, "no address is given, and none is in “-”");
}

int
main (int    argc,
      char **argv)
{
  (void) g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/request/options", test_options);
  g_test_add_func ("/cli/request/list", test_list);
  g_test_add_func ("/cli/request/standard-input", test_standard_input);
  return g_test_run ();
}
