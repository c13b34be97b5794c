/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-signals"

#include "config.h"

#include "api/signals.h"
#include "api/snapshot.h"
#include "common/error.h"

#define MANAGER_INTERFACE FERRY_SERVICE_ID ".Manager"

/* News go out in the turn of the loop that brings them, but in a storm together, once in a while:
 * thousands of small files would else make a message each of every step of theirs. After a calm,
 * the first few are not held back. */
#define GAP_US (20 * G_TIME_SPAN_MILLISECOND)
#define N_AT_ONCE 8

/* One signal of a task or a session. */
typedef struct
{
  char         *path;        /* owned; of the task. NULL: it is the session's */
  FerrydMember  member;      /* of the task */
  const char   *name;        /* of the session's; static */
  GVariant     *parameters;  /* owned */
} Said;

/* What has not been told yet of a session. */
typedef struct
{
  FerrydSession *session;  /* owned */
  gboolean       is_new;
  gboolean       is_gone;
  GPtrArray     *added;    /* owned; of FerrydTask, owned */
  GHashTable    *changed;  /* owned; FerrydTask, owned → mask */
  GPtrArray     *said;     /* owned; of Said, owned */
  GPtrArray     *removed;  /* owned; of FerrydTask, owned */
} Gathered;

struct _FerrydSignals
{
  GObject        parent_instance;

  FerrydClients *clients;   /* owned */
  GPtrArray     *gathered;  /* owned; of Gathered, owned, in the order in which they came about */
  GHashTable    *by_session; /* owned; FerrydSession, unowned → Gathered, unowned */
  guint          flush;     /* source id; 0: nothing to tell */
  gint64         paid_for;  /* monotonic µs; each time that news go out it moves on by a gap */
};

G_DEFINE_FINAL_TYPE (FerrydSignals, ferryd_signals, G_TYPE_OBJECT)

static void
said_free (Said *said)
{
  g_free (said->path);
  g_variant_unref (said->parameters);
  g_free (said);
}

static void
gathered_free (Gathered *gathered)
{
  g_ptr_array_unref (gathered->added);
  g_hash_table_unref (gathered->changed);
  g_ptr_array_unref (gathered->said);
  g_ptr_array_unref (gathered->removed);
  g_object_unref (gathered->session);  /* behind its tasks, which do not hold it */
  g_free (gathered);
}

static GVariant *
describe_paths (GPtrArray *tasks)
{
  GVariantBuilder paths;

  g_variant_builder_init (&paths, G_VARIANT_TYPE_OBJECT_PATH_ARRAY);
  for (guint i = 0; i < tasks->len; i++)
    {
      g_autofree char *path = ferryd_snapshot_get_path (tasks->pdata[i]);

      g_variant_builder_add (&paths, "o", path);
    }

  return g_variant_new ("(ao)", &paths);
}

static GVariant *
describe_changed (GHashTable *changed)
{
  g_autoptr(GPtrArray) tasks = g_ptr_array_new ();  /* floating */
  GVariant *described;
  GHashTableIter iter;
  gpointer task;
  gpointer mask;

  g_hash_table_iter_init (&iter, changed);
  while (g_hash_table_iter_next (&iter, &task, &mask))
    {
      FerrydSelection properties = { 0 };

      ferryd_selection_add_changed (&properties, GPOINTER_TO_UINT (mask));
      g_ptr_array_add (tasks, ferryd_snapshot_describe (task, &properties));
    }

  described = g_variant_new_array (G_VARIANT_TYPE ("(oa{sv})"), (GVariant **) tasks->pdata,
                                   tasks->len);
  return g_variant_new_tuple (&described, 1);
}

/* To the session's clients, and under the same name, from the manager, to those who watch. */
static void
tell_both (FerrydSignals *self,
           FerrydSession *session,
           const char    *signal,
           GVariant      *parameters)
{
  g_autoptr(GVariant) owned = g_variant_ref_sink (parameters);

  ferryd_clients_tell_attached (self->clients, session, signal, owned);
  ferryd_clients_tell_watchers (self->clients, MANAGER_INTERFACE, signal, owned);
}

static void
tell_watchers_of_session (FerrydSignals *self,
                          FerrydSession *session,
                          const char    *signal)
{
  g_autofree char *path = ferryd_snapshot_get_session_path (session);

  ferryd_clients_tell_watchers (self->clients, MANAGER_INTERFACE, signal,
                                g_variant_new ("(o)", path));
}

