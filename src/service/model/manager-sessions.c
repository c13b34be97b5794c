/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "model/manager-private.h"
#include "model/session-private.h"

/* A session on its way to the disk. */
typedef struct
{
  FerrydManager    *manager;  /* owned */
  FerrydSessionRow *row;      /* owned */
  GVariant         *secrets;  /* owned; a{ss}. NULL: none */
} Opening;

/* The names of an a{ss}, which may be known to all. */
static GVariant *
list_names (GVariant *secrets)
{
  GVariantBuilder names;
  GVariantIter iter;
  const char *name;

  g_variant_builder_init (&names, G_VARIANT_TYPE ("as"));
  g_variant_iter_init (&iter, secrets);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, NULL))
    g_variant_builder_add (&names, "s", name);

  return g_variant_ref_sink (g_variant_builder_end (&names));
}

/* Tasks that somebody's secrets were missing for, or refused to, try with the new ones. */
static void
resume_waiting (FerrydSession *session)
{
  GPtrArray *tasks = ferryd_session_get_tasks (session);

  for (guint i = 0; i < tasks->len; i++)
    ferryd_task_end_wait (tasks->pdata[i], FERRY_WAIT_REASON_CREDENTIALS);
}

/* Secrets on their way into a session. */
typedef struct
{
  FerrydManager    *manager;  /* owned */
  FerrydSession    *session;  /* owned */
  FerrydSessionRow *row;      /* owned; with their names */
  GVariant         *secrets;  /* owned; a{ss} */
  GPtrArray        *openers;  /* owned; of GTask */
} Taking;

static void
taking_free (Taking *taking)
{
  g_clear_object (&taking->manager);
  g_clear_object (&taking->session);
  g_clear_pointer (&taking->row, ferryd_session_row_free);
  g_clear_pointer (&taking->secrets, g_variant_unref);
  g_clear_pointer (&taking->openers, g_ptr_array_unref);
  g_free (taking);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Taking, taking_free)

static void
names_saved_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(Taking) taking = user_data;
  FerrydSession *session = taking->session;
  gint64 serial;
  g_autoptr(GError) error = NULL;

  session->n_held--;
  if (ferryd_store_save_session_finish (FERRYD_STORE (object), result, &serial, &error))
    {
      ferryd_session_set_secrets (session, taking->secrets);
      g_clear_pointer (&session->row->secret_names, g_variant_unref);
      session->row->secret_names = g_variant_ref (taking->row->secret_names);
      resume_waiting (session);
    }

  for (guint i = 0; i < taking->openers->len; i++)
    {
      if (error != NULL)
        g_task_return_error (taking->openers->pdata[i], g_error_copy (error));
      else
        g_task_return_pointer (taking->openers->pdata[i], session, NULL);
    }
  ferryd_manager_settle_session (taking->manager, session);
}

/* The values stay in memory; that there are some is written down, so that no task runs without
 * them after a restart. */
void
ferryd_manager_take_secrets (FerrydManager *self,
                             FerrydSession *session)
{
  Taking *taking = g_new0 (Taking, 1);
  GTask *last = session->openers->pdata[session->openers->len - 1];

  taking->manager = g_object_ref (self);
  taking->session = g_object_ref (session);
  taking->secrets = g_variant_ref (g_object_get_data (G_OBJECT (last), "secrets"));
  taking->openers = g_steal_pointer (&session->openers);
  session->openers = g_ptr_array_new_with_free_func (g_object_unref);
  taking->row = ferryd_session_row_copy (session->row);
  g_clear_pointer (&taking->row->secret_names, g_variant_unref);
  taking->row->secret_names = list_names (taking->secrets);

  session->n_held++;
  ferryd_store_save_session_async (self->store, taking->row, NULL, names_saved_cb, taking);
}

/* A change of the session that is under way comes first: each writes its state. */
static void
bring_secrets (FerrydManager *self,
               FerrydSession *session,
               GTask         *opener)
{
  g_ptr_array_add (session->openers, g_object_ref (opener));
  ferryd_manager_settle_session (self, session);
}

/* The first has made it, the others have come upon it. */
static void
answer_openers (FerrydManager *self,
                const char    *name,
                FerrydSession *session,
                const GError  *error)
{
  g_autoptr(GPtrArray) openers = NULL;
  g_autofree char *key = NULL;

  g_hash_table_steal_extended (self->opening, name, (gpointer *) &key, (gpointer *) &openers);
  for (guint i = 0; i < openers->len; i++)
    {
      GTask *opener = openers->pdata[i];

      g_task_set_task_data (opener, GINT_TO_POINTER (i == 0), NULL);
      if (error != NULL)
        g_task_return_error (opener, g_error_copy (error));
      else if (i > 0 && g_object_get_data (G_OBJECT (opener), "secrets") != NULL)
        bring_secrets (self, session, opener);
      else
        g_task_return_pointer (opener, session, NULL);
    }
}

