/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers come before the signals that they cause, on the wire itself. */
#define G_LOG_DOMAIN "test-order"

#include "config.h"

#include <string.h>

#include "stage.h"
#include "support/test-bed.h"

#define SIZE (300 * 1000)

/* What has come on a connection, in the order of the wire: signals with all that they say, and
 * `answer` for that to a call that is of interest. */
typedef struct
{
  GMutex     lock;   /* over the rest: messages come in a thread of GDBus */
  guint32    serial; /* of the call */
  GPtrArray *came;   /* unowned; strings */
} Wire;

static GDBusMessage *
on_message_cb (GDBusConnection *connection,
               GDBusMessage    *message,
               gboolean         incoming,
               gpointer         user_data)
{
  Wire *wire = user_data;
  GDBusMessageType type = g_dbus_message_get_message_type (message);
  const char *interface = g_dbus_message_get_interface (message);

  g_mutex_lock (&wire->lock);
  if (!incoming)
    {
      if (type == G_DBUS_MESSAGE_TYPE_METHOD_CALL && wire->serial == 0)
        wire->serial = g_dbus_message_get_serial (message);
    }
  else if (type == G_DBUS_MESSAGE_TYPE_SIGNAL && g_str_has_prefix (interface, FERRY_SERVICE_ID))
    {
      g_autofree char *text = g_variant_print (g_dbus_message_get_body (message), FALSE);

      g_ptr_array_add (wire->came, g_strconcat (g_dbus_message_get_member (message), text, NULL));
    }
  else if (type != G_DBUS_MESSAGE_TYPE_SIGNAL &&
           g_dbus_message_get_reply_serial (message) == wire->serial)
    {
      g_ptr_array_add (wire->came, g_strdup ("answer"));
    }
  g_mutex_unlock (&wire->lock);
  return message;
}

/* The place of the first one with @what in it; −1: it has not come. */
static int
find (Wire       *wire,
      const char *what)
{
  int place = -1;

  g_mutex_lock (&wire->lock);
  for (guint i = 0; i < wire->came->len && place < 0; i++)
    if (strstr (wire->came->pdata[i], what) != NULL)
      place = (int) i;
  g_mutex_unlock (&wire->lock);
  return place;
}

/* Calls @method; @cause is in the first signal of it, and in none before. Returns the answer. */
static GVariant *
assert_before (Stage      *stage,
               const char *path,
               const char *interface,
               const char *method,
               GVariant   *arguments,
               const char *cause)
{
  g_autoptr(GVariant) owned = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;
  g_autoptr(GPtrArray) came = g_ptr_array_new_with_free_func (g_free);
  Wire wire = { .came = came };
  GDBusConnection *connection = stage->client->connection;
  GVariant *answer;
  guint filter;

  stage_fence (stage->client);
  filter = g_dbus_connection_add_filter (connection, on_message_cb, &wire, NULL);
  answer = client_call (stage->client, path, interface, method, owned);
  while (find (&wire, cause) < 0)
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("%s did not bring %s", method, cause);
      client_pass_time (stage->client, 1);
    }
  g_dbus_connection_remove_filter (connection, filter);
  stage_fence (stage->client);  /* no filter runs any more */
  if (find (&wire, cause) < find (&wire, "answer"))
    g_error ("%s comes before the answer to %s", cause, method);
  return answer;
}

/* The same where the answer itself does not matter. */
static void
assert_tells_of (Stage      *stage,
                 const char *path,
                 const char *interface,
                 const char *method,
                 GVariant   *arguments,
                 const char *cause)
{
  g_autoptr(GVariant) answer = assert_before (stage, path, interface, method, arguments, cause);

  g_assert_nonnull (answer);
}

/* The same of a method of @task. */
static void
assert_tells (Stage      *stage,
              const char *task,
              const char *method,
              GVariant   *arguments,
              const char *cause)
{
  assert_tells_of (stage, task, "Task", method, arguments, cause);
}

static char *
create (Stage      *stage,
        const char *path)
{
  g_autofree char *url = test_server_get_url (stage->server, path);
  g_autoptr(GVariant) answer = NULL;
  char *task;

  answer = assert_before (stage, stage->session, "Session", "CreateDownloadTask",
                          g_variant_new ("(s@a{sv})", url,
                                         g_variant_new_parsed ("{'destination': <%s>}",
                                                               stage->fixture->downloads)),
                          "TasksAdded");
  g_variant_get (answer, "(o)", &task);
  return task;
}