static void
tell_said (FerrydSignals *self,
           FerrydSession *session,
           const Said    *said)
{
  if (said->path != NULL)
    ferryd_clients_tell_of_task (self->clients, session, said->path, said->member,
                                 said->parameters);
  else
    ferryd_clients_tell_all (self->clients, session, said->name, said->parameters);
}

static void
tell_gathered (FerrydSignals  *self,
               const Gathered *gathered)
{
  FerrydSession *session = gathered->session;

  if (gathered->is_new)
    tell_watchers_of_session (self, session, "SessionAdded");
  if (gathered->added->len > 0)
    tell_both (self, session, "TasksAdded", describe_paths (gathered->added));
  if (g_hash_table_size (gathered->changed) > 0)
    tell_both (self, session, "TasksChanged", describe_changed (gathered->changed));

  for (guint i = 0; i < gathered->said->len; i++)
    tell_said (self, session, gathered->said->pdata[i]);

  if (gathered->removed->len > 0)
    tell_both (self, session, "TasksRemoved", describe_paths (gathered->removed));
  if (gathered->is_gone)
    {
      tell_watchers_of_session (self, session, "SessionRemoved");
      ferryd_clients_forget_session (self->clients, session);
    }
}

static gboolean
on_flush_cb (gpointer user_data)
{
  FerrydSignals *self = user_data;
  guint i = 0;

  self->flush = 0;
  self->paid_for = MAX (self->paid_for, g_get_monotonic_time ()) + GAP_US;
  while (i < self->gathered->len)
    {
      const Gathered *gathered = self->gathered->pdata[i];

      if (ferryd_clients_is_held (self->clients, gathered->session))
        {
          i++;
          continue;
        }

      g_hash_table_remove (self->by_session, gathered->session);
      tell_gathered (self, gathered);
      g_ptr_array_remove_index (self->gathered, i);
    }

  return G_SOURCE_REMOVE;
}

/* Behind the answers, and once for all that a turn of the loop brings. */
static void
flush_soon (FerrydSignals *self)
{
  gint64 early = self->paid_for - N_AT_ONCE * GAP_US - g_get_monotonic_time ();

  if (self->flush == 0)
    self->flush = g_timeout_add_full (G_PRIORITY_DEFAULT_IDLE, (guint) MAX (early / 1000, 0),
                                      on_flush_cb, self, NULL);
}

/* Where news of @session go. */
static Gathered *
gather (FerrydSignals *self,
        FerrydSession *session)
{
  Gathered *gathered = g_hash_table_lookup (self->by_session, session);

  if (gathered != NULL)
    return gathered;

  gathered = g_new0 (Gathered, 1);
  gathered->session = g_object_ref (session);
  gathered->added = g_ptr_array_new_with_free_func (g_object_unref);
  gathered->changed = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  gathered->said = g_ptr_array_new_with_free_func ((GDestroyNotify) said_free);
  gathered->removed = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->gathered, gathered);
  g_hash_table_insert (self->by_session, session, gathered);
  flush_soon (self);
  return gathered;
}

static void
say_of_task (FerrydSignals *self,
             FerrydTask    *task,
             FerrydMember   member,
             GVariant      *parameters)
{
  Said *said = g_new0 (Said, 1);

  said->path = ferryd_snapshot_get_path (task);
  said->member = member;
  said->parameters = g_variant_ref_sink (parameters);
  g_ptr_array_add (gather (self, ferryd_task_get_session (task))->said, said);
}

static gboolean
is_wanted (FerrydSignals *self,
           FerrydTask    *task,
           FerrydMember   member)
{
  return ferryd_clients_want (self->clients, ferryd_task_get_session (task), member);
}

static void
on_released_cb (FerrydClients *clients,
                FerrydSignals *self)
{
  if (self->gathered->len > 0)
    flush_soon (self);
}

static void
on_session_added_cb (FerrydManager *manager,
                     FerrydSession *session,
                     FerrydSignals *self)
{
  if (ferryd_clients_has_watchers (self->clients))
    gather (self, session)->is_new = TRUE;
}

