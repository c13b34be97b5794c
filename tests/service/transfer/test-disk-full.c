/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-disk-full"

#include "config.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "common/error.h"
#include "support/folder.h"
#include "transfer/move.h"
#include "versions.h"

#define MIB (1024 * 1024)

#define SMALL "size=4m"
#define LARGE "size=32m"

/* More than SMALL, less than LARGE. */
#define TOO_LONG { 5, 6 * MIB }

/* SMALL but for less than the hundredth of it that is kept free for others. */
#define NEARLY_ALL { 5, 4 * MIB - 20 * 1024 }

/* Into a file of /proc, in one write. */
static gboolean
write_text (const char *path,
            const char *text)
{
  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0, NULL);
}

/* Makes us root, in a namespace where that means little: user_namespaces(7). */
static gboolean
become_root (void)
{
  g_autofree char *users = g_strdup_printf ("0 %u 1\n", (guint) getuid ());
  g_autofree char *groups = g_strdup_printf ("0 %u 1\n", (guint) getgid ());

  return unshare (CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
         write_text ("/proc/self/uid_map", users) &&
         write_text ("/proc/self/setgroups", "deny") &&
         write_text ("/proc/self/gid_map", groups);
}

/* A mount namespace of this process's own, so that what it mounts is gone with it. */
static gboolean
enter_namespace (void)
{
  if (unshare (CLONE_NEWNS) != 0 && !become_root ())
    return FALSE;
  return mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static gboolean
mount_small (TestBed *bed)
{
  if (mount ("tmpfs", bed->folder, "tmpfs", 0, SMALL) == 0)
    return TRUE;

  g_test_skip ("no tmpfs may be mounted here");
  return FALSE;
}

static void
make_room (TestBed *bed)
{
  g_assert_no_errno (mount ("tmpfs", bed->folder, "tmpfs", MS_REMOUNT, LARGE));
}

static void
unmount (TestBed *bed)
{
  g_assert_no_errno (umount2 (bed->folder, MNT_DETACH));
  g_hash_table_remove_all (bed->before);
}

typedef struct
{
  const char  *name;
  TestContent  content;
  TestFraming  framing;
  gint64       kept_least;  /* bytes that must be there after the disk was full */
  gint64       sent_most;   /* by the server until then */
} FullRow;

/* §6: “free space is checked before, with a reserve”: where the size is known. */
static const FullRow rows[] = {
  { "known", TOO_LONG, TEST_FRAMING_LENGTH, 0, 5 * MIB },
  { "reserve", NEARLY_ALL, TEST_FRAMING_LENGTH, 0, 4 * MIB },
  { "unknown", TOO_LONG, TEST_FRAMING_CHUNKED, 2 * MIB, 6 * MIB },
};

/* §6: “a full disk makes the task wait (`disk-full`) and go on by itself when there is room”. */
static void
test_full (gconstpointer data)
{
  const FullRow *row = data;
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) first = NULL;
  g_autoptr(FerrydOutcome) second = NULL;
  TestAnswer answer = { .content = row->content, .etag = ONE, .framing = row->framing };

  if (!mount_small (bed))
    return;

  test_server_add (server, "/file.bin", test_answer, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  first = test_bed_run (bed);
  test_bed_assert_word (bed, first, "disk-full");
  g_assert_cmpint (first->kept->part.offset, >=, row->kept_least);
  g_assert_cmpint (test_server_get_request (server, 0)->body_sent, <=, row->sent_most);

  make_room (bed);
  second = test_bed_run (bed);
  test_bed_assert_file (bed, second, &answer.content);
  if (row->kept_least > 0)
    g_assert_cmpint (atomic_load (&bed->tally.resumed_at), ==, first->kept->part.offset);
  unmount (bed);
}

static gboolean
grant_cb (const FerrydPlan  *plan,
          const FerrydKept  *kept,
          GError           **error)
{
  return TRUE;
}

/* runner.h, move: what does not fit is not there, not in parts either. */
static void
test_move (void)
{
  static const TestContent content = TOO_LONG;
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *from = test_folder_new ();
  g_autofree char *path = g_build_filename (from, "file.bin.part", NULL);
  g_autoptr(FerrydPlan) plan = ferryd_plan_new ();
  FerrydKept *kept = plan->kept;
  g_autoptr(FerrydKept) moved = NULL;
  g_autoptr(FerrydKept) back = NULL;
  g_autoptr(GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GError) error = NULL;
  GStatBuf info;

  if (!mount_small (bed))
    return;

  test_content_write (&content, path, content.size);
  g_assert_no_errno (g_stat (path, &info));
  plan->folder = g_strdup (from);
  plan->checkpoint = grant_cb;
  kept->file_name = g_strdup ("file.bin");
  kept->part.name = g_strdup ("file.bin.part");
  kept->part.inode = info.st_ino;
  kept->part.offset = content.size;
  moved = ferryd_move_kept (plan, bed->folder, &error);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_DISK_FULL);
  test_folder_assert_only (bed->folder, nothing);

  make_room (bed);
  g_clear_error (&error);
  moved = ferryd_move_kept (plan, bed->folder, &error);
  g_assert_no_error (error);
  ferryd_kept_free (plan->kept);
  plan->kept = g_steal_pointer (&moved);
  g_clear_pointer (&plan->folder, g_free);
  plan->folder = g_strdup (bed->folder);
  back = ferryd_move_kept (plan, from, &error);
  g_assert_no_error (error);
  g_assert_true (ferryd_move_forget (back));
  test_folder_assert_only (bed->folder, nothing);
  test_folder_remove (from);
  unmount (bed);
}

int
main (int   argc,
      char *argv[])
{
  gboolean entered = enter_namespace ();

  test_init (&argc, &argv);
  if (!entered)
    {
      g_print ("1..0 # SKIP no mount namespace may be made here\n");
      return 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/disk-full/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_full);
    }
  g_test_add_func ("/disk-full/move", test_move);
  return g_test_run ();
}
