/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network goes and comes back, for a service that lives in a network of its own. */
#define G_LOG_DOMAIN "test-network"

#include "config.h"

#include <libsoup/soup.h>
#include <sched.h>
#include <string.h>

#include "fixture.h"
#include "support/content.h"
#include "support/test-bed.h"

#define SIZE 1000000
#define HALF 500000

/* The two ends of the line between the service's network and ours. */
#define OUR_ADDRESS "10.77.0.2"
#define ITS_ADDRESS "10.77.0.1"

/* “going on within a second of the network's return” */
#define GOING_ON G_TIME_SPAN_SECOND

/* How long the network is away while nobody watches, and with `-m slow`. */
#define AWAY_S 8
#define AWAY_SLOW_S (3 * 60)

/* A server that is this silent does not answer any more. */
#define SILENCE "uint32 1"

/* Longer than a connection may be silent that is trusted when the network returns. */
#define SOON_MS 2500

static const TestContent content = { 51, SIZE };

static gboolean has_network = FALSE;
static GSubprocess *holder = NULL;  /* has the service's network, for it to last */

/* Everything of one test. */
typedef struct
{
  SoupServer        *server;    /* owned */
  gboolean           is_held;   /* answers stop half way */
  guint              n_requests;
  gint64             asked;     /* monotonic µs; when the last request came */
  char              *range;     /* owned; its header. NULL: none */
  guint8            *bytes;     /* owned; of the file */
  char              *url;       /* owned */
  Fixture           *fixture;   /* owned */
  GString           *told;      /* owned; the reasons of all IsWaiting, each with a space */
} Line;

static gboolean
try_run (const char *command)
{
  g_auto(GStrv) arguments = g_strsplit (command, " ", -1);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;

  process = g_subprocess_newv ((const char * const *) arguments, G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                               &error);
  return process != NULL && g_subprocess_wait_check (process, NULL, NULL);
}

/* In the service's network. */
static gboolean
try_run_there (const char *command)
{
  g_autofree char *whole = g_strdup_printf ("nsenter --net=/proc/%s/ns/net %s",
                                            g_subprocess_get_identifier (holder), command);

  return try_run (whole);
}

static char *
read_network (const char *process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/ns/net", process);

  return g_file_read_link (path, NULL);
}

/* Another network than ours, which lasts until its holder's input ends: with us. */
static gboolean
make_its_network (void)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;
  g_autofree char *ours = read_network ("self");

  holder = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE, NULL, "unshare", "--net", "cat", NULL);
  if (holder == NULL)
    return FALSE;

  while (g_get_monotonic_time () < deadline)
    {
      g_autofree char *its = read_network (g_subprocess_get_identifier (holder));

      if (its != NULL && !g_str_equal (its, ours))
        return TRUE;
      g_usleep (1000);
    }
  return FALSE;
}

/* Its only way to our end of the line is the default route. */
static gboolean
begin (void)
{
  g_autofree char *pair = NULL;

  if (unshare (CLONE_NEWNET) != 0 || !make_its_network ())
    return FALSE;

  pair = g_strdup_printf ("ip link add ours type veth peer name its netns %s",
                          g_subprocess_get_identifier (holder));
  return try_run ("ip link set lo up") && try_run (pair) &&
         try_run ("ip address add " OUR_ADDRESS "/24 dev ours") &&
         try_run ("ip link set ours up") && try_run_there ("ip link set lo up") &&
         try_run_there ("ip address add " ITS_ADDRESS "/32 dev its") &&
         try_run_there ("ip link set its up");
}

static void
take_away (void)
{
  g_assert_true (try_run_there ("ip route del default"));
}

static void
bring_back (void)
{
  g_assert_true (try_run_there ("ip route add default via " OUR_ADDRESS " dev its onlink"));
}

static gboolean
is_there (void)
{
  if (!has_network)
    g_test_skip ("only root can make networks, where it may");
  return has_network;
}

