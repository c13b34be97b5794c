/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-names"

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "versions.h"

#define TEN "aaaaaaaaaa"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define DISPOSITION "Content-Disposition: attachment; "

typedef struct
{
  const char *name;
  const char *rule;
  const char *path;     /* of the URL */
  const char *header;   /* Content-Disposition, without its CR LF. NULL: none */
  const char *result;   /* the file's name. NULL: any good one */
} NameRow;

#define RULE_ORDER "§6: `filename*` before `filename`, else the last path segment, percent-decoded"
#define RULE_CLEAN "§6: separators, control and bidi-override characters, leading dots removed"
#define RULE_CHARSET "§6: invalid UTF-8 → the locale's legacy charset, else Latin-1"
#define RULE_LENGTH "§6: final and part name fit the folder's NAME_MAX keeping the extension"

static const NameRow names[] = {
  { "path", RULE_ORDER, "/a/report.pdf", NULL, "report.pdf" },
  { "path-percent", RULE_ORDER, "/a/one%20%E2%82%AC.pdf", NULL, "one €.pdf" },
  { "path-query", RULE_ORDER, "/a/report.pdf?name=other.txt", NULL, "report.pdf" },
  { "path-separator", RULE_CLEAN, "/a/..%2F..%2Fx.txt", NULL, "x.txt" },
  { "no-path", RULE_ORDER, "/", NULL, NULL },
  { "filename", RULE_ORDER, "/f", DISPOSITION "filename=\"plain.txt\"", "plain.txt" },
  { "filename-token", RULE_ORDER, "/f", DISPOSITION "filename=plain.txt", "plain.txt" },
  { "filename-star", RULE_ORDER, "/f",
    DISPOSITION "filename=\"x.txt\"; filename*=UTF-8''%e2%82%ac.txt", "€.txt" },
  { "inline", RULE_ORDER, "/f", "Content-Disposition: inline; filename=plain.txt", "plain.txt" },
  { "rfc-2047", "§6: also RFC 2047 words", "/f",
    DISPOSITION "filename=\"=?UTF-8?B?4oKsLnR4dA==?=\"",
    "€.txt" },
  { "raw-utf-8", "§6: raw UTF-8 as browsers read them", "/f", DISPOSITION "filename=\"€.txt\"",
    "€.txt" },
  /* libsoup makes header values valid UTF-8 before anybody sees them. */
  { "raw-latin-1", "§6: invalid UTF-8; what libsoup leaves of it", "/f",
    DISPOSITION "filename=\"caf\xe9.txt\"", "caf\xef\xbf\xbd.txt" },
  { "path-latin-1", RULE_CHARSET, "/caf%E9.txt", NULL, "café.txt" },
  { "parent", RULE_CLEAN, "/f", DISPOSITION "filename=\"../../x.txt\"", "x.txt" },
  { "absolute", RULE_CLEAN, "/f", DISPOSITION "filename=\"/etc/passwd\"", "passwd" },
  { "backslash", RULE_CLEAN, "/f", DISPOSITION "filename=\"..\\\\..\\\\x.txt\"", "x.txt" },
  { "dots", RULE_CLEAN, "/f", DISPOSITION "filename=\"..\"", NULL },
  { "hidden", RULE_CLEAN, "/f", DISPOSITION "filename=\".bashrc\"", "bashrc" },
  { "control", RULE_CLEAN, "/f", DISPOSITION "filename*=UTF-8''a%0Ab%1B%00c.txt", NULL },
  { "bidi", RULE_CLEAN, "/f", DISPOSITION "filename*=UTF-8''ann%E2%80%AEtxt.exe", "anntxt.exe" },
  { "empty", "issue: a server name that is empty", "/f.txt", DISPOSITION "filename=\"\"", "f.txt" },
  { "empty-star", "issue: a server name that is empty", "/f.txt", DISPOSITION "filename*=UTF-8''",
    "f.txt" },
  { "long", RULE_LENGTH, "/f", DISPOSITION "filename=\"" HUNDRED HUNDRED HUNDRED ".pdf\"", NULL },
  { "long-path", RULE_LENGTH, "/" HUNDRED HUNDRED HUNDRED ".pdf", NULL, NULL },
};

static void
assert_good_name (const char *name)
{
  g_assert_true (g_utf8_validate (name, -1, NULL));
  g_assert_cmpint (name[0], !=, '\0');
  g_assert_cmpint (name[0], !=, '.');
  g_assert_cmpuint (strlen (name), <=, 255);
  for (const char *at = name; *at != '\0'; at++)
    g_assert_true ((guchar) *at >= 0x20 && *at != '/' && *at != 0x7f);
}

