/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "engine-stand"

#include "config.h"

#include "engine-stand.h"
#include "support/folder.h"
#include "support/test-bed.h"

static gboolean
on_deadline_cb (gpointer user_data)
{
  g_error ("%s: nothing comes", g_test_get_path ());
  return G_SOURCE_REMOVE;
}

/* Runs the main loop until *@place is something. */
void
engine_wait_for (gpointer *place)
{
  guint deadline = g_timeout_add (TEST_DEADLINE / 1000, on_deadline_cb, NULL);

  while (*place == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);
}

void
engine_result_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
on_redirected_cb (FerrydRunner *runner,
                  gint64        task_id,
                  guint         status,
                  const char   *url,
                  EngineStand  *stand)
{
  g_string_append_printf (stand->redirects, "%u %s\n", status, url);
}

static void
on_ended_cb (FerrydRunner  *runner,
             gint64         task_id,
             FerrydOutcome *outcome,
             EngineStand   *stand)
{
  g_clear_pointer (&stand->kept, ferryd_kept_free);
  g_clear_pointer (&stand->error, g_free);
  stand->kept = ferryd_kept_copy (outcome->kept);
  stand->cause = outcome->cause;
  stand->error = outcome->error != NULL ? g_strdup (outcome->error->message) : NULL;
  stand->outcome = outcome;
}

static void
load (EngineStand *stand)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) sessions = NULL;
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GPtrArray) events = NULL;
  g_autoptr(GError) error = NULL;

  ferryd_store_load_async (FERRYD_STORE (stand->database), NULL, engine_result_cb, &result);
  engine_wait_for ((gpointer *) &result);
  ferryd_store_load_finish (FERRYD_STORE (stand->database), result, &sessions, &tasks, &events,
                            &error);
  g_assert_no_error (error);
}

/* @configuration: (nullable): text of an a{sv} */
static FerrydSessionRow *
add_session (EngineStand *stand,
             const char  *identifier,
             const char  *configuration)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  FerrydSessionRow *row = ferryd_session_row_new ();

  g_clear_pointer (&row->app_id, g_free);
  g_clear_pointer (&row->identifier, g_free);
  g_clear_pointer (&row->configuration, g_variant_unref);
  row->app_id = g_strdup ("org.example.App");
  row->identifier = g_strdup (identifier);
  row->configuration = g_variant_parse (G_VARIANT_TYPE_VARDICT, configuration, NULL, NULL, &error);
  g_assert_no_error (error);
  ferryd_store_add_session_async (FERRYD_STORE (stand->database), row, engine_result_cb, &result);
  engine_wait_for ((gpointer *) &result);
  row->id = ferryd_store_add_session_finish (FERRYD_STORE (stand->database), result, &error);
  g_assert_no_error (error);
  return row;
}

/* @options: text of an a{sv} */
FerrydTaskRow *
engine_stand_add_task (EngineStand *stand,
                       guint        session,
                       const char  *url,
                       const char  *options)
{
  g_autoptr(GPtrArray) tasks = g_ptr_array_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;
  FerrydTaskRow *row = ferryd_task_row_new ();

  g_clear_pointer (&row->url, g_free);
  g_clear_pointer (&row->folder, g_free);
  g_clear_pointer (&row->options, g_variant_unref);
  row->session_id = stand->sessions[session]->id;
  row->url = g_strdup (url);
  row->folder = g_strdup (stand->folder);
  row->options = g_variant_parse (G_VARIANT_TYPE_VARDICT, options, NULL, NULL, &error);
  g_assert_no_error (error);
  g_ptr_array_add (tasks, row);
  ferryd_store_add_tasks_async (FERRYD_STORE (stand->database), tasks, engine_result_cb, &result);
  engine_wait_for ((gpointer *) &result);
  row->id = ferryd_store_add_tasks_finish (FERRYD_STORE (stand->database), result, &error);
  g_assert_no_error (error);
  return row;
}

void
engine_stand_init (EngineStand     *stand,
                   GTlsCertificate *certificate,
                   const char      *configuration)
{
  g_autofree char *path = NULL;

  stand->folder = test_folder_new ();
  path = g_build_filename (stand->folder, "ferry.db", NULL);
  stand->server = test_server_new (certificate);
  stand->database = ferryd_database_new (path);
  stand->redirects = g_string_new (NULL);
  load (stand);
  stand->engine = FERRYD_RUNNER (ferryd_engine_new (stand->database));
  g_signal_connect (stand->engine, "redirected", G_CALLBACK (on_redirected_cb), stand);
  g_signal_connect (stand->engine, "ended", G_CALLBACK (on_ended_cb), stand);
  stand->sessions[0] = add_session (stand, "one", configuration);
  stand->sessions[1] = add_session (stand, "two", configuration);
}

static gboolean
on_tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* News may be on their way, and a thread may be about to let go of its task. */
static void
drop_engine (EngineStand *stand)
{
  guint tick = g_timeout_add (10, on_tick_cb, NULL);
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;
  g_autoptr(FerrydRunner) mine = stand->engine;

  g_object_add_weak_pointer (G_OBJECT (mine), (gpointer *) &stand->engine);
  g_clear_object (&mine);
  while (stand->engine != NULL && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (stand->engine);
  g_source_remove (tick);
}

void
engine_stand_clear (EngineStand *stand)
{
  g_autoptr(GAsyncResult) result = NULL;

  drop_engine (stand);
  ferryd_store_close_async (FERRYD_STORE (stand->database), engine_result_cb, &result);
  engine_wait_for ((gpointer *) &result);
  g_assert_true (ferryd_store_close_finish (FERRYD_STORE (stand->database), result, NULL));
  g_clear_object (&stand->database);
  g_clear_pointer (&stand->server, test_server_free);
  g_clear_pointer (&stand->sessions[0], ferryd_session_row_free);
  g_clear_pointer (&stand->sessions[1], ferryd_session_row_free);
  g_clear_pointer (&stand->kept, ferryd_kept_free);
  g_clear_pointer (&stand->error, g_free);
  g_string_free (stand->redirects, TRUE);
  test_folder_remove (stand->folder);
  g_clear_pointer (&stand->folder, g_free);
}

void
engine_stand_start (EngineStand         *stand,
                    guint                session,
                    const FerrydTaskRow *task)
{
  FerrydOrders orders = { 0 };

  stand->outcome = NULL;
  ferryd_runner_start (stand->engine, stand->sessions[session], task, &orders);
}

void
engine_stand_wait (EngineStand *stand)
{
  engine_wait_for ((gpointer *) &stand->outcome);
}

void
engine_stand_assert_finished (EngineStand *stand)
{
  g_assert_cmpstr (stand->error, ==, NULL);
}

/* One task from its making to its end. */
void
engine_stand_fetch (EngineStand *stand,
                    guint        session,
                    const char  *url,
                    const char  *options)
{
  g_autoptr(FerrydTaskRow) task = engine_stand_add_task (stand, session, url, options);

  engine_stand_start (stand, session, task);
  engine_stand_wait (stand);
}