static void
test_task_verbs (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) key = NULL;
  g_autoptr(GVariant) data = NULL;
  g_autofree char *task = NULL;
  g_autofree char *url = NULL;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", gate_serve, &gate);
  url = test_server_get_url (stage.server, "/other");
  task = create (&stage, "/file");
  assert_tells (&stage, task, "Resume", NULL, "'State'");
  client_wait_received (stage.client, task, SIZE / 2);
  assert_tells (&stage, task, "Suspend", NULL, "'State'");
  assert_tells (&stage, task, "SetUrl", g_variant_new ("(s)", url), "'Url'");
  assert_tells (&stage, task, "SetDestination",
                g_variant_new ("(@a{sv})", client_parse ("{'filename': <'x'>}")), "'FileName'");
  assert_tells_of (&stage, task, PROPERTIES, "Set",
                   g_variant_new ("(ssv)", FERRY_SERVICE_ID ".Task", "Priority",
                                  g_variant_new_double (0.75)), "'Priority'");
  key = assert_before (&stage, task, "Task", "CancelByProducingResumeData", NULL, "'State'");
  data = g_variant_get_child_value (key, 0);
  assert_tells_of (&stage, stage.session, "Session",
                   "CreateDownloadTaskWithResumeData",
                   g_variant_new ("(@aya{sv})", data, NULL), "TasksAdded");
  assert_tells_of (&stage, task, "Task", "FetchAgain", NULL, "TasksAdded");
  assert_tells (&stage, task, "Remove", g_variant_new ("(b)", FALSE), "TasksRemoved");
  gate_open (&gate);
}

/* Of those that run, too, where it takes several steps. */
static void
test_cancel (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };

  gate_init (&gate, 4, SIZE, SIZE / 2);
  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", gate_serve, &gate);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *task = create (&stage, "/file");

      if (i % 2 == 1)
        {
          client_tell (stage.client, task, "Resume");
          client_wait_received (stage.client, task, SIZE / 2);
        }
      if (i % 4 < 2)
        assert_tells (&stage, task, "Cancel", NULL, "'State'");
      else
        assert_tells (&stage, task, "Remove", g_variant_new ("(b)", FALSE), "'State'");
    }
  gate_open (&gate);
}

static void
test_session_verbs (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *first = NULL;
  GVariantBuilder downloads;

  stage_init (&stage, NULL);
  stage_call (stage.client, MANAGER_PATH, "Manager", "Watch",
              g_variant_new ("(b)", TRUE));
  assert_tells_of (&stage, MANAGER_PATH, "Manager", "OpenSession",
                   g_variant_new ("(sa{sv})", "new", NULL), "SessionAdded");
  g_variant_builder_init (&downloads, G_VARIANT_TYPE ("a(sa{sv})"));
  g_variant_builder_add (&downloads, "(sa{sv})", "http://127.0.0.1:9/", NULL);
  g_variant_builder_add (&downloads, "(sa{sv})", "http://127.0.0.1:9/", NULL);
  assert_tells_of (&stage, stage.session, "Session", "CreateDownloadTasks",
                   g_variant_new ("(a(sa{sv}))", &downloads), "TasksAdded");
  assert_tells_of (&stage, stage.session, "Session", "InvalidateAndCancel", NULL,
                   "'State'");
  (void) stage_wait_signal (stage.client, "DidBecomeInvalid", stage.session, 0);  /* is enough */
  assert_tells_of (&stage, stage.session, "Session", "AcknowledgeEvents",
                   g_variant_new ("(t)", G_MAXUINT64), "SessionRemoved");
  first = stage_open (stage.client, "finishing", NULL, NULL);
  assert_tells_of (&stage, first, "Session", "FinishTasksAndInvalidate", NULL,
                   "DidBecomeInvalid");
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/order/task-verbs", test_task_verbs);
  g_test_add_func ("/order/cancel", test_cancel);
  g_test_add_func ("/order/session-verbs", test_session_verbs);
  return g_test_run ();
}
