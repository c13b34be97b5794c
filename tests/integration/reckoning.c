/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-reckoning"

#include "config.h"

#include <signal.h>
#include <sqlite3.h>

#include "cargo.h"
#include "support/folder.h"

#define LOCK_PATIENCE_MS 30000

/* What the events must tell of all pieces together. */
typedef struct
{
  guint finished;
  guint cancelled;
} Tally;

static void
assert_name (CargoPiece *piece,
             const char *name)
{
  const char *dot = strrchr (piece->file_name, '.');
  g_autofree char *numbered = NULL;

  g_assert_nonnull (dot);
  numbered = g_strdup_printf ("%.*s (1)%s", (int) (dot - piece->file_name), piece->file_name, dot);
  if (!g_str_equal (name, piece->file_name) && !g_str_equal (name, numbered))
    g_error ("the file of “%s” is called “%s”", piece->name, name);
}

/* @files: the set of paths of all that must be there; gets the piece's. */
static void
reckon_file (Mortal     *mortal,
             CargoPiece *piece,
             GHashTable *files)
{
  Client *client = mortal->fixture->client;
  const char *folder = piece->folder != NULL ? piece->folder : mortal->fixture->downloads;
  g_autofree char *name = client_get_string (client, piece->task, "FileName");
  g_autofree char *told = client_get_string (client, piece->task, "Path");
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *found = NULL;
  g_autofree char *wanted = test_content_sha256 (piece->content);

  assert_name (piece, name);
  g_assert_cmpstr (told, ==, path);
  if (!g_file_test (path, G_FILE_TEST_IS_REGULAR))
    g_error ("the file of “%s” is lost", piece->name);
  found = test_file_sha256 (path);
  if (!g_str_equal (found, wanted))
    g_error ("the file of “%s” is another", piece->name);
  g_assert_cmpint (client_get_number (client, piece->task, "BytesReceived"), ==,
                   piece->content->size);
  if (!g_hash_table_add (files, g_steal_pointer (&path)))
    g_error ("“%s” is the file of two", name);
}

/* Nothing else lies in @folder than what @files says. */
static void
reckon_folder (const char *folder,
               GHashTable *files)
{
  g_autoptr(GHashTable) found = test_folder_read (folder);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, found);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!g_hash_table_contains (files, path))
        g_error ("“%s” lies about", path);
    }
}

static void
reckon_task (Mortal     *mortal,
             CargoPiece *piece,
             GHashTable *files,
             Tally      *tally)
{
  g_autofree char *state = NULL;

  if (piece->end == CARGO_REMOVED)
    {
      client_call_refused (mortal->fixture->client, "NotFound", NULL, piece->task, "Task", "Resume",
                           NULL);
      tally->finished++;
      return;
    }

  state = client_get_string (mortal->fixture->client, piece->task, "State");
  if (g_str_equal (state, "finished"))
    {
      reckon_file (mortal, piece, files);
      tally->finished++;
    }
  else
    {
      g_assert_cmpstr (state, ==, "cancelled");
      g_assert_cmpint (piece->end, ==, CARGO_CANCELLED);
      tally->cancelled++;
    }
}

static GVariant *
get_events (Mortal *mortal)
{
  g_autoptr(GVariant) answer = client_call (mortal->fixture->client, mortal->session, "Session",
                                            "GetEvents", g_variant_new ("(tu)", (guint64) 0, 0));

  return g_variant_get_child_value (answer, 0);
}

/* Adds up what the events tell of the session, and notes those of tasks: path → kind. Returns the
 * last serial. */
static guint64
read_events (GVariant   *events,
             GHashTable *of_tasks,
             Tally      *told)
{
  GVariantIter iter;
  GVariant *details;
  const char *kind;
  const char *path;
  guint64 serial;
  guint64 last = 0;

  g_variant_iter_init (&iter, events);
  while (g_variant_iter_loop (&iter, "(t&s&o@a{sv})", &serial, &kind, &path, &details))
    {
      guint finished;
      guint cancelled;

      g_assert_cmpuint (serial, >, last);
      last = serial;
      if (!g_str_equal (kind, "session-finished"))
        {
          if (!g_hash_table_insert (of_tasks, g_strdup (path), g_strdup (kind)))
            g_error ("%s has two events", path);
          continue;
        }

      g_assert_true (g_variant_lookup (details, "finished", "u", &finished));
      g_assert_true (g_variant_lookup (details, "cancelled", "u", &cancelled));
      told->finished += finished;
      told->cancelled += cancelled;
    }
  return last;
}

