/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which file is the part, and what becomes of one that cannot be opened or has its name already. */
#define G_LOG_DOMAIN "test-part"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "common/error.h"
#include "support/folder.h"
#include "transfer/download.h"
#include "versions.h"

/* Neither root nor the owner of anything. */
#define NOBODY 65534

#define PART "file.bin.part"

/* A file, cut at its first request, and what is left of it. */
typedef struct
{
  TestAnswer     answer;
  TestServer    *server;  /* owned */
  TestBed       *bed;     /* owned */
  FerrydOutcome *first;   /* owned */
} Room;

static void
room_init (Room *self)
{
  *self = (Room) { .answer = FIRST_CUT (.etag = ONE) };
  self->server = test_server_new (NULL);
  self->bed = test_bed_new ();
  test_server_add (self->server, "/file.bin", test_answer, &self->answer);
  test_bed_set_url (self->bed, self->server, "/file.bin");
  self->first = test_bed_run (self->bed);
  test_bed_assert_word (self->bed, self->first, "truncated");
  g_assert_cmpint (self->first->kept->part.offset, ==, CUT);
  g_assert_cmpstr (self->first->kept->part.name, ==, PART);
  (void) test_server_get_request (self->server, 0);  /* it is over: the answer may change */
  self->answer.cut = 0;
}

