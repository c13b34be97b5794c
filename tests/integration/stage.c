/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-stage"

#include "config.h"

#include <string.h>

#include "stage.h"

void
stage_init (Stage      *self,
            const char *configuration)
{
  self->server = test_server_new (NULL);
  self->fixture = fixture_new (FIXTURE_STRICT);
  self->client = self->fixture->client;
  self->session = stage_open (self->client, "stage", configuration, NULL);
}

/* A server's stalled answers end when the service has gone. */
void
stage_clear (Stage *self)
{
  g_clear_pointer (&self->fixture, fixture_free);
  g_clear_pointer (&self->server, test_server_free);
  g_clear_pointer (&self->session, g_free);
}

char *
stage_open (Client     *client,
            const char *identifier,
            const char *configuration,
            gboolean   *created)
{
  g_autoptr(GVariant) answer = NULL;
  gboolean is_new;
  char *path;

  answer = client_call (client, MANAGER_PATH, "Manager", "OpenSession",
                        g_variant_new ("(s@a{sv})", identifier,
                                       client_parse (configuration != NULL ? configuration
                                                                           : "{}")));
  g_variant_get (answer, "(ob)", &path, &is_new);
  if (created != NULL)
    *created = is_new;
  return path;
}

static GVariant *
join_options (Stage      *self,
              const char *options,
              gboolean    start)
{
  g_autoptr(GVariant) given = g_variant_ref_sink (client_parse (options != NULL ? options : "{}"));
  GVariantDict dict;

  g_variant_dict_init (&dict, given);
  if (!g_variant_dict_contains (&dict, "destination"))
    g_variant_dict_insert (&dict, "destination", "s", self->fixture->downloads);
  if (start)
    g_variant_dict_insert (&dict, "start", "b", TRUE);
  return g_variant_dict_end (&dict);
}

char *
stage_create (Stage      *self,
              const char *path,
              const char *options)
{
  g_autofree char *url = test_server_get_url (self->server, path);

  return client_create (self->client, self->session, url, join_options (self, options, FALSE));
}

char *
stage_start (Stage      *self,
             const char *path,
             const char *options)
{
  g_autofree char *url = test_server_get_url (self->server, path);

  return stage_start_url (self, url, options);
}

char *
stage_start_url (Stage      *self,
                 const char *url,
                 const char *options)
{
  return client_create (self->client, self->session, url, join_options (self, options, TRUE));
}

void
stage_refuse (Stage      *self,
              const char *kind,
              const char *name,
              const char *options)
{
  g_autofree char *url = test_server_get_url (self->server, "/file");

  client_create_refused (self->client, kind, name, self->session, url,
                         join_options (self, options, FALSE));
}

GVariant *
stage_get (Client     *client,
           const char *path,
           const char *interface,
           const char *property)
{
  g_autofree char *whole = g_strconcat (FERRY_SERVICE_ID ".", interface, NULL);
  g_autoptr(GVariant) answer = client_call (client, path, PROPERTIES, "Get",
                                            g_variant_new ("(ss)", whole, property));
  GVariant *value;

  g_variant_get (answer, "(v)", &value);
  return value;
}

void
stage_assert (Client     *client,
              const char *path,
              const char *interface,
              const char *property,
              const char *text)
{
  g_autoptr(GVariant) value = stage_get (client, path, interface, property);

  client_assert_value (value, text);
}

void
stage_set (Client     *client,
           const char *path,
           const char *interface,
           const char *property,
           GVariant   *value)
{
  g_autofree char *whole = g_strconcat (FERRY_SERVICE_ID ".", interface, NULL);
  g_autoptr(GVariant) answer = client_call (client, path, PROPERTIES, "Set",
                                            g_variant_new ("(ssv)", whole, property, value));

  g_assert_nonnull (answer);
}

gint64
stage_get_until (Client     *client,
                 const char *task)
{
  g_autoptr(GVariant) details = client_get (client, task, "ReasonDetails");
  gint64 until = 0;

  g_assert_true (g_variant_lookup (details, "until", "x", &until));
  return until;
}

void
stage_call (Client     *client,
            const char *path,
            const char *interface,
            const char *method,
            GVariant   *arguments)
{
  g_autoptr(GVariant) answer = client_call (client, path, interface, method, arguments);

  g_assert_nonnull (answer);
}

void
stage_tell (Client     *client,
            const char *path,
            const char *interface,
            const char *method)
{
  stage_call (client, path, interface, method, NULL);
}

/* Calls that are under way together. */
typedef struct
{
  GPtrArray  *answers;  /* owned */
  const char *kinds;
} Crowd;

