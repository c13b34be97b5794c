/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "manager-bed.h"

static void
on_session_added_cb (FerrydManager *manager,
                     FerrydSession *session,
                     ManagerBed    *bed)
{
  g_string_append_printf (bed->log, "+s%" G_GINT64_FORMAT ";", ferryd_session_get_id (session));
}

static void
on_session_removed_cb (FerrydManager *manager,
                       FerrydSession *session,
                       ManagerBed    *bed)
{
  g_string_append_printf (bed->log, "-s%" G_GINT64_FORMAT ";", ferryd_session_get_id (session));
}

static void
on_task_added_cb (FerrydManager *manager,
                  FerrydTask    *task,
                  ManagerBed    *bed)
{
  g_string_append_printf (bed->log, "+t%" G_GINT64_FORMAT ";", ferryd_task_get_id (task));
}

static void
on_task_removed_cb (FerrydManager *manager,
                    FerrydTask    *task,
                    ManagerBed    *bed)
{
  g_string_append_printf (bed->log, "-t%" G_GINT64_FORMAT ";", ferryd_task_get_id (task));
}

/* An event is on disk before it is told, and its session has it. */
static void
check_event (ManagerBed        *bed,
             FerrydSession     *session,
             const FerrydEvent *event)
{
  GPtrArray *saved = fake_store_get_events (bed->store);
  GPtrArray *pending = ferryd_session_get_events (session);
  const FerrydEvent *last_saved = saved->pdata[saved->len - 1];
  const FerrydEvent *last_pending = pending->pdata[pending->len - 1];

  g_assert_cmpint (event->serial, >, 0);
  g_assert_cmpint (event->serial, <=, last_saved->serial);
  g_assert_cmpint (event->serial, ==, last_pending->serial);
  g_assert_cmpint (event->session_id, ==, ferryd_session_get_id (session));
}

static void
on_session_event_cb (FerrydManager     *manager,
                     FerrydSession     *session,
                     const FerrydEvent *event,
                     ManagerBed        *bed)
{
  check_event (bed, session, event);
  g_assert_cmpint (event->task_id, ==, 0);
  g_string_append_printf (bed->log, "s%" G_GINT64_FORMAT ":%s#%" G_GINT64_FORMAT ";",
                          event->session_id, event->kind, event->serial);
}

static void
on_task_event_cb (FerrydManager     *manager,
                  FerrydTask        *task,
                  const FerrydEvent *event,
                  ManagerBed        *bed)
{
  check_event (bed, ferryd_task_get_session (task), event);
  g_assert_cmpint (event->task_id, ==, ferryd_task_get_id (task));
  g_string_append_printf (bed->log, "t%" G_GINT64_FORMAT ":%s#%" G_GINT64_FORMAT ";",
                          event->task_id, event->kind, event->serial);
}

/* Where there is an engine, the store knows before the manager. */
static void
on_noted_cb (FerrydRunner     *runner,
             gint64            task_id,
             const FerrydKept *kept,
             FerrydStore      *store)
{
  (void) ferryd_store_checkpoint (store, task_id, kept, NULL);  /* the row may be gone */
}

static void
init_manager (ManagerBed *bed)
{
  bed->runner = fake_runner_new ();
  g_signal_connect (bed->runner, "noted", G_CALLBACK (on_noted_cb), bed->store);
  bed->manager = ferryd_manager_new (FERRYD_STORE (bed->store), FERRYD_RUNNER (bed->runner));
  g_signal_connect (bed->manager, "session-added", G_CALLBACK (on_session_added_cb), bed);
  g_signal_connect (bed->manager, "session-removed", G_CALLBACK (on_session_removed_cb), bed);
  g_signal_connect (bed->manager, "session-event", G_CALLBACK (on_session_event_cb), bed);
  g_signal_connect (bed->manager, "task-added", G_CALLBACK (on_task_added_cb), bed);
  g_signal_connect (bed->manager, "task-removed", G_CALLBACK (on_task_removed_cb), bed);
  g_signal_connect (bed->manager, "task-event", G_CALLBACK (on_task_event_cb), bed);
}

