/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists load in pages, and follow the service. */
#define G_LOG_DOMAIN "test-lists"

#include "config.h"

#include "guest.h"

/* Three pages. */
#define MANY 2500

/* Each item is below the one before. */
static void
assert_falling (GListModel *list)
{
  guint64 last = G_MAXUINT64;

  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr(FerryTask) task = g_list_model_get_item (list, i);

      g_assert_cmpuint (ferry_task_get_number (task), <, last);
      last = ferry_task_get_number (task);
    }
}

static void
remove_task (FerryTask *task)
{
  g_auto(Answer) answer = { NULL };
  g_autoptr(GError) error = NULL;

  ferry_task_remove_async (task, TRUE, NULL, answer_cb, &answer);
  (void) ferry_task_remove_finish (task, answer_wait (&answer), &error);
  g_assert_no_error (error);
}

/* The list that is loaded has them all, and those that are made and removed later come and go. */
static void
test_session (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(GPtrArray) made = guest_create_many (session, MANY);
  g_autoptr(GPtrArray) more = NULL;
  g_auto(Replay) replay = { NULL };
  FerryTaskList *list = ferry_session_get_tasks (session);
  GListModel *model = G_LIST_MODEL (list);
  FerryTask *first = made->pdata[0];

  g_assert_false (ferry_task_list_is_complete (list));
  g_assert_true (g_list_model_get_item_type (model) == FERRY_TYPE_TASK);
  guest_wait_complete (list);
  g_assert_no_error (ferry_task_list_get_error (list));
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, MANY);
  assert_falling (model);
  g_assert_true (ferry_task_list_find (list, ferry_task_get_number (first)) == first);
  g_assert_null (ferry_task_list_find (list, 1000 * 1000));
  g_assert_cmpstr (ferry_task_get_url (first), ==, "http://127.0.0.1:9/folder/file-0.iso");
  g_assert_cmpint (ferry_task_get_created (first), >, 0);

  replay_init (&replay, model);
  more = guest_create_many (session, 3);
  guest_wait_length (model, MANY + 3);
  g_assert_cmpuint (replay.n_told, ==, 1);
  g_assert_true (ferry_task_list_find (list, ferry_task_get_number (more->pdata[1])) ==
                 more->pdata[1]);

  remove_task (made->pdata[7]);
  remove_task (more->pdata[2]);
  guest_wait_length (model, MANY + 1);
  g_assert_true (ferry_task_is_removed (made->pdata[7]));
  g_assert_null (ferry_task_list_find (list, ferry_task_get_number (made->pdata[7])));
  assert_falling (model);
}

static void
on_removed_cb (FerryTask  *task,
               GParamSpec *pspec,
               guint      *n)
{
  (*n)++;
}

/* One who watches has the sessions and the tasks of others, as they come and go. */
static void
test_watching (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) maker = guest_new_client (fixture);
  g_autoptr(FerryClient) watcher = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (maker, "guest");
  g_autoptr(GPtrArray) made = guest_create_many (session, 5);
  g_autoptr(GPtrArray) more = NULL;
  g_autoptr(FerrySession) seen = NULL;
  g_autoptr(FerryTask) task = NULL;
  g_auto(Replay) replay = { NULL };
  GListModel *sessions = ferry_client_get_sessions (watcher);
  GListModel *tasks = G_LIST_MODEL (ferry_client_get_tasks (watcher));
  guint n_removed = 0;

  g_assert_cmpuint (g_list_model_get_n_items (sessions), ==, 0);
  guest_watch (watcher);
  g_assert_cmpuint (g_list_model_get_n_items (sessions), ==, 1);
  seen = g_list_model_get_item (sessions, 0);
  g_assert_cmpuint (ferry_session_get_number (seen), ==, ferry_session_get_number (session));
  g_assert_cmpstr (ferry_session_get_identifier (seen), ==, "guest");
  g_assert_false (ferry_session_is_attached (seen));
  guest_wait_complete (FERRY_TASK_LIST (tasks));
  g_assert_cmpuint (g_list_model_get_n_items (tasks), ==, 5);

  replay_init (&replay, tasks);
  guest_wait_complete (ferry_session_get_tasks (seen));
  more = guest_create_many (session, 2);
  guest_wait_length (tasks, 7);
  guest_wait_length (G_LIST_MODEL (ferry_session_get_tasks (seen)), 7);
  assert_falling (tasks);

  task = g_list_model_get_item (tasks, 0);
  g_signal_connect (task, "notify::removed", G_CALLBACK (on_removed_cb), &n_removed);
  remove_task (more->pdata[1]);
  guest_wait_length (tasks, 6);
  g_assert_cmpuint (n_removed, ==, 1);
  guest_wait_length (G_LIST_MODEL (ferry_session_get_tasks (seen)), 6);
}

