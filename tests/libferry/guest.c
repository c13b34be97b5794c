/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-guest"

#include "config.h"

#include "guest.h"
#include "support/test-bed.h"

FerryClient *
guest_new_client (Fixture *fixture)
{
  g_assert_true (g_setenv ("DBUS_SESSION_BUS_ADDRESS", fixture->address, TRUE));
  return ferry_client_new ();
}

void
answer_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      answer)
{
  Answer *self = answer;

  g_assert_null (self->result);
  self->result = g_object_ref (result);
}

void
answer_clear (Answer *self)
{
  g_clear_object (&self->result);
}

static gboolean
on_time_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

void
guest_wait (GuestCondition  condition,
            gconstpointer   data,
            const char     *what)
{
  gboolean too_late = FALSE;
  guint timer = g_timeout_add (TEST_DEADLINE / G_TIME_SPAN_MILLISECOND, on_time_cb, &too_late);

  while (!condition (data))
    {
      if (too_late)
        g_error ("waited in vain: %s", what);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (timer);
}

static gboolean
has_come (gconstpointer answer)
{
  return ((const Answer *) answer)->result != NULL;
}

GAsyncResult *
answer_wait (Answer *self)
{
  guest_wait (has_come, self, "an answer");
  return self->result;
}

/* What a wait is for. */
typedef struct
{
  gpointer object;
  gint64   value;
} Wish;

static gboolean
has_client_state (gconstpointer data)
{
  const Wish *wish = data;

  return ferry_client_get_state (wish->object) == (FerryClientState) wish->value;
}

static gboolean
has_task_state (gconstpointer data)
{
  const Wish *wish = data;

  return ferry_task_get_state (wish->object) == (FerryTaskState) wish->value;
}

static gboolean
has_received (gconstpointer data)
{
  const Wish *wish = data;

  return ferry_task_get_bytes_received (wish->object) >= wish->value;
}

static gboolean
is_complete (gconstpointer list)
{
  return ferry_task_list_is_complete ((FerryTaskList *) list);
}

static gboolean
has_length (gconstpointer data)
{
  const Wish *wish = data;

  return g_list_model_get_n_items (wish->object) == wish->value;
}

void
guest_wait_client (FerryClient      *client,
                   FerryClientState  state)
{
  Wish wish = { client, state };
  g_autofree char *what = g_strdup_printf ("the client's state %d", state);

  guest_wait (has_client_state, &wish, what);
}

void
guest_wait_task (FerryTask      *task,
                 FerryTaskState  state)
{
  Wish wish = { task, state };
  g_autofree char *what = g_strdup_printf ("task %" G_GUINT64_FORMAT " is %s",
                                           ferry_task_get_number (task),
                                           ferry_task_state_to_string (state));

  guest_wait (has_task_state, &wish, what);
}

void
guest_wait_received (FerryTask *task,
                     gint64     bytes)
{
  Wish wish = { task, bytes };

  guest_wait (has_received, &wish, "bytes");
}

void
guest_wait_complete (FerryTaskList *list)
{
  guest_wait (is_complete, list, "a complete list");
}

void
guest_wait_length (GListModel *list,
                   guint       n)
{
  Wish wish = { list, n };

  guest_wait (has_length, &wish, "items of a list");
}

/* The service answers in its own order; a signal that is due goes out when it has nothing else to
 * do, so twice. */
void
guest_fence (FerryClient *client)
{
  for (guint i = 0; i < 2; i++)
    {
      g_auto(Answer) answer = { NULL };
      g_autoptr(GError) error = NULL;

      ferry_client_load_task_async (client, G_MAXINT64, NULL, answer_cb, &answer);
      g_assert_null (ferry_client_load_task_finish (client, answer_wait (&answer), &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
    }
}

FerrySession *
guest_open (FerryClient *client,
            const char  *identifier)
{
  g_auto(Answer) answer = { NULL };
  g_autoptr(GError) error = NULL;
  FerrySession *session;

  ferry_client_open_session_async (client, identifier, NULL, NULL, answer_cb, &answer);
  session = ferry_client_open_session_finish (client, answer_wait (&answer), &error);
  g_assert_no_error (error);
  g_assert_true (FERRY_IS_SESSION (session));
  return session;
}

void
guest_watch (FerryClient *client)
{
  g_auto(Answer) answer = { NULL };
  g_autoptr(GError) error = NULL;

  ferry_client_watch_async (client, NULL, answer_cb, &answer);
  (void) ferry_client_watch_finish (client, answer_wait (&answer), &error);  /* the error says it */
  g_assert_no_error (error);
}

FerryTask *
guest_create (FerrySession *session,
              const char   *url,
              GVariant     *options)
{
  g_auto(Answer) answer = { NULL };
  g_autoptr(GError) error = NULL;
  FerryTask *task;

  ferry_session_create_download_task_async (session, url, options, NULL, answer_cb, &answer);
  task = ferry_session_create_download_task_finish (session, answer_wait (&answer), &error);
  g_assert_no_error (error);
  g_assert_true (FERRY_IS_TASK (task));
  return task;
}

GPtrArray *
guest_create_many (FerrySession *session,
                   guint         n)
{
  g_auto(Answer) answer = { NULL };
  g_autoptr(GError) error = NULL;
  GVariantBuilder builder;
  GPtrArray *tasks;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *url = g_strdup_printf ("http://127.0.0.1:9/folder/file-%u.iso", i);

      g_variant_builder_add (&builder, "(s@a{sv})", url, g_variant_new ("a{sv}", NULL));
    }
  ferry_session_create_download_tasks_async (session, g_variant_builder_end (&builder), NULL,
                                             answer_cb, &answer);
  tasks = ferry_session_create_download_tasks_finish (session, answer_wait (&answer), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tasks->len, ==, n);
  return tasks;
}

GVariant *
guest_options (Fixture  *fixture,
               gboolean  start)
{
  return g_variant_new_parsed ("{'destination': <%s>, 'start': <%b>}", fixture->downloads, start);
}

static gboolean
is_gone (gconstpointer pointer)
{
  return *(gconstpointer *) pointer == NULL;
}

void
guest_drop_at (gpointer   *object,
               const char *where)
{
  gpointer watched = *object;

  g_object_add_weak_pointer (watched, &watched);
  g_clear_object (object);
  /* A call that is under way may hold it until it is answered. */
  guest_wait (is_gone, &watched, where);
}

static void
on_items_changed_cb (GListModel *model,
                     guint       position,
                     guint       removed,
                     guint       added,
                     gpointer    user_data)
{
  Replay *self = user_data;

  self->n_told++;
  g_assert_cmpuint (position + removed, <=, self->items->len);
  if (removed > 0)
    g_ptr_array_remove_range (self->items, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (self->items, (int) (position + i),
                        g_list_model_get_item (model, position + i));

  g_assert_cmpuint (g_list_model_get_n_items (model), ==, self->items->len);
  for (guint i = 0; i < self->items->len; i++)
    {
      g_autoptr(GObject) item = g_list_model_get_item (model, i);

      g_assert_true (item == self->items->pdata[i]);
    }
}

void
replay_init (Replay     *self,
             GListModel *model)
{
  self->model = g_object_ref (model);
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    g_ptr_array_add (self->items, g_list_model_get_item (model, i));
  g_signal_connect (model, "items-changed", G_CALLBACK (on_items_changed_cb), self);
}

void
replay_clear (Replay *self)
{
  g_signal_handlers_disconnect_by_data (self->model, self);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_object (&self->model);
}
