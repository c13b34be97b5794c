/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cancel, Suspend and Resume race the end of a download: what is answered, the state, the file and
 * the events agree. */
#define G_LOG_DOMAIN "test-moments"

#include "config.h"

#include <glib/gstdio.h>

#include "fixture.h"
#include "gate.h"
#include "support/folder.h"
#include "support/rows.h"

#define N_MOMENTS 1000
#define SIZE 100000

/* As many as run at the same time with one host, so that none waits for its turn. */
#define BATCH 6

/* Batches that nothing disturbs, to see how long one takes. */
#define N_MEASURED 5

/* What each call that came too late, or not too late, makes of the time that a batch is thought to
 * take: so half of them are aimed before the end and half after it. */
#define SHORTER 0.97
#define LONGER 1.03

/* So much of that time the moments are spread over. */
#define SPREAD 0.6

typedef enum { CANCEL, SUSPEND, SUSPEND_AND_RESUME, N_WISHES } Wish;

/* A call on its way. */
typedef struct
{
  const char *verb;      /* NULL: none */
  gint64      moment;    /* µs after the batch's start at which it is made */
  gboolean    is_made;
  gboolean    is_over;
  gboolean    refused;   /* with WrongState */
} Call;

typedef struct
{
  char *name;      /* owned */
  char *task;      /* owned */
  Wish  wish;
  Call  calls[2];
} Racer;

typedef struct
{
  Fixture *fixture;   /* unowned */
  char    *session;   /* owned */
  char    *url;       /* owned */
  Gate    *gate;      /* unowned */
  GRand   *random;    /* owned */
  double   duration;  /* µs that a download takes */
  guint64  serial;    /* the last event that has been acknowledged */
  guint    n_done;    /* tasks that were made */
  guint    n_ended[N_WISHES];  /* that the end was quicker */
  Racer    racers[BATCH];
} Race;

static void
called_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Call *call = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result,
                                                              &error);
  g_autofree char *kind = error != NULL ? g_dbus_error_get_remote_error (error) : NULL;

  call->is_over = TRUE;
  call->refused = answer == NULL;
  if (answer == NULL && g_strcmp0 (kind, FERRY_SERVICE_ID ".Error.WrongState") != 0)
    g_error ("%s: %s", call->verb, error->message);
}

static void
make_call (Race  *self,
           Racer *racer,
           Call  *call)
{
  call->is_made = TRUE;
  g_dbus_connection_call (self->fixture->client->connection, FERRY_SERVICE_ID, racer->task,
                          FERRY_SERVICE_ID ".Task", call->verb, NULL, NULL, G_DBUS_CALL_FLAGS_NONE,
                          -1, NULL, called_cb, call);
}

static void
begin_batch (Race *self)
{
  GVariantBuilder builder;
  g_autoptr(GVariant) answer = NULL;
  g_autofree const char **paths = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
  for (guint i = 0; i < BATCH; i++)
    {
      Racer *racer = &self->racers[i];

      *racer = (Racer) { .name = g_strdup_printf ("%u.bin", self->n_done++) };
      g_variant_builder_add (&builder, "(s@a{sv})", self->url,
                             g_variant_new_parsed ("{'destination': <%s>, 'filename': <%s>, "
                                                   "'start': <true>}", self->fixture->downloads,
                                                   racer->name));
    }
  answer = client_call (self->fixture->client, self->session, "Session", "CreateDownloadTasks",
                        g_variant_new ("(a(sa{sv}))", &builder));
  g_variant_get (answer, "(^a&o)", &paths);
  for (guint i = 0; i < BATCH; i++)
    self->racers[i].task = g_strdup (paths[i]);
}

static void
end_batch (Race *self)
{
  for (guint i = 0; i < BATCH; i++)
    {
      g_autofree char *path = fixture_get_path (self->fixture, self->racers[i].name);

      (void) g_unlink (path);  /* not all have a file */
      g_clear_pointer (&self->racers[i].name, g_free);
      g_clear_pointer (&self->racers[i].task, g_free);
    }
}

