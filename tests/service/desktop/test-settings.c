/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-settings"

#include "config.h"

#include <string.h>

#include "desk.h"
#include "desktop/settings.h"
#include "support/folder.h"

static const FerrydSettingsValues defaults = {
  .max_running = 8,
  .max_connections_per_host = 6,
  .history_tasks = 1000,
  .history_days = 90,
  .write_origin = TRUE,
  .idle_exit_delay = 60,
};

static void
assert_values (FerrydSettings             *settings,
               const FerrydSettingsValues *expected)
{
  const FerrydSettingsValues *values = ferryd_settings_get (settings);

  g_assert_cmpuint (values->max_running, ==, expected->max_running);
  g_assert_cmpuint (values->max_connections_per_host, ==, expected->max_connections_per_host);
  g_assert_cmpuint (values->download_limit, ==, expected->download_limit);
  g_assert_cmpuint (values->upload_limit, ==, expected->upload_limit);
  g_assert_cmpuint (values->history_tasks, ==, expected->history_tasks);
  g_assert_cmpuint (values->history_days, ==, expected->history_days);
  g_assert_cmpint (values->write_origin, ==, expected->write_origin);
  g_assert_cmpuint (values->idle_exit_delay, ==, expected->idle_exit_delay);
}

static void
on_changed_cb (FerrydSettings *settings,
               guint          *n_changed)
{
  *n_changed += 1;
}

static gboolean
was_changed (gconstpointer n_changed)
{
  return *(const guint *) n_changed > 0;
}

static GSettings *
open_clean (void)
{
  g_autoptr(GSettings) settings = g_settings_new (FERRY_APP_ID);
  static const char *const keys[] = {
    "max-running", "max-connections-per-host", "download-limit", "upload-limit", "history-tasks",
    "history-days", "write-origin", "idle-exit-delay",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    g_settings_reset (settings, keys[i]);
  return g_steal_pointer (&settings);
}

static void
test_defaults (void)
{
  g_autoptr(GSettings) clean = open_clean ();
  g_autoptr(FerrydSettings) settings = ferryd_settings_new ();

  assert_values (settings, &defaults);
}

/* Each key ends up in its own member. */
static void
test_values (void)
{
  const FerrydSettingsValues expected = { 1, 2, G_GUINT64_CONSTANT (1) << 40, 4, 5, 6, FALSE, 7 };
  g_autoptr(GSettings) user = open_clean ();
  g_autoptr(FerrydSettings) settings = NULL;

  g_settings_set_uint (user, "max-running", expected.max_running);
  g_settings_set_uint (user, "max-connections-per-host", expected.max_connections_per_host);
  g_settings_set_uint64 (user, "download-limit", expected.download_limit);
  g_settings_set_uint64 (user, "upload-limit", expected.upload_limit);
  g_settings_set_uint (user, "history-tasks", expected.history_tasks);
  g_settings_set_uint (user, "history-days", expected.history_days);
  g_settings_set_boolean (user, "write-origin", expected.write_origin);
  g_settings_set_uint (user, "idle-exit-delay", expected.idle_exit_delay);

  settings = ferryd_settings_new ();
  assert_values (settings, &expected);
}

static void
test_changes (void)
{
  g_autoptr(GSettings) user = open_clean ();
  g_autoptr(FerrydSettings) settings = ferryd_settings_new ();
  guint n_changed = 0;

  g_signal_connect (settings, "changed", G_CALLBACK (on_changed_cb), &n_changed);
  g_settings_set_uint (user, "max-running", 3);
  desk_wait (was_changed, &n_changed, "the change is told");
  g_assert_cmpuint (ferryd_settings_get (settings)->max_running, ==, 3);

  g_settings_set_uint (user, "max-running", 3);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_changed, ==, 1);
}

static void
test_limits (void)
{
  const guint64 limit = G_MAXUINT64;
  g_autoptr(GSettings) user = open_clean ();
  g_autoptr(FerrydSettings) settings = ferryd_settings_new ();
  guint n_changed = 0;

  g_signal_connect (settings, "changed", G_CALLBACK (on_changed_cb), &n_changed);
  g_assert_true (ferryd_settings_set_download_limit (settings, limit));
  g_assert_cmpuint (ferryd_settings_get (settings)->download_limit, ==, limit);
  g_assert_cmpuint (n_changed, ==, 1);
  g_assert_true (ferryd_settings_set_upload_limit (settings, 5));
  g_assert_cmpuint (ferryd_settings_get (settings)->upload_limit, ==, 5);
  g_assert_cmpuint (n_changed, ==, 2);

  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n_changed, ==, 2);
  g_assert_cmpuint (g_settings_get_uint64 (user, "download-limit"), ==, limit);
  g_assert_cmpuint (g_settings_get_uint64 (user, "upload-limit"), ==, 5);
}

