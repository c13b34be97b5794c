/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-notifications"

#include "config.h"

#include "desktop/bubbles.h"
#include "desktop/notifications.h"
#include "desktop/opener.h"

struct _FerrydNotifier
{
  GObject          parent_instance;

  GDBusConnection *connection;  /* owned */
  FerrydBubbles   *bubbles;     /* owned */
  GHashTable      *open;        /* owned; key → serial of the last one shown with it */
  guint64          last_serial;
};

G_DEFINE_FINAL_TYPE (FerrydNotifier, ferryd_notifier, G_TYPE_OBJECT)

enum
{
  OPEN_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static guint64 *
copy_number (guint64 number)
{
  return g_memdup2 (&number, sizeof number);
}

/* Where it tells of one that was replaced meanwhile, the key is still open. */
static void
forget_gone (FerrydNotifier          *self,
             const FerrydBubbleEvent *event)
{
  const guint64 *serial = g_hash_table_lookup (self->open, &event->key);

  if (serial == NULL || *serial != event->serial)
    return;

  g_hash_table_remove (self->open, &event->key);
  g_signal_emit (self, signals[OPEN_CHANGED], 0);
}

static void
do_chosen (FerrydNotifier          *self,
           const FerrydBubbleEvent *event)
{
  if (g_str_equal (event->action, FERRYD_BUBBLE_SHOW))
    ferryd_opener_show (self->connection, event->notice->paths, event->token);
  else
    ferryd_opener_open (event->notice->file, event->token);
}

static void
on_bubble_event_cb (const FerrydBubbleEvent *event,
                    gpointer                 user_data)
{
  g_autoptr(FerrydNotifier) self = g_object_ref (user_data);

  if (event->kind == FERRYD_BUBBLE_CHOSEN)
    do_chosen (self, event);
  else
    forget_gone (self, event);
}

static void
ferryd_notifier_dispose (GObject *object)
{
  FerrydNotifier *self = FERRYD_NOTIFIER (object);

  g_clear_pointer (&self->bubbles, ferryd_bubbles_free);
  g_clear_pointer (&self->open, g_hash_table_unref);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (ferryd_notifier_parent_class)->dispose (object);
}

static void
ferryd_notifier_class_init (FerrydNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_notifier_dispose;

  signals[OPEN_CHANGED] = g_signal_new ("open-changed", FERRYD_TYPE_NOTIFIER, G_SIGNAL_RUN_LAST,
                                        0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferryd_notifier_init (FerrydNotifier *self)
{
  self->open = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
}

FerrydNotifier *
ferryd_notifier_new (GDBusConnection *connection)
{
  FerrydNotifier *self = NULL;

  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);

  self = g_object_new (FERRYD_TYPE_NOTIFIER, NULL);
  self->connection = g_object_ref (connection);
  self->bubbles = ferryd_bubbles_new (connection, on_bubble_event_cb, self);
  return self;
}

void
ferryd_notifier_show (FerrydNotifier     *self,
                      guint64             key,
                      const FerrydNotice *notice)
{
  guint64 serial = 0;

  g_return_if_fail (FERRYD_IS_NOTIFIER (self));
  g_return_if_fail (notice != NULL && notice->summary != NULL && *notice->summary != '\0');

  serial = ++self->last_serial;
  ferryd_bubbles_show (self->bubbles, key, serial, notice);
  if (g_hash_table_replace (self->open, copy_number (key), copy_number (serial)))
    g_signal_emit (self, signals[OPEN_CHANGED], 0);
}

guint
ferryd_notifier_get_n_open (FerrydNotifier *self)
{
  g_return_val_if_fail (FERRYD_IS_NOTIFIER (self), 0);

  return g_hash_table_size (self->open);
}
