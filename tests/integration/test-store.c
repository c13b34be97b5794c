/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database that cannot be used: it is said, and nothing is lost. */
#define G_LOG_DOMAIN "test-store"

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "mount.h"
#include "support/folder.h"

#define URL "http://127.0.0.1:9/file"

/* Where the header of SQLite's file format has the number of the schema, most significant byte
 * first. */
#define USER_VERSION_AT 60

/* Where the first page, with the header and the tables' names, ends. */
#define FIRST_PAGE 4096

/* A service whose database was refused is gone by then: 5 s, and as long as leaving takes. */
#define GIVES_UP_WITHIN (8 * G_TIME_SPAN_SECOND)

/* A database of an earlier run, with a session and a task. The service has ended. */
static Fixture *
new_fixture (char **session,
             char **task)
{
  Fixture *fixture = fixture_new (FIXTURE_MAY_WARN);

  *session = client_open_session (fixture->client, "store");
  *task = client_create (fixture->client, *session, URL,
                         g_variant_new_parsed ("{'destination': <%s>}", fixture->downloads));
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  return fixture;
}

static void
read_database (Fixture  *fixture,
               char    **bytes,
               gsize    *n)
{
  g_autoptr(GError) error = NULL;

  g_file_get_contents (fixture->database, bytes, n, &error);
  g_assert_no_error (error);
}

static void
write_database (Fixture    *fixture,
                const char *bytes,
                gsize       n)
{
  g_autoptr(GError) error = NULL;

  g_file_set_contents (fixture->database, bytes, (gssize) n, &error);
  g_assert_no_error (error);
}

static void
assert_database (Fixture    *fixture,
                 const char *bytes,
                 gsize       n)
{
  g_autofree char *found = NULL;
  gsize length;

  read_database (fixture, &found, &length);
  g_assert_cmpmem (found, length, bytes, n);
}

static void
assert_log_names (Fixture    *fixture,
                  const char *text)
{
  g_autofree char *log = fixture_read_log (fixture);

  if (strstr (log, text) == NULL)
    g_error ("the log does not have “%s”: %s", text, log);
}

/* All that can be called, of the manager and of objects that were there. */
static void
assert_all_refused (Fixture    *fixture,
                    const char *kind,
                    const char *names,
                    const char *session,
                    const char *task)
{
  Client *client = fixture->client;

  client_call_refused (client, kind, names, MANAGER_PATH, "Manager", "OpenSession",
                       g_variant_new ("(sa{sv})", "store", NULL));
  client_call_refused (client, kind, names, MANAGER_PATH, "Manager", "ListTasks",
                       g_variant_new ("(a{sv}tu)", NULL, G_GUINT64_CONSTANT (0), 0));
  client_call_refused (client, kind, fixture->database, task, "Task", "Cancel", NULL);
  client_call_refused (client, kind, fixture->database, task, PROPERTIES, "Get",
                       g_variant_new ("(ss)", FERRY_SERVICE_ID ".Task", "Url"));
  client_create_refused (client, kind, fixture->database, session, URL, NULL);
}

/* The session and the task of the earlier run. */
static void
assert_all_there (Fixture    *fixture,
                  const char *session,
                  const char *task)
{
  g_autofree char *reopened = client_open_session (fixture->client, "store");

  g_assert_cmpstr (reopened, ==, session);
  client_assert_string (fixture->client, task, "Url", URL);
  client_assert_string (fixture->client, task, "State", "suspended");
}

static void
assert_only_database (Fixture *fixture)
{
  g_autofree char *folder = g_path_get_dirname (fixture->database);
  g_autoptr(GHashTable) files = test_folder_read (folder);

  g_assert_true (g_hash_table_contains (files, "ferry.db"));
  g_assert_cmpuint (g_hash_table_size (files), ==, 1);
}

/* Bytes that are no more what they were, from @from to the end, or to @to. */
typedef struct
{
  const char *name;
  gsize       from;
  gsize       to;    /* 0: the end */
  char        byte;
} Damage;

static const Damage damages[] = {
  { "head", 0, 100, 'x' },
  { "all-but-first-page", FIRST_PAGE, 0, '\xa5' },
  { "all-zeros", 0, 0, '\0' },
  { "all", 0, 0, 'x' },
};

/* Returns the path of what was moved aside. */
static char *
find_aside (Fixture *fixture)
{
  g_autofree char *folder = g_path_get_dirname (fixture->database);
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  char *found = NULL;
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "ferry.db.damaged-") && !g_str_has_suffix (name, "-wal"))
      {
        g_assert_null (found);
        found = g_build_filename (folder, name, NULL);
      }
  g_assert_nonnull (found);
  return found;
}

