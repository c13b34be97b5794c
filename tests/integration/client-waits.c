/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-client"

#include "config.h"

#include <string.h>

#include "client.h"

/* What a wait for a task is for. */
typedef struct
{
  const char *task;
  const char *state;     /* NULL: something else is waited for */
  const char *reason;    /* the same */
  gint64      received;  /* 0: the same */
} Wish;

static GVariant *
look_up (Client     *self,
         const char *task,
         const char *property)
{
  GHashTable *known = g_hash_table_lookup (self->tasks, task);

  return known != NULL ? g_hash_table_lookup (known, property) : NULL;
}

static gboolean
is_granted (Client        *self,
            gconstpointer  data)
{
  const Wish *wish = data;
  const char *state = g_variant_get_string (look_up (self, wish->task, "State"), NULL);
  const char *kind;
  const char *message;

  if (g_strcmp0 (state, wish->state) == 0 ||
      g_strcmp0 (g_variant_get_string (look_up (self, wish->task, "Reason"), NULL),
                 wish->reason) == 0 ||
      (wish->received > 0 &&
       g_variant_get_int64 (look_up (self, wish->task, "BytesReceived")) >= wish->received))
    return TRUE;

  g_variant_get (look_up (self, wish->task, "Error"), "(&s&s)", &kind, &message);
  if (g_str_equal (state, "finished") || g_str_equal (state, "failed") ||
      g_str_equal (state, "cancelled"))
    g_error ("%s is %s (%s, “%s”)", wish->task, state, kind, message);
  return FALSE;
}

static void
wait_for_wish (Client     *self,
               const Wish *wish)
{
  g_autofree char *what = g_strdup_printf ("%s, %s, %" G_GINT64_FORMAT " bytes", wish->task,
                                           wish->state != NULL ? wish->state : wish->reason,
                                           wish->received);

  client_refresh (self, wish->task);
  client_wait (self, is_granted, wish, what);
}

void
client_wait_state (Client     *self,
                   const char *task,
                   const char *state)
{
  Wish wish = { .task = task, .state = state };

  wait_for_wish (self, &wish);
}

void
client_wait_received (Client     *self,
                      const char *task,
                      gint64      bytes)
{
  Wish wish = { .task = task, .received = bytes };

  wait_for_wish (self, &wish);
}

void
client_wait_reason (Client     *self,
                    const char *task,
                    const char *reason)
{
  Wish wish = { .task = task, .reason = reason };

  wait_for_wish (self, &wish);
}

void
client_wait_failed (Client     *self,
                    const char *task,
                    const char *kind,
                    const char *name)
{
  g_autofree char *whole = g_strconcat (FERRY_SERVICE_ID ".Error.", kind, NULL);
  g_autoptr(GVariant) error = NULL;
  const char *came;
  const char *message;

  client_wait_state (self, task, "failed");
  error = client_get (self, task, "Error");
  g_variant_get (error, "(&s&s)", &came, &message);
  g_assert_cmpstr (came, ==, whole);
  if (name != NULL && strstr (message, name) == NULL)
    g_error ("%s does not name %s: “%s”", task, name, message);
}
