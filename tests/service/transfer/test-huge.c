/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-huge"

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/statvfs.h>

#include "support/memory.h"
#include "versions.h"

#define MIB G_GINT64_CONSTANT (0x100000)
#define HUGE_SIZE (5 * 1024 * MIB)

/* Zeros, but for a few bytes near the end. */
static const TestContent huge = { 0, HUGE_SIZE, HUGE_SIZE - 300000 };

/* Twice the largest buffer of a job, and what the allocator holds on to. */
#define MEMORY_BOUND (16 * MIB)

static void
assert_huge (TestBed             *bed,
             const FerrydOutcome *outcome)
{
  g_autofree char *path = NULL;

  test_bed_assert_word (bed, outcome, "finished");
  path = test_bed_get_path (bed, outcome->kept->final_name);
  g_assert_true (test_content_is_file (&huge, path));
  g_assert_cmpint (atomic_load (&bed->tally.received), ==, HUGE_SIZE);
  bed->is_published = TRUE;
  g_assert_no_errno (g_unlink (path));
}

/* What an earlier run would have left: @offset bytes of a sparse file. */
static void
keep (TestBed    *bed,
      gint64      offset,
      const char *etag)
{
  g_autofree char *path = test_bed_get_path (bed, "file.bin.part");
  FerrydPart *part = &bed->plan->kept->part;
  GStatBuf info;

  test_content_write (&huge, path, offset);
  g_assert_no_errno (g_stat (path, &info));
  part->name = g_strdup ("file.bin.part");
  part->inode = info.st_ino;
  part->offset = offset;
  part->total = HUGE_SIZE;
  part->etag = g_strdup (etag);
  bed->plan->kept->file_name = g_strdup ("file.bin");
  test_bed_note (bed);
}

/* §6, all offsets in 64 bits: the last MiB of 5 GiB, over a sparse part. */
static void
test_resume (gconstpointer data)
{
  const char *etag = data;
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  TestAnswer answer = { .content = huge, .etag = etag };

  test_server_add (server, "/file.bin", test_answer, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  keep (bed, HUGE_SIZE - MIB, etag);
  outcome = test_bed_run (bed);
  g_assert_cmpint (atomic_load (&bed->tally.resumed_at), ==, HUGE_SIZE - MIB);
  assert_huge (bed, outcome);
  g_assert_cmpint (test_server_get_request (server, 0)->body_sent, <, 2 * MIB);
}

/* The same from the first byte on: it must not take memory either. */
static void
test_whole (void)
{
  TestAnswer answer = { .content = huge, .etag = ONE };
  g_autoptr(TestServer) server = NULL;
  g_autoptr(TestBed) bed = NULL;
  g_autoptr(FerrydOutcome) outcome = NULL;
  struct statvfs room;
  gint64 before;

  if (!g_test_slow ())
    {
      g_test_skip ("writes 5 GiB; run with -m slow");
      return;
    }
  if (statvfs (g_get_tmp_dir (), &room) != 0 ||
      (gint64) room.f_bavail * (gint64) room.f_frsize < HUGE_SIZE + 200 * MIB)
    {
      g_test_skip ("no room for 5 GiB in the temporary folder");
      return;
    }

  server = test_server_new (NULL);
  bed = test_bed_new ();
  bed->patience = 10 * TEST_DEADLINE;
  test_server_add (server, "/file.bin", test_answer, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  before = test_memory_reset_peak ();
  outcome = test_bed_run (bed);
  test_memory_assert_growth (before, MEMORY_BOUND);
  assert_huge (bed, outcome);
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_data_func ("/huge/resume/etag", ONE, test_resume);
  g_test_add_data_func ("/huge/resume/overlap", WEAK_ONE, test_resume);
  g_test_add_func ("/huge/whole", test_whole);
  return g_test_run ();
}
