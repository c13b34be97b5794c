/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-move"

#include "config.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "common/error.h"
#include "support/folder.h"
#include "transfer/move.h"
#include "two-folders.h"

static const TestContent v1 = V1;
static const TestContent v2 = V2;

/* Makes the second folder one of another file system. */
static gboolean
go_elsewhere (Folders *self)
{
  g_autofree char *elsewhere = g_strdup ("/dev/shm/ferry-test-XXXXXX");
  GStatBuf here;
  GStatBuf there;

  g_assert_no_errno (g_stat (self->from, &here));
  if (g_stat ("/dev/shm", &there) != 0 || here.st_dev == there.st_dev ||
      g_mkdtemp (elsewhere) == NULL)
    {
      g_test_skip ("there is no second file system here");
      return FALSE;
    }

  test_folder_remove (self->to);
  g_clear_pointer (&self->to, g_free);
  self->to = g_steal_pointer (&elsewhere);
  return TRUE;
}

static void
assert_bytes (const char        *folder,
              const FerrydPart  *part,
              const TestContent *content)
{
  g_autofree char *path = g_build_filename (folder, part->name, NULL);
  TestContent expected = { content->seed, part->offset, 0 };

  g_assert_cmpuint (get_inode (folder, part->name), ==, part->inode);
  g_assert_true (test_content_is_file (&expected, path));
}

static void
assert_same_part (const FerrydPart *a,
                  const FerrydPart *b)
{
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpuint (a->inode, ==, b->inode);
  g_assert_cmpint (a->born, ==, b->born);
}

/*
 * runner.h: “makes what @task … keeps on disk available in @folder as well”: nothing in the old one
 * is touched, both parts are there, and bytes that are not durable do not come along.
 */
static void
test_move (gconstpointer data)
{
  gboolean elsewhere = GPOINTER_TO_INT (data);
  g_auto(Folders) folders = { 0 };
  g_autoptr(FerrydKept) moved = NULL;
  g_autoptr(GHashTable) before = NULL;
  g_autoptr(GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GError) error = NULL;

  folders_init (&folders);
  if (elsewhere && !go_elsewhere (&folders))
    return;

  put_part (folders.from, "file.bin.part", &v1, SIZE, &folders.kept->part);
  put_part (folders.from, "file (1).bin.part", &v2, CUT / 2, &folders.kept->spare);
  folders.kept->part.offset = CUT;
  folders.kept->final_name = g_strdup ("file.bin");
  before = test_folder_read (folders.from);

  moved = ferryd_move_kept (folders.plan, folders.to, &error);
  g_assert_no_error (error);
  test_folder_assert_only (folders.from, before);
  g_assert_cmpstr (moved->part.name, ==, "file.bin.part");
  g_assert_cmpstr (moved->spare.name, ==, "file (1).bin.part");
  g_assert_cmpstr (moved->file_name, ==, "file.bin");
  g_assert_null (moved->final_name);
  g_assert_cmpint (moved->part.offset, ==, CUT);
  g_assert_cmpstr (moved->part.etag, ==, ONE);
  g_assert_cmpint (moved->part.inode == folders.kept->part.inode, ==, !elsewhere);
  assert_same_part (&moved->part, &folders.noted->other);
  assert_same_part (&moved->spare, &folders.noted->other_spare);
  g_assert_cmpstr (moved->other_folder, ==, folders.from);
  assert_same_part (&moved->other, &folders.kept->part);
  assert_same_part (&moved->other_spare, &folders.kept->spare);
  if (elsewhere)
    assert_bytes (folders.to, &moved->part, &v1);
  assert_bytes (folders.to, &moved->spare, &v2);

  g_assert_true (ferryd_move_forget (moved));
  test_folder_assert_only (folders.from, nothing);
  g_assert_cmpuint (get_inode (folders.to, moved->part.name), ==, moved->part.inode);
  g_assert_true (ferryd_move_forget (folders.noted));
  g_assert_true (ferryd_move_forget (folders.noted));
  test_folder_assert_only (folders.to, nothing);
}