static void
measure (Race *self)
{
  gint64 took = 0;

  for (guint n = 0; n < N_MEASURED; n++)
    {
      gint64 began;

      begin_batch (self);
      began = g_get_monotonic_time ();
      for (guint i = 0; i < BATCH; i++)
        client_wait_state (self->fixture->client, self->racers[i].task, "finished");
      took += g_get_monotonic_time () - began;
      end_batch (self);
    }
  self->duration = (double) took / N_MEASURED;
  g_test_message ("a batch takes %.0f µs", self->duration);
}

/* Around the end. */
static void
draw (Race  *self,
      Racer *racer)
{
  static const char *const verbs[N_WISHES][2] = {
    [CANCEL] = { "Cancel", NULL },
    [SUSPEND] = { "Suspend", NULL },
    [SUSPEND_AND_RESUME] = { "Suspend", "Resume" },
  };
  double offset = (g_rand_double (self->random) - 0.5) * 2 * SPREAD;
  gint64 first = (gint64) (self->duration * (1 + offset));

  racer->wish = (Wish) g_rand_int_range (self->random, 0, N_WISHES);
  for (guint i = 0; i < G_N_ELEMENTS (racer->calls); i++)
    {
      racer->calls[i].verb = verbs[racer->wish][i];
      racer->calls[i].moment = i == 0 ? first : first + g_rand_int_range (self->random, 0, 5000);
    }
}

/* Returns whether all calls have been made and answered. */
static gboolean
make_due_calls (Race   *self,
                gint64  began)
{
  gboolean all_over = TRUE;

  for (guint i = 0; i < BATCH; i++)
    for (guint j = 0; j < G_N_ELEMENTS (self->racers[i].calls); j++)
      {
        Call *call = &self->racers[i].calls[j];

        if (call->verb == NULL)
          continue;
        if (j > 0 && !call[-1].is_made)
          break;
        if (!call->is_made && g_get_monotonic_time () - began >= call->moment)
          make_call (self, &self->racers[i], call);
        all_over = all_over && call->is_over;
      }
  return all_over;
}

static void
race (Race *self)
{
  gint64 began;

  begin_batch (self);
  began = g_get_monotonic_time ();
  for (guint i = 0; i < BATCH; i++)
    draw (self, &self->racers[i]);

  /* The moments are finer than what a timer tells apart. */
  while (!make_due_calls (self, began))
    {
      if (g_get_monotonic_time () - began > 30 * G_TIME_SPAN_SECOND)
        g_error ("a call is not answered");
      g_main_context_iteration (NULL, FALSE);
    }
}

/* What the answers say is what it has come to. */
static void
check_answer (Race       *self,
              Racer      *racer,
              const char *state)
{
  gboolean refused = racer->calls[0].refused;

  self->duration *= refused ? SHORTER : LONGER;
  if (refused)
    self->n_ended[racer->wish]++;
  if (racer->wish == CANCEL)
    g_assert_cmpstr (state, ==, refused ? "finished" : "cancelled");
  else if (racer->wish == SUSPEND)
    g_assert_cmpstr (state, ==, refused ? "finished" : "suspended");
  else if (refused)
    g_assert_true (racer->calls[1].refused);
}

/* @files: what lies there; gets rid of what the racer may have. */
static void
check_file (Race       *self,
            Racer      *racer,
            const char *state,
            GHashTable *files)
{
  g_autofree char *part = g_strconcat (racer->name, ".part", NULL);
  g_autofree char *path = fixture_get_path (self->fixture, racer->name);
  gboolean is_there = g_hash_table_remove (files, racer->name);

  g_assert_cmpint (is_there, ==, g_str_equal (state, "finished"));
  if (is_there)
    gate_assert_file (self->gate, path);
  if (g_str_equal (state, "suspended"))
    (void) g_hash_table_remove (files, part);  /* it may have one */
}