static void
end_session (FerrySession *session)
{
  g_auto(Answer) ended = { NULL };
  g_auto(Answer) acknowledged = { NULL };
  g_autoptr(GError) error = NULL;

  ferry_session_invalidate_and_cancel_async (session, NULL, answer_cb, &ended);
  (void) ferry_session_invalidate_and_cancel_finish (session, answer_wait (&ended), &error);
  g_assert_no_error (error);
  g_assert_cmpint (ferry_session_get_state (session), !=, FERRY_SESSION_STATE_OPEN);
  ferry_session_acknowledge_events_async (session, G_MAXINT64, NULL, answer_cb, &acknowledged);
  (void) ferry_session_acknowledge_events_finish (session, answer_wait (&acknowledged), &error);
  g_assert_no_error (error);
}

/* Sessions come and go, oldest first. */
static void
test_sessions (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) maker = guest_new_client (fixture);
  g_autoptr(FerryClient) watcher = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (maker, "guest");
  g_autoptr(FerrySession) other = NULL;
  g_autoptr(FerrySession) last = NULL;
  g_auto(Replay) replay = { NULL };
  GListModel *sessions = ferry_client_get_sessions (watcher);

  guest_watch (watcher);
  replay_init (&replay, sessions);
  other = guest_open (maker, "another");
  guest_wait_length (sessions, 2);
  last = g_list_model_get_item (sessions, 1);
  g_assert_cmpstr (ferry_session_get_identifier (last), ==, "another");

  end_session (other);
  guest_wait_length (sessions, 1);
  g_assert_cmpint (ferry_session_get_state (last), ==, FERRY_SESSION_STATE_INVALID);
}

/* A list of tasks that a question has answered. */
static void
test_question (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(GPtrArray) made = guest_create_many (session, MANY);
  g_auto(Answer) all = { NULL };
  g_auto(Answer) one = { NULL };
  g_auto(Answer) bad = { NULL };
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GPtrArray) found = NULL;
  g_autoptr(GError) error = NULL;

  ferry_client_list_tasks_async (client, NULL, NULL, answer_cb, &all);
  tasks = ferry_client_list_tasks_finish (client, answer_wait (&all), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tasks->len, ==, MANY);
  g_assert_true (tasks->pdata[0] == made->pdata[MANY - 1]);

  ferry_client_list_tasks_async (client, client_parse ("{'text': <'file-42.iso'>}"), NULL,
                                 answer_cb, &one);
  found = ferry_client_list_tasks_finish (client, answer_wait (&one), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_true (found->pdata[0] == made->pdata[42]);

  ferry_client_list_tasks_async (client, client_parse ("{'colour': <'blue'>}"), NULL, answer_cb,
                                 &bad);
  g_assert_null (ferry_client_list_tasks_finish (client, answer_wait (&bad), &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION);
}

/* Everything ends with its last reference, the list in the middle of being loaded. */
static void
test_ends (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(GPtrArray) made = guest_create_many (session, MANY);
  g_autoptr(FerryTask) task = g_object_ref (made->pdata[0]);
  g_autoptr(FerryTaskList) list = g_object_ref (ferry_session_get_tasks (session));

  guest_wait_length (G_LIST_MODEL (list), 1000);
  g_clear_pointer (&made, g_ptr_array_unref);
  guest_drop (&client);
  guest_drop (&session);
  guest_drop (&list);
  guest_drop (&task);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);

  g_test_add_func ("/libferry/lists/session", test_session);
  g_test_add_func ("/libferry/lists/watching", test_watching);
  g_test_add_func ("/libferry/lists/sessions", test_sessions);
  g_test_add_func ("/libferry/lists/question", test_question);
  g_test_add_func ("/libferry/lists/ends", test_ends);

  return g_test_run ();
}
