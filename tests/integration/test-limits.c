/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many run at the same time, in which order, and what the others are told. */
#define G_LOG_DOMAIN "test-limits"

#include "config.h"

#include "fixture.h"
#include "gate.h"

#define SIZE (300 * 1000)

/* The scheduler's numbers. */
#define MOST 8
#define MOST_PER_HOST 6

/* A server that has two names, and a gate for each. */
typedef struct
{
  GateCount   count;    /* of both */
  Gate        here;     /* 127.0.0.1 */
  Gate        local;    /* localhost */
  TestServer *server;   /* owned */
  Fixture    *fixture;  /* owned */
  Client     *client;   /* the fixture's */
  char       *session;  /* owned */
  GPtrArray  *tasks;    /* owned; paths, in order of creation */
} Hosts;

static void
hosts_init (Hosts *self)
{
  g_mutex_init (&self->count.lock);
  gate_init (&self->here, 21, SIZE, SIZE / 2);
  gate_init (&self->local, 22, SIZE, SIZE / 2);
  self->here.count = &self->count;
  self->local.count = &self->count;
  self->server = test_server_new (NULL);
  self->fixture = fixture_new (FIXTURE_STRICT);
  self->client = self->fixture->client;
  self->session = client_open_session (self->client, "limits");
  self->tasks = g_ptr_array_new_with_free_func (g_free);
}

static void
hosts_clear (Hosts *self)
{
  gate_open (&self->here);
  gate_open (&self->local);
  g_clear_pointer (&self->fixture, fixture_free);
  g_clear_pointer (&self->server, test_server_free);
  gate_clear (&self->here);
  gate_clear (&self->local);
  g_mutex_clear (&self->count.lock);
  g_clear_pointer (&self->session, g_free);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Hosts, hosts_clear)

/* @n more tasks of a host. */
static void
add (Hosts      *self,
     gboolean    is_local,
     guint       n)
{
  while (n-- > 0)
    {
      g_autofree char *path = g_strdup_printf ("/%u", self->tasks->len);
      g_autofree char *url = test_server_get_url (self->server, path);
      g_auto(GStrv) parts = g_strsplit (url, "127.0.0.1", 2);
      g_autofree char *by_name = g_strjoinv ("localhost", parts);

      test_server_add (self->server, path, gate_serve, is_local ? &self->local : &self->here);
      g_ptr_array_add (self->tasks,
                       client_create (self->client, self->session, is_local ? by_name : url,
                                      g_variant_new_parsed ("{'destination': <%s>, "
                                                            "'start': <true>}",
                                                            self->fixture->downloads)));
    }
}

static void
assert_waits (Hosts      *self,
              guint       task,
              const char *reason,
              guint       position,
              const char *host)
{
  const char *path = self->tasks->pdata[task];
  g_autoptr(GVariant) details = NULL;
  const char *found_host = NULL;
  guint found = 0;

  client_assert_string (self->client, path, "State", "waiting");
  client_assert_string (self->client, path, "Reason", reason);
  details = client_get (self->client, path, "ReasonDetails");
  g_assert_true (g_variant_lookup (details, "position", "u", &found));
  g_assert_cmpuint (found, ==, position);
  (void) g_variant_lookup (details, "host", "&s", &found_host);  /* NULL stays where none is */
  g_assert_cmpstr (found_host, ==, host);
}

static void
finish_all (Hosts *self)
{
  gate_open (&self->here);
  gate_open (&self->local);
  for (guint i = 0; i < self->tasks->len; i++)
    client_wait_state (self->client, self->tasks->pdata[i], "finished");
}

/* What the server saw. One whose client has gone counts until its gate is opened. */
static void
assert_never_more (Hosts *self)
{
  g_assert_cmpuint (self->count.most, <=, MOST);
  g_assert_cmpuint (self->here.most, <=, MOST_PER_HOST);
  g_assert_cmpuint (self->local.most, <=, MOST_PER_HOST);
}

