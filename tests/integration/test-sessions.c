/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening sessions, and who hears of what happens in them. */
#define G_LOG_DOMAIN "test-sessions"

#include "config.h"

#include <signal.h>

#include "fixture.h"
#include "gate.h"
#include "monitor.h"

#define SIZE (200 * 1000)

static char *
repeat (const char *text,
        guint       n)
{
  GString *whole = g_string_new (NULL);

  while (n-- > 0)
    g_string_append (whole, text);
  return g_string_free (whole, FALSE);
}

static void
refuse (Client     *client,
        const char *names,
        const char *identifier,
        const char *configuration)
{
  client_call_refused (client, "InvalidOption", names, MANAGER_PATH, "Manager", "OpenSession",
                       g_variant_new ("(s@a{sv})", identifier, client_parse (configuration)));
}

/* Returns the path. */
static char *
open_as (Client     *client,
         const char *identifier,
         const char *configuration,
         gboolean    created)
{
  g_autoptr(GVariant) answer = NULL;
  gboolean is_new;
  char *path;

  answer = client_call (client, MANAGER_PATH, "Manager", "OpenSession",
                        g_variant_new ("(s@a{sv})", identifier, client_parse (configuration)));
  g_variant_get (answer, "(ob)", &path, &is_new);
  g_assert_cmpint (is_new, ==, created);
  return path;
}

static void
test_validation (void)
{
  static const char *const no_app_ids[] = {
    "", "x", "org", ".org.example", "org..example", "org.exa mple", "org.1example", "org/example",
  };
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  Client *client = fixture->client;
  g_autofree char *longest = repeat ("x", 255);
  g_autofree char *too_long = repeat ("x", 256);
  g_autofree char *too_many_bytes = repeat ("ä", 128);
  g_autofree char *path = NULL;

  refuse (client, "identifier", "", "{}");
  refuse (client, "identifier", too_long, "{}");
  refuse (client, "identifier", too_many_bytes, "{}");
  refuse (client, "identifier", "a\nb", "{}");
  refuse (client, "identifier", "a\x7f", "{}");
  refuse (client, "identifier", "a\xc2\x85", "{}");
  refuse (client, "“colour”", "x", "{'colour': <'red'>}");
  refuse (client, "“app-id”", "x", "{'app-id': <uint32 1>}");
  refuse (client, "“app-id”", "x", "{'app-id': <@ay []>}");
  for (gsize i = 0; i < G_N_ELEMENTS (no_app_ids); i++)
    {
      g_autofree char *text = g_strdup_printf ("{'app-id': <'%s'>}", no_app_ids[i]);

      refuse (client, "“app-id”", "x", text);
    }

  /* None of that has made anything. */
  path = open_as (client, longest, "{}", TRUE);
  g_assert_cmpstr (path, ==, MANAGER_PATH "/session/1");
}

/* A dictionary of D-Bus may have a key twice; which one holds must not be left to chance. */
static void
test_key_twice (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "twice");
  GVariantBuilder options;
  GVariantBuilder configuration;

  g_variant_builder_init (&configuration, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&configuration, "{sv}", "app-id", g_variant_new_string ("org.example.A"));
  g_variant_builder_add (&configuration, "{sv}", "app-id", g_variant_new_string ("org.example.B"));
  client_call_refused (fixture->client, "InvalidOption", "“app-id”", MANAGER_PATH, "Manager",
                       "OpenSession", g_variant_new ("(sa{sv})", "x", &configuration));

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "start", g_variant_new_boolean (TRUE));
  g_variant_builder_add (&options, "{sv}", "start", g_variant_new_boolean (FALSE));
  client_create_refused (fixture->client, "InvalidOption", "“start”", session,
                         "http://127.0.0.1/", g_variant_builder_end (&options));
}

