/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-bubbles"

#include "config.h"

#include <glib/gi18n.h>
#include <libnotify/notify.h>
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include "desktop/bubbles.h"

#define DAEMON_NAME "org.freedesktop.Notifications"
#define DAEMON_PATH "/org/freedesktop/Notifications"
#define BUS_NAME    "org.freedesktop.DBus"
#define BUS_PATH    "/org/freedesktop/DBus"

/* A daemon that the bus has to start first answers within a second or two. */
#define ANSWERS_WITHIN_MS 10000

struct _FerrydBubbles
{
  GDBusConnection  *connection;  /* owned */
  GMainContext     *home;        /* owned; whose events are answered in the caller's thread */
  GMainContext     *context;     /* owned; the thread's */
  GMainLoop        *loop;        /* owned; the thread's */
  int               under_way;   /* atomic; shows that the thread has not done */

  /* The caller's. */
  GThread          *thread;      /* owned; NULL until there is something to show */
  FerrydBubbleFunc  func;        /* NULL: nobody listens any more */
  gpointer          user_data;   /* unowned */

  /* The thread's. */
  GHashTable       *shown;       /* owned; key → Bubble, owned */
  gboolean          is_missing;  /* the daemon, and it was said */
};

/* One that the daemon shows. */
typedef struct
{
  guint64             key;           /* first: the table's keys are pointers to this */
  guint64             serial;
  FerrydBubbles      *bubbles;       /* unowned */
  NotifyNotification *notification;  /* owned */
  char               *daemon;        /* owned; its unique name */
  FerrydNotice       *notice;        /* owned */
} Bubble;

/* What goes in. */
typedef struct
{
  FerrydBubbles *bubbles;  /* owned */
  guint64        key;
  guint64        serial;
  FerrydNotice  *notice;   /* owned */
} Order;

/* What comes out. */
typedef struct
{
  FerrydBubbles     *bubbles;  /* owned */
  FerrydBubbleEvent  event;
} Message;

static void
bubbles_clear (FerrydBubbles *self)
{
#ifdef __SANITIZE_THREAD__
  __tsan_acquire (self);
#endif
  g_object_unref (self->connection);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_main_context_unref (self->home);
}

static void
bubbles_unref (FerrydBubbles *self)
{
#ifdef __SANITIZE_THREAD__
  __tsan_release (self);
#endif
  g_atomic_rc_box_release_full (self, (GDestroyNotify) bubbles_clear);
}

static void
bubble_free (Bubble *bubble)
{
  g_signal_handlers_disconnect_by_data (bubble->notification, bubble);
  g_object_unref (bubble->notification);
  ferryd_notice_free (bubble->notice);
  g_free (bubble->daemon);
  g_free (bubble);
}

static void
order_free (Order *order)
{
  bubbles_unref (order->bubbles);
  g_clear_pointer (&order->notice, ferryd_notice_free);
  g_free (order);
}

static void
message_free (Message *message)
{
  bubbles_unref (message->bubbles);
  g_clear_pointer (&message->event.notice, ferryd_notice_free);
  g_free (message->event.action);
  g_free (message->event.token);
  g_free (message);
}

/* Orders and messages cross here, and nothing else does. ThreadSanitizer does not see GLib's
 * locks. */
static void
cross (GMainContext   *context,
       GSourceFunc     function,
       gpointer        value,
       GDestroyNotify  value_free)
{
#ifdef __SANITIZE_THREAD__
  __tsan_release (value);
#endif
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, function, value, value_free);
}

static gpointer
crossed (gpointer value)
{
#ifdef __SANITIZE_THREAD__
  __tsan_acquire (value);
#endif
  return value;
}

static gboolean
on_message_cb (gpointer user_data)
{
  Message *message = crossed (user_data);
  FerrydBubbles *self = message->bubbles;

  if (self->func != NULL)
    self->func (&message->event, self->user_data);

  return G_SOURCE_REMOVE;
}

static void
tell (FerrydBubbles     *self,
      FerrydBubbleEvent  event)
{
  Message *message = g_new0 (Message, 1);

  message->bubbles = g_atomic_rc_box_acquire (self);
  message->event = event;
  cross (self->home, on_message_cb, message, (GDestroyNotify) message_free);
}

static void
tell_gone (FerrydBubbles *self,
           guint64        key,
           guint64        serial)
{
  tell (self, (FerrydBubbleEvent) { FERRYD_BUBBLE_GONE, .key = key, .serial = serial });
}

static void
on_closed_in_thread (NotifyNotification *notification,
                     Bubble             *bubble)
{
  tell_gone (bubble->bubbles, bubble->key, bubble->serial);
  g_hash_table_remove (bubble->bubbles->shown, &bubble->key);
}