void
manager_bed_init_with (ManagerBed *bed,
                       const char *configuration)
{
  FerrydSessionRow *row = make_session_row ("org.example.App", "stored");

  if (configuration != NULL)
    {
      g_clear_pointer (&row->configuration, g_variant_unref);
      row->configuration = g_variant_ref_sink (g_variant_new_parsed (configuration));
    }

  *bed = (ManagerBed) { .store = fake_store_new () };
  bed->log = g_string_new (NULL);
  bed->session = fake_store_take_session (bed->store, row);
  init_manager (bed);
}

void
manager_bed_init (ManagerBed *bed)
{
  manager_bed_init_with (bed, NULL);
}

static void
on_gone_cb (gpointer  user_data,
            GObject  *object)
{
  guint *n_left = user_data;

  (*n_left)--;
}

static void
watch (gpointer  object,
       guint    *n_left)
{
  (*n_left)++;
  g_object_weak_ref (object, on_gone_cb, n_left);
}

/* Proves that nothing of it is left. */
static void
clear_manager (ManagerBed *bed)
{
  GPtrArray *tasks;
  guint n_left = 0;

  settle ();
  tasks = ferryd_manager_get_tasks (bed->manager);
  for (guint i = 0; i < tasks->len; i++)
    watch (tasks->pdata[i], &n_left);
  for (guint id = 1; id <= fake_store_get_n_sessions (bed->store); id++)
    {
      FerrydSession *session = ferryd_manager_get_session (bed->manager, id);

      if (session != NULL)
        watch (session, &n_left);
    }

  g_assert_true (is_last (g_steal_pointer (&bed->manager)));
  g_assert_cmpuint (n_left, ==, 0);
  g_assert_true (is_last (g_steal_pointer (&bed->runner)));
}

void
manager_bed_clear (ManagerBed *bed)
{
  if (bed->store == NULL)
    return;

  clear_manager (bed);
  g_assert_true (is_last (g_steal_pointer (&bed->store)));
  g_string_free (g_steal_pointer (&bed->log), TRUE);
}

void
manager_bed_restart (ManagerBed *bed)
{
  clear_manager (bed);
  init_manager (bed);
}

gint64
manager_bed_store_row (ManagerBed    *bed,
                       FerrydTaskRow *row)
{
  row->session_id = bed->session;
  return fake_store_take_task (bed->store, row);
}

gint64
manager_bed_store (ManagerBed      *bed,
                   const char      *url,
                   FerryTaskState   state,
                   FerryWaitReason  reason)
{
  return fake_store_take_task (bed->store, make_task_row (bed->session, url, state, reason));
}

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  gboolean *is_done = user_data;
  g_autoptr(GError) error = NULL;

  *is_done = ferryd_manager_load_finish (FERRYD_MANAGER (object), result, &error);
  g_assert_no_error (error);
}

void
manager_bed_load (ManagerBed *bed)
{
  gboolean is_done = FALSE;

  ferryd_manager_load_async (bed->manager, loaded_cb, &is_done);
  fake_store_answer (bed->store);
  settle ();
  g_assert_true (is_done);
}

static void
tasks_added_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) tasks = ferryd_manager_add_tasks_finish (FERRYD_MANAGER (object), result,
                                                                &error);

  g_assert_no_error (error);
  g_assert_cmpuint (tasks->len, ==, 1);
  g_assert_true (FERRYD_IS_TASK (tasks->pdata[0]));
}

void
manager_bed_add (ManagerBed     *bed,
                 const char     *url,
                 FerryTaskState  state)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);

  g_ptr_array_add (rows, make_task_row (0, url, state, FERRY_WAIT_REASON_QUEUE));
  ferryd_manager_add_tasks_async (bed->manager, manager_bed_get_session (bed), rows, NULL,
                                  tasks_added_cb, NULL);
}

FerrydSession *
manager_bed_get_session (ManagerBed *bed)
{
  return ferryd_manager_get_session (bed->manager, bed->session);
}

FerrydTask *
manager_bed_get (ManagerBed *bed,
                 gint64      task_id)
{
  FerrydTask *task = ferryd_manager_get_task (bed->manager, task_id);

  g_assert_nonnull (task);
  g_assert_cmpint (ferryd_task_get_id (task), ==, task_id);
  return task;
}

FerryTaskState
manager_bed_get_state (ManagerBed *bed,
                       gint64      task_id)
{
  return ferryd_task_get_state (manager_bed_get (bed, task_id));
}

