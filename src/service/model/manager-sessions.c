/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "model/manager-private.h"

/* A session on its way to the disk. */
typedef struct
{
  FerrydManager    *manager;  /* owned */
  FerrydSessionRow *row;      /* owned */
} Opening;

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
  g_autofree char *name = ferryd_registry_join_name (row->app_id, row->identifier);
  g_autoptr(GError) error = NULL;
  FerrydSession *session = NULL;

  row->id = ferryd_store_add_session_finish (FERRYD_STORE (object), result, &error);
  if (row->id != 0)
    session = ferryd_manager_take_session (self, g_steal_pointer (&row));

  answer_openers (self, name, session, error);
}

static void
add_session (FerrydManager *self,
             const char    *app_id,
             const char    *identifier,
             GVariant      *configuration)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->manager = g_object_ref (self);
  opening->row = ferryd_session_row_new ();
  opening->row->app_id = g_strdup (app_id);
  opening->row->identifier = g_strdup (identifier);
  opening->row->configuration = g_variant_ref (configuration);
  opening->row->created = g_get_real_time ();
  ferryd_store_add_session_async (self->store, opening->row, session_added_cb, opening);
}

void
ferryd_manager_open_session_async (FerrydManager       *self,
                                   const char          *app_id,
                                   const char          *identifier,
                                   GVariant            *configuration,
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
  session = ferryd_registry_find_session (self->registry, app_id, identifier);
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
      add_session (self, app_id, identifier, owned);
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
