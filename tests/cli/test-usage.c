/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-usage"

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "program.h"

#define A "http://127.0.0.1/a"
#define B "http://127.0.0.1/b"

/* What makes no sense: status 2, nothing on the output, and this on the error stream. */
static const struct
{
  const char *arguments[6];
  const char *errors[4];
} rows[] = {
  { { NULL }, { "Usage: ferry VERB" } },
  { { "gte" }, { "unknown verb “gte”; did you mean “ferry get”?" } },
  { { "lst" }, { "did you mean “ferry list”?" } },
  { { "download", A }, { "did you mean “ferry get”?" } },
  { { "stop", "3" }, { "unknown verb “stop”; did you mean “ferry pause”?" } },
  { { "rm" }, { "did you mean “ferry remove”?" } },
  { { "resmue" }, { "did you mean “ferry resume”?" } },
  { { "set-uri" }, { "did you mean “ferry set-url”?" } },
  { { "help", "cancle" }, { "unknown verb “cancle”; did you mean “ferry cancel”?" } },
  { { "frobnicate" }, { "unknown verb “frobnicate”; “ferry --help” lists" } },
  { { "x\033[2Jy" }, { "“x�[2Jy”" } },
  { { "--frob" }, { "unknown option “--frob”" } },
  { { "http://me:secret@127.0.0.1/" }, { "use “ferry get ADDRESS”" } },
  { { "get" }, { "no address is given" } },
  { { "get", "-x", A }, { "unknown option “-x”" } },
  { { "get", "--frob=secret", A }, { "unknown option “--frob”" } },
  { { "get", A, "-o" }, { "the option --output needs a value" } },
  { { "get", A, "--help=x" }, { "the option --help takes no value" } },
  { { "get", "-o", "x", A, B }, { "-o names one file, but there are 2 addresses" } },
  { { "get", "-o", "x", "-d", "/tmp", A }, { "-d and -o cannot be used together" } },
  { { "get", "--digest", "md5=d41d8cd98f00b204e9800998ecf8427e", A, B },
    { "--digest is that of one file" } },
  { { "get", "--digest", "md5=d41d8cd98f", A }, { "md5" } },
  { { "get", "-d", "/nowhere/at all", A },
    { "the folder “/nowhere/at all” cannot be used: No such file" } },
  { { "get", "-d", "/dev/null", A }, { "“/dev/null” is not a folder" } },
  { { "get", "-d", "", A }, { "the folder’s name is empty" } },
  { { "get", "-o", "/nowhere/x", A }, { "the folder “/nowhere” cannot be used" } },
  { { "get", "-o", "/tmp", A }, { "“/tmp” is a folder, not a file; use -d" } },
  { { "get", "-o", "/tmp/", A }, { "“/tmp/” is a folder, not a file" } },
  { { "get", "-o", "-", A }, { "“./-” names a file" } },
  { { "get", "-o", "\377", A }, { "is not valid UTF-8" } },
  { { "get", "ftp://me:secret@127.0.0.1/a?key", A, "127.0.0.1/b", "http:///c" },
    { "ferry get: address 1: The address has the scheme “ftp”; only",
      "ferry get: address 3 (127.0.0.1/b): The address does not begin with",
      "ferry get: address 4 (http:///c): The address has no host" } },
  { { "get", "http://127.0.0.1/a\nb" },
    { "address 1 (http://127.0.0.1/a�b): The address contains" } },
  { { "get", "" }, { "address 1: The address is empty" } },
  { { "pause" }, { "ferry pause: no transfer is given; give numbers, as “ferry list” shows them,",
                    "(“ferry pause --help” tells how to use it)" } },
  { { "resume", "--delete-files", "1" }, { "unknown option “--delete-files”" } },
  { { "cancel", "x\033[2Jy" }, { "“x�[2Jy” is no transfer; give numbers, such as 3 or 3-7" } },
  { { "cancel", "0" }, { "“0” is no transfer" } },
  { { "cancel", "9223372036854775808" }, { "“9223372036854775808” is no transfer" } },
  { { "cancel", "1.5" }, { "“1.5” is no transfer" } },
  { { "cancel", "-3" }, { "“-3” is no transfer" } },
  { { "cancel", "##3" }, { "“##3” is no transfer" } },
  { { "remove", "1", "7-3" }, { "“7-3” begins after its end; write “3-7”" } },
  { { "remove", "--delete-files" }, { "no transfer is given" } },
  { { "remove", "--delete-files=1" }, { "the option --delete-files takes no value" } },
  { { "set-url", "1" }, { "it takes the number of one transfer, and its new address" } },
  { { "set-url", "http://me:secret@127.0.0.1/", "1" },
    { "the number of the transfer comes first" } },
  { { "set-url", "all", A }, { "the number of the transfer comes first" } },
  { { "set-url", "1", "ftp://me:secret@127.0.0.1/" },
    { "the address cannot be used: The address has the scheme “ftp”" } },
  { { "limit", "-5M" }, { "“-5M” is no amount; write 500K, 1.5M or 2Gi" } },
  { { "limit", "fast", "1" }, { "“fast” is no amount" } },
  { { "limit", "99999999999T" }, { "“99999999999T” is more than can be counted" } },
  { { "limit", "12" }, { "“12” would be that many bytes a second", "write a unit, such as 12K" } },
  { { "limit", "1M", "frob" }, { "“frob” is no transfer" } },
  { { "limit", "--upload" }, { "--upload takes a rate, or “none”" } },
  { { "limit", "--upload", "1M", "1" }, { "--upload takes a rate, or “none”" } },
  { { "list", "x" }, { "it takes options only" } },
  { { "list", "--state", "lost" }, { "STATE is suspended, waiting, running" } },
};

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(Program) program = program_new (rows[i].arguments);

      g_assert_cmpint (program_wait (program), ==, 2);
      g_assert_cmpstr (program->output->str, ==, "");
      for (guint j = 0; rows[i].errors[j] != NULL; j++)
        {
          if (strstr (program->errors->str, rows[i].errors[j]) == NULL)
            g_error ("“%s” is not in:\n%s", rows[i].errors[j], program->errors->str);
        }
      g_assert_null (strstr (program->errors->str, "secret"));
      g_assert_null (strstr (program->errors->str, "key"));
    }
}

