/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who gets which signal: by what it has opened, chosen and watches. */
#define G_LOG_DOMAIN "test-delegates"

#include "config.h"

#include "monitor.h"
#include "stage.h"

#define SIZE (300 * 1000)

static const char *const members[] = {
  "DidWriteData", "DidResumeAtOffset", "WillPerformRedirection", "IsWaiting", "NeedNewUrl",
  "DidFinishDownloading", "DidComplete",
};

static void
set_delegate (Client     *client,
              const char *session,
              const char *names)
{
  g_auto(GStrv) list = g_strsplit (names, " ", -1);
  g_autoptr(GVariant) answer = NULL;

  answer = client_call (client, session, "Session", "SetDelegate",
                        g_variant_new ("(@as)", g_variant_new_strv ((const char * const *) list,
                                                                    -1)));
  g_assert_nonnull (answer);
}

static void
watch (Client  *client,
       gboolean watching)
{
  stage_call (client, MANAGER_PATH, "Manager", "Watch",
              g_variant_new ("(b)", watching));
}

/* A redirect, a failure that is tried again where it stood, and the file: all of the signals but
 * one. */
typedef struct
{
  Stage   stage;
  Client *other;     /* owned */
  Gate    gate;
} Play;

static void
serve_play (TestExchange *x,
            gpointer      data)
{
  static const TestAnswer elsewhere = { .status = "302 Found", .headers = "Location: /file\r\n",
                                        .body = "" };
  Play *play = data;
  TestAnswer first = play->gate.answer;

  first.cut = SIZE / 2;
  first.end = TEST_END_CLOSE;
  if (g_str_equal (x->request->target, "/begin"))
    test_answer (x, (gpointer) &elsewhere);
  else if (x->request->nth == 1)
    test_answer (x, &first);
  else
    gate_serve (x, &play->gate);
}

static void
play_init (Play *self)
{
  gate_init (&self->gate, 8, SIZE, SIZE * 3 / 4);
  stage_init (&self->stage, NULL);
  self->other = client_new (self->stage.fixture->address);
  test_server_add (self->stage.server, "/begin", serve_play, self);
  test_server_add (self->stage.server, "/file", serve_play, self);
}

static void
play_clear (Play *self)
{
  gate_open (&self->gate);
  g_clear_pointer (&self->other, client_free);
  stage_clear (&self->stage);
  gate_clear (&self->gate);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Play, play_clear)

/* From the first address to the file. */
static char *
perform (Play *self)
{
  char *task = stage_start (&self->stage, "/begin", NULL);

  client_wait_received (self->stage.client, task, SIZE * 3 / 4);
  gate_let_one (&self->gate);
  client_wait_state (self->stage.client, task, "finished");
  (void) stage_wait_signal (self->stage.client, "DidFinishEvents", NULL, 0);  /* is enough */
  stage_fence (self->stage.client);
  stage_fence (self->other);
  return task;
}

static gboolean
is_listed (const char *names,
           const char *name)
{
  g_auto(GStrv) list = g_strsplit (names, " ", -1);

  return g_strv_contains ((const char * const *) list, name);
}

/* That @client has had those signals of @task, and no others. */
static void
assert_had (Client     *client,
            const char *task,
            const char *names)
{
  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    {
      gboolean had = stage_find_signal (client, members[i], task, 0) != NULL;

      if (had != is_listed (names, members[i]))
        g_error ("%s: %s", members[i], had ? "was sent" : "was not sent");
    }
}

/* What DidWriteData says of @task adds up. */
static void
assert_chunks (Client     *client,
               const char *task)
{
  gint64 sum = 0;

  for (guint i = 0; i < client->signals->len; i++)
    {
      ClientSignal *signal = client->signals->pdata[i];
      gint64 chunk;
      gint64 total;
      gint64 expected;

      if (!g_str_equal (signal->member, "DidWriteData") || !g_str_equal (signal->path, task))
        continue;
      g_variant_get (signal->parameters, "(xxx)", &chunk, &total, &expected);
      g_assert_cmpint (chunk, >, 0);
      sum += chunk;
      g_assert_cmpint (total, ==, sum);
      g_assert_cmpint (expected, ==, SIZE);
    }
  g_assert_cmpint (sum, ==, SIZE);
}