static void
session_added_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autofree Opening *opening = user_data;
  g_autoptr(FerrydManager) self = opening->manager;
  g_autoptr(FerrydSessionRow) row = opening->row;
  g_autoptr(GVariant) secrets = opening->secrets;
  g_autofree char *name = ferryd_registry_join_name (row->app_id, row->identifier);
  g_autoptr(GError) error = NULL;
  FerrydSession *session = NULL;

  row->id = ferryd_store_add_session_finish (FERRYD_STORE (object), result, &error);
  if (row->id != 0)
    {
      session = ferryd_manager_take_session (self, g_steal_pointer (&row));
      if (secrets != NULL)
        ferryd_session_set_secrets (session, secrets);
    }

  answer_openers (self, name, session, error);
  if (session != NULL)
    ferryd_manager_emit (self, FERRYD_MANAGER_SESSION_ADDED, session);
}

static void
add_session (FerrydManager *self,
             const char    *app_id,
             const char    *identifier,
             GVariant      *configuration,
             GVariant      *secrets)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->manager = g_object_ref (self);
  opening->row = ferryd_session_row_new ();
  opening->row->app_id = g_strdup (app_id);
  opening->row->identifier = g_strdup (identifier);
  opening->row->configuration = g_variant_ref (configuration);
  opening->row->created = g_get_real_time ();
  if (secrets != NULL)
    {
      opening->secrets = g_variant_ref (secrets);
      opening->row->secret_names = list_names (secrets);
    }
  ferryd_store_add_session_async (self->store, opening->row, session_added_cb, opening);
}

void
ferryd_manager_open_session_async (FerrydManager       *self,
                                   const char          *app_id,
                                   const char          *identifier,
                                   GVariant            *configuration,
                                   GVariant            *secrets,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  g_autofree char *name = ferryd_registry_join_name (app_id, identifier);
  g_autoptr(GVariant) owned = g_variant_ref_sink (configuration);
  g_autoptr(GTask) task = NULL;
  FerrydSession *session;
  GPtrArray *openers;

  g_return_if_fail (FERRYD_IS_MANAGER (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, (gpointer) (guintptr) ferryd_manager_open_session_async);
  if (secrets != NULL)
    g_object_set_data_full (G_OBJECT (task), "secrets", g_variant_ref (secrets),
                            (GDestroyNotify) g_variant_unref);

  session = ferryd_registry_find_session (self->registry, app_id, identifier);
  if (session != NULL && secrets != NULL)
    {
      bring_secrets (self, session, task);
      return;
    }
  if (session != NULL)
    {
      g_task_return_pointer (task, session, NULL);
      return;
    }

  openers = g_hash_table_lookup (self->opening, name);
  if (openers == NULL)
    {
      openers = g_ptr_array_new_with_free_func (g_object_unref);
      g_hash_table_insert (self->opening, g_steal_pointer (&name), openers);
      add_session (self, app_id, identifier, owned, secrets);
    }
  g_ptr_array_add (openers, g_steal_pointer (&task));
}

FerrydSession *
ferryd_manager_open_session_finish (FerrydManager  *self,
                                    GAsyncResult   *result,
                                    gboolean       *created,
                                    GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  *created = g_task_get_task_data (G_TASK (result)) != NULL;
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ferryd_manager_reset (FerrydManager *self,
                      FerrydSession *session)
{
  g_return_if_fail (FERRYD_IS_MANAGER (self));

  ferryd_runner_reset_session (self->runner, session->row->id);
  for (guint i = 0; i < session->tasks->len; i++)
    {
      FerrydTask *task = session->tasks->pdata[i];

      if (ferryd_task_get_state (task) == FERRY_TASK_STATE_RUNNING)
        ferryd_runner_stop (self->runner, ferryd_task_get_id (task), FERRYD_CAUSE_RESTART);
    }
}

static void
acknowledged_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GTask) answer = user_data;
  FerrydManager *self = g_task_get_source_object (answer);
  FerrydSession *session = g_task_get_task_data (answer);
  gint64 *serial = g_object_get_data (G_OBJECT (answer), "serial");
  GError *error = NULL;

  if (!ferryd_store_acknowledge_finish (FERRYD_STORE (object), result, &error))
    {
      g_task_return_error (answer, error);
      return;
    }

  ferryd_session_drop_events (session, *serial);
  g_task_return_boolean (answer, TRUE);
  ferryd_manager_settle_session (self, session);
}

void
ferryd_manager_acknowledge_async (FerrydManager       *self,
                                  FerrydSession       *session,
                                  gint64               serial,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  GTask *answer;

  g_return_if_fail (FERRYD_IS_MANAGER (self));
  g_return_if_fail (FERRYD_IS_SESSION (session));

  answer = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (answer, (gpointer) (guintptr) ferryd_manager_acknowledge_async);
  g_task_set_task_data (answer, g_object_ref (session), g_object_unref);
  g_object_set_data_full (G_OBJECT (answer), "serial", g_memdup2 (&serial, sizeof serial), g_free);
  ferryd_store_acknowledge_async (self->store, session->row->id, serial, acknowledged_cb, answer);
}

gboolean
ferryd_manager_acknowledge_finish (FerrydManager  *self,
                                   GAsyncResult   *result,
                                   GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
