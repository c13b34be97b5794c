/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-disk"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "versions.h"

#define RULE_INODE \
  "§6: reopened only with the row's inode, and nothing is truncated or deleted that the row does " \
  "not own"
#define RULE_OFFSET "§6: at a start the file is cut to the stored offset"
#define RULE_SECOND \
  "§6: download into a *second* part, drop the first when the second has passed it"

#define FIRST FIRST_CUT (.etag = ONE)
#define AGAIN { .content = V1, .etag = ONE }

static char *
get_part_path (TestCase *c)
{
  return test_bed_get_path (c->bed, c->bed->plan->kept->part.name);
}

/* As long as the part should be, so that only the inode tells. */
static char *
get_foreign_text (void)
{
  return g_strnfill (SIZE, 'z');
}

/* Another file, or a link to one, takes the part's name. */
static void
replace_part (TestCase *c,
              gboolean  by_link)
{
  g_autofree char *path = get_part_path (c);
  g_autofree char *away = g_strconcat (path, ".away", NULL);
  g_autofree char *foreign = get_foreign_text ();

  /* All exist for a moment, so that none can have the inode of another. */
  g_assert_no_errno (g_rename (path, away));
  if (by_link)
    g_assert_no_errno (symlink ("mine", path));
  else
    test_bed_put (c->bed, c->bed->plan->kept->part.name, foreign);
  test_bed_put (c->bed, "mine", foreign);
  g_assert_no_errno (g_unlink (away));
  g_hash_table_remove (c->bed->before, "file.bin.part.away");
}

static void
put_file (TestCase *c)
{
  if (c->run == 2)
    replace_part (c, FALSE);
}

static void
put_link (TestCase *c)
{
  if (c->run == 2)
    replace_part (c, TRUE);
}

static void
check_replaced (TestCase            *c,
                const FerrydOutcome *outcome)
{
  g_autofree char *path = test_bed_get_path (c->bed, "file.bin.part");
  g_autofree char *text = NULL;
  g_autofree char *foreign = get_foreign_text ();

  if (c->run == 2)
    {
      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      g_assert_true (g_str_equal (text, foreign));
    }
}

static void
resize_part (TestCase *c,
             gint64    size)
{
  g_autofree char *path = get_part_path (c);
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_no_errno (fd);
  g_assert_no_errno (ftruncate (fd, size));
  if (size > CUT)
    g_assert_cmpint (pwrite (fd, "garbage", 7, CUT), ==, 7);
  g_assert_no_errno (close (fd));
}

static void
lengthen_part (TestCase *c)
{
  if (c->run == 2)
    resize_part (c, SIZE + 1000);
}

/* What was behind the offset is gone before anything else is done. */
static void
check_cut (TestCase            *c,
           const FerrydOutcome *outcome)
{
  if (c->run == 2)
    {
      g_autofree char *path = test_bed_get_path (c->bed, outcome->kept->part.name);
      GStatBuf info;

      g_assert_no_errno (g_stat (path, &info));
      g_assert_cmpint (info.st_size, ==, CUT);
    }
}

static void
shorten_part (TestCase *c)
{
  if (c->run == 2)
    {
      c->bed->is_meddled_with = TRUE;
      resize_part (c, CUT / 2);
    }
}

static void
delete_part (TestCase *c)
{
  if (c->run == 2)
    {
      g_autofree char *path = get_part_path (c);

      g_assert_no_errno (g_unlink (path));
    }
}

/* After the second run there are two parts, after the third none. */
static void
check_second_part (TestCase            *c,
                   const FerrydOutcome *outcome)
{
  if (c->run != 2)
    return;

  g_assert_cmpint (outcome->kept->part.offset, ==, CUT / 2);
  g_assert_cmpstr (outcome->kept->part.etag, ==, TWO);
  g_assert_cmpint (outcome->kept->spare.offset, ==, CUT);
  g_assert_cmpstr (outcome->kept->spare.etag, ==, ONE);
}

static void
check_first_dropped (TestCase            *c,
                     const FerrydOutcome *outcome)
{
  if (c->run != 2)
    return;

  g_assert_cmpint (outcome->kept->part.offset, ==, CUT + 1000);
  g_assert_null (outcome->kept->spare.name);
}

