/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people and sessions have set: “max-running overall and per session, connections per host
 * overall and per session”, limits (issue “The service, whole”); and what the manager hands on. */
#include "config.h"

#include <glib/gstdio.h>

#include "manager-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name

static FerrydPolicy
make_policy (guint max_running,
             guint max_per_host)
{
  return (FerrydPolicy) { .max_running = max_running, .max_per_host = max_per_host };
}

/* Ten tasks of the session at one host, ten at another. */
static void
come_to_twenty (ManagerBed         *bed,
                const char         *configuration,
                const FerrydPolicy *policy)
{
  manager_bed_init_with (bed, configuration);
  if (policy != NULL)
    ferryd_manager_set_policy (bed->manager, policy);
  for (guint i = 0; i < 20; i++)
    (void) manager_bed_store (bed, i % 2 == 0 ? "http://a.example/" : "http://b.example/",
                              STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (bed);
  settle_all (bed->store, bed->runner);
}

static void
test_limits_of_running (void)
{
  static const struct
  {
    const char   *configuration;
    FerrydPolicy  policy;
    guint         all;
    guint         a_host;
  } rows[] = {
    { NULL, { .max_running = 8, .max_per_host = 6 }, 8, 4 },
    { NULL, { .max_running = 100, .max_per_host = 100 }, 12, 6 },
    { NULL, { .max_running = 3, .max_per_host = 6 }, 3, 2 },
    { NULL, { .max_running = 8, .max_per_host = 2 }, 4, 2 },
    { "{'max-running': <uint32 5>}", { .max_running = 8, .max_per_host = 6 }, 5, 3 },
    { "{'max-connections-per-host': <uint32 1>}", { .max_running = 8, .max_per_host = 6 }, 2, 1 },
    { "{'max-connections-per-host': <uint32 9>}", { .max_running = 99, .max_per_host = 9 }, 18, 9 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto(ManagerBed) bed = { NULL };

      g_test_message ("row %u", i);
      come_to_twenty (&bed, rows[i].configuration, &rows[i].policy);
      g_assert_cmpuint (fake_runner_count_slots (bed.runner, NULL), ==, rows[i].all);
      g_assert_cmpuint (fake_runner_count_slots (bed.runner, "a.example"), ==, rows[i].a_host);
    }
}

/* More may run at once; with fewer nobody is stopped, and nobody starts. */
static void
test_policy_changes (void)
{
  g_auto(ManagerBed) bed = { NULL };
  FerrydPolicy more = make_policy (10, 6);
  FerrydPolicy less = make_policy (1, 6);

  come_to_twenty (&bed, NULL, NULL);
  ferryd_manager_set_policy (bed.manager, &more);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_count_slots (bed.runner, NULL), ==, 10);

  ferryd_manager_set_policy (bed.manager, &less);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_count_slots (bed.runner, NULL), ==, 10);
  for (guint id = 1; id <= 9; id++)
    {
      g_assert_cmpint (fake_runner_get_cause (bed.runner, id), ==, FERRYD_CAUSE_NONE);
      fake_runner_finish (bed.runner, id);
    }
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 10);
  fake_runner_finish (bed.runner, 10);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 11);
}

static void
test_orders (void)
{
  g_auto(ManagerBed) bed = { NULL };
  FerrydPolicy policy = make_policy (8, 6);

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  manager_bed_add (&bed, "http://a.example/", STATE (WAITING));
  settle_all (bed.store, bed.runner);
  g_assert_true (fake_runner_get_orders (bed.runner, 1)->write_origin);
  g_assert_false (fake_runner_get_orders (bed.runner, 1)->behind_portal);
  assert_runner_log (bed.runner, "");

  policy.download_limit = 1000;
  ferryd_manager_set_policy (bed.manager, &policy);
  ferryd_manager_note_network (bed.manager, TRUE, TRUE);
  manager_bed_add (&bed, "http://a.example/", STATE (WAITING));
  settle_all (bed.store, bed.runner);
  assert_runner_log (bed.runner, "limit 1000;");
  g_assert_false (fake_runner_get_orders (bed.runner, 2)->write_origin);
  g_assert_true (fake_runner_get_orders (bed.runner, 2)->behind_portal);
}

/* “Reset (cookies, auth, connections)”: what runs begins again, once; nothing else is touched. */
static void
test_reset (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Opened other;

  manager_bed_init (&bed);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (SUSPENDED), FERRY_WAIT_REASON_NONE);
  manager_bed_load (&bed);
  manager_bed_open (&bed, "org.example.App", "other", NULL, &other);
  settle_all (bed.store, bed.runner);
  bed.session = 2;
  manager_bed_add (&bed, "http://a.example/", STATE (WAITING));
  settle_all (bed.store, bed.runner);
  bed.session = 1;
  ferryd_manager_reset (bed.manager, manager_bed_get_session (&bed));
  assert_runner_log (bed.runner, "reset 1;");
  g_assert_cmpint (fake_runner_get_cause (bed.runner, 1), ==, FERRYD_CAUSE_RESTART);
  g_assert_cmpint (fake_runner_get_cause (bed.runner, 3), ==, FERRYD_CAUSE_NONE);
  fake_runner_obey (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (manager_bed_get_state (&bed, 1), ==, STATE (RUNNING));
  g_assert_cmpint (fake_runner_get_cause (bed.runner, 1), ==, FERRYD_CAUSE_NONE);
  g_assert_cmpint (manager_bed_get_state (&bed, 2), ==, STATE (SUSPENDED));
}

