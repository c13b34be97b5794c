/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who runs, in which order, and why the others wait: by the settings, the session and the task. */
#define G_LOG_DOMAIN "test-scheduling"

#include "config.h"

#include "stage.h"
#include "support/test-bed.h"

#define SIZE (300 * 1000)

/* A server behind one gate, and tasks in order of their creation. */
typedef struct
{
  Stage      stage;
  Gate       gate;
  GPtrArray *tasks;  /* owned; paths */
} Line;

static void
line_init (Line       *self,
           const char *configuration,
           const char *key,
           const char *value)
{
  gate_init (&self->gate, 11, SIZE, SIZE / 2);
  self->tasks = g_ptr_array_new_with_free_func (g_free);
  self->stage.server = test_server_new (NULL);
  self->stage.fixture = fixture_new (FIXTURE_STRICT);
  if (key != NULL)
    fixture_set (self->stage.fixture, key, value);
  self->stage.client = self->stage.fixture->client;
  self->stage.session = stage_open (self->stage.client, "line", configuration, NULL);
}

static void
line_clear (Line *self)
{
  gate_open (&self->gate);
  stage_clear (&self->stage);
  gate_clear (&self->gate);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Line, line_clear)

static const char *
add (Line       *self,
     const char *options)
{
  g_autofree char *path = g_strdup_printf ("/%u", self->tasks->len);

  test_server_add (self->stage.server, path, gate_serve, &self->gate);
  g_ptr_array_add (self->tasks, stage_start (&self->stage, path, options));
  return self->tasks->pdata[self->tasks->len - 1];
}

static gboolean
is_waiting (Line       *self,
            const char *path,
            const char *reason,
            guint       position)
{
  g_autofree char *state = client_get_string (self->stage.client, path, "State");
  g_autofree char *told = client_get_string (self->stage.client, path, "Reason");
  g_autoptr(GVariant) details = client_get (self->stage.client, path, "ReasonDetails");
  guint found = 0;

  return g_str_equal (state, "waiting") && g_str_equal (told, reason) &&
         g_variant_lookup (details, "position", "u", &found) && found == position;
}

/* That the place in the line has been found is not signalled. */
static void
assert_waits (Line       *self,
              guint       task,
              const char *reason,
              guint       position)
{
  const char *path = self->tasks->pdata[task];
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;

  while (!is_waiting (self, path, reason, position))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("task %u does not wait with “%s” at place %u", task, reason, position);
      client_pass_time (self->stage.client, 1);
    }
}

static void
finish_all (Line *self)
{
  gate_open (&self->gate);
  for (guint i = 0; i < self->tasks->len; i++)
    client_wait_state (self->stage.client, self->tasks->pdata[i], "finished");
}

/* Lets those that run pass one by one, and says in which order the server was asked, as digits. */
static char *
run_one_by_one (Line *self)
{
  g_autoptr(GString) order = g_string_new (NULL);
  guint n = self->tasks->len;

  for (guint i = 0; i < n; i++)
    {
      gate_wait_held (&self->gate, 1);
      gate_let_one (&self->gate);
    }
  finish_all (self);
  for (guint i = 0; i < n; i++)
    g_string_append (order, test_server_get_request (self->stage.server, i)->target + 1);
  return g_string_free (g_steal_pointer (&order), FALSE);
}

typedef struct
{
  const char *name;
  const char *configuration;  /* of the session. NULL: none */
  const char *key;            /* of the settings. NULL: none */
  const char *reason;         /* of those that wait */
} Limit;

static const Limit limits[] = {
  { "max-running", "{'max-running': <uint32 2>}", NULL, "queue" },
  { "max-running-setting", NULL, "max-running", "queue" },
  { "host", "{'max-connections-per-host': <uint32 2>}", NULL, "host-limit" },
  { "host-setting", NULL, "max-connections-per-host", "host-limit" },
};

static void
test_limit (gconstpointer data)
{
  const Limit *row = data;
  g_auto(Line) line = { 0 };
  g_autoptr(GVariant) details = NULL;
  const char *host = NULL;

  line_init (&line, row->configuration, row->key, "uint32 2");
  for (guint i = 0; i < 5; i++)
    add (&line, NULL);
  gate_wait_held (&line.gate, 2);
  client_wait_state (line.stage.client, line.tasks->pdata[0], "running");
  client_wait_state (line.stage.client, line.tasks->pdata[1], "running");
  for (guint i = 2; i < 5; i++)
    assert_waits (&line, i, row->reason, i - 1);
  details = client_get (line.stage.client, line.tasks->pdata[2], "ReasonDetails");
  (void) g_variant_lookup (details, "host", "&s", &host);  /* NULL stays where none is */
  g_assert_cmpstr (host, ==, g_str_equal (row->reason, "host-limit") ? "127.0.0.1" : NULL);
  stage_assert (line.stage.client, line.stage.session, "Session", "Running", "2");
  stage_assert (line.stage.client, line.stage.session, "Session", "Waiting", "3");
  stage_assert (line.stage.client, MANAGER_PATH, "Manager", "Running", "2");
  stage_assert (line.stage.client, MANAGER_PATH, "Manager", "Waiting", "3");
  finish_all (&line);
  g_assert_cmpuint (line.gate.most, ==, 2);
}

static guint64
get_limit (Client *client)
{
  g_autoptr(GVariant) limit = stage_get (client, MANAGER_PATH, "Manager", "DownloadLimit");

  return g_variant_get_uint64 (limit);
}

