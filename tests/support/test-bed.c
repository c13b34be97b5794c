/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-bed"

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/test-bed.h"
#include "transfer/download.h"
#include "transfer/syncer.h"

/* The name under which @kept knows the file, if it does. */
static gboolean
is_noted (const FerrydKept *kept,
          const char       *name,
          guint64           inode)
{
  const FerrydPart *parts[] = { &kept->part, &kept->spare };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (g_strcmp0 (parts[i]->name, name) == 0 &&
        (parts[i]->inode == 0 || parts[i]->inode == inode))
      return TRUE;

  return g_strcmp0 (kept->final_name, name) == 0 && kept->part.inode == inode;
}

static void
assert_all_noted (TestBed *self)
{
  g_autoptr(GHashTable) now = test_folder_read (self->folder);
  GHashTableIter iter;
  gpointer name;
  gpointer inode;

  g_hash_table_iter_init (&iter, now);
  while (g_hash_table_iter_next (&iter, &name, &inode))
    {
      gboolean known = g_strcmp0 (g_hash_table_lookup (self->before, name), inode) == 0;

      for (guint i = 0; i < self->notes->len && !known; i++)
        known = is_noted (g_ptr_array_index (self->notes, i), name,
                          g_ascii_strtoull (inode, NULL, 10));
      if (!known)
        g_error ("“%s” is in the folder, and no checkpoint has said so", (char *) name);
    }
}

/* A part that is there is not shorter than what was called durable. */
static void
assert_durable (TestBed          *self,
                const FerrydPart *part,
                const char       *final_name)
{
  const char *names[] = { part->name, final_name };

  if (part->inode == 0)
    {
      g_assert_cmpint (part->offset, ==, 0);
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = NULL;
      GStatBuf info;

      if (names[i] == NULL)
        continue;
      path = test_bed_get_path (self, names[i]);
      if (!self->is_meddled_with && g_lstat (path, &info) == 0 && S_ISREG (info.st_mode) &&
          info.st_ino == part->inode)
        g_assert_cmpint (info.st_size, >=, part->offset);
    }
}

static void
assert_sound (TestBed          *self,
              const FerrydKept *kept)
{
  assert_all_noted (self);
  assert_durable (self, &kept->part, kept->final_name);
  assert_durable (self, &kept->spare, NULL);
}

static void
take_name (TestBed    *self,
           const char *name)
{
  g_autofree char *path = test_bed_get_path (self, name);
  GStatBuf info;

  g_assert_true (g_file_set_contents (path, "another's", -1, NULL));
  g_assert_no_errno (g_lstat (path, &info));
  test_folder_add (self->before, name, info.st_ino);
}

static gboolean
checkpoint_cb (const FerrydPlan  *plan,
               const FerrydKept  *kept,
               GError           **error)
{
  TestBed *self = plan->user_data;
  gboolean granted = TRUE;

  g_mutex_lock (&self->lock);
  if (self->notes->len > 0)
    {
      const FerrydKept *last = g_ptr_array_index (self->notes, self->notes->len - 1);

      assert_durable (self, &last->part, last->final_name);
      assert_durable (self, &last->spare, NULL);
    }
  assert_sound (self, kept);

  self->n_checkpoints++;
  if (self->fail_at != 0 && self->n_checkpoints >= self->fail_at)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The test's store fails");
      granted = FALSE;
    }
  else
    {
      g_ptr_array_add (self->notes, ferryd_kept_copy (kept));
    }
  if (self->takes_name && kept->final_name != NULL)
    {
      take_name (self, kept->final_name);
      self->takes_name = FALSE;
    }
  if (self->n_checkpoints == self->cancel_at)
    g_cancellable_cancel (self->cancellable);
  g_mutex_unlock (&self->lock);
  return granted;
}

static void
written_cb (const FerrydPlan *plan)
{
  TestBed *self = plan->user_data;

  g_mutex_lock (&self->lock);
  g_assert_false (self->written);
  self->written = TRUE;
  self->n_written++;
  g_mutex_unlock (&self->lock);
}

static void
redirected_cb (const FerrydPlan *plan,
               guint             status,
               const char       *url)
{
  TestBed *self = plan->user_data;

  g_mutex_lock (&self->lock);
  g_string_append_printf (self->redirects, "%u %s\n", status, url);
  g_mutex_unlock (&self->lock);
}

TestBed *
test_bed_new (void)
{
  TestBed *self = g_new0 (TestBed, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->folder = test_folder_new ();
  self->before = test_folder_read (self->folder);
  self->notes = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_kept_free);
  self->cancellable = g_cancellable_new ();
  self->patience = TEST_DEADLINE;
  self->syncer = ferryd_syncer_new ();
  self->redirects = g_string_new (NULL);

  self->plan = ferryd_plan_new ();
  self->plan->syncer = ferryd_syncer_ref (self->syncer);
  self->plan->folder = g_strdup (self->folder);
  if (self->plan->kept == NULL)
    self->plan->kept = ferryd_kept_new ();
  self->plan->checkpoint = checkpoint_cb;
  self->plan->written = written_cb;
  self->plan->redirected = redirected_cb;
  self->plan->user_data = self;
  return self;
}

