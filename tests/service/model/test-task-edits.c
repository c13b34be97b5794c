/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people change of a task: “Writable: Priority, Description, DownloadLimit”, `SetUrl`,
 * `SetDestination (when not running and not finished)` (§5). */
#include "config.h"

#include "task-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name

static void
init_keeping (TaskBed         *bed,
              FerryTaskState   state,
              FerryWaitReason  reason)
{
  FerrydTaskRow *row = make_task_row (0, "http://a.example/file", state, reason);

  give_part (row);
  row->kept->current_url = g_strdup ("http://b.example/there");
  row->kept->file_name = g_strdup ("file");
  task_bed_init_row (bed, row);
}

static void
assert_log (TaskBed    *bed,
            const char *wanted)
{
  g_autofree char *log = fake_runner_take_log (bed->runner);

  g_assert_cmpstr (log, ==, wanted);
}

/* Asks, and lets all answer; returns the answer's code. */
static int
edit (TaskBed              *bed,
      const FerrydTaskEdit *asked)
{
  const Answer *answer = task_bed_edit (bed, asked);

  settle_all (bed->store, bed->runner);
  if (bed->n_removed == 0)
    assert_saved (bed->store, bed->task);
  return answer_get_code (answer);
}

/* In every state, while it runs too; neither what is kept nor the status is touched. */
static void
test_settings (void)
{
  static const FerrydTaskEdit edits[] = {
    { .what = FERRYD_TASK_PRIORITY, .priority = 0.75 },
    { .what = FERRYD_TASK_DESCRIPTION, .description = (char *) "words" },
    { .what = FERRYD_TASK_DOWNLOAD_LIMIT, .download_limit = 1000 },
  };
  static const char *const logs[] = { "", "", "limit 1 1000;" };

  for (guint i = 0; i < FERRY_N_TASK_STATES * G_N_ELEMENTS (edits); i++)
    {
      g_auto(TaskBed) bed = { NULL };
      guint what = i % G_N_ELEMENTS (edits);
      FerryTaskState state = i / G_N_ELEMENTS (edits);
      const FerrydTaskRow *row;

      init_keeping (&bed, state, FERRY_WAIT_REASON_DISK_FULL);
      g_assert_cmpint (edit (&bed, &edits[what]), ==, -1);
      row = ferryd_task_get_row (bed.task);
      g_assert_cmphex (bed.changes, ==, 1u << edits[what].what);
      g_assert_cmpint (row->status.state, ==, state);
      g_assert_cmpint (row->kept->part.offset, ==, PART_OFFSET);
      if (what == 0)
        g_assert_cmpfloat (row->priority, ==, 0.75);
      else if (what == 1)
        g_assert_cmpstr (row->description, ==, "words");
      else
        g_assert_cmpuint (row->download_limit, ==, 1000);
      assert_log (&bed, logs[what]);

      /* The same again is no change. */
      bed.changes = 0;
      g_assert_cmpint (edit (&bed, &edits[what]), ==, -1);
      g_assert_cmphex (bed.changes, ==, 0);
    }
}

/* A checkpoint of the job that comes while it is saved is not undone. */
static void
test_running_keeps (void)
{
  g_auto(TaskBed) bed = { NULL };
  FerrydTaskEdit priority = { .what = FERRYD_TASK_PRIORITY, .priority = 0.75 };
  g_autoptr(FerrydKept) kept = ferryd_kept_new ();
  const Answer *answer;

  init_keeping (&bed, STATE (RUNNING), FERRY_WAIT_REASON_NONE);
  answer = task_bed_edit (&bed, &priority);
  settle ();
  kept->part.name = g_strdup ("file.part");
  kept->part.offset = 900;
  ferryd_task_note (bed.task, kept);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (answer), ==, -1);
  g_assert_cmpint (ferryd_task_get_row (bed.task)->kept->part.offset, ==, 900);
  g_assert_cmpint (fake_store_get_task (bed.store, bed.id)->kept->part.offset, ==, PART_OFFSET);
}