#define ALL_BUT_DATA "DidResumeAtOffset WillPerformRedirection IsWaiting DidFinishDownloading " \
                     "DidComplete"

static void
test_default (void)
{
  g_auto(Play) play = { 0 };
  g_autofree char *task = NULL;

  play_init (&play);
  task = perform (&play);
  assert_had (play.stage.client, task, ALL_BUT_DATA);
  g_assert_cmpuint (play.other->signals->len, ==, 0);
}

/* What one has chosen is nothing to the other. */
static void
test_two (void)
{
  g_auto(Play) play = { 0 };
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;

  play_init (&play);
  session = stage_open (play.other, "stage", NULL, NULL);
  set_delegate (play.stage.client, session, "DidWriteData DidComplete");
  set_delegate (play.other, session, "WillPerformRedirection");
  set_delegate (play.other, session, "IsWaiting IsWaiting");
  task = perform (&play);
  assert_had (play.stage.client, task, "DidWriteData DidComplete");
  assert_had (play.other, task, "IsWaiting");
  assert_chunks (play.stage.client, task);
  g_assert_nonnull (stage_find_signal (play.other, "TasksChanged", session, 0));
  g_assert_nonnull (stage_find_signal (play.other, "DidFinishEvents", session, 0));
}

static void
test_none (void)
{
  g_auto(Play) play = { 0 };
  g_autofree char *task = NULL;
  g_autoptr(GVariant) answer = NULL;

  play_init (&play);
  answer = client_call (play.stage.client, play.stage.session, "Session", "SetDelegate",
                        g_variant_new ("(as)", NULL));
  task = perform (&play);
  assert_had (play.stage.client, task, "");
  g_assert_nonnull (stage_find_signal (play.stage.client, "TasksChanged", play.stage.session, 0));
}

static void
test_opened_again (void)
{
  g_auto(Play) play = { 0 };
  g_autofree char *again = NULL;
  g_autofree char *second = NULL;
  g_autofree char *task = NULL;

  play_init (&play);
  second = stage_open (play.other, "stage", NULL, NULL);
  set_delegate (play.other, play.stage.session, "DidWriteData");
  again = stage_open (play.other, "stage", NULL, NULL);
  task = perform (&play);
  assert_had (play.other, task, "DidWriteData");
}

static void
test_refused (void)
{
  g_auto(Play) play = { 0 };
  const char *unknown[] = { "DidComplete", "DidExplode", NULL };
  const char *known[] = { "DidComplete", NULL };
  g_autofree char *task = NULL;

  play_init (&play);
  client_call_refused (play.stage.client, "InvalidOption", "DidExplode", play.stage.session,
                       "Session", "SetDelegate", g_variant_new ("(^as)", unknown));
  client_call_refused (play.other, "WrongState", "open", play.stage.session, "Session",
                       "SetDelegate", g_variant_new ("(^as)", known));
  client_call_refused (play.other, "NotFound", NULL, MANAGER_PATH "/session/77", "Session",
                       "SetDelegate", g_variant_new ("(^as)", known));

  /* That has chosen nothing. */
  task = perform (&play);
  assert_had (play.stage.client, task, ALL_BUT_DATA);
}

/* A second client with a session of its own gets nothing at all of the first one's. */
static void
test_strangers (void)
{
  g_auto(Play) play = { 0 };
  g_autoptr(Monitor) monitor = NULL;
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;

  play_init (&play);
  monitor = monitor_new (play.stage.fixture->address);
  session = stage_open (play.other, "another", NULL, NULL);
  task = perform (&play);
  set_delegate (play.stage.client, play.stage.session, "DidWriteData");
  g_assert_cmpuint (play.other->signals->len, ==, 0);
  g_assert_cmpuint (monitor_count_signals_to (monitor, play.other), ==, 0);
  g_assert_cmpuint (monitor_count_signals_to (monitor, play.stage.client), >, 10);
  g_assert_cmpuint (monitor_count_broadcasts (monitor), ==, 0);
}

/* How many signals @member of @path came from @interface. */
static guint
count_from (Client     *client,
            const char *interface,
            const char *member,
            const char *path)
{
  g_autofree char *whole = g_strconcat (FERRY_SERVICE_ID ".", interface, NULL);
  guint n = 0;

  for (guint i = 0; i < client->signals->len; i++)
    {
      ClientSignal *signal = client->signals->pdata[i];

      n += g_str_equal (signal->member, member) && g_str_equal (signal->interface, whole) &&
           (path == NULL || g_str_equal (signal->path, path));
    }

  return n;
}