/* Path → kind. Drops them. */
static GHashTable *
take_events (Race *self)
{
  GHashTable *kinds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Client *client = self->fixture->client;
  g_autoptr(GVariant) acknowledged = NULL;
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GVariantIter) events = NULL;
  const char *kind;
  const char *path;
  guint64 serial;

  answer = client_call (client, self->session, "Session", "GetEvents",
                        g_variant_new ("(tu)", self->serial, 0));
  g_variant_get (answer, "(a(tsoa{sv}))", &events);
  while (g_variant_iter_loop (events, "(t&s&o@a{sv})", &serial, &kind, &path, NULL))
    {
      g_assert_cmpuint (serial, >, self->serial);
      self->serial = serial;
      if (!g_str_equal (kind, "session-finished") &&
          !g_hash_table_insert (kinds, g_strdup (path), g_strdup (kind)))
        g_error ("%s has two events", path);
    }
  acknowledged = client_call (client, self->session, "Session", "AcknowledgeEvents",
                              g_variant_new ("(t)", self->serial));
  return kinds;
}

/* @kinds: of events; gets rid of the racer's. */
static void
check_event (Racer      *racer,
             const char *state,
             GHashTable *kinds)
{
  const char *kind = g_hash_table_lookup (kinds, racer->task);

  g_assert_cmpstr (kind, ==, g_str_equal (state, "suspended") ? NULL : state);
  (void) g_hash_table_remove (kinds, racer->task);  /* a suspended one has none */
}

static void
check_batch (Race     *self,
             gboolean  is_first)
{
  g_autoptr(GHashTable) files = test_folder_read (self->fixture->downloads);
  g_autoptr(GHashTable) kinds = take_events (self);

  for (guint i = 0; i < BATCH; i++)
    {
      Racer *racer = &self->racers[i];
      g_autofree char *state = client_get_string (self->fixture->client, racer->task, "State");

      if (is_first)
        check_answer (self, racer, state);
      check_file (self, racer, state, files);
      if (is_first || g_hash_table_contains (kinds, racer->task))
        check_event (racer, state, kinds);
    }
  g_assert_cmpuint (g_hash_table_size (files), ==, 0);
  g_assert_cmpuint (g_hash_table_size (kinds), ==, 0);
}

/* Those that go on come to their end before anything is looked at. */
static void
settle (Race *self)
{
  for (guint i = 0; i < BATCH; i++)
    {
      Racer *racer = &self->racers[i];

      if (racer->wish == SUSPEND_AND_RESUME)
        client_wait_state (self->fixture->client, racer->task, "finished");
    }
}

static void
end_suspended (Race *self)
{
  for (guint i = 0; i < BATCH; i++)
    {
      Racer *racer = &self->racers[i];
      gboolean cancels = g_rand_boolean (self->random);

      if (racer->wish != SUSPEND || racer->calls[0].refused)
        continue;

      client_tell (self->fixture->client, racer->task, cancels ? "Cancel" : "Resume");
      client_wait_state (self->fixture->client, racer->task, cancels ? "cancelled" : "finished");
    }
}

static void
test_moments (void)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  Race self = { .fixture = fixture, .gate = &gate };
  g_autoptr(GHashTable) undisturbed = NULL;

  gate_init (&gate, 61, SIZE, G_MAXINT64);
  gate.pace_ms = 3;
  test_server_add (server, "/file", gate_serve, &gate);
  self.random = g_rand_new_with_seed (test_get_seed ());
  self.session = client_open_session (fixture->client, "moments");
  self.url = test_server_get_url (server, "/file");
  measure (&self);
  undisturbed = take_events (&self);
  g_assert_cmpuint (g_hash_table_size (undisturbed), ==, N_MEASURED * BATCH);

  for (guint n = 0; n < N_MOMENTS; n += BATCH)
    {
      race (&self);
      settle (&self);
      check_batch (&self, TRUE);
      end_suspended (&self);
      check_batch (&self, FALSE);
      end_batch (&self);
    }

  /* Both sides win now and then, or the moments are none. */
  g_test_message ("the end was quicker than %u Cancel, %u Suspend", self.n_ended[CANCEL],
                  self.n_ended[SUSPEND] + self.n_ended[SUSPEND_AND_RESUME]);
  g_assert_cmpuint (self.n_ended[CANCEL], >, N_MOMENTS / 15);
  g_assert_cmpuint (self.n_ended[CANCEL], <, N_MOMENTS / 3 - N_MOMENTS / 15);
  g_clear_pointer (&self.session, g_free);
  g_clear_pointer (&self.url, g_free);
  g_rand_free (self.random);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/moments", test_moments);
  return g_test_run ();
}
