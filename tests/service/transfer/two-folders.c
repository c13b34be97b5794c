/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "support/folder.h"
#include "two-folders.h"

static const TestContent v1 = V1;

void
folders_clear (Folders *self)
{
  test_folder_remove (self->from);
  test_folder_remove (self->to);
  g_clear_pointer (&self->from, g_free);
  g_clear_pointer (&self->to, g_free);
  g_clear_pointer (&self->plan, ferryd_plan_free);
  g_clear_pointer (&self->noted, ferryd_kept_free);
}

guint64
get_inode (const char *folder,
           const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  GStatBuf info;

  g_assert_no_errno (g_lstat (path, &info));
  return info.st_ino;
}

void
put_part (const char        *folder,
          const char        *name,
          const TestContent *content,
          gint64             size,
          FerrydPart        *part)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  test_content_write (content, path, size);
  part->name = g_strdup (name);
  part->inode = get_inode (folder, name);
  part->offset = size;
  part->total = content->size;
  part->etag = g_strdup (ONE);
}

/* Whatever is about to be in the other folder is not there yet. */
static void
assert_is_first (Folders          *self,
                 const FerrydPart *part,
                 const FerrydPart *before)
{
  g_autofree char *path = NULL;

  if (part->name == NULL || g_strcmp0 (part->name, before->name) == 0)
    return;

  path = g_build_filename (self->to, part->name, NULL);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (part->inode, !=, 0);
}

static gboolean
checkpoint_cb (const FerrydPlan  *plan,
               const FerrydKept  *kept,
               GError           **error)
{
  Folders *self = plan->user_data;
  FerrydKept nothing = { .other = { NULL } };
  const FerrydKept *before = self->noted != NULL ? self->noted : &nothing;

  g_assert_cmpstr (kept->part.name, ==, self->kept->part.name);
  g_assert_cmpuint (kept->part.inode, ==, self->kept->part.inode);
  g_assert_cmpstr (kept->final_name, ==, self->kept->final_name);
  g_assert_cmpstr (kept->other_folder, ==, self->to);
  assert_is_first (self, &kept->other, &before->other);
  assert_is_first (self, &kept->other_spare, &before->other_spare);
  if (++self->n_notes == self->fail_at)
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_STORE, "The test's store fails");
      return FALSE;
    }

  g_clear_pointer (&self->noted, ferryd_kept_free);
  self->noted = ferryd_kept_copy (kept);
  return TRUE;
}

void
folders_init (Folders *self)
{
  self->from = test_folder_new ();
  self->to = test_folder_new ();
  self->plan = ferryd_plan_new ();
  self->plan->folder = g_strdup (self->from);
  self->plan->checkpoint = checkpoint_cb;
  self->plan->user_data = self;
  self->kept = self->plan->kept;
  self->kept->file_name = g_strdup ("file.bin");
}

void
put_result (Folders *self)
{
  put_part (self->from, "file.bin", &v1, v1.size, &self->kept->part);
  g_clear_pointer (&self->kept->part.name, g_free);
  self->kept->part.name = g_strdup ("file.bin.part");
  self->kept->final_name = g_strdup ("file.bin");
}

/* So that the one before cannot give its inode to what takes its name. */
static void
put_away (Folders    *self,
          const char *name)
{
  g_autofree char *path = g_build_filename (self->from, name, NULL);
  g_autofree char *away = g_build_filename (self->from, "away", NULL);

  g_assert_no_errno (g_rename (path, away));
}

static void
put_foreign (Folders    *self,
             const char *name)
{
  g_autofree char *path = g_build_filename (self->from, name, NULL);

  put_away (self, name);
  g_assert_true (g_file_set_contents (path, "another's", -1, NULL));
}

static void
put_link (Folders    *self,
          const char *name)
{
  g_autofree char *path = g_build_filename (self->from, name, NULL);

  put_away (self, name);
  g_assert_no_errno (symlink ("away", path));
}

static void
put_pipe (Folders    *self,
          const char *name)
{
  g_autofree char *path = g_build_filename (self->from, name, NULL);

  put_away (self, name);
  g_assert_no_errno (mkfifo (path, 0600));
}

static void
remove_folder (Folders    *self,
               const char *name)
{
  test_folder_remove (self->from);
}

/* runner.h: “the finished file of @task …, if it is still that file” */
static const MeddleRow meddles[] = {
  { "away", put_away, FALSE },
  { "another's", put_foreign, TRUE },
  { "a link to it", put_link, TRUE },
  { "a pipe", put_pipe, TRUE },
  { "folder gone", remove_folder, FALSE },
};

void
folders_add_meddles (const char    *prefix,
                     GTestDataFunc  function)
{
  for (guint i = 0; i < G_N_ELEMENTS (meddles); i++)
    {
      g_autofree char *path = g_strconcat (prefix, meddles[i].name, NULL);

      g_test_add_data_func (g_strdelimit (path, " ", '-'), &meddles[i], function);
    }
}