static void
test_ranges (void)
{
  static const struct { const char *key; guint least; guint most; } rows[] = {
    { "max-running", 1, 64 },
    { "max-connections-per-host", 1, 64 },
    { "idle-exit-delay", 1, 3600 },
  };
  g_autoptr(GSettings) settings = open_clean ();
  g_autoptr(GSettingsSchema) schema = NULL;

  g_object_get (settings, "settings-schema", &schema, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GSettingsSchemaKey) key = g_settings_schema_get_key (schema, rows[i].key);
      const guint inside[] = { rows[i].least, rows[i].most };
      const guint outside[] = { rows[i].least - 1, rows[i].most + 1 };

      for (gsize j = 0; j < G_N_ELEMENTS (inside); j++)
        {
          g_autoptr(GVariant) good = g_variant_ref_sink (g_variant_new_uint32 (inside[j]));
          g_autoptr(GVariant) bad = g_variant_ref_sink (g_variant_new_uint32 (outside[j]));

          g_assert_true (g_settings_schema_key_range_check (key, good));
          g_assert_false (g_settings_schema_key_range_check (key, bad));
        }
    }
}

static void
assert_defaults_alone (void)
{
  g_autoptr(FerrydSettings) settings = NULL;

  g_test_expect_message ("ferryd-settings", G_LOG_LEVEL_MESSAGE, "*" FERRY_APP_ID "*");
  settings = ferryd_settings_new ();
  g_test_assert_expected_messages ();
  assert_values (settings, &defaults);
  g_assert_false (ferryd_settings_set_download_limit (settings, 1));
  g_assert_false (ferryd_settings_set_upload_limit (settings, 1));
  assert_values (settings, &defaults);
}

/* In a process of its own, for GLib looks for schemas once. */
static void
use_schemas (const char *folder)
{
  g_assert_true (g_setenv ("GSETTINGS_SCHEMA_DIR", folder, TRUE));
  g_assert_true (g_setenv ("XDG_DATA_DIRS", folder, TRUE));
  g_assert_true (g_setenv ("XDG_DATA_HOME", folder, TRUE));
}

static void
test_no_schema (void)
{
  if (g_test_subprocess ())
    {
      use_schemas ("/nonexistent");
      assert_defaults_alone ();
      return;
    }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

/* What another version has left: it has our name and our path, but not our keys. */
static void
test_other_schema (void)
{
  static const char text[] =
    "<schemalist><schema id='" FERRY_APP_ID "' path='/io/github/ferryapp/Ferry/'>"
    "<key name='max-running' type='u'><default>2</default></key>"
    "<key name='max-connections-per-host' type='s'><default>'many'</default></key>"
    "</schema></schemalist>";
  g_autofree char *folder = NULL;
  g_autofree char *file = NULL;
  g_autoptr(GError) error = NULL;
  const char *compile[] = { "glib-compile-schemas", NULL, NULL };
  int status;

  if (g_test_subprocess ())
    {
      use_schemas (g_getenv ("TEST_SCHEMAS"));
      assert_defaults_alone ();
      return;
    }

  folder = test_folder_new ();
  file = g_build_filename (folder, "other.gschema.xml", NULL);
  compile[1] = folder;
  g_file_set_contents (file, text, -1, &error);
  g_assert_no_error (error);
  g_spawn_sync (NULL, (char **) compile, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);

  g_assert_true (g_setenv ("TEST_SCHEMAS", folder, TRUE));
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  test_folder_remove (folder);
}

static void
test_end (void)
{
  FerrydSettings *settings = ferryd_settings_new ();

  g_assert_finalize_object (settings);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/defaults", test_defaults);
  g_test_add_func ("/settings/values", test_values);
  g_test_add_func ("/settings/changes", test_changes);
  g_test_add_func ("/settings/limits", test_limits);
  g_test_add_func ("/settings/ranges", test_ranges);
  g_test_add_func ("/settings/no-schema", test_no_schema);
  g_test_add_func ("/settings/other-schema", test_other_schema);
  g_test_add_func ("/settings/end", test_end);
  return g_test_run ();
}
