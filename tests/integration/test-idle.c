/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls come in the very moment in which the service leaves because nobody needs it: each is
 * answered, and what is begun in that moment is done. */
#define G_LOG_DOMAIN "test-idle"

#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "fixture.h"
#include "gate.h"
#include "support/rows.h"

/* The least that the setting allows. */
#define DELAY "uint32 1"
#define DELAY_US G_TIME_SPAN_SECOND

/* As many buses, each with its own service, so many of them at a time: services start and end there
 * every second, which is to leave them time to answer. As many moments on each, and calls in each:
 * a thousand calls in all. */
#define N_BUSES 10
#define N_AT_A_TIME 5
#define N_MOMENTS 20
#define N_CALLS 5

#define SIZE 20000

/* Where a moment lies: before and after the end of the delay, by what was seen. */
#define EARLIEST_US (-4000)
#define LATEST_US 12000

/* Calls follow each other within so long. */
#define MOST_GAP_US 1500

/* How long before its end a service is stopped, to wake up to the end and all calls at once. */
#define STOP_BEFORE_US (40 * 1000)

/* One bus, and what comes from its service. */
typedef struct
{
  Fixture    *fixture;   /* unowned */
  GRand      *random;    /* owned */
  Gate        gate;
  TestServer *server;    /* owned */
  char       *url;       /* owned */
  char       *session;   /* owned; its path */
  Client     *fresh[N_CALLS];  /* owned; clients that have never called. NULL: left again */
  guint       n_sent;
  guint       n_come;
  guint       n_made;    /* tasks that are to run */
  gint64      last;      /* monotonic µs; when the last answer came */
  GHashTable *owners;    /* owned; set of the unique names that had the service's name */
  char       *owner;     /* owned; the one that had it last */
  guint       n_back;    /* how often a service has taken its name back */
  gboolean    is_strict; /* who lets go of the name is told to end, as systemd does it */
  guint32     pid;       /* of the service, when the moment began. 0: there was none */
} Bus;

static void
on_owner_changed_cb (GDBusConnection *connection,
                     const char      *sender,
                     const char      *path,
                     const char      *interface,
                     const char      *member,
                     GVariant        *parameters,
                     gpointer         user_data)
{
  Bus *self = user_data;
  const char *now;

  g_variant_get (parameters, "(&s&s&s)", NULL, NULL, &now);
  if (*now == '\0')
    {
      if (self->is_strict && self->pid != 0)
        (void) kill ((pid_t) self->pid, SIGTERM);  /* it may have gone by itself */
      return;
    }

  if (g_strcmp0 (now, self->owner) == 0)
    self->n_back++;
  g_clear_pointer (&self->owner, g_free);
  self->owner = g_strdup (now);
  g_hash_table_add (self->owners, g_strdup (now));
}

static void
bus_init (Bus     *self,
          Fixture *fixture,
          guint32  seed)
{
  Client *visitor;

  *self = (Bus) { .fixture = fixture, .is_strict = seed % 2 == 0 };
  self->random = g_rand_new_with_seed (seed);
  gate_init (&self->gate, 41, SIZE, G_MAXINT64);
  self->server = test_server_new (NULL);
  test_server_add (self->server, "/file", gate_serve, &self->gate);
  self->url = test_server_get_url (self->server, "/file");
  self->owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_dbus_connection_signal_subscribe (fixture->client->connection, "org.freedesktop.DBus",
                                      "org.freedesktop.DBus", "NameOwnerChanged",
                                      "/org/freedesktop/DBus", FERRY_SERVICE_ID,
                                      G_DBUS_SIGNAL_FLAGS_NONE, on_owner_changed_cb, self, NULL);

  /* Who has opened a session keeps the service there. */
  visitor = client_new (fixture->address);
  self->session = client_open_session (visitor, "idle");
  client_free (visitor);
  self->last = g_get_monotonic_time ();
}

static void
bus_clear (Bus *self)
{
  test_server_free (self->server);
  gate_clear (&self->gate);
  g_rand_free (self->random);
  g_hash_table_unref (self->owners);
  g_free (self->url);
  g_free (self->session);
  g_free (self->owner);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bus, bus_clear)