/* With all of the file from where it is asked for, or up to its middle and then nothing. */
static void
on_request_cb (SoupServer        *server,
               SoupServerMessage *message,
               const char        *path,
               GHashTable        *query,
               gpointer           user_data)
{
  Line *self = user_data;
  SoupMessageHeaders *request = soup_server_message_get_request_headers (message);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  SoupMessageBody *body = soup_server_message_get_response_body (message);
  const char *range = soup_message_headers_get_one (request, "Range");
  gint64 from = range != NULL ? g_ascii_strtoll (range + strlen ("bytes="), NULL, 10) : 0;
  gint64 to = self->is_held ? HALF : SIZE;

  self->n_requests++;
  self->asked = g_get_monotonic_time ();
  g_clear_pointer (&self->range, g_free);
  self->range = g_strdup (range);

  soup_server_message_set_status (message, range != NULL ? 206 : 200, NULL);
  if (range != NULL)
    soup_message_headers_set_content_range (headers, from, SIZE - 1, SIZE);
  soup_message_headers_replace (headers, "ETag", "\"line\"");
  soup_message_headers_set_content_length (headers, SIZE - from);
  soup_message_body_set_accumulate (body, FALSE);
  if (from < to)
    soup_message_body_append (body, SOUP_MEMORY_COPY, self->bytes + from, (gsize) (to - from));
  if (to == SIZE)
    soup_message_body_complete (body);
}

static void
on_waiting_cb (GDBusConnection *connection,
               const char      *sender,
               const char      *path,
               const char      *interface,
               const char      *member,
               GVariant        *parameters,
               gpointer         user_data)
{
  Line *self = user_data;
  const char *reason;

  g_variant_get (parameters, "(&s)", &reason);
  g_string_append_printf (self->told, "%s ", reason);
}

static void
start_server (Line *self)
{
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string (OUR_ADDRESS, 0);
  GSList *uris;
  g_autofree char *uri = NULL;
  g_autoptr(GError) error = NULL;

  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, NULL, on_request_cb, self, NULL);
  soup_server_listen (self->server, address, 0, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  uri = g_uri_to_string (uris->data);
  self->url = g_strconcat (uri, "file", NULL);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
}

static void
line_init (Line *self)
{
  g_autofree char *wrapper = g_strdup_printf ("nsenter --net=/proc/%s/ns/net",
                                              g_subprocess_get_identifier (holder));

  *self = (Line) { .is_held = TRUE, .bytes = g_malloc (SIZE), .told = g_string_new (NULL) };
  test_content_fill (&content, 0, self->bytes, SIZE);
  start_server (self);
  self->fixture = fixture_new (FIXTURE_STRICT);
  fixture_set_environment (self->fixture, "wrapper", wrapper);
  /* The machine's own NetworkManager, where it has one, knows nothing of this network. */
  fixture_set_environment (self->fixture, "GIO_USE_NETWORK_MONITOR", "netlink");
  fixture_set (self->fixture, "idle-exit-delay", "uint32 1");
  g_dbus_connection_signal_subscribe (self->fixture->client->connection, NULL,
                                      FERRY_SERVICE_ID ".Task", "IsWaiting", NULL, NULL,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_waiting_cb, self, NULL);
  bring_back ();
}

static void
line_clear (Line *self)
{
  if (self->server == NULL)
    return;  /* the test was skipped */

  g_clear_pointer (&self->fixture, fixture_free);
  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  g_clear_pointer (&self->bytes, g_free);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->range, g_free);
  g_string_free (g_steal_pointer (&self->told), TRUE);
  take_away ();
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Line, line_clear)

static char *
make_task (Line       *self,
           Client     *client,
           const char *more)
{
  g_autofree char *session = client_open_session (client, "network");
  g_autofree char *options = g_strdup_printf ("{'destination': <'%s'>, 'start': <true>%s}",
                                              self->fixture->downloads, more);

  return client_create (client, session, self->url, client_parse (options));
}

static void
assert_file (Line *self)
{
  g_autofree char *path = fixture_get_path (self->fixture, "file");
  g_autofree char *wanted = test_content_sha256 (&content);
  g_autofree char *found = test_file_sha256 (path);

  g_assert_cmpstr (found, ==, wanted);
  fixture_assert_files (self->fixture, "file", NULL);
}

static gboolean
is_asked (Client        *client,
          gconstpointer  line)
{
  return ((const Line *) line)->asked != 0;
}