static void
test_watcher (void)
{
  g_auto(Play) play = { 0 };
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;

  play_init (&play);
  watch (play.other, TRUE);
  session = stage_open (play.stage.client, "new", NULL, NULL);
  task = perform (&play);
  assert_had (play.other, task, ALL_BUT_DATA);
  g_assert_cmpuint (count_from (play.other, "Manager", "SessionAdded", NULL), ==, 1);
  g_assert_cmpuint (count_from (play.other, "Manager", "TasksAdded", NULL), ==, 1);
  g_assert_cmpuint (count_from (play.other, "Manager", "TasksChanged", NULL), >, 3);
  g_assert_cmpuint (count_from (play.other, "Session", "TasksAdded", NULL), ==, 0);
  g_assert_cmpuint (count_from (play.other, "Session", "TasksChanged", NULL), ==, 0);
  g_assert_cmpuint (count_from (play.other, "Session", "DidFinishEvents", play.stage.session), ==,
                    1);
  g_assert_cmpuint (count_from (play.other, "Task", "DidComplete", task), ==, 1);

  stage_call (play.stage.client, task, "Task", "Remove",
              g_variant_new ("(b)", FALSE));
  stage_fence (play.other);
  g_assert_cmpuint (count_from (play.other, "Manager", "TasksRemoved", NULL), ==, 1);
  g_assert_cmpuint (count_from (play.stage.client, "Session", "TasksRemoved", NULL), ==, 1);
  g_assert_cmpuint (count_from (play.stage.client, "Manager", "TasksRemoved", NULL), ==, 0);
}

/* What it has opened comes once, and as chosen. */
static void
test_attached_watcher (void)
{
  g_auto(Play) play = { 0 };
  g_autofree char *session = NULL;
  g_autofree char *again = NULL;
  g_autofree char *task = NULL;

  play_init (&play);
  watch (play.other, TRUE);
  watch (play.other, TRUE);
  session = stage_open (play.other, "stage", NULL, NULL);
  again = stage_open (play.other, "stage", NULL, NULL);
  task = perform (&play);
  assert_had (play.other, task, ALL_BUT_DATA);
  g_assert_cmpuint (count_from (play.other, "Task", "DidComplete", task), ==, 1);
  g_assert_cmpuint (count_from (play.other, "Task", "WillPerformRedirection", task), ==, 2);
  g_assert_cmpuint (count_from (play.other, "Session", "DidFinishEvents", session), ==, 1);
  g_assert_cmpuint (count_from (play.other, "Session", "TasksAdded", session), ==, 1);
  g_assert_cmpuint (count_from (play.other, "Manager", "TasksAdded", NULL), ==, 1);
}

static void
test_watcher_that_chose (void)
{
  g_auto(Play) play = { 0 };
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;

  play_init (&play);
  session = stage_open (play.other, "stage", NULL, NULL);
  set_delegate (play.other, session, "DidWriteData");
  watch (play.other, TRUE);
  task = perform (&play);
  assert_had (play.other, task, "DidWriteData");
  g_assert_cmpuint (count_from (play.other, "Manager", "TasksAdded", NULL), ==, 1);
}

static void
test_watches_no_more (void)
{
  g_auto(Play) play = { 0 };
  g_autofree char *task = NULL;

  play_init (&play);
  watch (play.other, TRUE);
  watch (play.other, FALSE);
  watch (play.other, FALSE);
  task = perform (&play);
  g_assert_cmpuint (play.other->signals->len, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/delegates/default", test_default);
  g_test_add_func ("/delegates/two-clients", test_two);
  g_test_add_func ("/delegates/none", test_none);
  g_test_add_func ("/delegates/kept-when-opened-again", test_opened_again);
  g_test_add_func ("/delegates/refused", test_refused);
  g_test_add_func ("/delegates/strangers", test_strangers);
  g_test_add_func ("/delegates/watcher", test_watcher);
  g_test_add_func ("/delegates/attached-watcher", test_attached_watcher);
  g_test_add_func ("/delegates/watcher-that-chose", test_watcher_that_chose);
  g_test_add_func ("/delegates/watches-no-more", test_watches_no_more);
  return g_test_run ();
}