static void
called_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Bus *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = NULL;

  answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);
  g_assert_no_error (error);
  self->n_come++;
  self->last = g_get_monotonic_time ();
}

static gboolean
have_all_come (Client        *client,
               gconstpointer  data)
{
  const Bus *self = data;

  return self->n_come == self->n_sent;
}

static void
send (Bus        *self,
      Client     *client,
      const char *path,
      const char *interface,
      const char *method,
      GVariant   *arguments)
{
  g_autofree char *whole = g_strconcat (FERRY_SERVICE_ID ".", interface, NULL);

  g_dbus_connection_call (client->connection, FERRY_SERVICE_ID, path, whole, method, arguments,
                          NULL, G_DBUS_CALL_FLAGS_NONE, TEST_DEADLINE / G_TIME_SPAN_MILLISECOND,
                          NULL, called_cb, self);
  self->n_sent++;
}

/* A task that is to run, and with it the service has to stay, or another one to come. */
static void
send_creation (Bus    *self,
               Client *client)
{
  g_autofree char *name = g_strdup_printf ("file-%u", self->n_made++);

  send (self, client, self->session, "Session", "CreateDownloadTask",
        g_variant_new ("(s@a{sv})", self->url,
                       g_variant_new_parsed ("{'destination': <%s>, 'filename': <%s>, "
                                             "'start': <true>}",
                                             self->fixture->downloads, name)));
}

static void
send_any (Bus    *self,
          Client *client)
{
  GVariant *no_filter = g_variant_new_parsed ("(@a{sv} {}, uint64 0, uint32 0)");

  if (g_rand_boolean (self->random))
    send (self, client, self->session, "Session", "ListTasks", no_filter);
  else
    send (self, client, MANAGER_PATH, "Manager", "ListTasks", no_filter);
}

/* Half of them by a client that is new to the service, which has to find out who that is. */
static void
send_calls (Bus *self)
{
  int creation = g_rand_int_range (self->random, 0, 2 * N_CALLS);

  for (int i = 0; i < N_CALLS; i++)
    {
      Client *client = self->fixture->client;

      if (g_rand_boolean (self->random))
        client = self->fresh[i];
      if (i == creation)
        send_creation (self, client);
      else
        send_any (self, client);
      g_usleep ((gulong) g_rand_int_range (self->random, 0, MOST_GAP_US));
    }
}

static void
sleep_until (gint64 when)
{
  gint64 left = when - g_get_monotonic_time ();

  if (left > 0)
    g_usleep ((gulong) left);
}

/* The moment as it comes. */
static void
call_around (Bus    *self,
             gint64  end)
{
  sleep_until (end + g_rand_int_range (self->random, EARLIEST_US, LATEST_US));
  send_calls (self);
}

/* The service wakes up when its while is over, and the calls are there: it hears of them when it
 * has begun to leave. */
static void
call_stopped (Bus    *self,
              gint64  end)
{
  sleep_until (end - STOP_BEFORE_US);
  /* One that was never called has left at once, when its task was done. */
  (void) kill ((pid_t) self->pid, SIGSTOP);
  sleep_until (end);
  send_calls (self);
  (void) kill ((pid_t) self->pid, SIGCONT);  /* the same */
}

/* Without a call, which would bring a service to a task that was forgotten. */
static void
wait_for_files (Bus *self)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;

  for (guint i = 0; i < self->n_made; i++)
    {
      g_autofree char *name = g_strdup_printf ("file-%u", i);
      g_autofree char *path = fixture_get_path (self->fixture, name);

      while (!g_file_test (path, G_FILE_TEST_EXISTS))
        {
          if (g_get_monotonic_time () > deadline)
            g_error ("nobody fetches %s", name);
          client_pass_time (self->fixture->client, 1);
          self->last = g_get_monotonic_time ();
        }
    }
}

static void
pass_moment (Bus *self)
{
  gint64 end = self->last + DELAY_US;

  for (guint i = 0; i < N_CALLS; i++)
    self->fresh[i] = client_new (self->fixture->address);

  self->pid = fixture_get_pid (self->fixture);
  if (self->pid != 0 && g_rand_boolean (self->random))
    call_stopped (self, end);
  else
    call_around (self, end);
  client_wait (self->fixture->client, have_all_come, self, "answers of a service that leaves");
  for (guint i = 0; i < N_CALLS; i++)
    g_clear_pointer (&self->fresh[i], client_free);
  wait_for_files (self);
}