/* The network returns, and with it the next request. */
static void
assert_goes_on (Line *self)
{
  gint64 began;

  self->is_held = FALSE;
  self->asked = 0;
  began = g_get_monotonic_time ();
  bring_back ();
  client_wait (self->fixture->client, is_asked, self, "the next request");
  g_test_message ("goes on after %" G_GINT64_FORMAT " ms", (self->asked - began) / 1000);
  g_assert_cmpint (self->asked - began, <=, GOING_ON);
}

static gboolean
is_told (Client        *client,
         gconstpointer  line)
{
  return g_str_equal (((const Line *) line)->told->str, "offline ");
}

/* §6: “a network failure while it says unavailable becomes `offline` and is tried again on its
 * change” */
static void
test_away_and_back (void)
{
  g_auto(Line) line = { 0 };
  g_autofree char *task = NULL;

  if (!is_there ())
    return;

  line_init (&line);
  task = make_task (&line, line.fixture->client, ", 'request-timeout': <" SILENCE ">");
  client_wait_received (line.fixture->client, task, HALF);
  take_away ();
  client_wait_reason (line.fixture->client, task, "offline");
  client_assert_string (line.fixture->client, task, "State", "waiting");
  client_wait (line.fixture->client, is_told, &line, "it is told that it waits");

  assert_goes_on (&line);
  client_wait_state (line.fixture->client, task, "finished");
  g_assert_cmpstr (line.range, ==, "bytes=" G_STRINGIFY (HALF) "-");
  g_assert_cmpuint (line.n_requests, ==, 2);
  assert_file (&line);
}

/* It was not away for as long as a server may be silent. */
static void
test_back_soon (void)
{
  g_auto(Line) line = { 0 };
  g_autofree char *task = NULL;

  if (!is_there ())
    return;

  line_init (&line);
  task = make_task (&line, line.fixture->client, "");
  client_wait_received (line.fixture->client, task, HALF);
  take_away ();
  client_pass_time (line.fixture->client, SOON_MS);
  client_assert_string (line.fixture->client, task, "State", "running");

  assert_goes_on (&line);
  client_wait_state (line.fixture->client, task, "finished");
  assert_file (&line);
}

static void
test_begun_while_away (void)
{
  g_auto(Line) line = { 0 };
  g_autofree char *task = NULL;

  if (!is_there ())
    return;

  line_init (&line);
  take_away ();
  task = make_task (&line, line.fixture->client, "");
  client_wait_reason (line.fixture->client, task, "offline");
  client_wait (line.fixture->client, is_told, &line, "it is told that it waits");
  g_assert_cmpuint (line.n_requests, ==, 0);

  assert_goes_on (&line);
  client_wait_state (line.fixture->client, task, "finished");
  assert_file (&line);
}

static gboolean
has_left (Client        *client,
          gconstpointer  line)
{
  return fixture_get_pid (((const Line *) line)->fixture) == 0;
}

/* Nobody calls it or listens, and its while is a second: it is there when the network returns. */
static void
test_without_client (void)
{
  g_auto(Line) line = { 0 };
  g_autofree char *task = NULL;
  Client *visitor;
  guint32 pid;

  if (!is_there ())
    return;

  line_init (&line);
  visitor = client_new (line.fixture->address);
  task = make_task (&line, visitor, ", 'request-timeout': <" SILENCE ">");
  client_wait_received (visitor, task, HALF);
  client_free (visitor);
  pid = fixture_get_pid (line.fixture);
  g_assert_cmpuint (pid, !=, 0);

  take_away ();
  client_pass_time (line.fixture->client, (g_test_slow () ? AWAY_SLOW_S : AWAY_S) * 1000);
  g_assert_cmpuint (fixture_get_pid (line.fixture), ==, pid);
  assert_goes_on (&line);

  client_wait (line.fixture->client, has_left, &line, "the service has nothing more to do");
  g_assert_cmpint (fixture_wait_end (line.fixture), ==, 0);
  assert_file (&line);
}

int
main (int    argc,
      char **argv)
{
  has_network = begin ();  /* before any thread is made; the tests ask */
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/network/away-and-back", test_away_and_back);
  g_test_add_func ("/network/back-soon", test_back_soon);
  g_test_add_func ("/network/begun-while-away", test_begun_while_away);
  g_test_add_func ("/network/without-client", test_without_client);
  return g_test_run ();
}