void
test_bed_free (TestBed *self)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (self->thread);
  if (!self->is_published && g_strcmp0 (self->folder, self->plan->folder) == 0)
    {
      (void) ferryd_download_discard (self->plan, self->plan->kept, &error);
      g_assert_no_error (error);
    }
  test_folder_assert_only (self->folder, self->before);

  ferryd_plan_free (self->plan);
  g_clear_pointer (&self->http, ferryd_http_unref);
  ferryd_syncer_unref (self->syncer);
  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->notes);
  g_hash_table_unref (self->before);
  g_string_free (self->redirects, TRUE);
  test_folder_remove (self->folder);
  g_free (self->folder);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

void
test_bed_set_url (TestBed    *self,
                  TestServer *server,
                  const char *path)
{
  g_clear_pointer (&self->plan->url, g_free);
  self->plan->url = test_server_get_url (server, path);
}

void
test_bed_put (TestBed    *self,
              const char *name,
              const char *text)
{
  g_autofree char *path = test_bed_get_path (self, name);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_clear_pointer (&self->before, g_hash_table_unref);
  self->before = test_folder_read (self->folder);
}

char *
test_bed_list (TestBed *self)
{
  g_autoptr(GHashTable) files = test_folder_read (self->folder);
  g_autoptr(GList) names = g_list_sort (g_hash_table_get_keys (files), (GCompareFunc) strcmp);
  g_autoptr(GString) list = g_string_new (NULL);

  for (GList *link = names; link != NULL; link = link->next)
    g_string_append_printf (list, "%s%s", link != names ? " | " : "", (char *) link->data);
  return g_strdup (list->str);
}