/* What came of a call that answers with a descriptor or a value. */
typedef struct
{
  gboolean  has_come;
  int       fd;
  GVariant *found;  /* owned */
  GError   *error;  /* owned */
} Result;

static void
result_clear (Result *result)
{
  if (result->fd >= 0)
    (void) g_close (result->fd, NULL);  /* of /dev/null */
  g_clear_pointer (&result->found, g_variant_unref);
  g_clear_error (&result->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Result, result_clear)

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Result *mine = user_data;

  mine->has_come = TRUE;
  mine->fd = ferryd_manager_open_result_finish (FERRYD_MANAGER (object), result, &mine->error);
  g_assert_cmpint (mine->fd >= 0, ==, mine->error == NULL);
}

static void
probed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Result *mine = user_data;

  mine->has_come = TRUE;
  mine->found = ferryd_manager_probe_finish (FERRYD_MANAGER (object), result, &mine->error);
  g_assert_cmpint (mine->found != NULL, ==, mine->error == NULL);
}

/* “OpenResult() → h (read-only descriptor of the finished file)” */
static void
test_open_result (void)
{
  for (guint state = 0; state < FERRY_N_TASK_STATES; state++)
    {
      g_auto(ManagerBed) bed = { NULL };
      g_auto(Result) granted = { .fd = -1 };
      g_auto(Result) refused = { .fd = -1 };

      manager_bed_init (&bed);
      (void) manager_bed_store (&bed, "http://a.example/", state, FERRY_WAIT_REASON_TRUST);
      manager_bed_load (&bed);
      ferryd_manager_open_result_async (bed.manager, manager_bed_get (&bed, 1), opened_cb,
                                        &granted);
      ferryd_manager_open_result_async (bed.manager, manager_bed_get (&bed, 1), opened_cb,
                                        &refused);
      settle ();
      if (state != STATE (FINISHED))
        {
          g_assert_error (granted.error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE);
          settle_all (bed.store, bed.runner);
          continue;
        }

      fake_runner_grant (bed.runner, FAKE_ASK_OPEN_RESULT);
      fake_runner_refuse (bed.runner, FAKE_ASK_OPEN_RESULT, FERRY_ERROR_NOT_FOUND);
      settle ();
      g_assert_no_error (granted.error);
      g_assert_error (refused.error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
    }
}

static void
test_probe (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Result) granted = { .fd = -1 };
  g_auto(Result) refused = { .fd = -1 };
  g_autoptr(GVariant) options = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  ferryd_manager_probe_async (bed.manager, "http://a.example/", options, probed_cb, &granted);
  ferryd_manager_probe_async (bed.manager, "http://b.example/", options, probed_cb, &refused);
  settle ();
  g_assert_false (granted.has_come);
  assert_runner_log (bed.runner, "probe http://a.example/;probe http://b.example/;");
  fake_runner_grant (bed.runner, FAKE_ASK_PROBE);
  fake_runner_refuse (bed.runner, FAKE_ASK_PROBE, FERRY_ERROR_NETWORK);
  settle ();
  g_assert_true (g_variant_is_of_type (granted.found, G_VARIANT_TYPE_VARDICT));
  g_assert_error (refused.error, FERRY_ERROR, FERRY_ERROR_NETWORK);
  g_assert_cmpuint (fake_store_get_n_writes (bed.store), ==, 0);
}

static void
on_redirected_cb (FerrydManager *manager,
                  FerrydTask    *task,
                  guint          status,
                  const char    *url,
                  GString       *log)
{
  g_string_append_printf (log, "%" G_GINT64_FORMAT " %u %s;", ferryd_task_get_id (task), status,
                          url);
}

static void
test_redirected (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_autoptr(GString) log = g_string_new (NULL);

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  manager_bed_add (&bed, "http://a.example/", STATE (WAITING));
  settle_all (bed.store, bed.runner);
  g_signal_connect (bed.manager, "task-redirected", G_CALLBACK (on_redirected_cb), log);
  ferryd_runner_emit_redirected (FERRYD_RUNNER (bed.runner), 1, 302, "http://b.example/");
  ferryd_runner_emit_redirected (FERRYD_RUNNER (bed.runner), 99, 302, "http://b.example/");
  g_assert_cmpstr (log->str, ==, "1 302 http://b.example/;");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/policy/running", test_limits_of_running);
  g_test_add_func ("/policy/changes", test_policy_changes);
  g_test_add_func ("/policy/orders", test_orders);
  g_test_add_func ("/policy/reset", test_reset);
  g_test_add_func ("/policy/open-result", test_open_result);
  g_test_add_func ("/policy/probe", test_probe);
  g_test_add_func ("/policy/redirected", test_redirected);

  return g_test_run ();
}