static void
test_damaged (gconstpointer data)
{
  const Damage *damage = data;
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;
  g_autoptr(Fixture) fixture = new_fixture (&session, &task);
  g_autofree char *new_session = NULL;
  g_autofree char *new_task = NULL;
  g_autofree char *bytes = NULL;
  g_autofree char *aside = NULL;
  g_autofree char *kept = NULL;
  gsize n;
  gsize n_kept;

  read_database (fixture, &bytes, &n);
  memset (bytes + damage->from, damage->byte, (damage->to != 0 ? damage->to : n) - damage->from);
  write_database (fixture, bytes, n);

  /* The service works, with a new one. */
  new_session = client_open_session (fixture->client, "store");
  new_task = client_create (fixture->client, new_session, URL,
                            g_variant_new_parsed ("{'destination': <%s>}", fixture->downloads));
  client_assert_string (fixture->client, new_task, "State", "suspended");

  /* The old one is all there, for somebody to look at, and it is said where. */
  aside = find_aside (fixture);
  g_assert_true (g_file_get_contents (aside, &kept, &n_kept, NULL));
  g_assert_cmpmem (kept, n_kept, bytes, n);
  assert_log_names (fixture, fixture->database);
  assert_log_names (fixture, aside);

  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, 128 + SIGKILL);
  assert_all_there (fixture, new_session, new_task);
}

static void
test_newer (void)
{
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;
  g_autoptr(Fixture) fixture = new_fixture (&session, &task);
  g_autofree char *bytes = NULL;
  char version;
  gsize n;

  read_database (fixture, &bytes, &n);
  version = bytes[USER_VERSION_AT + 3];
  bytes[USER_VERSION_AT + 3] = 77;
  write_database (fixture, bytes, n);

  assert_all_refused (fixture, "Store", fixture->database, session, task);
  assert_all_refused (fixture, "Store", "77", session, task);
  assert_all_refused (fixture, "Store", "this one knows 1", session, task);
  assert_log_names (fixture, fixture->database);
  assert_database (fixture, bytes, n);
  assert_only_database (fixture);

  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  assert_database (fixture, bytes, n);
  assert_only_database (fixture);
  bytes[USER_VERSION_AT + 3] = version;
  write_database (fixture, bytes, n);
  assert_all_there (fixture, session, task);
}

/* It says what is wrong for a while, then makes way for one that finds the database mended. */
static void
test_gives_up (void)
{
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;
  g_autoptr(Fixture) fixture = new_fixture (&session, &task);
  g_autofree char *bytes = NULL;
  char version;
  gint64 began;
  gsize n;

  read_database (fixture, &bytes, &n);
  version = bytes[USER_VERSION_AT + 3];
  bytes[USER_VERSION_AT + 3] = 77;
  write_database (fixture, bytes, n);

  began = g_get_monotonic_time ();
  client_call_refused (fixture->client, "Store", fixture->database, MANAGER_PATH, "Manager",
                       "OpenSession", g_variant_new ("(sa{sv})", "store", NULL));
  g_assert_cmpint (fixture_wait_end (fixture), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - began, <, GIVES_UP_WITHIN);
  assert_database (fixture, bytes, n);
  assert_only_database (fixture);

  /* Whoever calls now is told again. */
  client_call_refused (fixture->client, "Store", fixture->database, MANAGER_PATH, "Manager",
                       "OpenSession", g_variant_new ("(sa{sv})", "store", NULL));
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);

  bytes[USER_VERSION_AT + 3] = version;
  write_database (fixture, bytes, n);
  assert_all_there (fixture, session, task);
}

static void
test_read_only (void)
{
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;
  g_autoptr(Fixture) fixture = NULL;
  g_autofree char *bytes = NULL;
  gsize n;

  if (!mount_or_skip ())
    return;

  fixture = new_fixture (&session, &task);
  read_database (fixture, &bytes, &n);
  mount_read_only (fixture->data_home);
  assert_all_refused (fixture, "Store", fixture->database, session, task);
  assert_log_names (fixture, fixture->database);
  assert_database (fixture, bytes, n);
  assert_only_database (fixture);

  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  mount_end (fixture->data_home);
  assert_all_there (fixture, session, task);
}

/* A user who may not write to the file. */
static void
test_not_writable (void)
{
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;
  g_autoptr(Fixture) fixture = NULL;
  g_autofree char *bytes = NULL;
  gsize n;

  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      return;
    }

  fixture = new_fixture (&session, &task);
  read_database (fixture, &bytes, &n);
  g_assert_no_errno (g_chmod (fixture->database, 0400));
  assert_all_refused (fixture, "Store", fixture->database, session, task);
  assert_database (fixture, bytes, n);
  assert_only_database (fixture);

  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  g_assert_no_errno (g_chmod (fixture->database, 0600));
  assert_all_there (fixture, session, task);
}

/* Something else than a file has its name. */
static void
test_folder_in_its_place (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_MAY_WARN);

  g_assert_no_errno (g_mkdir_with_parents (fixture->database, 0700));
  assert_all_refused (fixture, "Store", fixture->database, MANAGER_PATH "/session/1",
                      MANAGER_PATH "/task/1");
  assert_log_names (fixture, fixture->database);
  g_assert_true (g_file_test (fixture->database, G_FILE_TEST_IS_DIR));
}

int
main (int    argc,
      char **argv)
{
  (void) mount_begin ();  /* the tests that need it ask */
  fixture_init_tests (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *path = g_strconcat ("/store/damaged/", damages[i].name, NULL);

      g_test_add_data_func (path, &damages[i], test_damaged);
    }
  g_test_add_func ("/store/newer", test_newer);
  g_test_add_func ("/store/gives-up", test_gives_up);
  g_test_add_func ("/store/read-only", test_read_only);
  g_test_add_func ("/store/not-writable", test_not_writable);
  g_test_add_func ("/store/folder-in-its-place", test_folder_in_its_place);
  return g_test_run ();
}