static const TestRow parts[] = {
  { "another inode", RULE_INODE, { FIRST, AGAIN }, .ends = "truncated finished", .kept = CUT,
    .prepare = put_file, .check = check_replaced },
  { "a link", RULE_INODE, { FIRST, AGAIN }, .ends = "truncated finished", .kept = CUT,
    .prepare = put_link, .check = check_replaced },
  { "longer than noted", RULE_OFFSET, { FIRST, { .status = "404 Not Found", .body = "no" }, AGAIN },
    .ends = "truncated new-url finished", .kept = CUT, .resumed = CUT,
    .asked = "all; 200000- if " ONE "; 200000- if " ONE, .prepare = lengthen_part,
    .check = check_cut },
  { "shorter than noted", "§6: never splice", { FIRST, AGAIN }, .ends = "truncated finished",
    .kept = CUT, .resumed = -1, .prepare = shorten_part },
  { "gone", "§6: never splice", { FIRST, AGAIN }, .ends = "truncated finished", .kept = CUT,
    .asked = "all; all", .prepare = delete_part },
  { "second one", RULE_SECOND,
    { FIRST, { .content = V2, .etag = TWO, .cut = CUT / 2 }, { .content = V2, .etag = TWO } },
    .ends = "truncated truncated finished", .kept = CUT, .resumed = CUT / 2,
    .check = check_second_part },
  { "second one passes", RULE_SECOND,
    { FIRST, { .content = V2, .etag = TWO, .cut = CUT + 1000 }, { .content = V2, .etag = TWO } },
    .ends = "truncated truncated finished", .kept = CUT, .resumed = CUT + 1000,
    .check = check_first_dropped },
  { "second one, and back to the first", RULE_SECOND,
    { FIRST, { .content = V2, .etag = TWO, .cut = CUT / 2 }, AGAIN },
    .ends = "truncated truncated finished", .kept = CUT, .resumed = -1 },
  { "third one", RULE_SECOND,
    { FIRST, { .content = V2, .etag = TWO, .cut = CUT / 2 },
      { .content = { 3, SIZE }, .etag = "\"three\"", .cut = CUT / 4 },
      { .content = { 3, SIZE }, .etag = "\"three\"" } },
    .ends = "truncated truncated truncated finished", .kept = CUT, .resumed = CUT / 4 },
  { "changed at each request", "§6; class `changed`: or it finishes, but never spliced",
    { FIRST, { .content = V2, .etag = TWO, .ranges = TEST_RANGES_FORCED },
      { .content = { 3, SIZE }, .etag = "\"three\"" } },
    .ends = "truncated finished", .kept = CUT },
};

static const TestAnswer whole = { .content = V1, .etag = ONE };

/* issue: “a folder that is missing, not writable, a file” */
static void
test_folder (gconstpointer data)
{
  const char *kind = data;
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  test_server_add (server, "/file.bin", test_answer, (gpointer) &whole);
  test_bed_set_url (bed, server, "/file.bin");
  test_bed_put (bed, "file", "mine");
  g_clear_pointer (&bed->plan->folder, g_free);
  bed->plan->folder = test_bed_get_path (bed, kind);
  if (g_str_equal (kind, "locked"))
    {
      g_assert_no_errno (g_mkdir (bed->plan->folder, 0500));
      test_bed_put (bed, "file", "mine");
      if (g_access (bed->plan->folder, W_OK) == 0)
        {
          g_test_skip ("nothing is locked to root");
          return;
        }
    }
  outcome = test_bed_run (bed);
  test_bed_assert_word (bed, outcome, "folder");
}

/* §3.4: “Nothing is created, cut, renamed or counted as durable before it has returned TRUE.” */
static void
test_store_fails (gconstpointer data)
{
  gboolean resumed = GPOINTER_TO_INT (data);
  guint fail_at = 1;
  gboolean failed;

  do
    {
      g_autoptr(TestServer) server = test_server_new (NULL);
      g_autoptr(TestBed) bed = test_bed_new ();
      g_autoptr(FerrydOutcome) first = NULL;
      g_autoptr(FerrydOutcome) second = NULL;
      TestAnswer answer = FIRST_CUT (.etag = ONE);

      test_server_add (server, "/file.bin", test_answer, &answer);
      test_bed_set_url (bed, server, "/file.bin");
      if (resumed)
        {
          g_autoptr(FerrydOutcome) zeroth = test_bed_run (bed);

          test_bed_assert_word (bed, zeroth, "truncated");
          (void) test_server_get_request (server, 0);
        }
      answer.cut = 0;

      /* The run ends at the n-th checkpoint; the next begins as after a crash there. */
      bed->keeps_acked_only = TRUE;
      bed->fail_at = fail_at;
      first = test_bed_run (bed);
      failed = first->error != NULL;
      if (failed)
        {
          test_bed_assert_word (bed, first, "store");
          bed->fail_at = 0;
          second = test_bed_run (bed);
        }
      test_bed_assert_file (bed, failed ? second : first, &answer.content);
      fail_at++;
    }
  while (failed);

  g_assert_cmpuint (fail_at, >, 2);
}

/*
 * §6: “no part, and the final name has that inode → finished (a crash in between makes no second
 * copy)”
 */