static void
on_session_removed_cb (FerrydManager *manager,
                       FerrydSession *session,
                       FerrydSignals *self)
{
  if (ferryd_clients_has_listeners (self->clients, session))
    gather (self, session)->is_gone = TRUE;
}

static void
on_session_event_cb (FerrydManager     *manager,
                     FerrydSession     *session,
                     const FerrydEvent *event,
                     FerrydSignals     *self)
{
  guint64 serial = (guint64) event->serial;
  Said *said;

  if (!ferryd_clients_has_listeners (self->clients, session))
    return;

  said = g_new0 (Said, 1);
  if (g_str_equal (event->kind, FERRYD_EVENT_SESSION_FINISHED))
    {
      said->name = "DidFinishEvents";
      said->parameters = g_variant_ref_sink (g_variant_new ("(t)", serial));
    }
  else
    {
      said->name = "DidBecomeInvalid";
      said->parameters = g_variant_ref_sink (g_variant_new ("(tss)", serial, "", ""));
    }
  g_ptr_array_add (gather (self, session)->said, said);
}

static void
on_task_added_cb (FerrydManager *manager,
                  FerrydTask    *task,
                  FerrydSignals *self)
{
  FerrydSession *session = ferryd_task_get_session (task);

  if (ferryd_clients_has_listeners (self->clients, session))
    g_ptr_array_add (gather (self, session)->added, g_object_ref (task));
}

static void
on_task_removed_cb (FerrydManager *manager,
                    FerrydTask    *task,
                    FerrydSignals *self)
{
  FerrydSession *session = ferryd_task_get_session (task);

  if (ferryd_clients_has_listeners (self->clients, session))
    g_ptr_array_add (gather (self, session)->removed, g_object_ref (task));
}

/* The signals that say what a change of properties says, for those who follow one task. */
static void
say_what_changed (FerrydSignals *self,
                  FerrydTask    *task,
                  guint          mask)
{
  gint64 expected = ferryd_task_get_expected (task);
  FerryWaitReason reason = ferryd_task_get_row (task)->status.reason;

  if ((mask & FERRYD_TASK_CHANGE (RESUMED_AT)) != 0 && ferryd_task_get_resumed_at (task) >= 0 &&
      is_wanted (self, task, FERRYD_MEMBER_DID_RESUME_AT_OFFSET))
    say_of_task (self, task, FERRYD_MEMBER_DID_RESUME_AT_OFFSET,
                 g_variant_new ("(xx)", ferryd_task_get_resumed_at (task), expected));

  if ((mask & FERRYD_TASK_CHANGE (BYTES_RECEIVED)) != 0 && ferryd_task_get_chunk (task) > 0 &&
      is_wanted (self, task, FERRYD_MEMBER_DID_WRITE_DATA))
    say_of_task (self, task, FERRYD_MEMBER_DID_WRITE_DATA,
                 g_variant_new ("(xxx)", ferryd_task_get_chunk (task),
                                ferryd_task_get_received (task), expected));

  if ((mask & FERRYD_TASK_CHANGE (REASON)) != 0 && reason != FERRY_WAIT_REASON_NONE &&
      is_wanted (self, task, FERRYD_MEMBER_IS_WAITING))
    say_of_task (self, task, FERRYD_MEMBER_IS_WAITING,
                 g_variant_new ("(s)", ferry_wait_reason_to_string (reason)));
}

static void
on_task_changed_cb (FerrydManager *manager,
                    FerrydTask    *task,
                    guint          mask,
                    FerrydSignals *self)
{
  FerrydSession *session = ferryd_task_get_session (task);
  GHashTable *changed;
  guint before;

  if (!ferryd_clients_has_listeners (self->clients, session))
    return;

  say_what_changed (self, task, mask);
  if (!ferryd_snapshot_is_told (mask))
    return;

  changed = gather (self, session)->changed;
  before = GPOINTER_TO_UINT (g_hash_table_lookup (changed, task));
  g_hash_table_insert (changed, g_object_ref (task), GUINT_TO_POINTER (before | mask));
}

/* A path in the details that is not UTF-8 has been made so by whoever wrote the event. */
static void
say_finished (FerrydSignals     *self,
              FerrydTask        *task,
              const FerrydEvent *event)
{
  const char *path = "";

  (void) g_variant_lookup (event->details, "path", "&s", &path);  /* it is there */
  if (is_wanted (self, task, FERRYD_MEMBER_DID_FINISH_DOWNLOADING))
    say_of_task (self, task, FERRYD_MEMBER_DID_FINISH_DOWNLOADING,
                 g_variant_new ("(ts)", (guint64) event->serial, path));
}