/* What @data says of the session's events is what they say now. */
static gboolean
is_all_told (Client        *client,
             gconstpointer  data)
{
  return client_count_signals (client, "DidFinishEvents") > *(const guint *) data;
}

/* The event that all have ended comes after the last end. */
static guint64
wait_for_events (Mortal      *mortal,
                 const Tally *wanted,
                 GHashTable  *of_tasks)
{
  while (TRUE)
    {
      guint before = client_count_signals (mortal->fixture->client, "DidFinishEvents");
      g_autoptr(GVariant) events = get_events (mortal);
      Tally told = { 0 };
      guint64 last;

      g_hash_table_remove_all (of_tasks);
      last = read_events (events, of_tasks, &told);
      if (told.finished == wanted->finished && told.cancelled == wanted->cancelled)
        return last;

      g_assert_cmpuint (told.finished, <=, wanted->finished);
      g_assert_cmpuint (told.cancelled, <=, wanted->cancelled);
      client_wait (mortal->fixture->client, is_all_told, &before, "all ends are told");
    }
}

/* Each ended task has one event, of the kind of its end; once acknowledged there are none. */
static void
reckon_events (Mortal      *mortal,
               CargoPiece **pieces,
               guint        n,
               const Tally *tally)
{
  g_autoptr(GHashTable) kinds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GVariant) rest = NULL;
  guint64 last = wait_for_events (mortal, tally, kinds);

  g_assert_cmpuint (g_hash_table_size (kinds), ==, n);
  for (guint i = 0; i < n; i++)
    {
      const char *kind = g_hash_table_lookup (kinds, pieces[i]->task);
      g_autofree char *state = pieces[i]->end == CARGO_REMOVED
                               ? g_strdup ("finished")
                               : client_get_string (mortal->fixture->client, pieces[i]->task,
                                                    "State");

      g_assert_cmpstr (kind, ==, state);
    }

  answer = client_call (mortal->fixture->client, mortal->session, "Session", "AcknowledgeEvents",
                        g_variant_new ("(t)", last));
  rest = get_events (mortal);
  g_assert_cmpuint (g_variant_n_children (rest), ==, 0);
}

static char *
ask (sqlite3    *db,
     const char *query)
{
  sqlite3_stmt *statement = NULL;
  char *value;

  g_assert_cmpint (sqlite3_prepare_v2 (db, query, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  value = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  (void) sqlite3_finalize (statement);  /* says again what the step has said */
  return value;
}

static void
assert_row (sqlite3    *db,
            const char *query,
            const char *wanted)
{
  g_autofree char *value = ask (db, query);

  if (g_strcmp0 (value, wanted) != 0)
    g_error ("“%s” says “%s”, not “%s”", query, value, wanted);
}

static void
reckon_database (Mortal *mortal,
                 guint   n)
{
  g_autofree char *count = g_strdup_printf ("%u", n);
  sqlite3 *db = NULL;

  g_assert_cmpint (sqlite3_open (mortal->fixture->database, &db), ==, SQLITE_OK);
  /* The bus sees the end of a service before the kernel has let go of the locks of its files. */
  sqlite3_busy_timeout (db, LOCK_PATIENCE_MS);
  assert_row (db, "PRAGMA integrity_check", "ok");
  assert_row (db, "SELECT count (*) FROM pragma_foreign_key_check", "0");
  assert_row (db, "SELECT count (*) FROM task", count);
  assert_row (db, "SELECT count (DISTINCT description) FROM task", count);
  assert_row (db, "SELECT count (*) FROM event", "0");
  g_assert_cmpint (sqlite3_close (db), ==, SQLITE_OK);
}

void
cargo_reckon (Mortal      *mortal,
              CargoPiece **pieces,
              guint        n)
{
  g_autoptr(GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Tally tally = { 0 };
  guint n_rows = 0;

  for (guint i = 0; i < n; i++)
    {
      reckon_task (mortal, pieces[i], files, &tally);
      n_rows += pieces[i]->end != CARGO_REMOVED ? 1 : 0;
    }
  reckon_folder (mortal->fixture->downloads, files);
  for (guint i = 0; i < n; i++)
    if (pieces[i]->folder != NULL)
      reckon_folder (pieces[i]->folder, files);

  reckon_events (mortal, pieces, n, &tally);
  g_assert_cmpint (fixture_end_service (mortal->fixture, SIGTERM), ==, 0);
  reckon_database (mortal, n_rows);
}
