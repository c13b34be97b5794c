/* SPDX-License-Identifier: GPL-3.0-or-later */
/* §5: “Secrets … live in memory …; never in a property, signal, log, xattr, command line or the
 * database.” */
#include "config.h"

#include <string.h>

#include "manager-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name

/* No row, event or message may hold that. */
#define VALUE "xyzzy-1234"
#define SECRETS "{'X-Key': '" VALUE "'}"

static const FerrydTaskStatus *
get_status (ManagerBed *bed,
            gint64      id)
{
  return &ferryd_task_get_row (manager_bed_get (bed, id))->status;
}

static void
assert_clean_text (const char *text)
{
  g_assert_true (text == NULL || strstr (text, VALUE) == NULL);
}

static void
assert_clean_variant (GVariant *variant)
{
  g_autofree char *text = variant != NULL ? g_variant_print (variant, TRUE) : NULL;

  assert_clean_text (text);
}

/* All that is on disk. */
static void
assert_clean (ManagerBed *bed)
{
  GPtrArray *events = fake_store_get_events (bed->store);
  GPtrArray *tasks = ferryd_manager_get_tasks (bed->manager);

  for (guint id = 1; id <= fake_store_get_n_sessions (bed->store); id++)
    {
      const FerrydSessionRow *row = fake_store_get_session (bed->store, id);

      assert_clean_variant (row->configuration);
      assert_clean_variant (row->secret_names);
    }
  for (guint i = 0; i < tasks->len; i++)
    {
      const FerrydTaskRow *row = fake_store_get_task (bed->store,
                                                      ferryd_task_get_id (tasks->pdata[i]));

      assert_clean_text (row->url);
      assert_clean_text (row->description);
      assert_clean_text (row->status.error_message);
      assert_clean_variant (row->options);
      assert_clean_variant (row->secret_names);
      assert_clean_variant (row->status.metrics);
    }
  for (guint i = 0; i < events->len; i++)
    assert_clean_variant (((FerrydEvent *) events->pdata[i])->details);
}

static void
assert_secret (GVariant   *secrets,
               const char *name,
               const char *wanted)
{
  const char *value = NULL;

  if (secrets != NULL)
    (void) g_variant_lookup (secrets, name, "&s", &value);  /* else none */
  g_assert_cmpstr (value, ==, wanted);
}

static GVariant *
new_names (const char *name)
{
  return g_variant_ref_sink (g_variant_new_strv (&name, 1));
}