static void
test_opened_twice (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(Client) other = client_new (fixture->address);
  Client *client = fixture->client;
  g_autofree char *first = open_as (client, "a", "{}", TRUE);
  g_autofree char *again = open_as (client, "a", "{}", FALSE);
  g_autofree char *by_other = open_as (other, "a", "{}", FALSE);
  g_autofree char *own = open_as (client, "a", "{'app-id': <'" FERRY_APP_ID "'>}", FALSE);
  g_autofree char *named = open_as (client, "a", "{'app-id': <'org.example.App'>}", TRUE);
  g_autofree char *case_counts = open_as (client, "A", "{}", TRUE);
  g_autofree char *after = NULL;

  g_assert_cmpstr (again, ==, first);
  g_assert_cmpstr (by_other, ==, first);
  g_assert_cmpstr (own, ==, first);
  g_assert_cmpstr (named, !=, first);
  g_assert_cmpstr (case_counts, !=, first);

  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, 128 + SIGKILL);
  after = open_as (client, "a", "{}", FALSE);
  g_assert_cmpstr (after, ==, first);
}

/* A file on a server, and two clients. */
typedef struct
{
  Gate        gate;
  TestServer *server;   /* owned */
  Fixture    *fixture;  /* owned */
  Client     *member;   /* the fixture's */
  Client     *other;    /* owned */
  char       *session;  /* owned; of the member */
  char       *url;      /* owned */
} Party;

static void
party_init (Party *self)
{
  gate_init (&self->gate, 9, SIZE, G_MAXINT64);
  self->server = test_server_new (NULL);
  test_server_add (self->server, "/file", gate_serve, &self->gate);
  self->url = test_server_get_url (self->server, "/file");
  self->fixture = fixture_new (FIXTURE_STRICT);
  self->member = self->fixture->client;
  self->other = client_new (self->fixture->address);
  self->session = client_open_session (self->member, "party");
}

static void
party_clear (Party *self)
{
  g_clear_pointer (&self->other, client_free);
  g_clear_pointer (&self->fixture, fixture_free);
  g_clear_pointer (&self->server, test_server_free);
  gate_clear (&self->gate);
  g_clear_pointer (&self->session, g_free);
  g_clear_pointer (&self->url, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Party, party_clear)

static void
fetch (Party *self)
{
  g_autofree char *task = NULL;

  task = client_create (self->member, self->session, self->url,
                        g_variant_new_parsed ("{'destination': <%s>, 'start': <true>}",
                                              self->fixture->downloads));
  client_wait_state (self->member, task, "finished");
}

/* All that the service has sent to it before is handled then. */
static void
fence (Client *client)
{
  g_autoptr(GVariant) answer = client_call (client, MANAGER_PATH, "Manager", "ListTasks",
                                            g_variant_new ("(a{sv}tu)", NULL,
                                                           G_GUINT64_CONSTANT (0), 1));

  g_assert_nonnull (answer);
}

static void
test_unicast (void)
{
  g_auto(Party) party = { 0 };
  g_autoptr(Monitor) monitor = NULL;
  g_autofree char *other_session = NULL;
  g_autofree char *same_session = NULL;

  party_init (&party);
  monitor = monitor_new (party.fixture->address);
  other_session = client_open_session (party.other, "another party");
  fetch (&party);
  fence (party.other);
  g_assert_cmpuint (client_count_signals (party.member, "TasksAdded"), ==, 1);
  g_assert_cmpuint (client_count_signals (party.member, "TasksChanged"), >, 0);
  g_assert_cmpuint (party.other->signals->len, ==, 0);

  same_session = client_open_session (party.other, "party");
  g_assert_cmpstr (same_session, ==, party.session);
  fetch (&party);
  fence (party.other);
  g_assert_cmpuint (client_count_signals (party.other, "TasksAdded"), ==, 1);
  g_assert_cmpuint (client_count_signals (party.other, "TasksChanged"), >, 0);
  for (guint i = 0; i < party.other->signals->len; i++)
    {
      const char *path = ((ClientSignal *) party.other->signals->pdata[i])->path;

      g_assert_true (g_str_equal (path, party.session) ||
                     g_str_equal (path, MANAGER_PATH "/task/2"));
    }

  fence (party.member);
  g_assert_cmpuint (monitor_count_signals_to (monitor, party.member), >, 0);
  g_assert_cmpuint (monitor_count_broadcasts (monitor), ==, 0);
}

static void
on_gone_cb (GDBusConnection *connection,
            const char      *sender,
            const char      *path,
            const char      *interface,
            const char      *member,
            GVariant        *parameters,
            gpointer         user_data)
{
  *(gboolean *) user_data = TRUE;
}

static gboolean
is_true (Client        *client,
         gconstpointer  data)
{
  return *(const gboolean *) data;
}

static void
test_leaver_forgotten (void)
{
  g_auto(Party) party = { 0 };
  g_autoptr(Monitor) monitor = NULL;
  g_autofree char *same_session = NULL;
  g_autofree char *name = NULL;
  gboolean gone = FALSE;
  guint match;
  guint before;

  party_init (&party);
  monitor = monitor_new (party.fixture->address);
  same_session = client_open_session (party.other, "party");
  name = g_strdup (g_dbus_connection_get_unique_name (party.other->connection));
  fetch (&party);
  fence (party.other);
  g_assert_cmpuint (monitor_count_signals_to_name (monitor, name), >, 0);

  match = g_dbus_connection_signal_subscribe (party.member->connection, "org.freedesktop.DBus",
                                              "org.freedesktop.DBus", "NameOwnerChanged", NULL,
                                              name, G_DBUS_SIGNAL_FLAGS_NONE, on_gone_cb, &gone,
                                              NULL);
  fence (party.member);  /* the bus has the rule */
  g_clear_pointer (&party.other, client_free);
  client_wait (party.member, is_true, &gone, "the other is gone");
  g_dbus_connection_signal_unsubscribe (party.member->connection, match);
  fence (party.member);  /* the service was told before it answers this */

  before = monitor_count_signals_to_name (monitor, name);
  fetch (&party);
  g_assert_cmpuint (monitor_count_signals_to_name (monitor, name), ==, before);
}

static void
answered_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result,
                                                              &error);
  gboolean *answered = user_data;

  g_assert_no_error (error);
  g_assert_nonnull (answer);
  *answered = TRUE;
}