/* “SetUrl keeps them”: bytes and validators stay, the old way after redirects does not. */
static void
test_url (void)
{
  static const struct
  {
    FerryTaskState  state;
    FerryWaitReason reason;
    FerryTaskState  to;
    FerryWaitReason to_reason;
    int             code;
  } rows[] = {
    { STATE (WAITING), FERRY_WAIT_REASON_NEW_URL, STATE (WAITING), FERRY_WAIT_REASON_QUEUE, -1 },
    { STATE (WAITING), FERRY_WAIT_REASON_TRUST, STATE (WAITING), FERRY_WAIT_REASON_TRUST, -1 },
    { STATE (SUSPENDED), FERRY_WAIT_REASON_NONE, STATE (SUSPENDED), FERRY_WAIT_REASON_NONE, -1 },
    { STATE (FAILED), FERRY_WAIT_REASON_NONE, STATE (FAILED), FERRY_WAIT_REASON_NONE, -1 },
    { STATE (RUNNING), FERRY_WAIT_REASON_NONE, STATE (RUNNING), FERRY_WAIT_REASON_NONE,
      FERRY_ERROR_WRONG_STATE },
  };
  FerrydTaskEdit url = { .what = FERRYD_TASK_URL, .url = (char *) "http://c.example/new" };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto(TaskBed) bed = { NULL };
      const FerrydTaskRow *row;

      init_keeping (&bed, rows[i].state, rows[i].reason);
      g_assert_cmpint (edit (&bed, &url), ==, rows[i].code);
      row = ferryd_task_get_row (bed.task);
      g_assert_cmpint (row->status.state, ==, rows[i].to);
      g_assert_cmpint (row->status.reason, ==, rows[i].to_reason);
      g_assert_cmpstr (row->kept->part.etag, ==, "\"a\"");
      g_assert_cmpint (row->kept->part.offset, ==, PART_OFFSET);
      if (rows[i].code != -1)
        continue;

      g_assert_cmpstr (row->url, ==, "http://c.example/new");
      g_assert_null (row->kept->current_url);
      g_assert_null (fake_store_get_task (bed.store, bed.id)->kept->current_url);
      g_assert_cmpstr (ferryd_task_get_host (bed.task), ==, "c.example");
      g_assert_cmphex (bed.changes & FERRYD_TASK_CHANGE (URL), !=, 0);
      g_assert_cmphex (bed.changes & FERRYD_TASK_CHANGE (CURRENT_URL), !=, 0);
    }
}

/* In the row on disk. */
static void
assert_elsewhere (TaskBed    *bed,
                  const char *folder,
                  guint64     inode)
{
  const FerrydKept *kept = fake_store_get_task (bed->store, bed->id)->kept;

  g_assert_cmpstr (kept->other_folder, ==, folder);
  g_assert_cmpstr (kept->other.name, ==, "file.part");
  g_assert_cmpuint (kept->other.inode, ==, inode);
  assert_saved (bed->store, bed->task);
}

static void
assert_nothing_elsewhere (TaskBed *bed)
{
  const FerrydKept *kept = fake_store_get_task (bed->store, bed->id)->kept;

  g_assert_null (kept->other_folder);
  g_assert_null (kept->other.name);
  assert_saved (bed->store, bed->task);
}

/* Move, save, forget the old, save: at no moment is the row without its bytes, or a file in either
 * folder without a row. */
static void
test_path (void)
{
  g_auto(TaskBed) bed = { NULL };
  FerrydTaskEdit path = { .what = FERRYD_TASK_PATH, .folder = (char *) "/new",
                          .file_name = (char *) "name", .has_overwrite = TRUE, .overwrite = TRUE };
  const FerrydTaskRow *row;
  const char *destination, *name;
  const Answer *answer;
  gboolean overwrite;

  init_keeping (&bed, STATE (WAITING), FERRY_WAIT_REASON_DISK_FULL);
  row = ferryd_task_get_row (bed.task);
  answer = task_bed_edit (&bed, &path);
  settle ();
  assert_log (&bed, "move 1 /new;");
  g_assert_cmpuint (fake_store_get_n_waiting (bed.store), ==, 0);
  fake_runner_grant (bed.runner, FAKE_ASK_MOVE);
  settle ();
  g_assert_cmpstr (row->folder, ==, "/nowhere");
  assert_log (&bed, "");
  assert_elsewhere (&bed, "/new", 7 + FAKE_MOVED_INODE);

  fake_store_answer (bed.store);
  settle ();
  assert_log (&bed, "forget /nowhere file.part 7;");
  assert_elsewhere (&bed, "/nowhere", 7);
  g_assert_cmpint (answer_get_code (answer), ==, -1);
  g_assert_cmpuint (fake_store_get_n_waiting (bed.store), ==, 0);
  settle_all (bed.store, bed.runner);
  assert_log (&bed, "");
  assert_nothing_elsewhere (&bed);
  row = ferryd_task_get_row (bed.task);
  g_assert_cmpstr (row->folder, ==, "/new");
  g_assert_cmpstr (row->kept->file_name, ==, "name");
  g_assert_cmpuint (row->kept->part.inode, ==, 7 + FAKE_MOVED_INODE);
  g_assert_true (g_variant_lookup (row->options, "destination", "&s", &destination));
  g_assert_true (g_variant_lookup (row->options, "filename", "&s", &name));
  g_assert_true (g_variant_lookup (row->options, "overwrite", "b", &overwrite));
  g_assert_cmpstr (destination, ==, "/new");
  g_assert_cmpstr (name, ==, "name");
  g_assert_true (overwrite);
  g_assert_cmpint (row->status.reason, ==, FERRY_WAIT_REASON_QUEUE);
  assert_saved (bed.store, bed.task);
}