static void
test_crash_after_rename (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) first = NULL;
  g_autoptr(FerrydOutcome) second = NULL;

  test_server_add (server, "/file.bin", test_answer, (gpointer) &whole);
  test_bed_set_url (bed, server, "/file.bin");
  bed->keeps_acked_only = TRUE;
  first = test_bed_run (bed);
  test_bed_assert_file (bed, first, &whole.content);
  g_assert_cmpuint (bed->plan->kept->part.inode, !=, 0);
  second = test_bed_run (bed);
  test_bed_assert_word (bed, second, "finished");
  g_assert_cmpstr (second->kept->final_name, ==, "file.bin");
  g_assert_cmpuint (test_server_get_n_requests (server), ==, 1);
}

typedef struct
{
  TestBed *bed;       /* unowned */
  gint64   at;        /* bytes sent before the cancel */
  gboolean hang;      /* then send nothing more; else go on */
} Canceller;

static void
cancel_in_body (TestExchange *x,
                gpointer      data)
{
  static const TestContent content = V1;
  Canceller *canceller = data;

  if (x->has_range || canceller->at < 0)
    {
      test_answer (x, (gpointer) &whole);
      return;
    }

  test_answer_head (x, &whole);
  test_exchange_write (x, "\r\n", 2);
  test_exchange_send_content (x, &content, 0, canceller->at);
  g_cancellable_cancel (canceller->bed->cancellable);
  if (canceller->hang)
    test_exchange_stall (x);
  else
    test_exchange_send_content (x, &content, canceller->at, SIZE);
}

/* §4: “a file already published is *finished*”; else the bytes are kept, and true. */
static void
test_cancel_in_body (void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (test_get_seed ());

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr(TestServer) server = test_server_new (NULL);
      g_autoptr(TestBed) bed = test_bed_new ();
      g_autoptr(FerrydOutcome) first = NULL;
      g_autoptr(FerrydOutcome) second = NULL;
      Canceller canceller = { .bed = bed, .hang = i % 2 == 0 };

      canceller.at = g_rand_int_range (random, 0, SIZE);
      test_server_add (server, "/file.bin", cancel_in_body, &canceller);
      test_bed_set_url (bed, server, "/file.bin");
      first = test_bed_run (bed);
      if (canceller.hang)
        test_bed_assert_word (bed, first, "cancelled");
      if (first->error == NULL)
        {
          test_bed_assert_file (bed, first, &whole.content);
          continue;
        }
      test_bed_assert_word (bed, first, "cancelled");
      (void) test_server_get_request (server, 0);
      canceller.at = -1;
      second = test_bed_run (bed);
      test_bed_assert_file (bed, second, &whole.content);
    }
}

/* The same at each checkpoint in turn, and (0) before the start. */
static void
test_cancel_at_checkpoint (void)
{
  gboolean reached = TRUE;

  for (guint n = 0; reached; n++)
    {
      g_autoptr(TestServer) server = test_server_new (NULL);
      g_autoptr(TestBed) bed = test_bed_new ();
      g_autoptr(FerrydOutcome) first = NULL;
      g_autoptr(FerrydOutcome) second = NULL;

      test_server_add (server, "/file.bin", test_answer, (gpointer) &whole);
      test_bed_set_url (bed, server, "/file.bin");
      bed->cancel_at = n;
      if (n == 0)
        g_cancellable_cancel (bed->cancellable);
      first = test_bed_run (bed);
      reached = bed->n_checkpoints >= n;
      bed->cancel_at = 0;
      if (n == 0)
        g_assert_cmpuint (test_server_get_n_requests (server), ==, 0);
      if (first->error != NULL)
        {
          test_bed_assert_word (bed, first, "cancelled");
          second = test_bed_run (bed);
        }
      test_bed_assert_file (bed, second != NULL ? second : first, &whole.content);
    }
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  test_rows_add ("/disk/part", parts, G_N_ELEMENTS (parts));
  g_test_add_data_func ("/disk/folder/missing", "missing", test_folder);
  g_test_add_data_func ("/disk/folder/file", "file", test_folder);
  g_test_add_data_func ("/disk/folder/locked", "locked", test_folder);
  g_test_add_data_func ("/disk/store-fails/first", GINT_TO_POINTER (FALSE), test_store_fails);
  g_test_add_data_func ("/disk/store-fails/resumed", GINT_TO_POINTER (TRUE), test_store_fails);
  g_test_add_func ("/disk/crash-after-rename", test_crash_after_rename);
  g_test_add_func ("/disk/cancel/in-body", test_cancel_in_body);
  g_test_add_func ("/disk/cancel/at-checkpoint", test_cancel_at_checkpoint);
  return g_test_run ();
}