static void
test_name (gconstpointer data)
{
  const NameRow *row = data;
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) first = NULL;
  g_autoptr(FerrydOutcome) second = NULL;
  g_autofree char *headers = NULL;
  g_autofree char *path = g_strndup (row->path, strcspn (row->path, "?"));
  TestAnswer answer = FIRST_CUT (.etag = ONE);

  g_test_message ("%s", row->rule);
  headers = row->header != NULL ? g_strconcat (row->header, "\r\n", NULL) : NULL;
  answer.headers = headers;
  test_server_add (server, path, test_answer, &answer);
  test_bed_set_url (bed, server, row->path);

  /* With a part in between: that has a name too. */
  first = test_bed_run (bed);
  test_bed_assert_word (bed, first, "truncated");
  assert_good_name (first->kept->part.name);
  g_assert_true (g_str_has_suffix (first->kept->part.name, ".part"));
  (void) test_server_get_request (server, 0);
  answer.cut = 0;
  second = test_bed_run (bed);
  test_bed_assert_file (bed, second, &answer.content);
  assert_good_name (second->kept->final_name);
  if (row->result != NULL)
    g_assert_cmpstr (second->kept->final_name, ==, row->result);
  if (g_str_has_prefix (row->name, "long"))
    g_assert_true (g_str_has_suffix (second->kept->final_name, "aaa.pdf"));
}

static const TestAnswer whole = { .content = V1, .etag = ONE };

static FerrydOutcome *
fetch (TestServer *server,
       TestBed    *bed)
{
  test_server_add (server, "/file.bin", test_answer, (gpointer) &whole);
  test_bed_set_url (bed, server, "/file.bin");
  return test_bed_run (bed);
}

static void
assert_text (TestBed    *bed,
             const char *name,
             const char *text)
{
  g_autofree char *path = test_bed_get_path (bed, name);
  g_autofree char *contents = NULL;

  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, text);
}

/* §6: “else `name (1).ext`”. */
static void
test_taken (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  test_bed_put (bed, "file.bin", "mine");
  test_bed_put (bed, "file (1).bin", "mine too");
  outcome = fetch (server, bed);
  test_bed_assert_file (bed, outcome, &whole.content);
  g_assert_cmpstr (outcome->kept->final_name, ==, "file (2).bin");
  assert_text (bed, "file.bin", "mine");
  assert_text (bed, "file (1).bin", "mine too");
}

/* §6: “renameat2(RENAME_NOREPLACE)”: the name was free when it was noted. */
static void
test_taken_late (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  bed->takes_name = TRUE;
  outcome = fetch (server, bed);
  test_bed_assert_file (bed, outcome, &whole.content);
  g_assert_cmpstr (outcome->kept->final_name, ==, "file (1).bin");
  assert_text (bed, "file.bin", "another's");
}

/* A folder and a link that leads nowhere take a name as a file does. */
static void
test_taken_by_no_file (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *folder = test_bed_get_path (bed, "file.bin");
  g_autofree char *link = test_bed_get_path (bed, "file (1).bin");
  g_autofree char *outside = test_bed_get_path (bed, "nowhere");
  g_autoptr(FerrydOutcome) outcome = NULL;

  g_assert_no_errno (g_mkdir (folder, 0700));
  g_assert_no_errno (symlink (outside, link));
  test_bed_put (bed, "other", "mine");
  outcome = fetch (server, bed);
  test_bed_assert_file (bed, outcome, &whole.content);
  g_assert_cmpstr (outcome->kept->final_name, ==, "file (2).bin");
  g_assert_false (g_file_test (outside, G_FILE_TEST_EXISTS));
}

/* §6: “`overwrite` says otherwise”. */
static void
test_overwrite (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  test_bed_put (bed, "file.bin", "old");
  bed->plan->overwrite = TRUE;
  outcome = fetch (server, bed);
  test_bed_assert_file (bed, outcome, &whole.content);
  g_assert_cmpstr (outcome->kept->final_name, ==, "file.bin");
}

/* A folder is never replaced, and what came is not lost. */
static void
test_overwrite_folder (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *folder = test_bed_get_path (bed, "file.bin");
  g_autoptr(FerrydOutcome) outcome = NULL;

  g_assert_no_errno (g_mkdir (folder, 0700));
  test_bed_put (bed, "other", "mine");
  bed->plan->overwrite = TRUE;
  outcome = fetch (server, bed);
  test_bed_assert_word (bed, outcome, "folder");
  g_assert_nonnull (outcome->kept->part.name);
}