static void
one_answered_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  Crowd *crowd = user_data;
  g_autoptr(GError) error = NULL;
  GVariant *answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);

  g_ptr_array_add (crowd->answers, answer);
  if (answer == NULL)
    {
      g_autofree char *name = g_dbus_error_get_remote_error (error);

      if (name == NULL || !g_str_has_prefix (name, FERRY_SERVICE_ID ".Error.") ||
          crowd->kinds == NULL || strstr (crowd->kinds, strrchr (name, '.') + 1) == NULL)
        g_error ("%s is not one of %s", name, crowd->kinds);
    }
}

/* What is waited for. */
typedef struct
{
  const Crowd *crowd;
  guint        n;
} Many;

static gboolean
is_complete (Client        *client,
             gconstpointer  data)
{
  const Many *many = data;

  return many->crowd->answers->len == many->n;
}

static void
answer_free (gpointer answer)
{
  if (answer != NULL)
    g_variant_unref (answer);
}

GPtrArray *
stage_call_at_once (Client     *client,
                    guint       n,
                    const char *kinds,
                    const char *path,
                    const char *interface,
                    const char *method,
                    GVariant   *arguments)
{
  g_autofree char *whole = g_strconcat (FERRY_SERVICE_ID ".", interface, NULL);
  g_autoptr(GVariant) owned = g_variant_ref_sink (arguments);
  Crowd crowd = { g_ptr_array_new_with_free_func (answer_free), kinds };
  const Many many = { &crowd, n };

  for (guint i = 0; i < n; i++)
    g_dbus_connection_call (client->connection, FERRY_SERVICE_ID, path, whole, method, owned, NULL,
                            G_DBUS_CALL_FLAGS_NONE, -1, NULL, one_answered_cb, &crowd);
  client_wait (client, is_complete, &many, method);
  return crowd.answers;
}

GDBusNodeInfo *
stage_introspect (Client     *client,
                  const char *path)
{
  g_autoptr(GVariant) answer = client_call (client, path, "org.freedesktop.DBus.Introspectable",
                                            "Introspect", NULL);
  g_autoptr(GError) error = NULL;
  GDBusNodeInfo *node;
  const char *xml;

  g_variant_get (answer, "(&s)", &xml);
  node = g_dbus_node_info_new_for_xml (xml, &error);
  g_assert_no_error (error);
  return node;
}

void
stage_fence (Client *client)
{
  g_autoptr(GVariant) version = stage_get (client, MANAGER_PATH, "Manager", "Version");

  g_assert_nonnull (version);
}

ClientSignal *
stage_find_signal (Client     *client,
                   const char *member,
                   const char *path,
                   guint       from)
{
  for (guint i = from; i < client->signals->len; i++)
    {
      ClientSignal *signal = client->signals->pdata[i];

      if (g_str_equal (signal->member, member) &&
          (path == NULL || g_str_equal (signal->path, path)))
        return signal;
    }

  return NULL;
}

/* What is waited for. */
typedef struct
{
  const char *member;
  const char *path;
  guint       from;
} Wanted;

static gboolean
has_come (Client        *client,
          gconstpointer  data)
{
  const Wanted *wanted = data;

  return stage_find_signal (client, wanted->member, wanted->path, wanted->from) != NULL;
}

ClientSignal *
stage_wait_signal (Client     *client,
                   const char *member,
                   const char *path,
                   guint       from)
{
  const Wanted wanted = { member, path, from };

  client_wait (client, has_come, &wanted, member);
  return stage_find_signal (client, member, path, from);
}

const char *
stage_get_asked (Stage      *self,
                 guint       index,
                 const char *header)
{
  return test_request_get_header (test_server_get_request (self->server, index), header);
}

GVariant *
stage_get_events (Client     *client,
                  const char *session)
{
  g_autoptr(GVariant) answer = client_call (client, session, "Session", "GetEvents",
                                            g_variant_new ("(tu)", G_GUINT64_CONSTANT (0), 0));

  return g_variant_get_child_value (answer, 0);
}

char *
stage_list_kinds (Client     *client,
                  const char *session)
{
  g_autoptr(GVariant) events = stage_get_events (client, session);
  g_autoptr(GPtrArray) kinds = g_ptr_array_new ();

  for (gsize i = 0; i < g_variant_n_children (events); i++)
    {
      const char *kind;

      g_variant_get_child (events, i, "(t&s&o@a{sv})", NULL, &kind, NULL, NULL);
      g_ptr_array_add (kinds, (gpointer) kind);
    }
  g_ptr_array_add (kinds, NULL);
  return g_strjoinv (" ", (char **) kinds->pdata);
}