static void
on_action_in_thread (NotifyNotification *notification,
                     char               *action,
                     gpointer            user_data)
{
  Bubble *bubble = user_data;

  tell (bubble->bubbles, (FerrydBubbleEvent) {
    .kind = FERRYD_BUBBLE_CHOSEN,
    .key = bubble->key,
    .serial = bubble->serial,
    .notice = ferryd_notice_copy (bubble->notice),
    .action = g_strdup (action),
    .token = g_strdup (notify_notification_get_activation_token (notification)),
  });
}

/* A daemon that has left took its notifications along; that the next one uses the same numbers
 * again means nothing. */
static void
on_owner_changed_in_thread (GDBusConnection *connection,
                            const char      *sender,
                            const char      *path,
                            const char      *interface,
                            const char      *member,
                            GVariant        *parameters,
                            gpointer         user_data)
{
  FerrydBubbles *self = user_data;
  GHashTableIter iter;
  Bubble *bubble;
  const char *before;

  g_variant_get (parameters, "(&s&s&s)", NULL, &before, NULL);
  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, (gpointer *) &bubble, NULL))
    if (g_str_equal (bubble->daemon, before))
      {
        tell_gone (self, bubble->key, bubble->serial);
        g_hash_table_iter_remove (&iter);
      }
}

/* Asked each time, for another daemon may have come. */
static GVariant *
ask_capabilities_in_thread (FerrydBubbles  *self,
                            GError        **error)
{
  return g_dbus_connection_call_sync (self->connection, DAEMON_NAME, DAEMON_PATH, DAEMON_NAME,
                                      "GetCapabilities", NULL, G_VARIANT_TYPE ("(as)"),
                                      G_DBUS_CALL_FLAGS_NONE, ANSWERS_WITHIN_MS, NULL, error);
}

static char *
ask_daemon_in_thread (FerrydBubbles  *self,
                      GError        **error)
{
  g_autoptr(GVariant) reply = NULL;
  char *name;

  reply = g_dbus_connection_call_sync (self->connection, BUS_NAME, BUS_PATH, BUS_NAME,
                                       "GetNameOwner", g_variant_new ("(s)", DAEMON_NAME),
                                       G_VARIANT_TYPE ("(s)"), G_DBUS_CALL_FLAGS_NONE,
                                       ANSWERS_WITHIN_MS, NULL, error);
  if (reply == NULL)
    return NULL;

  g_variant_get (reply, "(s)", &name);
  return name;
}

static void
add_actions (Bubble *bubble)
{
  NotifyNotification *notification = bubble->notification;
  const FerrydNotice *notice = bubble->notice;

  if (notice->file != NULL)
    {
      notify_notification_add_action (notification, FERRYD_BUBBLE_DEFAULT, _("Open"),
                                      on_action_in_thread, bubble, NULL);
      notify_notification_add_action (notification, FERRYD_BUBBLE_OPEN, _("Open"),
                                      on_action_in_thread, bubble, NULL);
    }
  if (notice->paths != NULL && notice->paths[0] != NULL)
    notify_notification_add_action (notification, FERRYD_BUBBLE_SHOW, _("Show in Files"),
                                    on_action_in_thread, bubble, NULL);
}

/* @number: what the daemon calls the one to be replaced; 0: there is none.
 *
 * A NotifyNotification says only once that it is closed, also when it has been shown again since.
 * So each showing has one of its own. */
static Bubble *
bubble_new (Order    *order,
            GVariant *capabilities,
            int       number)
{
  g_autofree const char **can = NULL;
  g_autofree char *escaped = NULL;
  Bubble *bubble = g_new0 (Bubble, 1);
  const FerrydNotice *notice = bubble->notice = g_steal_pointer (&order->notice);
  const char *app_id = notice->app_id != NULL ? notice->app_id : FERRY_APP_ID;

  g_variant_get (capabilities, "(^a&s)", &can);
  if (notice->body != NULL && g_strv_contains (can, "body-markup"))
    escaped = g_markup_escape_text (notice->body, -1);

  bubble->key = order->key;
  bubble->serial = order->serial;
  bubble->bubbles = order->bubbles;
  bubble->notification = g_object_new (NOTIFY_TYPE_NOTIFICATION, "id", number,
                                       "summary", notice->summary,
                                       "body", escaped != NULL ? escaped : notice->body,
                                       "icon-name", app_id, NULL);
  notify_notification_set_hint (bubble->notification, "desktop-entry",
                                g_variant_new_string (app_id));
  /* A daemon that cannot make buttons of them may make a dialog of it all. */
  if (g_strv_contains (can, "actions"))
    add_actions (bubble);
  g_signal_connect (bubble->notification, "closed", G_CALLBACK (on_closed_in_thread), bubble);
  return bubble;
}