static void
test_help (void)
{
  static const struct
  {
    const char *arguments[4];
    const char *output;
  } helps[] = {
    { { "--help" }, "Usage: ferry VERB" },
    { { "-h" }, "Usage: ferry VERB" },
    { { "--version" }, "ferry " FERRY_VERSION "\n" },
    { { "get", "--help" }, "Usage: ferry get" },
    { { "get", A, "-h" }, "Usage: ferry get" },
    { { "list", "--help" }, "Usage: ferry list" },
    { { "help" }, "Usage: ferry VERB" },
    { { "help", "get" }, "Usage: ferry get" },
    { { "add", "--help" }, "Usage: ferry add" },
    { { "show", "--help" }, "Usage: ferry show" },
    { { "watch", "--help" }, "Usage: ferry watch" },
    { { "pause", "--help" }, "Usage: ferry pause" },
    { { "resume", "-h", "1" }, "Usage: ferry resume" },
    { { "help", "cancel" }, "Usage: ferry cancel" },
    { { "remove", "1", "--help" }, "Usage: ferry remove" },
    { { "probe", "--help" }, "Usage: ferry probe" },
    { { "set-url", "--help" }, "Usage: ferry set-url" },
    { { "limit", "--help" }, "Usage: ferry limit" },
    { { "version", "--help" }, "Usage: ferry version" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (helps); i++)
    {
      g_autoptr(Program) program = program_new (helps[i].arguments);

      g_assert_cmpint (program_wait (program), ==, 0);
      g_assert_cmpstr (program->errors->str, ==, "");
      g_assert_true (g_str_has_prefix (program->output->str, helps[i].output));
    }
}

/* The environment of the tests offers no bus. */
static void
test_no_bus (void)
{
  static const char *const verbs[][4] = {
    { "get", A }, { "add", A }, { "list" }, { "show", "1" }, { "watch" }, { "pause", "1", "2" },
    { "resume", "all" }, { "cancel", "failed" }, { "remove", "1-3" }, { "probe", A },
    { "set-url", "1", A }, { "limit" }, { "limit", "1M" }, { "limit", "1M", "1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autoptr(Program) program = program_new (verbs[i]);

      g_assert_cmpint (program_wait (program), ==, 3);
      g_assert_cmpstr (program->output->str, ==, "");
      g_assert_nonnull (strstr (program->errors->str, ": there is no session bus ("));
    }
}

static void
test_not_writable (void)
{
  g_autofree char *folder = g_dir_make_tmp ("ferry-XXXXXX", NULL);
  g_autoptr(Program) program = NULL;

  g_assert_cmpint (g_chmod (folder, 0555), ==, 0);
  program = program_new ((const char *const[]) { "get", "-d", folder, A, NULL });
  g_assert_cmpint (program_wait (program), ==, 2);
  g_assert_nonnull (strstr (program->errors->str, "” cannot be written to: Permission denied"));
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  (void) g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/usage/mistakes", test_mistakes);
  g_test_add_func ("/cli/usage/help", test_help);
  g_test_add_func ("/cli/usage/no-bus", test_no_bus);
  g_test_add_func ("/cli/usage/not-writable", test_not_writable);
  return g_test_run ();
}