/* §6: “another's file of that name is left alone (`NAME (1).part`)” */
static void
test_move_beside (gconstpointer data)
{
  gboolean elsewhere = GPOINTER_TO_INT (data);
  g_auto(Folders) folders = { 0 };
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_autoptr(FerrydKept) moved = NULL;
  g_autoptr(GError) error = NULL;

  folders_init (&folders);
  if (elsewhere && !go_elsewhere (&folders))
    return;

  path = g_build_filename (folders.to, "file.bin.part", NULL);
  g_assert_true (g_file_set_contents (path, "another's", -1, NULL));
  put_part (folders.from, "file.bin.part", &v1, CUT, &folders.kept->part);
  moved = ferryd_move_kept (folders.plan, folders.to, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (moved->part.name, ==, "file (1).bin.part");
  assert_bytes (folders.to, &moved->part, &v1);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "another's");
}

/* A part that is gone, or another's by now, is none; and what is another's is not taken along. */
static void
test_move_other (gconstpointer data)
{
  const MeddleRow *row = data;
  g_auto(Folders) folders = { 0 };
  g_autoptr(FerrydKept) moved = NULL;
  g_autoptr(GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GHashTable) before = NULL;
  g_autoptr(GError) error = NULL;

  folders_init (&folders);
  put_part (folders.from, "file.bin.part", &v1, CUT, &folders.kept->part);
  row->meddle (&folders, "file.bin.part");
  before = test_folder_read (folders.from);
  moved = ferryd_move_kept (folders.plan, folders.to, &error);
  g_assert_no_error (error);
  g_assert_null (moved->part.name);
  g_assert_cmpint (moved->part.offset, ==, 0);
  test_folder_assert_only (folders.to, nothing);

  g_assert_true (ferryd_move_forget (moved));
  g_mkdir (folders.from, 0700);
  test_folder_assert_only (folders.from, before);
}

static void
test_move_shortened (void)
{
  g_auto(Folders) folders = { 0 };
  g_autoptr(FerrydKept) moved = NULL;
  g_autoptr(GError) error = NULL;

  folders_init (&folders);
  put_part (folders.from, "file.bin.part", &v1, CUT, &folders.kept->part);
  folders.kept->part.offset = CUT + 1;
  moved = ferryd_move_kept (folders.plan, folders.to, &error);
  g_assert_no_error (error);
  g_assert_null (moved->part.name);
}

/* A task that has not begun has nothing to bring along; not even the folder must be there. */
static void
test_move_nothing (void)
{
  g_auto(Folders) folders = { 0 };
  g_autoptr(FerrydKept) moved = NULL;
  g_autoptr(GError) error = NULL;

  folders_init (&folders);
  g_clear_pointer (&folders.plan->folder, g_free);
  folders.plan->folder = g_strdup ("/nonexistent");
  moved = ferryd_move_kept (folders.plan, "/nonexistent either", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (moved->file_name, ==, "file.bin");
  g_assert_null (moved->other_folder);
}

/* A crash may have come between the rename and the row: the file is the user's already. */
static void
test_move_finished (void)
{
  g_auto(Folders) folders = { 0 };
  g_autoptr(FerrydKept) moved = NULL;
  g_autoptr(GError) error = NULL;

  folders_init (&folders);
  put_result (&folders);
  moved = ferryd_move_kept (folders.plan, folders.to, &error);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE);
}

/* move.h: “or NULL with nothing left there”: the spare has no name that can be, the part was moved
 * before it. */
static void
test_move_fails (gconstpointer data)
{
  gboolean elsewhere = GPOINTER_TO_INT (data);
  g_auto(Folders) folders = { 0 };
  g_autoptr(FerrydKept) moved = NULL;
  g_autoptr(GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GHashTable) before = NULL;
  g_autoptr(GError) error = NULL;

  folders_init (&folders);
  if (elsewhere && !go_elsewhere (&folders))
    return;

  put_part (folders.from, "file.bin.part", &v1, CUT, &folders.kept->part);
  folders.kept->spare.name = g_strdup ("file.bin.part/spare");
  before = test_folder_read (folders.from);
  moved = ferryd_move_kept (folders.plan, folders.to, &error);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_ALLOWED);
  test_folder_assert_only (folders.to, nothing);
  test_folder_assert_only (folders.from, before);
}