typedef struct
{
  const char *member;
  guint       more_than;
} Expected;

static gboolean
has_more (Client        *client,
          gconstpointer  data)
{
  const Expected *expected = data;

  return client_count_signals (client, expected->member) > expected->more_than;
}

/* Of what is told at one time the answers are the first part. */
static void
assert_reply_first (Party      *self,
                    const char *path,
                    const char *interface,
                    const char *method,
                    GVariant   *arguments,
                    const char *member)
{
  Expected expected = { member, client_count_signals (self->member, member) };
  gboolean answered = FALSE;

  g_dbus_connection_call (self->member->connection, FERRY_SERVICE_ID, path, interface, method,
                          arguments, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, answered_cb,
                          &answered);
  client_wait (self->member, has_more, &expected, member);
  if (!answered)
    g_error ("%s comes before the answer to %s", member, method);
}

static void
test_replies_first (void)
{
  g_auto(Party) party = { 0 };

  party_init (&party);
  for (guint i = 1; i <= 10; i++)
    {
      g_autofree char *task = g_strdup_printf (MANAGER_PATH "/task/%u", i);

      assert_reply_first (&party, party.session, FERRY_SERVICE_ID ".Session", "CreateDownloadTask",
                          g_variant_new ("(s@a{sv})", party.url,
                                         g_variant_new_parsed ("{'destination': <%s>}",
                                                               party.fixture->downloads)),
                          "TasksAdded");
      if (i % 2 == 0)
        {
          assert_reply_first (&party, task, FERRY_SERVICE_ID ".Task", "Resume", NULL,
                              "TasksChanged");
          client_wait_state (party.member, task, "finished");
        }
      else
        {
          assert_reply_first (&party, task, FERRY_SERVICE_ID ".Task", "Cancel", NULL,
                              "TasksChanged");
        }
      fence (party.member);
    }
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/sessions/bad-ones-are-not-opened", test_validation);
  g_test_add_func ("/sessions/key-twice-is-refused", test_key_twice);
  g_test_add_func ("/sessions/opened-twice-is-the-same", test_opened_twice);
  g_test_add_func ("/sessions/signals-are-for-members-alone", test_unicast);
  g_test_add_func ("/sessions/who-has-left-is-forgotten", test_leaver_forgotten);
  g_test_add_func ("/sessions/replies-come-before-signals", test_replies_first);
  return g_test_run ();
}
