/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-jobs.h"

static void
job_free (FakeJob *job)
{
  g_free (job->host);
  g_clear_pointer (&job->orders.session_secrets, g_variant_unref);
  g_clear_pointer (&job->orders.task_secrets, g_variant_unref);
  g_free (job);
}

GHashTable *
fake_jobs_new (void)
{
  return g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) job_free);
}

void
fake_job_set_url (FakeJob    *job,
                  const char *url)
{
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);

  g_assert_nonnull (uri);
  g_clear_pointer (&job->host, g_free);
  job->host = g_strdup (g_uri_get_host (uri));
}

void
fake_jobs_start (GHashTable          *jobs,
                 const FerrydTaskRow *task,
                 const FerrydOrders  *orders)
{
  FakeJob *job = g_new0 (FakeJob, 1);

  g_assert_null (fake_jobs_find (jobs, task->id));
  job->task_id = task->id;
  job->orders = *orders;
  if (orders->session_secrets != NULL)
    g_variant_ref (orders->session_secrets);
  if (orders->task_secrets != NULL)
    g_variant_ref (orders->task_secrets);
  fake_job_set_url (job, task->kept->current_url != NULL ? task->kept->current_url : task->url);
  ferryd_tally_init (&job->tally, task->kept->part.offset, task->kept->part.total);
  g_hash_table_insert (jobs, &job->task_id, job);
}

FakeJob *
fake_jobs_find (GHashTable *jobs,
                gint64      task_id)
{
  return g_hash_table_lookup (jobs, &task_id);
}

FakeJob *
fake_jobs_get (GHashTable *jobs,
               gint64      task_id)
{
  FakeJob *job = fake_jobs_find (jobs, task_id);

  g_assert_nonnull (job);
  return job;
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  const gint64 *left = a;
  const gint64 *right = b;

  return (*left > *right) - (*left < *right);
}

GArray *
fake_jobs_list (GHashTable *jobs)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, jobs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_array_append_val (ids, ((FakeJob *) value)->task_id);

  g_array_sort (ids, compare_ids);
  return ids;
}

guint
fake_jobs_count_slots (GHashTable *jobs,
                       const char *host)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, jobs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const FakeJob *job = value;

      if (!job->is_written && (host == NULL || g_str_equal (job->host, host)))
        n++;
    }

  return n;
}