/* What was to be replaced stays until the new file is whole. */
static void
test_overwrite_cut (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  TestAnswer answer = FIRST_CUT (.etag = ONE);

  test_bed_put (bed, "file.bin", "old");
  bed->plan->overwrite = TRUE;
  test_server_add (server, "/file.bin", test_answer, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  outcome = test_bed_run (bed);
  test_bed_assert_word (bed, outcome, "truncated");
  assert_text (bed, "file.bin", "old");
}

/* §6: “another's file of that name is left alone”. */
static void
test_part_taken (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  test_bed_put (bed, "file.bin.part", "another program's");
  outcome = fetch (server, bed);
  test_bed_assert_file (bed, outcome, &whole.content);
  g_assert_cmpstr (outcome->kept->final_name, ==, "file.bin");
  assert_text (bed, "file.bin.part", "another program's");
}

/* §6: “O_EXCL|O_NOFOLLOW”. */
static void
test_part_is_link (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *link = test_bed_get_path (bed, "file.bin.part");
  g_autofree char *target = test_bed_get_path (bed, "target");
  g_autoptr(FerrydOutcome) outcome = NULL;

  g_assert_no_errno (symlink (target, link));
  test_bed_put (bed, "other", "mine");
  outcome = fetch (server, bed);
  test_bed_assert_file (bed, outcome, &whole.content);
  g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
}

/* plan.h: “file_name: NULL: the answer names it”. */
static void
test_given (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  TestAnswer answer = { .content = V1, .headers = DISPOSITION "filename=other.txt\r\n" };

  bed->plan->file_name = g_strdup ("mine.dat");
  test_server_add (server, "/file.bin", test_answer, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  outcome = test_bed_run (bed);
  test_bed_assert_file (bed, outcome, &whole.content);
  g_assert_cmpstr (outcome->kept->final_name, ==, "mine.dat");
}

static gboolean
has_xattrs (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "xattr", NULL);
  gboolean has;

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  has = setxattr (path, "user.test", "x", 1, 0) == 0;
  g_assert_no_errno (g_unlink (path));
  return has;
}

/* §6: “xattrs … (no query, no user part; off by setting)”. */
static void
test_origin (gconstpointer data)
{
  gboolean wanted = GPOINTER_TO_INT (data);
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  g_autofree char *bare = test_server_get_url (server, "/file.bin");
  g_autofree char *path = test_bed_get_path (bed, "file.bin");
  char value[256] = "";

  if (!has_xattrs (bed->folder))
    {
      g_test_skip ("this file system has no extended attributes of users");
      return;
    }

  test_server_add (server, "/file.bin", test_answer, (gpointer) &whole);
  bed->plan->url = g_strdup_printf ("http://user:secret@%s?key=secret#part",
                                    bare + strlen ("http://"));
  bed->plan->referrer = g_strdup ("http://user:secret@example.org/page?key=secret");
  bed->plan->write_origin = wanted;
  outcome = test_bed_run (bed);
  test_bed_assert_file (bed, outcome, &whole.content);
  if (!wanted)
    {
      g_assert_cmpint (listxattr (path, value, sizeof value), ==, 0);
      return;
    }

  g_assert_cmpint (getxattr (path, "user.xdg.origin.url", value, sizeof value - 1), >, 0);
  g_assert_true (g_str_has_prefix (value, bare));
  g_assert_null (strstr (value, "secret"));
  memset (value, 0, sizeof value);
  g_assert_cmpint (getxattr (path, "user.xdg.referrer.url", value, sizeof value - 1), >, 0);
  g_assert_cmpstr (value, ==, "http://example.org/page");
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strconcat ("/names/", names[i].name, NULL);

      g_test_add_data_func (path, &names[i], test_name);
    }
  g_test_add_func ("/names/taken", test_taken);
  g_test_add_func ("/names/taken-late", test_taken_late);
  g_test_add_func ("/names/taken-by-no-file", test_taken_by_no_file);
  g_test_add_func ("/names/overwrite", test_overwrite);
  g_test_add_func ("/names/overwrite-folder", test_overwrite_folder);
  g_test_add_func ("/names/overwrite-cut", test_overwrite_cut);
  g_test_add_func ("/names/part-taken", test_part_taken);
  g_test_add_func ("/names/part-is-link", test_part_is_link);
  g_test_add_func ("/names/given", test_given);
  g_test_add_data_func ("/names/origin", GINT_TO_POINTER (TRUE), test_origin);
  g_test_add_data_func ("/names/no-origin", GINT_TO_POINTER (FALSE), test_origin);
  return g_test_run ();
}