/* The disk says no: what was made in the new folder is forgotten, and all is as before. */
static void
test_path_refused (void)
{
  FerrydTaskEdit path = { .what = FERRYD_TASK_PATH, .folder = (char *) "/new" };

  for (guint i = 0; i < 2; i++)
    {
      g_auto(TaskBed) bed = { NULL };
      const Answer *answer;

      init_keeping (&bed, STATE (SUSPENDED), FERRY_WAIT_REASON_NONE);
      answer = task_bed_edit (&bed, &path);
      settle ();
      if (i == 0)
        fake_runner_refuse (bed.runner, FAKE_ASK_MOVE, FERRY_ERROR_DISK_FULL);
      else
        fake_runner_grant (bed.runner, FAKE_ASK_MOVE);
      settle ();
      g_assert_cmpuint (fake_store_get_n_waiting (bed.store), ==, i);
      if (i == 1)
        fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
      settle ();
      g_assert_cmpint (answer_get_code (answer), ==, FERRY_ERROR_DISK_FULL);
      assert_log (&bed, "move 1 /new;forget /new file.part 1007;");
      settle_all (bed.store, bed.runner);
      assert_nothing_elsewhere (&bed);
      g_assert_cmpuint (ferryd_task_get_row (bed.task)->kept->part.inode, ==, 7);
      g_assert_cmpstr (ferryd_task_get_row (bed.task)->folder, ==, "/nowhere");
      g_assert_cmphex (bed.changes, ==, 0);
      assert_saved (bed.store, bed.task);
    }
}

/* What stays is named, and goes with the next change; a clean row that is not written does no
 * harm; and no job begins in between. */
static void
test_forget_refused (void)
{
  FerrydTaskEdit path = { .what = FERRYD_TASK_PATH, .folder = (char *) "/new" };
  FerrydTaskEdit priority = { .what = FERRYD_TASK_PRIORITY, .priority = 0.75 };

  for (guint i = 0; i < 2; i++)
    {
      g_auto(TaskBed) bed = { NULL };

      init_keeping (&bed, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
      (void) task_bed_edit (&bed, &path);  /* the row says */
      ferryd_task_run (bed.task);
      settle ();
      fake_runner_grant (bed.runner, FAKE_ASK_MOVE);
      settle ();
      fake_store_answer (bed.store);
      settle ();
      g_assert_false (fake_runner_has_job (bed.runner, bed.id));
      if (i == 0)
        fake_runner_refuse (bed.runner, FAKE_ASK_FORGET, FERRY_ERROR_NOT_ALLOWED);
      else
        fake_runner_grant (bed.runner, FAKE_ASK_FORGET);
      settle ();
      g_assert_false (fake_runner_has_job (bed.runner, bed.id));
      if (i == 1)
        fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
      settle ();
      assert_log (&bed, "move 1 /new;forget /nowhere file.part 7;");
      settle_all (bed.store, bed.runner);
      g_assert_true (fake_runner_has_job (bed.runner, bed.id));
      assert_elsewhere (&bed, "/nowhere", 7);

      /* While a job writes what is kept, nobody else does. */
      g_assert_cmpint (edit (&bed, &priority), ==, -1);
      assert_log (&bed, "");
      (void) task_bed_wish (&bed, FERRYD_WISH_SUSPEND);  /* its state is looked at */
      settle_all (bed.store, bed.runner);
      fake_runner_obey (bed.runner, bed.id);
      settle_all (bed.store, bed.runner);
      g_assert_cmpint (edit (&bed, &priority), ==, -1);
      assert_log (&bed, "forget /nowhere file.part 7;");
      assert_nothing_elsewhere (&bed);
    }
}

/* Nothing is moved where nothing is kept, or where the folder stays. */
static void
test_path_at_rest (void)
{
  FerrydTaskEdit name = { .what = FERRYD_TASK_PATH, .file_name = (char *) "name" };
  FerrydTaskEdit path = { .what = FERRYD_TASK_PATH, .folder = (char *) "/new" };
  FerrydTaskEdit same = { .what = FERRYD_TASK_PATH, .folder = (char *) "/nowhere" };
  g_auto(TaskBed) keeping = { NULL };
  g_auto(TaskBed) empty = { NULL };

  init_keeping (&keeping, STATE (FAILED), FERRY_WAIT_REASON_NONE);
  g_assert_cmpint (edit (&keeping, &name), ==, -1);
  g_assert_cmpint (edit (&keeping, &same), ==, -1);
  assert_log (&keeping, "");
  g_assert_cmpstr (ferryd_task_get_row (keeping.task)->kept->file_name, ==, "name");

  task_bed_init (&empty, STATE (SUSPENDED), FERRY_WAIT_REASON_NONE);
  g_assert_cmpint (edit (&empty, &path), ==, -1);
  assert_log (&empty, "");
  g_assert_cmpstr (ferryd_task_get_row (empty.task)->folder, ==, "/new");
}

static GBytes *
get_key (TaskBed *bed)
{
  return ferryd_task_get_row (bed->task)->resume_key;
}

/* “CancelByProducingResumeData() → ay (empty when the server cannot resume)”, “GetResumeData()
 * (in failed and cancelled)”: random, made once, on disk before it is handed out. */
static void
test_key (void)
{
  g_auto(TaskBed) bed = { NULL };
  g_auto(TaskBed) other = { NULL };
  g_autoptr(GBytes) first = NULL;
  const Answer *answer;

  init_keeping (&bed, STATE (FAILED), FERRY_WAIT_REASON_NONE);
  answer = task_bed_make_key (&bed);
  settle ();
  g_assert_null (get_key (&bed));
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle ();
  g_assert_cmpint (answer_get_code (answer), ==, FERRY_ERROR_DISK_FULL);
  g_assert_null (get_key (&bed));

  (void) task_bed_make_key (&bed);  /* its key is looked at */
  settle_all (bed.store, bed.runner);
  first = g_bytes_ref (get_key (&bed));
  g_assert_cmpuint (g_bytes_get_size (first), ==, 16);
  assert_saved (bed.store, bed.task);
  (void) task_bed_make_key (&bed);  /* likewise */
  settle_all (bed.store, bed.runner);
  g_assert_true (g_bytes_equal (first, get_key (&bed)));

  init_keeping (&other, STATE (CANCELLED), FERRY_WAIT_REASON_NONE);
  (void) task_bed_make_key (&other);  /* likewise */
  settle_all (other.store, other.runner);
  g_assert_false (g_bytes_equal (first, get_key (&other)));
}

static void
key_made_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  GBytes **key = user_data;
  g_autoptr(GError) error = NULL;

  *key = ferryd_task_produce_resume_key_finish (FERRYD_TASK (object), result, &error);
  g_assert_no_error (error);
}