char *
test_bed_get_path (TestBed    *self,
                   const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

void
test_bed_note (TestBed *self)
{
  g_ptr_array_add (self->notes, ferryd_kept_copy (self->plan->kept));
}

static gpointer
run_in_thread (gpointer data)
{
  TestBed *self = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  FerrydOutcome *outcome;

  g_main_context_push_thread_default (context);
  outcome = ferryd_download_run (self->plan, &self->tally, self->cancellable);
  g_main_context_pop_thread_default (context);

  g_mutex_lock (&self->lock);
  self->outcome = outcome;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return NULL;
}

void
test_bed_start (TestBed *self)
{
  g_assert_null (self->thread);
  if (self->http == NULL)
    {
      self->http = ferryd_http_new (&self->settings);
      self->plan->http = ferryd_http_ref (self->http);
    }

  self->n_checkpoints = 0;
  self->written = FALSE;
  ferryd_tally_init (&self->tally, self->plan->kept->part.offset, self->plan->kept->part.total);
  self->thread = g_thread_new ("run", run_in_thread, self);
}

/* That a part is gone need not be noted: it is enough that it is. */
static void
assert_same_part (TestBed          *self,
                  const FerrydPart *kept,
                  const FerrydPart *noted)
{
  if (kept->name == NULL && noted->name != NULL)
    {
      g_autofree char *path = test_bed_get_path (self, noted->name);
      GStatBuf info;

      g_assert_false (g_lstat (path, &info) == 0 && info.st_ino == noted->inode);
      return;
    }

  g_assert_cmpstr (kept->name, ==, noted->name);
  g_assert_cmpuint (kept->inode, ==, noted->inode);
  g_assert_cmpint (kept->offset, ==, noted->offset);
}

/* A run that has ended well leaves a file of that name; any other one, what it says is kept. */
static void
assert_outcome_sound (TestBed             *self,
                      const FerrydOutcome *outcome)
{
  const FerrydKept *kept = outcome->kept;
  const FerrydKept *last;

  g_assert_nonnull (kept);
  assert_sound (self, kept);
  g_assert_nonnull (outcome->metrics);
  g_assert_true (g_variant_is_of_type (outcome->metrics, G_VARIANT_TYPE ("aa{sv}")));
  if (outcome->error != NULL)
    g_assert_cmpuint (outcome->error->domain, ==, FERRYD_TRANSFER_ERROR);

  if (self->notes->len == 0 || (self->fail_at != 0 && self->n_checkpoints >= self->fail_at))
    return;

  /* “What is on disk now, already in the store” (outcome.h). */
  last = g_ptr_array_index (self->notes, self->notes->len - 1);
  g_assert_cmpstr (kept->final_name, ==, last->final_name);
  assert_same_part (self, &kept->part, &last->part);
  assert_same_part (self, &kept->spare, &last->spare);
}

FerrydOutcome *
test_bed_wait (TestBed *self)
{
  gint64 deadline = g_get_monotonic_time () + self->patience;
  FerrydOutcome *outcome;

  g_mutex_lock (&self->lock);
  while (self->outcome == NULL)
    if (!g_cond_wait_until (&self->changed, &self->lock, deadline))
      g_error ("%s: a run does not end", g_test_get_path ());
  outcome = g_steal_pointer (&self->outcome);
  g_mutex_unlock (&self->lock);
  g_thread_join (g_steal_pointer (&self->thread));

  g_test_message ("run: %s%s%s", test_outcome_get_word (outcome),
                  outcome->error != NULL ? ": " : "",
                  outcome->error != NULL ? outcome->error->message : "");
  assert_outcome_sound (self, outcome);
  ferryd_kept_free (self->plan->kept);
  if (self->keeps_acked_only && self->notes->len > 0)
    self->plan->kept = ferryd_kept_copy (self->notes->pdata[self->notes->len - 1]);
  else
    self->plan->kept = ferryd_kept_copy (outcome->kept);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  return outcome;
}

FerrydOutcome *
test_bed_run (TestBed *self)
{
  test_bed_start (self);
  return test_bed_wait (self);
}

FerrydOutcome *
test_bed_run_to_the_end (TestBed *self,
                         guint    times)
{
  FerrydOutcome *outcome = test_bed_run (self);

  while (outcome->error != NULL && --times > 0)
    {
      ferryd_outcome_free (outcome);
      outcome = test_bed_run (self);
    }
  return outcome;
}

const char *
test_outcome_get_word (const FerrydOutcome *outcome)
{
  return outcome->error != NULL
         ? ferryd_transfer_error_get_nick (outcome->error->code) : "finished";
}

char *
test_outcome_get_basis (const FerrydOutcome *outcome)
{
  char *basis = NULL;
  GVariantIter iter;
  GVariant *exchange;

  g_variant_iter_init (&iter, outcome->metrics);
  while (g_variant_iter_loop (&iter, "@a{sv}", &exchange))
    {
      char *found;

      if (g_variant_lookup (exchange, "resume-basis", "s", &found))
        {
          g_clear_pointer (&basis, g_free);
          basis = found;
        }
    }
  return basis;
}

void
test_bed_assert_word (TestBed             *self,
                      const FerrydOutcome *outcome,
                      const char          *word)
{
  if (g_strcmp0 (test_outcome_get_word (outcome), word) != 0)
    g_error ("%s: expected “%s”, came “%s” (%s)", g_test_get_path (), word,
             test_outcome_get_word (outcome),
             outcome->error != NULL ? outcome->error->message : "no error");
}

/* Finished; the name is in the folder, and nothing else that was not there before. */
static char *
assert_published (TestBed             *self,
                  const FerrydOutcome *outcome)
{
  const char *name = outcome->kept->final_name;
  g_autoptr(GHashTable) allowed = NULL;
  GStatBuf info;
  char *path;

  test_bed_assert_word (self, outcome, "finished");
  g_assert_nonnull (name);
  path = test_bed_get_path (self, name);
  g_assert_no_errno (g_lstat (path, &info));
  g_assert_true (S_ISREG (info.st_mode));
  g_assert_cmpint (info.st_mode & 0111, ==, 0);  /* design.md §6: “never executable” */
  g_assert_cmpint (atomic_load (&self->tally.received), ==, info.st_size);

  allowed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  test_folder_add_all (allowed, self->before);
  test_folder_add (allowed, name, info.st_ino);
  test_folder_assert_only (self->folder, allowed);

  /* From now on it belongs to the user. */
  self->is_published = TRUE;
  g_clear_pointer (&self->before, g_hash_table_unref);
  self->before = g_steal_pointer (&allowed);
  return path;
}

void
test_bed_assert_file (TestBed             *self,
                      const FerrydOutcome *outcome,
                      const TestContent   *content)
{
  g_autofree char *path = assert_published (self, outcome);
  g_autofree char *here = NULL;
  g_autofree char *there = NULL;
  GStatBuf info;

  g_assert_no_errno (g_stat (path, &info));
  g_assert_cmpint (info.st_size, ==, content->size);
  here = test_file_sha256 (path);
  there = test_content_sha256 (content);
  g_assert_cmpstr (here, ==, there);
}

void
test_bed_assert_bytes (TestBed             *self,
                       const FerrydOutcome *outcome,
                       const char          *bytes,
                       gsize                n)
{
  g_autofree char *path = assert_published (self, outcome);
  g_autofree char *here = NULL;
  gsize length;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &here, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (here, length, bytes, n);
}