/* A session whose secret has been given once, and a task of it. */
static void
come_to_loaded (ManagerBed     *bed,
                FerryTaskState  state)
{
  FerrydSessionRow *row = make_session_row ("org.example.App", "secret");

  manager_bed_init (bed);
  row->secret_names = new_names ("X-Key");
  bed->session = fake_store_take_session (bed->store, row);
  (void) manager_bed_store (bed, "http://a.example/", state, FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (bed);
  settle_all (bed->store, bed->runner);
}

/* Given when the session is made: its tasks run with them, and the names are written down. */
static void
test_new_session (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Opened opened;

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  manager_bed_open (&bed, "org.example.App", "new", SECRETS, &opened);
  settle_all (bed.store, bed.runner);
  g_assert_true (opened.created);
  bed.session = 2;
  manager_bed_add (&bed, "http://a.example/", STATE (WAITING));
  settle_all (bed.store, bed.runner);
  assert_secret (fake_runner_get_orders (bed.runner, 1)->session_secrets, "X-Key", VALUE);
  g_assert_null (fake_runner_get_orders (bed.runner, 1)->task_secrets);
  g_assert_cmpuint (g_variant_n_children (fake_store_get_session (bed.store, 2)->secret_names), ==,
                    1);
  g_assert_false (ferryd_manager_is_idle (bed.manager));
  fake_runner_finish (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  g_assert_true (ferryd_manager_is_idle (bed.manager));
  assert_clean (&bed);
}

/* After a restart nothing runs without them; “an attached owner that passes them again in
 * OpenSession replaces them, and tasks waiting for them go on” */
static void
test_load (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Opened opened;

  come_to_loaded (&bed, STATE (WAITING));
  g_assert_cmpint (get_status (&bed, 1)->state, ==, STATE (WAITING));
  g_assert_cmpint (get_status (&bed, 1)->reason, ==, FERRY_WAIT_REASON_CREDENTIALS);
  g_assert_cmpstr (get_status (&bed, 1)->error_name, ==, FERRY_SERVICE_ID ".Error.Credentials");
  assert_saved (bed.store, manager_bed_get (&bed, 1));
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 0);
  g_assert_true (ferryd_manager_is_idle (bed.manager));

  manager_bed_open (&bed, "org.example.App", "secret", NULL, &opened);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (get_status (&bed, 1)->reason, ==, FERRY_WAIT_REASON_CREDENTIALS);

  manager_bed_open (&bed, "org.example.App", "secret", SECRETS, &opened);
  settle_all (bed.store, bed.runner);
  g_assert_false (opened.created);
  g_assert_cmpint (get_status (&bed, 1)->state, ==, STATE (RUNNING));
  assert_secret (fake_runner_get_orders (bed.runner, 1)->session_secrets, "X-Key", VALUE);
  assert_clean (&bed);
}

/* Names of headers are the same in any letters. */
static void
test_letters (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Opened opened;

  come_to_loaded (&bed, STATE (WAITING));
  manager_bed_open (&bed, "org.example.App", "secret", "{'x-key': 'v', 'Other': 'w'}", &opened);
  settle_all (bed.store, bed.runner);
  assert_secret (fake_runner_get_orders (bed.runner, 1)->session_secrets, "x-key", "v");
}

/* What somebody has asked for since then stands. */
static void
test_suspended_meanwhile (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) suspended = { FALSE };
  Opened opened;

  come_to_loaded (&bed, STATE (WAITING));
  manager_bed_open (&bed, "org.example.App", "secret", SECRETS, &opened);
  manager_bed_wish (&bed, 1, FERRYD_WISH_SUSPEND, &suspended);
  settle ();
  fake_store_answer (bed.store);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&suspended), ==, -1);
  g_assert_cmpint (get_status (&bed, 1)->state, ==, STATE (SUSPENDED));
}

/* Refused by the disk: nothing has changed. */
static void
test_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_autoptr(GError) error = NULL;
  Opened opened;

  come_to_loaded (&bed, STATE (WAITING));
  manager_bed_open (&bed, "org.example.App", "secret", "{'Another': 'v'}", &opened);
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle_all (bed.store, bed.runner);
  error = g_steal_pointer (&opened.error);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_DISK_FULL);
  g_assert_null (ferryd_session_get_secrets (manager_bed_get_session (&bed)));
  g_assert_true (g_variant_equal (ferryd_session_get_row (manager_bed_get_session (&bed))
                                    ->secret_names,
                                  fake_store_get_session (bed.store, bed.session)->secret_names));
  g_assert_cmpint (get_status (&bed, 1)->reason, ==, FERRY_WAIT_REASON_CREDENTIALS);
}

/* Two at once: the later word counts, whether or not the session was there. */
static void
test_two_openers (void)
{
  static const char *const identifiers[] = { "new", "stored" };

  for (guint i = 0; i < G_N_ELEMENTS (identifiers); i++)
    {
      g_auto(ManagerBed) bed = { NULL };
      Opened first, second, third;

      manager_bed_init (&bed);
      manager_bed_load (&bed);
      manager_bed_open (&bed, "org.example.App", identifiers[i], "{'A': '1'}", &first);
      manager_bed_open (&bed, "org.example.App", identifiers[i], "{'A': '2', 'B': '2'}", &second);
      manager_bed_open (&bed, "org.example.App", identifiers[i], NULL, &third);
      settle_all (bed.store, bed.runner);
      g_assert_true (first.session != NULL && first.session == second.session);
      g_assert_true (first.session == third.session);
      assert_secret (ferryd_session_get_secrets (first.session), "A", "2");
      assert_secret (ferryd_session_get_secrets (first.session), "B", "2");
      g_assert_cmpint (first.created, ==, i == 0);
      g_assert_false (second.created || third.created);
    }
}

/* The state that is on its way to the disk is not undone by secrets that come behind it. */
static void
test_secrets_behind_end (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) finishing = { FALSE };
  Opened opened;

  manager_bed_init (&bed);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (SUSPENDED), FERRY_WAIT_REASON_NONE);
  manager_bed_load (&bed);
  manager_bed_invalidate (&bed, bed.session, FALSE, &finishing);
  manager_bed_open (&bed, "org.example.App", "stored", SECRETS, &opened);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&finishing), ==, -1);
  g_assert_true (opened.session == manager_bed_get_session (&bed));
  g_assert_cmpint (ferryd_session_get_state (opened.session), ==, FERRY_SESSION_STATE_FINISHING);
  g_assert_cmpint (fake_store_get_session (bed.store, bed.session)->state, ==,
                   FERRY_SESSION_STATE_FINISHING);
}