static void
say_complete (FerrydSignals     *self,
              FerrydTask        *task,
              const FerrydEvent *event)
{
  const char *name = "";
  const char *message = "";

  if (!is_wanted (self, task, FERRYD_MEMBER_DID_COMPLETE))
    return;

  if (g_str_equal (event->kind, FERRYD_EVENT_CANCELLED))
    {
      name = ferry_error_get_bus_name (FERRY_ERROR_CANCELLED);
      message = "The task was cancelled";
    }
  else if (g_str_equal (event->kind, FERRYD_EVENT_FAILED))
    {
      /* It is there. */
      (void) g_variant_lookup (event->details, "error", "(&s&s)", &name, &message);
    }
  say_of_task (self, task, FERRYD_MEMBER_DID_COMPLETE,
               g_variant_new ("(tss)", (guint64) event->serial, name, message));
}

static void
on_task_event_cb (FerrydManager     *manager,
                  FerrydTask        *task,
                  const FerrydEvent *event,
                  FerrydSignals     *self)
{
  if (g_str_equal (event->kind, FERRYD_EVENT_NEW_URL))
    {
      if (is_wanted (self, task, FERRYD_MEMBER_NEED_NEW_URL))
        say_of_task (self, task, FERRYD_MEMBER_NEED_NEW_URL,
                     g_variant_new ("(t)", (guint64) event->serial));
      return;
    }

  if (g_str_equal (event->kind, FERRYD_EVENT_FINISHED))
    say_finished (self, task, event);
  say_complete (self, task, event);
}

static void
on_task_redirected_cb (FerrydManager *manager,
                       FerrydTask    *task,
                       guint          status,
                       const char    *url,
                       FerrydSignals *self)
{
  if (is_wanted (self, task, FERRYD_MEMBER_WILL_PERFORM_REDIRECTION))
    say_of_task (self, task, FERRYD_MEMBER_WILL_PERFORM_REDIRECTION,
                 g_variant_new ("(us)", status, url));
}

static void
ferryd_signals_dispose (GObject *object)
{
  FerrydSignals *self = FERRYD_SIGNALS (object);

  g_clear_handle_id (&self->flush, g_source_remove);
  g_clear_pointer (&self->by_session, g_hash_table_unref);
  g_clear_pointer (&self->gathered, g_ptr_array_unref);
  g_clear_object (&self->clients);

  G_OBJECT_CLASS (ferryd_signals_parent_class)->dispose (object);
}

static void
ferryd_signals_class_init (FerrydSignalsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_signals_dispose;
}

static void
ferryd_signals_init (FerrydSignals *self)
{
  self->gathered = g_ptr_array_new_with_free_func ((GDestroyNotify) gathered_free);
  self->by_session = g_hash_table_new (NULL, NULL);
}

FerrydSignals *
ferryd_signals_new (FerrydManager *manager,
                    FerrydClients *clients)
{
  FerrydSignals *self = g_object_new (FERRYD_TYPE_SIGNALS, NULL);

  self->clients = g_object_ref (clients);
  g_signal_connect_object (clients, "released", G_CALLBACK (on_released_cb), self, 0);
  g_signal_connect_object (manager, "session-added", G_CALLBACK (on_session_added_cb), self, 0);
  g_signal_connect_object (manager, "session-removed", G_CALLBACK (on_session_removed_cb), self, 0);
  g_signal_connect_object (manager, "session-event", G_CALLBACK (on_session_event_cb), self, 0);
  g_signal_connect_object (manager, "task-added", G_CALLBACK (on_task_added_cb), self, 0);
  g_signal_connect_object (manager, "task-removed", G_CALLBACK (on_task_removed_cb), self, 0);
  g_signal_connect_object (manager, "task-changed", G_CALLBACK (on_task_changed_cb), self, 0);
  g_signal_connect_object (manager, "task-event", G_CALLBACK (on_task_event_cb), self, 0);
  g_signal_connect_object (manager, "task-redirected", G_CALLBACK (on_task_redirected_cb), self, 0);
  return self;
}