static void
room_clear (Room *self)
{
  g_clear_pointer (&self->first, ferryd_outcome_free);
  g_clear_pointer (&self->bed, test_bed_free);
  g_clear_pointer (&self->server, test_server_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Room, room_clear)

static void
assert_asked (Room       *room,
              const char *wanted)
{
  g_autofree char *asked = test_case_get_asked (room->server);

  g_assert_cmpstr (asked, ==, wanted);
}

/* The part is on disk as the first run has left it. */
static void
assert_part_untouched (Room *room)
{
  const TestContent content = { .seed = 1, .size = CUT };
  g_autofree char *path = test_bed_get_path (room->bed, PART);
  g_autofree char *here = NULL;
  g_autofree char *there = test_content_sha256 (&content);
  GStatBuf info;

  g_assert_no_errno (g_lstat (path, &info));
  g_assert_cmpuint (info.st_ino, ==, room->first->kept->part.inode);
  here = test_file_sha256 (path);
  g_assert_cmpstr (here, ==, there);
}

static void
assert_same_kept (const FerrydPart *a,
                  const FerrydPart *b)
{
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpuint (a->inode, ==, b->inode);
  g_assert_cmpint (a->born, ==, b->born);
  g_assert_cmpint (a->offset, ==, b->offset);
  g_assert_cmpint (a->total, ==, b->total);
  g_assert_cmpstr (a->etag, ==, b->etag);
}

static gboolean
can_open (const char *path,
          int         flags)
{
  int fd = open (path, flags | O_CLOEXEC);

  if (fd >= 0)
    g_assert_no_errno (close (fd));
  return fd >= 0;
}

/* This thread, and those that it makes, have the right to @path no more, though still to the
 * folder. Returns whether that is so. */
static gboolean
lock (TestBed    *bed,
      const char *path)
{
  g_assert_no_errno (g_chmod (path, 0));
  g_assert_no_errno (g_chmod (bed->folder, 0777));
  if (geteuid () == 0)
    setfsuid (NOBODY);  /* it cannot fail, and says nothing; what is opened next does */

  return !can_open (path, O_RDWR) && can_open (bed->folder, O_RDONLY | O_DIRECTORY);
}

static void
unlock (TestBed    *bed,
        const char *path)
{
  setfsuid (geteuid ());
  g_assert_no_errno (g_chmod (path, 0644));
  g_assert_no_errno (g_chmod (bed->folder, 0700));
}

/* §6: what cannot be opened today may be tomorrow; only what is not there is gone. */
static void
test_locked (void)
{
  g_auto(Room) room = { { NULL } };
  g_autofree char *path = NULL;
  g_autoptr(FerrydOutcome) second = NULL;
  g_autoptr(FerrydOutcome) third = NULL;
  gboolean locked;
  guint n_notes;

  room_init (&room);
  path = test_bed_get_path (room.bed, PART);
  n_notes = room.bed->notes->len;
  locked = lock (room.bed, path);
  if (locked)
    second = test_bed_run (room.bed);
  unlock (room.bed, path);
  if (!locked)
    {
      g_test_skip ("nothing can be locked here");
      return;
    }

  test_bed_assert_word (room.bed, second, "folder");
  g_assert_nonnull (strstr (second->error->message, PART));
  assert_asked (&room, "all");
  assert_part_untouched (&room);
  assert_same_kept (&second->kept->part, &room.first->kept->part);
  g_assert_cmpuint (room.bed->notes->len, ==, n_notes);

  third = test_bed_run (room.bed);
  test_bed_assert_file (room.bed, third, &room.answer.content);
  assert_asked (&room, "all; 200000- if " ONE);
  g_assert_cmpint (atomic_load (&room.bed->tally.resumed_at), ==, CUT);
}

/* A number that was used again: the file is another's, whatever is in it. */
static void
test_born_later (void)
{
  g_auto(Room) room = { { NULL } };
  g_autoptr(FerrydOutcome) second = NULL;
  FerrydPart *part;

  room_init (&room);
  part = &room.bed->plan->kept->part;
  if (part->born == 0)
    {
      g_test_skip ("this file system notes no birth");
      return;
    }

  test_folder_add (room.bed->before, PART, part->inode);
  part->born += 1;
  second = test_bed_run (room.bed);
  test_bed_assert_file (room.bed, second, &room.answer.content);
  assert_asked (&room, "all; all");
  assert_part_untouched (&room);
}

/* Neither is it deleted with the task. */
static void
test_born_later_discarded (void)
{
  g_auto(Room) room = { { NULL } };
  g_autoptr(FerrydKept) kept = NULL;
  g_autoptr(GError) error = NULL;

  room_init (&room);
  kept = ferryd_kept_copy (room.bed->plan->kept);
  if (kept->part.born == 0)
    {
      g_test_skip ("this file system notes no birth");
      return;
    }

  kept->part.born -= 1;
  g_assert_true (ferryd_download_discard (room.bed->plan, kept, &error));
  g_assert_no_error (error);
  assert_part_untouched (&room);
}

/* A row from a file system that notes no birth: the number must do. */
static void
test_born_unknown (void)
{
  g_auto(Room) room = { { NULL } };
  g_autoptr(FerrydOutcome) second = NULL;

  room_init (&room);
  room.bed->plan->kept->part.born = 0;
  second = test_bed_run (room.bed);
  test_bed_assert_file (room.bed, second, &room.answer.content);
  assert_asked (&room, "all; 200000- if " ONE);
  g_assert_cmpint (atomic_load (&room.bed->tally.resumed_at), ==, CUT);
}

/* Stopped between the rename and the row that says so, then cancelled: the user's file stays. */
static void
test_published_is_not_discarded (void)
{
  g_auto(Room) room = { { NULL } };
  g_autoptr(FerrydOutcome) second = NULL;
  g_autoptr(FerrydOutcome) third = NULL;
  g_autoptr(FerrydKept) kept = NULL;
  g_autoptr(GError) error = NULL;

  room_init (&room);
  room.bed->keeps_acked_only = TRUE;
  second = test_bed_run (room.bed);
  test_bed_assert_file (room.bed, second, &room.answer.content);

  kept = ferryd_kept_copy (room.bed->plan->kept);
  g_assert_cmpstr (kept->final_name, ==, "file.bin");
  g_assert_false (ferryd_download_discard (room.bed->plan, kept, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE);
  test_folder_assert_only (room.bed->folder, room.bed->before);

  third = test_bed_run (room.bed);
  test_bed_assert_word (room.bed, third, "finished");
  assert_asked (&room, "all; 200000- if " ONE);
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_func ("/part/locked", test_locked);
  g_test_add_func ("/part/born-later", test_born_later);
  g_test_add_func ("/part/born-later-discarded", test_born_later_discarded);
  g_test_add_func ("/part/born-unknown", test_born_unknown);
  g_test_add_func ("/part/published-is-not-discarded", test_published_is_not_discarded);
  return g_test_run ();
}