static void
test_host_limit (void)
{
  g_auto(Hosts) hosts = { 0 };

  hosts_init (&hosts);
  add (&hosts, FALSE, 10);
  gate_wait_held (&hosts.here, MOST_PER_HOST);
  for (guint i = 0; i < MOST_PER_HOST; i++)
    client_wait_state (hosts.client, hosts.tasks->pdata[i], "running");
  for (guint i = MOST_PER_HOST; i < 10; i++)
    assert_waits (&hosts, i, "host-limit", i + 1 - MOST_PER_HOST, "127.0.0.1");

  finish_all (&hosts);
  assert_never_more (&hosts);
  g_assert_cmpuint (hosts.here.most, ==, MOST_PER_HOST);
}

static void
test_queue (void)
{
  g_auto(Hosts) hosts = { 0 };

  hosts_init (&hosts);
  add (&hosts, FALSE, MOST_PER_HOST);
  add (&hosts, TRUE, 5);
  gate_wait_held (&hosts.here, MOST_PER_HOST);
  gate_wait_held (&hosts.local, MOST - MOST_PER_HOST);
  for (guint i = 0; i < MOST; i++)
    client_wait_state (hosts.client, hosts.tasks->pdata[i], "running");
  for (guint i = MOST; i < hosts.tasks->len; i++)
    assert_waits (&hosts, i, "queue", i + 1 - MOST, NULL);

  finish_all (&hosts);
  assert_never_more (&hosts);
  g_assert_cmpuint (hosts.count.most, ==, MOST);
}

/* A host at its limit holds up nobody behind it. */
static void
test_other_host_passes (void)
{
  g_auto(Hosts) hosts = { 0 };

  hosts_init (&hosts);
  add (&hosts, FALSE, 10);
  gate_wait_held (&hosts.here, MOST_PER_HOST);
  add (&hosts, TRUE, 1);
  gate_wait_held (&hosts.local, 1);
  client_wait_state (hosts.client, hosts.tasks->pdata[10], "running");
  assert_waits (&hosts, 6, "host-limit", 1, "127.0.0.1");
  assert_waits (&hosts, 9, "host-limit", 4, "127.0.0.1");
  finish_all (&hosts);
  assert_never_more (&hosts);
}

/* Each that ends lets the oldest begin; those behind it move up. */
static void
test_order (void)
{
  const guint n = 10;
  g_auto(Hosts) hosts = { 0 };

  hosts_init (&hosts);
  add (&hosts, FALSE, n);
  gate_wait_held (&hosts.here, MOST_PER_HOST);
  for (guint i = MOST_PER_HOST; i < n; i++)
    {
      gate_let_one (&hosts.here);
      client_wait_state (hosts.client, hosts.tasks->pdata[i], "running");
      gate_wait_held (&hosts.here, MOST_PER_HOST);
      for (guint j = i + 1; j < n; j++)
        assert_waits (&hosts, j, "host-limit", j - i, "127.0.0.1");
    }
  finish_all (&hosts);
  assert_never_more (&hosts);
}

/* One that is resumed takes the place of its age. */
static void
test_suspended_frees_slot (void)
{
  g_auto(Hosts) hosts = { 0 };
  const char *first;
  const char *next;

  hosts_init (&hosts);
  add (&hosts, FALSE, MOST_PER_HOST + 2);
  first = hosts.tasks->pdata[0];
  next = hosts.tasks->pdata[MOST_PER_HOST];
  gate_wait_held (&hosts.here, MOST_PER_HOST);
  client_tell (hosts.client, first, "Suspend");
  client_wait_state (hosts.client, next, "running");

  client_tell (hosts.client, first, "Resume");
  assert_waits (&hosts, 0, "host-limit", 1, "127.0.0.1");
  assert_waits (&hosts, MOST_PER_HOST + 1, "host-limit", 2, "127.0.0.1");
  finish_all (&hosts);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/limits/six-of-a-host", test_host_limit);
  g_test_add_func ("/limits/eight-in-all", test_queue);
  g_test_add_func ("/limits/full-host-holds-up-nobody", test_other_host_passes);
  g_test_add_func ("/limits/order-of-creation", test_order);
  g_test_add_func ("/limits/suspend-frees-a-slot", test_suspended_frees_slot);
  return g_test_run ();
}