static void
added_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) tasks = ferryd_manager_add_tasks_finish (FERRYD_MANAGER (object), result,
                                                                &error);

  g_assert_no_error (error);
}

/* A task with a secret of its own. */
static void
add_secret_task (ManagerBed     *bed,
                 FerryTaskState  state)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);
  GPtrArray *secrets = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", state, FERRY_WAIT_REASON_QUEUE);

  row->secret_names = new_names ("X-Own");
  g_ptr_array_add (rows, row);
  g_ptr_array_add (secrets, g_variant_ref_sink (g_variant_new_parsed ("{'X-Own': '" VALUE "'}")));
  ferryd_manager_add_tasks_async (bed->manager, manager_bed_get_session (bed), rows, secrets,
                                  added_cb, NULL);
  settle_all (bed->store, bed->runner);
}

static void
test_own_secrets (void)
{
  g_auto(ManagerBed) bed = { NULL };
  const FerrydTaskRow *row;

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  add_secret_task (&bed, STATE (WAITING));
  assert_secret (fake_runner_get_orders (bed.runner, 1)->task_secrets, "X-Own", VALUE);
  g_assert_null (fake_runner_get_orders (bed.runner, 1)->session_secrets);

  /* “FetchAgain: a new task in the session with the same options and secrets” */
  fake_runner_finish (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  ferryd_manager_fetch_again_async (bed.manager, manager_bed_get (&bed, 1), added_cb, NULL);
  settle_all (bed.store, bed.runner);
  assert_secret (ferryd_task_get_secrets (manager_bed_get (&bed, 2)), "X-Own", VALUE);
  row = ferryd_task_get_row (manager_bed_get (&bed, 2));
  g_assert_cmpstr (row->url, ==, "http://a.example/");
  g_assert_cmpuint (g_variant_n_children (row->secret_names), ==, 1);
  g_assert_null (row->kept->part.name);
  g_assert_cmpint (row->status.state, ==, STATE (SUSPENDED));
  assert_clean (&bed);
}

/* §9: the service stays as long as it holds a “secret that exists in memory alone” and is needed:
 * by a task that may yet run. */
static void
test_is_idle (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) cancelled = { FALSE };

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  add_secret_task (&bed, STATE (SUSPENDED));
  g_assert_false (ferryd_manager_is_idle (bed.manager));
  manager_bed_wish (&bed, 1, FERRYD_WISH_CANCEL, &cancelled);
  settle_all (bed.store, bed.runner);
  g_assert_true (ferryd_manager_is_idle (bed.manager));
}

/* A task of its own names, after a restart: nobody can give them but with a new task. */
static void
test_own_load (void)
{
  g_auto(ManagerBed) bed = { NULL };
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", STATE (RUNNING),
                                      FERRY_WAIT_REASON_NONE);
  Opened opened;

  manager_bed_init (&bed);
  row->secret_names = new_names ("X-Own");
  (void) manager_bed_store_row (&bed, row);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (get_status (&bed, 1)->reason, ==, FERRY_WAIT_REASON_CREDENTIALS);
  manager_bed_open (&bed, "org.example.App", "stored", SECRETS, &opened);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (get_status (&bed, 1)->reason, ==, FERRY_WAIT_REASON_CREDENTIALS);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/secrets/new-session", test_new_session);
  g_test_add_func ("/secrets/load", test_load);
  g_test_add_func ("/secrets/letters", test_letters);
  g_test_add_func ("/secrets/suspended-meanwhile", test_suspended_meanwhile);
  g_test_add_func ("/secrets/refused", test_refused);
  g_test_add_func ("/secrets/two-openers", test_two_openers);
  g_test_add_func ("/secrets/behind-end", test_secrets_behind_end);
  g_test_add_func ("/secrets/own", test_own_secrets);
  g_test_add_func ("/secrets/is-idle", test_is_idle);
  g_test_add_func ("/secrets/own-load", test_own_load);

  return g_test_run ();
}