static void
assert_files (Bus *self)
{
  g_autoptr(GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->n_made; i++)
    {
      char *name = g_strdup_printf ("file-%u", i);
      g_autofree char *path = fixture_get_path (self->fixture, name);

      gate_assert_file (&self->gate, path);
      g_hash_table_add (names, name);
    }
  fixture_assert_only (self->fixture, names);
}

static gboolean
has_left (Client        *client,
          gconstpointer  fixture)
{
  return fixture_get_pid ((Fixture *) fixture) == 0;
}

/* Where a service has taken its name back, another that was about to start has found it taken. */
static guint
count_beaten (Fixture *fixture)
{
  g_autofree char *log = fixture_read_log (fixture);
  g_auto(GStrv) lines = g_strsplit (g_strchomp (log), "\n", -1);
  guint n = 0;

  for (; lines[n] != NULL; n++)
    if (strstr (lines[n], "Unable to acquire bus name") == NULL)
      g_error ("the service complained: %s", lines[n]);
  return n;
}

/* One bus; runs by itself, as the test below starts it. */
static void
test_bus (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_MAY_WARN);
  g_auto(Bus) bus = { 0 };
  guint n_beaten;
  guint n_failed = 0;

  fixture_set (fixture, "idle-exit-delay", DELAY);
  bus_init (&bus, fixture, test_get_seed ());
  for (guint i = 0; i < N_MOMENTS; i++)
    pass_moment (&bus);
  assert_files (&bus);
  g_assert_cmpuint (bus.n_come, ==, N_MOMENTS * N_CALLS);
  g_printerr ("%u calls were answered by %u services%s, which came back %u times; %u tasks\n",
              bus.n_come, g_hash_table_size (bus.owners), bus.is_strict ? " (told to end)" : "",
              bus.n_back, bus.n_made);

  /* The last one goes as all have gone. */
  client_wait (fixture->client, has_left, fixture, "the last service leaves");
  n_beaten = count_beaten (fixture);
  for (guint i = 0; i < g_hash_table_size (bus.owners) + n_beaten; i++)
    {
      int status = fixture_wait_end (fixture);

      if (status != 0)
        n_failed++;
    }
  g_assert_cmpuint (n_failed, ==, n_beaten);
  g_assert_cmpuint (n_beaten, <=, bus.n_back);
  g_assert_cmpuint (g_hash_table_size (bus.owners) + bus.n_back, >, N_MOMENTS / 4);
}

/* It goes when we go, however that is. */
static void
set_up_child (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static GSubprocess *
start_bus (guint32 seed)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (
    G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *number = g_strdup_printf ("%u", seed);
  g_autoptr(GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "FERRY_TEST_SEED", number, TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, "/proc/self/exe", "-p",
                                         "/idle/calls/subprocess/bus", NULL);
  g_assert_no_error (error);
  return process;
}

static void
run_buses (guint32 seed)
{
  GSubprocess *buses[N_AT_A_TIME];

  for (guint i = 0; i < N_AT_A_TIME; i++)
    buses[i] = start_bus (seed + i);
  for (guint i = 0; i < N_AT_A_TIME; i++)
    {
      g_autoptr(GSubprocess) bus = buses[i];
      g_autofree char *said = NULL;
      g_autoptr(GError) error = NULL;

      g_subprocess_communicate_utf8 (bus, NULL, NULL, NULL, &said, &error);
      g_assert_no_error (error);
      if (!g_subprocess_get_successful (bus))
        g_error ("a bus with FERRY_TEST_SEED=%u failed: %s", seed + i, said);
      g_test_message ("%s", g_strchomp (said));
    }
}

static void
test_calls (void)
{
  guint32 seed = test_get_seed ();

  for (guint i = 0; i < N_BUSES; i += N_AT_A_TIME)
    run_buses (seed + i);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/idle/calls", test_calls);
  g_test_add_func ("/idle/calls/subprocess/bus", test_bus);
  return g_test_run ();
}