/* libnotify warns when no daemon answers it, so one is looked for first. */
static Bubble *
show_in_thread (Order   *order,
                GError **error)
{
  FerrydBubbles *self = order->bubbles;
  Bubble *before = g_hash_table_lookup (self->shown, &order->key);
  g_autoptr(GVariant) capabilities = NULL;
  Bubble *bubble;
  int number = 0;

  capabilities = ask_capabilities_in_thread (self, error);
  if (capabilities == NULL)
    return NULL;

  if (before != NULL)
    g_object_get (before->notification, "id", &number, NULL);
  bubble = bubble_new (order, capabilities, number);
  if (notify_notification_show (bubble->notification, error))
    bubble->daemon = ask_daemon_in_thread (self, error);

  if (bubble->daemon == NULL)
    g_clear_pointer (&bubble, bubble_free);
  return bubble;
}

static gboolean
on_order_in_thread (gpointer user_data)
{
  Order *order = crossed (user_data);
  FerrydBubbles *self = order->bubbles;
  g_autoptr(GError) error = NULL;
  Bubble *bubble;

  bubble = show_in_thread (order, &error);
  if (bubble != NULL)
    {
      self->is_missing = FALSE;
      (void) g_hash_table_replace (self->shown, &bubble->key, bubble);  /* whether there was one */
    }
  else
    {
      if (!self->is_missing)
        g_message ("There are no notifications, for no daemon shows them: %s", error->message);
      self->is_missing = TRUE;
      (void) g_hash_table_remove (self->shown, &order->key);
      tell_gone (self, order->key, order->serial);
    }

  (void) g_atomic_int_dec_and_test (&self->under_way);  /* read elsewhere */
  return G_SOURCE_REMOVE;
}

static gpointer
run_in_thread (gpointer user_data)
{
  FerrydBubbles *self = user_data;
  guint subscription;

  g_main_context_push_thread_default (self->context);
  (void) notify_init ("Ferry");  /* fails without a name alone */
  self->shown = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                       (GDestroyNotify) bubble_free);
  subscription = g_dbus_connection_signal_subscribe (self->connection, BUS_NAME, BUS_NAME,
                                                     "NameOwnerChanged", BUS_PATH, DAEMON_NAME,
                                                     G_DBUS_SIGNAL_FLAGS_NONE,
                                                     on_owner_changed_in_thread, self, NULL);
  g_main_loop_run (self->loop);

  g_dbus_connection_signal_unsubscribe (self->connection, subscription);
  g_clear_pointer (&self->shown, g_hash_table_unref);
  /* The proxy that it keeps has its signals in our context, and lets go of them there. */
  notify_uninit ();
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  bubbles_unref (self);
  return NULL;
}

static gboolean
on_end_in_thread (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

FerrydBubbles *
ferryd_bubbles_new (GDBusConnection  *connection,
                    FerrydBubbleFunc  func,
                    gpointer          user_data)
{
  FerrydBubbles *self = g_atomic_rc_box_new0 (FerrydBubbles);

  self->connection = g_object_ref (connection);
  self->home = g_main_context_ref_thread_default ();
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->func = func;
  self->user_data = user_data;
  return self;
}

void
ferryd_bubbles_show (FerrydBubbles      *self,
                     guint64             key,
                     guint64             serial,
                     const FerrydNotice *notice)
{
  Order *order = g_new0 (Order, 1);

  order->bubbles = g_atomic_rc_box_acquire (self);
  order->key = key;
  order->serial = serial;
  order->notice = ferryd_notice_copy (notice);

  g_atomic_int_inc (&self->under_way);
  if (self->thread == NULL)
    self->thread = g_thread_new ("notifications", run_in_thread, g_atomic_rc_box_acquire (self));
  cross (self->context, on_order_in_thread, order, (GDestroyNotify) order_free);
}

void
ferryd_bubbles_free (FerrydBubbles *self)
{
  self->func = NULL;
  if (self->thread != NULL)
    {
      cross (self->context, on_end_in_thread, g_main_loop_ref (self->loop),
             (GDestroyNotify) g_main_loop_unref);
      /* One that waits for a daemon ends without us; any other does so at once. */
      if (g_atomic_int_get (&self->under_way) > 0)
        g_thread_unref (self->thread);
      else
        (void) g_thread_join (self->thread);  /* it returns nothing */
      self->thread = NULL;
    }
  bubbles_unref (self);
}
