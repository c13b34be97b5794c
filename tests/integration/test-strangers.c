/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is gone, or is another's, answers as what never was: each method, Get, GetAll and Set. */
#define G_LOG_DOMAIN "test-strangers"

#include "config.h"

#include "stage.h"

/* Last parts of paths. The first is that of one that is gone. What D-Bus itself does not take for
 * a path, like "+1", cannot be sent. */
static const char *const names[] = {
  "1", "77", "0", "01", "00", "_1", "1_", "0x1", "9223372036854775807", "9223372036854775808",
  "18446744073709551617", "99999999999999999999999999",
};

/* The simplest value of a type. */
static GVariant *
make_value (const char *signature)
{
  switch (*signature)
    {
    case 's':
      return g_variant_new_string ("http://127.0.0.1:9/");
    case 'o':
      return g_variant_new_object_path ("/");
    case 'b':
      return g_variant_new_boolean (FALSE);
    case 'u':
      return g_variant_new_uint32 (0);
    case 't':
      return g_variant_new_uint64 (0);
    case 'x':
      return g_variant_new_int64 (0);
    case 'd':
      return g_variant_new_double (0.5);
    case 'a':
      return g_variant_new_array (G_VARIANT_TYPE (signature + 1), NULL, 0);
    default:
      g_assert_not_reached ();
    }
}

static GVariant *
make_arguments (GDBusMethodInfo *method)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_TUPLE);
  for (guint i = 0; method->in_args != NULL && method->in_args[i] != NULL; i++)
    g_variant_builder_add_value (&builder, make_value (method->in_args[i]->signature));
  return g_variant_builder_end (&builder);
}

/* What a call ends with: the name of the error and its message, with `PATH` for @path. */
static char *
try (Client     *client,
     const char *path,
     const char *interface,
     const char *method,
     GVariant   *arguments)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = client_try (client, path, interface, method, arguments, &error);
  g_auto(GStrv) parts = NULL;

  if (answer != NULL)
    g_error ("%s of %s went well", method, path);
  parts = g_strsplit (error->message, path, -1);
  return g_strjoinv ("PATH", parts);
}

/* All that can be asked of @path: the answers, a line each. */
static char *
ask_everything (Client             *client,
                const char         *path,
                GDBusInterfaceInfo *info)
{
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; info->methods[i] != NULL; i++)
    g_ptr_array_add (lines, try (client, path, info->name, info->methods[i]->name,
                                 make_arguments (info->methods[i])));
  for (guint i = 0; info->properties[i] != NULL; i++)
    {
      const GDBusPropertyInfo *property = info->properties[i];

      g_ptr_array_add (lines, try (client, path, PROPERTIES, "Get",
                                   g_variant_new ("(ss)", info->name, property->name)));
      if ((property->flags & G_DBUS_PROPERTY_INFO_FLAGS_WRITABLE) != 0)
        g_ptr_array_add (lines, try (client, path, PROPERTIES, "Set",
                                     g_variant_new ("(ssv)", info->name, property->name,
                                                    make_value (property->signature))));
    }
  g_ptr_array_add (lines, try (client, path, PROPERTIES, "GetAll",
                               g_variant_new ("(s)", info->name)));

  for (guint i = 0; i < lines->len; i++)
    if (!g_str_has_prefix (lines->pdata[i],
                           "GDBus.Error:" FERRY_SERVICE_ID ".Error.NotFound: "))
      g_error ("%s: %s", path, (char *) lines->pdata[i]);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

/* @interface: `Session` or `Task`. @folder: of their paths */
static void
assert_all_the_same (Client     *client,
                     const char *interface,
                     const char *folder)
{
  g_autofree char *whole = g_strconcat (FERRY_SERVICE_ID ".", interface, NULL);
  g_autofree char *gone = g_strconcat (folder, names[0], NULL);
  g_autoptr(GDBusNodeInfo) node = stage_introspect (client, gone);
  GDBusInterfaceInfo *info = g_dbus_node_info_lookup_interface (node, whole);
  g_autofree char *wanted = NULL;

  g_assert_nonnull (info);
  wanted = ask_everything (client, gone, info);
  for (gsize i = 1; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strconcat (folder, names[i], NULL);
      g_autofree char *found = ask_everything (client, path, info);
      g_autoptr(GDBusNodeInfo) same = stage_introspect (client, path);

      g_assert_cmpstr (found, ==, wanted);
      g_assert_nonnull (g_dbus_node_info_lookup_interface (same, whole));
    }
}

static void
test_removed_task (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;

  stage_init (&stage, NULL);
  task = stage_create (&stage, "/file", NULL);
  g_assert_cmpstr (task, ==, MANAGER_PATH "/task/1");
  stage_call (stage.client, task, "Task", "Remove", g_variant_new ("(b)", FALSE));
  assert_all_the_same (stage.client, "Task", MANAGER_PATH "/task/");
}

static void
test_removed_session (void)
{
  g_auto(Stage) stage = { 0 };

  stage_init (&stage, NULL);
  g_assert_cmpstr (stage.session, ==, MANAGER_PATH "/session/1");
  stage_call (stage.client, MANAGER_PATH, "Manager", "Watch",
              g_variant_new ("(b)", TRUE));
  stage_tell (stage.client, stage.session, "Session", "InvalidateAndCancel");
  (void) stage_wait_signal (stage.client, "DidBecomeInvalid", stage.session, 0);  /* is enough */
  stage_call (stage.client, stage.session, "Session", "AcknowledgeEvents",
              g_variant_new ("(t)", G_MAXUINT64));
  (void) stage_wait_signal (stage.client, "SessionRemoved", NULL, 0);  /* is enough */
  assert_all_the_same (stage.client, "Session", MANAGER_PATH "/session/");
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/strangers/removed-task", test_removed_task);
  g_test_add_func ("/strangers/removed-session", test_removed_session);
  return g_test_run ();
}
