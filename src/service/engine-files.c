/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-engine"

#include "config.h"

#include "engine-private.h"
#include "transfer/download.h"
#include "transfer/move.h"
#include "transfer/probe.h"
#include "transfer/result.h"

/* Probes at once; each takes a thread of the pool that GTasks share. */
#define MAX_PROBES 8

/* What a thread is to do with files of a task that has no job. */
typedef struct
{
  FerrydClient  client;  /* its store is owned; NULL unless it is asked */
  FerrydPlan   *plan;    /* owned; url, folder and what is kept */
  char         *folder;  /* owned; the other one. NULL: there is none */
} Errand;

static void
errand_free (Errand *errand)
{
  g_clear_pointer (&errand->plan, ferryd_plan_free);
  g_clear_object (&errand->client.store);
  g_free (errand->folder);
  g_free (errand);
}

static Errand *
new_errand (FerrydEngine        *self,
            const FerrydTaskRow *row)
{
  Errand *errand = g_new0 (Errand, 1);

  errand->plan = ferryd_engine_plan_files (self, row);
  errand->plan->user_data = &errand->client;
  errand->client.engine = self;
  errand->client.store = FERRYD_STORE (g_object_ref (self->database));
  errand->client.task_id = row->id;
  return errand;
}

/* @errand: (transfer full) */
static void
run_errand (FerrydRunner        *runner,
            Errand              *errand,
            GTaskThreadFunc      function,
            GAsyncReadyCallback  callback,
            gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (runner, NULL, callback, user_data);

  g_task_set_source_tag (task, (gpointer) (guintptr) function);
  g_task_set_task_data (task, errand, (GDestroyNotify) errand_free);
  g_task_run_in_thread (task, function);
}

static gboolean
finish_boolean (FerrydRunner  *runner,
                GAsyncResult  *result,
                GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* No is no. */
static gboolean
finish_look (FerrydRunner *runner,
             GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
return_success (GTask  *task,
                GError *error)
{
  ferryd_transfer_error_make_public (&error);
  if (error == NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
discard_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  Errand *errand = task_data;
  g_autoptr(FerrydKept) kept = ferryd_kept_copy (errand->plan->kept);
  GError *error = NULL;

  if (kept->part.name != NULL || kept->spare.name != NULL)
    (void) ferryd_download_discard (errand->plan, kept, &error);  /* the error tells */
  return_success (task, error);
}

static void
ferryd_engine_discard_async (FerrydRunner        *runner,
                             const FerrydTaskRow *row,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  run_errand (runner, new_errand (FERRYD_ENGINE (runner), row), discard_thread, callback,
              user_data);
}

static void
delete_thread (GTask        *task,
               gpointer      source_object,
               gpointer      task_data,
               GCancellable *cancellable)
{
  Errand *errand = task_data;
  GError *error = NULL;

  /* the error tells */
  (void) ferryd_result_delete (errand->plan->folder, errand->plan->kept, &error);
  return_success (task, error);
}

static void
ferryd_engine_delete_result_async (FerrydRunner        *runner,
                                   const FerrydTaskRow *row,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  run_errand (runner, new_errand (FERRYD_ENGINE (runner), row), delete_thread, callback,
              user_data);
}

static void
open_thread (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  Errand *errand = task_data;
  GError *error = NULL;
  int fd = ferryd_result_open (errand->plan->folder, errand->plan->kept, &error);

  if (fd >= 0)
    g_task_return_int (task, fd);
  else
    g_task_return_error (task, error);
}

static void
ferryd_engine_open_result_async (FerrydRunner        *runner,
                                 const FerrydTaskRow *row,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  run_errand (runner, new_errand (FERRYD_ENGINE (runner), row), open_thread, callback, user_data);
}

static int
ferryd_engine_open_result_finish (FerrydRunner  *runner,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}

static void
move_thread (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  Errand *errand = task_data;
  GError *error = NULL;
  FerrydKept *kept = ferryd_move_kept (errand->plan, errand->folder, &error);

  if (kept != NULL)
    g_task_return_pointer (task, kept, (GDestroyNotify) ferryd_kept_free);
  else
    g_task_return_error (task, error);
}

static void
ferryd_engine_move_async (FerrydRunner        *runner,
                          const FerrydTaskRow *row,
                          const char          *folder,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  Errand *errand = new_errand (FERRYD_ENGINE (runner), row);

  errand->folder = g_strdup (folder);
  run_errand (runner, errand, move_thread, callback, user_data);
}

static FerrydKept *
ferryd_engine_move_finish (FerrydRunner  *runner,
                           GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
forget_thread (GTask        *task,
               gpointer      source_object,
               gpointer      task_data,
               GCancellable *cancellable)
{
  Errand *errand = task_data;

  g_task_return_boolean (task, ferryd_move_forget (errand->plan->kept));
}

static void
ferryd_engine_forget_async (FerrydRunner        *runner,
                            const FerrydTaskRow *row,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (row->kept->other_folder != NULL);

  run_errand (runner, new_errand (FERRYD_ENGINE (runner), row), forget_thread, callback,
              user_data);
}

static void
look_for_room_thread (GTask        *task,
                      gpointer      source_object,
                      gpointer      task_data,
                      GCancellable *cancellable)
{
  Errand *errand = task_data;

  g_task_return_boolean (task, ferryd_download_has_room (errand->plan));
}

static void
ferryd_engine_has_room_async (FerrydRunner        *runner,
                              const FerrydTaskRow *row,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  run_errand (runner, new_errand (FERRYD_ENGINE (runner), row), look_for_room_thread, callback,
              user_data);
}

static void
probed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  FerrydEngine *self = g_task_get_source_object (task);
  GError *error = NULL;
  GVariant *answer = ferryd_probe_finish (result, &error);

  self->n_probes--;
  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, error);
}

static void
ferryd_engine_probe_async (FerrydRunner        *runner,
                           const char          *url,
                           GVariant            *options,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  FerrydEngine *self = FERRYD_ENGINE (runner);
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  FerrydConfiguration configuration;
  GError *error = NULL;

  g_task_set_source_tag (task, (gpointer) (guintptr) ferryd_engine_probe_async);
  if (self->n_probes >= MAX_PROBES)
    {
      g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_LIMIT,
                               "%d probes are under way already", MAX_PROBES);
      return;
    }
  if (!ferryd_configuration_read (options, &configuration, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  self->n_probes++;
  ferryd_probe_async (ferryd_engine_plan_probe (self, &configuration, url, options), probed_cb,
                      g_object_ref (task));
}

static GVariant *
ferryd_engine_probe_finish (FerrydRunner  *runner,
                            GAsyncResult  *result,
                            GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ferryd_engine_files_init (FerrydRunnerInterface *iface)
{
  iface->discard_async = ferryd_engine_discard_async;
  iface->discard_finish = finish_boolean;
  iface->delete_result_async = ferryd_engine_delete_result_async;
  iface->delete_result_finish = finish_boolean;
  iface->open_result_async = ferryd_engine_open_result_async;
  iface->open_result_finish = ferryd_engine_open_result_finish;
  iface->move_async = ferryd_engine_move_async;
  iface->move_finish = ferryd_engine_move_finish;
  iface->forget_async = ferryd_engine_forget_async;
  iface->forget_finish = finish_look;
  iface->has_room_async = ferryd_engine_has_room_async;
  iface->has_room_finish = finish_look;
  iface->probe_async = ferryd_engine_probe_async;
  iface->probe_finish = ferryd_engine_probe_finish;
}