static void
wish_answered_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  Answer *answer = user_data;

  g_assert_false (answer->has_come);
  answer->has_come = TRUE;
  (void) ferryd_task_wish_finish (FERRYD_TASK (object), result, &answer->error);  /* it says */
}

void
manager_bed_wish (ManagerBed *bed,
                  gint64      task_id,
                  FerrydWish  wish,
                  Answer     *answer)
{
  ferryd_task_wish_async (manager_bed_get (bed, task_id), wish, wish_answered_cb, answer);
}

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Opened *opened = user_data;

  g_assert_false (opened->has_come);
  opened->has_come = TRUE;
  opened->session = ferryd_manager_open_session_finish (FERRYD_MANAGER (object), result,
                                                        &opened->created, &opened->error);
  g_assert_true ((opened->session == NULL) == (opened->error != NULL));
}

void
manager_bed_open (ManagerBed *bed,
                  const char *app_id,
                  const char *identifier,
                  const char *secrets,
                  Opened     *opened)
{
  g_autoptr(GVariant) given = secrets != NULL ? g_variant_ref_sink (g_variant_new_parsed (secrets))
                                              : NULL;

  *opened = (Opened) { FALSE };
  ferryd_manager_open_session_async (bed->manager, app_id, identifier,
                                     g_variant_new ("a{sv}", NULL), given, opened_cb, opened);
}

static void
invalidated_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  Answer *answer = user_data;

  g_assert_false (answer->has_come);
  answer->has_come = TRUE;
  g_assert_cmpint (ferryd_manager_invalidate_finish (FERRYD_MANAGER (object), result,
                                                     &answer->error), ==, answer->error == NULL);
}

void
manager_bed_invalidate (ManagerBed *bed,
                        gint64      session,
                        gboolean    cancel,
                        Answer     *answer)
{
  *answer = (Answer) { FALSE };
  ferryd_manager_invalidate_async (bed->manager, ferryd_manager_get_session (bed->manager, session),
                                   cancel, invalidated_cb, answer);
}

static void
acknowledged_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  Answer *answer = user_data;

  g_assert_false (answer->has_come);
  answer->has_come = TRUE;
  g_assert_cmpint (ferryd_manager_acknowledge_finish (FERRYD_MANAGER (object), result,
                                                      &answer->error), ==, answer->error == NULL);
}

void
manager_bed_acknowledge (ManagerBed *bed,
                         gint64      session,
                         gint64      serial,
                         Answer     *answer)
{
  *answer = (Answer) { FALSE };
  ferryd_manager_acknowledge_async (bed->manager,
                                    ferryd_manager_get_session (bed->manager, session), serial,
                                    acknowledged_cb, answer);
}

char *
manager_bed_take_log (ManagerBed *bed)
{
  char *log = g_strdup (bed->log->str);

  g_string_truncate (bed->log, 0);
  return log;
}

static void
left_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  gboolean *is_done = user_data;
  g_autoptr(GError) error = NULL;

  *is_done = ferryd_manager_shut_down_finish (FERRYD_MANAGER (object), result, &error);
  g_assert_no_error (error);
}

void
manager_bed_leave (ManagerBed *bed,
                   gboolean   *is_done)
{
  *is_done = FALSE;
  ferryd_manager_shut_down_async (bed->manager, left_cb, is_done);
}

static void
check_rising (GPtrArray *tasks)
{
  for (guint i = 1; i < tasks->len; i++)
    g_assert_cmpint (ferryd_task_get_id (tasks->pdata[i - 1]), <,
                     ferryd_task_get_id (tasks->pdata[i]));
}

void
manager_bed_check (ManagerBed *bed)
{
  static const char *const hosts[] = { "a.example", "b.example", "c.example" };
  FerrydSession *session = ferryd_manager_get_session (bed->manager, bed->session);

  g_assert_cmpuint (fake_runner_count_slots (bed->runner, NULL), <=, BED_MAX_RUNNING);
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    g_assert_cmpuint (fake_runner_count_slots (bed->runner, hosts[i]), <=, BED_MAX_PER_HOST);

  check_rising (ferryd_manager_get_tasks (bed->manager));
  check_rising (ferryd_session_get_tasks (session));
}