/* Returns when the service has it: what is set after it, and shows, tells. */
static void
set_max_running (Line       *self,
                 const char *value,
                 guint64     token)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;
  g_autofree char *limit = g_strdup_printf ("uint64 %" G_GUINT64_FORMAT, token);

  fixture_set (self->stage.fixture, "max-running", value);
  fixture_set (self->stage.fixture, "download-limit", limit);
  while (get_limit (self->stage.client) != token)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      client_pass_time (self->stage.client, 10);
    }
}

/* A setting that is raised holds at once; one that is lowered stops none that runs. */
static void
test_setting_changes (void)
{
  g_auto(Line) line = { 0 };

  line_init (&line, NULL, "max-running", "uint32 1");
  for (guint i = 0; i < 4; i++)
    add (&line, NULL);
  gate_wait_held (&line.gate, 1);
  set_max_running (&line, "uint32 3", 300000000);
  gate_wait_held (&line.gate, 3);
  client_wait_state (line.stage.client, line.tasks->pdata[2], "running");
  set_max_running (&line, "uint32 1", 100000000);

  gate_let_one (&line.gate);
  (void) stage_wait_signal (line.stage.client, "DidComplete", NULL, 0);  /* whichever it is */
  stage_fence (line.stage.client);
  assert_waits (&line, 3, "queue", 1);
  finish_all (&line);
  g_assert_cmpuint (line.gate.most, ==, 3);
}

static void
test_priority (void)
{
  g_auto(Line) line = { 0 };
  g_autofree char *order = NULL;

  line_init (&line, "{'max-running': <uint32 1>}", NULL, NULL);
  add (&line, "{'priority': <0.0>}");
  gate_wait_held (&line.gate, 1);
  add (&line, "{'priority': <0.2>}");
  add (&line, NULL);
  add (&line, "{'priority': <1.0>}");
  add (&line, "{'priority': <0.5>}");
  add (&line, "{'priority': <0.1>}");
  client_wait_reason (line.stage.client, line.tasks->pdata[5], "queue");
  assert_waits (&line, 1, "queue", 4);
  assert_waits (&line, 2, "queue", 2);
  assert_waits (&line, 3, "queue", 1);
  assert_waits (&line, 4, "queue", 3);

  /* One that runs is not stopped by it. */
  stage_set (line.stage.client, line.tasks->pdata[5], "Task", "Priority",
             g_variant_new_double (0.9));
  stage_fence (line.stage.client);
  client_assert_string (line.stage.client, line.tasks->pdata[0], "State", "running");
  assert_waits (&line, 5, "queue", 2);
  order = run_one_by_one (&line);
  g_assert_cmpstr (order, ==, "035241");
}

/* Two sessions take turns, however many the first one has. */
static void
test_round_robin (void)
{
  g_auto(Line) line = { 0 };
  g_autofree char *first = NULL;
  g_autofree char *order = NULL;

  line_init (&line, NULL, "max-running", "uint32 1");
  for (guint i = 0; i < 4; i++)
    add (&line, NULL);
  first = g_steal_pointer (&line.stage.session);
  line.stage.session = stage_open (line.stage.client, "other", NULL, NULL);
  for (guint i = 0; i < 3; i++)
    add (&line, NULL);
  order = run_one_by_one (&line);
  g_assert_cmpstr (order, ==, "0415263");
}

static void
test_not_before (void)
{
  g_auto(Line) line = { 0 };
  g_autofree char *options = NULL;
  gint64 begin = g_get_real_time ();
  gint64 at = begin + 2 * G_USEC_PER_SEC;
  const char *task;
  const char *other;

  line_init (&line, "{'max-running': <uint32 1>}", NULL, NULL);
  options = g_strdup_printf ("{'not-before': <int64 %" G_GINT64_FORMAT ">, 'priority': <1.0>}", at);
  task = add (&line, options);
  client_wait_reason (line.stage.client, task, "not-yet");
  g_assert_cmpint (stage_get_until (line.stage.client, task), ==, at);
  g_assert_cmpint (client_get_number (line.stage.client, task, "NotBefore"), ==, at);
  g_assert_cmpint (client_get_number (line.stage.client, task, "RetryAt"), ==, 0);

  /* It is in nobody's way meanwhile. */
  gate_open (&line.gate);
  other = add (&line, NULL);
  client_wait_state (line.stage.client, other, "finished");
  g_assert_cmpint (g_get_real_time (), <, at);
  client_wait_state (line.stage.client, task, "running");
  g_assert_cmpint (g_get_real_time (), >=, at);
  g_assert_cmpint (g_get_real_time (), <, at + 5 * G_USEC_PER_SEC);
  client_wait_state (line.stage.client, task, "finished");
}

/* Neither a newer task nor one of more weight takes the place of one that runs. */
static void
test_never_stopped (void)
{
  g_auto(Line) line = { 0 };
  const char *first;

  line_init (&line, "{'max-running': <uint32 1>}", NULL, NULL);
  first = add (&line, "{'priority': <0.0>}");
  gate_wait_held (&line.gate, 1);
  for (guint i = 0; i < 10; i++)
    add (&line, "{'priority': <1.0>}");
  assert_waits (&line, 10, "queue", 10);
  client_assert_string (line.stage.client, first, "State", "running");
  finish_all (&line);
  g_assert_cmpuint (test_server_get_n_requests (line.stage.server), ==, 11);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      g_autofree char *path = g_strconcat ("/scheduling/limit/", limits[i].name, NULL);

      g_test_add_data_func (path, &limits[i], test_limit);
    }
  g_test_add_func ("/scheduling/setting-changes", test_setting_changes);
  g_test_add_func ("/scheduling/priority", test_priority);
  g_test_add_func ("/scheduling/round-robin", test_round_robin);
  g_test_add_func ("/scheduling/not-before", test_not_before);
  g_test_add_func ("/scheduling/never-stopped", test_never_stopped);
  return g_test_run ();
}