/* “Nothing is created … before it has returned TRUE”, whichever of the notes is refused. */
static void
test_move_unnoted (gconstpointer data)
{
  gboolean elsewhere = GPOINTER_TO_INT (data);
  guint n_refused = 0;

  for (guint fail_at = 1; fail_at == n_refused + 1; fail_at++)
    {
      g_auto(Folders) folders = { 0 };
      g_autoptr(FerrydKept) moved = NULL;
      g_autoptr(GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
      g_autoptr(GHashTable) before = NULL;
      g_autoptr(GError) error = NULL;

      folders_init (&folders);
      if (elsewhere && !go_elsewhere (&folders))
        return;

      folders.fail_at = fail_at;
      put_part (folders.from, "file.bin.part", &v1, CUT, &folders.kept->part);
      put_part (folders.from, "file (1).bin.part", &v2, CUT / 2, &folders.kept->spare);
      before = test_folder_read (folders.from);
      moved = ferryd_move_kept (folders.plan, folders.to, &error);
      test_folder_assert_only (folders.from, before);
      if (moved != NULL)
        break;

      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
      test_folder_assert_only (folders.to, nothing);
      n_refused++;
    }
  g_assert_cmpuint (n_refused, ==, 2);
}

/* What has the name of what is to be forgotten, and is another's, stays. */
static void
test_forget_other (gconstpointer data)
{
  const MeddleRow *row = data;
  g_auto(Folders) folders = { 0 };
  g_autoptr(GHashTable) before = NULL;

  folders_init (&folders);
  put_part (folders.from, "file.bin.part", &v1, CUT, &folders.kept->other);
  folders.kept->other_folder = g_strdup (folders.from);
  row->meddle (&folders, "file.bin.part");
  before = test_folder_read (folders.from);
  g_assert_true (ferryd_move_forget (folders.kept));
  g_mkdir (folders.from, 0700);
  test_folder_assert_only (folders.from, before);
}

static void
test_move_nowhere (void)
{
  g_auto(Folders) folders = { 0 };
  g_autoptr(FerrydKept) moved = NULL;
  g_autoptr(GError) error = NULL;

  folders_init (&folders);
  put_part (folders.from, "file.bin.part", &v1, CUT, &folders.kept->part);
  moved = ferryd_move_kept (folders.plan, "/nonexistent", &error);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_ALLOWED);
  g_assert_nonnull (strstr (error->message, "/nonexistent"));
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_data_func ("/move/here", GINT_TO_POINTER (FALSE), test_move);
  g_test_add_data_func ("/move/elsewhere", GINT_TO_POINTER (TRUE), test_move);
  g_test_add_data_func ("/move/beside-here", GINT_TO_POINTER (FALSE), test_move_beside);
  g_test_add_data_func ("/move/beside-elsewhere", GINT_TO_POINTER (TRUE), test_move_beside);
  folders_add_meddles ("/move/", test_move_other);
  g_test_add_func ("/move/shortened", test_move_shortened);
  g_test_add_func ("/move/nothing", test_move_nothing);
  g_test_add_func ("/move/finished", test_move_finished);
  g_test_add_data_func ("/move/fails-here", GINT_TO_POINTER (FALSE), test_move_fails);
  g_test_add_data_func ("/move/fails-elsewhere", GINT_TO_POINTER (TRUE), test_move_fails);
  g_test_add_data_func ("/move/unnoted-here", GINT_TO_POINTER (FALSE), test_move_unnoted);
  g_test_add_data_func ("/move/unnoted-elsewhere", GINT_TO_POINTER (TRUE),
                        test_move_unnoted);
  folders_add_meddles ("/move/forget/", test_forget_other);
  g_test_add_func ("/move/nowhere", test_move_nowhere);
  return g_test_run ();
}