/* What a later run could not take up has no key. */
static void
test_empty_keys (void)
{
  static const struct
  {
    gint64      offset;
    gboolean    refuses_ranges;
    const char *etag;
    const char *last_modified;
    gboolean    has_key;
  } parts[] = {
    { 600, FALSE, "\"a\"", NULL, TRUE },   { 600, FALSE, NULL, "date", TRUE },
    { 600, FALSE, "W/\"a\"", NULL, TRUE }, { 0, FALSE, "\"a\"", NULL, FALSE },
    { 600, TRUE, "\"a\"", NULL, FALSE },   { 600, FALSE, NULL, NULL, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_auto(TaskBed) bed = { NULL };
      FerrydTaskRow *row = make_task_row (0, "http://a.example/", STATE (FAILED),
                                          FERRY_WAIT_REASON_NONE);
      g_autoptr(GBytes) key = NULL;

      row->kept->part.name = g_strdup ("file.part");
      row->kept->part.offset = parts[i].offset;
      row->kept->part.refuses_ranges = parts[i].refuses_ranges;
      row->kept->part.etag = g_strdup (parts[i].etag);
      row->kept->part.last_modified = g_strdup (parts[i].last_modified);
      task_bed_init_row (&bed, row);
      ferryd_task_produce_resume_key_async (bed.task, key_made_cb, &key);
      settle_all (bed.store, bed.runner);
      g_assert_cmpuint (g_bytes_get_size (key), ==, parts[i].has_key ? 16 : 0);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/task-edits/settings", test_settings);
  g_test_add_func ("/task-edits/running-keeps", test_running_keeps);
  g_test_add_func ("/task-edits/url", test_url);
  g_test_add_func ("/task-edits/path", test_path);
  g_test_add_func ("/task-edits/path-refused", test_path_refused);
  g_test_add_func ("/task-edits/forget-refused", test_forget_refused);
  g_test_add_func ("/task-edits/path-at-rest", test_path_at_rest);
  g_test_add_func ("/task-edits/key", test_key);
  g_test_add_func ("/task-edits/empty-keys", test_empty_keys);

  return g_test_run ();
}
