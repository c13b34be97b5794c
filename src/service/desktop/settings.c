/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-settings"

#include "config.h"

#include "desktop/settings.h"

/* The keys that we read, and their types: an installed schema may be of another version. */
static const struct
{
  const char *name;
  const char *type;
} keys[] = {
  { "max-running", "u" },
  { "max-connections-per-host", "u" },
  { "download-limit", "t" },
  { "upload-limit", "t" },
  { "history-tasks", "u" },
  { "history-days", "u" },
  { "write-origin", "b" },
  { "idle-exit-delay", "u" },
};

/* Where there is no schema; a test holds the two together. */
static const FerrydSettingsValues defaults = {
  .max_running = 8,
  .max_connections_per_host = 6,
  .download_limit = 0,
  .upload_limit = 0,
  .history_tasks = 1000,
  .history_days = 90,
  .write_origin = TRUE,
  .idle_exit_delay = 60,
};

struct _FerrydSettings
{
  GObject               parent_instance;

  GSettings            *settings;  /* owned; NULL: the schema is not there */
  FerrydSettingsValues  values;
};

G_DEFINE_FINAL_TYPE (FerrydSettings, ferryd_settings, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
has_key (GSettingsSchema *schema,
         const char      *name,
         const char      *type)
{
  g_autoptr(GSettingsSchemaKey) key = NULL;

  if (!g_settings_schema_has_key (schema, name))
    return FALSE;

  key = g_settings_schema_get_key (schema, name);
  return g_variant_type_equal (g_settings_schema_key_get_value_type (key),
                               G_VARIANT_TYPE (type));
}

/* GSettings ends the process over a schema or a key that is not there, so they are looked up
 * first. */
static GSettings *
open_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr(GSettingsSchema) schema = NULL;

  /* No source at all: no application has installed one. */
  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, FERRY_APP_ID, TRUE);
  if (schema == NULL)
    {
      g_message ("The schema “%s” is not installed; the default settings hold", FERRY_APP_ID);
      return NULL;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (!has_key (schema, keys[i].name, keys[i].type))
      {
        g_message ("The schema “%s” that is installed has no “%s” of type “%s”; the default "
                   "settings hold", FERRY_APP_ID, keys[i].name, keys[i].type);
        return NULL;
      }

  return g_settings_new_full (schema, NULL, NULL);
}

static FerrydSettingsValues
read_values (GSettings *settings)
{
  return (FerrydSettingsValues) {
    .max_running = g_settings_get_uint (settings, "max-running"),
    .max_connections_per_host = g_settings_get_uint (settings, "max-connections-per-host"),
    .download_limit = g_settings_get_uint64 (settings, "download-limit"),
    .upload_limit = g_settings_get_uint64 (settings, "upload-limit"),
    .history_tasks = g_settings_get_uint (settings, "history-tasks"),
    .history_days = g_settings_get_uint (settings, "history-days"),
    .write_origin = g_settings_get_boolean (settings, "write-origin"),
    .idle_exit_delay = g_settings_get_uint (settings, "idle-exit-delay"),
  };
}

static gboolean
are_equal (const FerrydSettingsValues *a,
           const FerrydSettingsValues *b)
{
  return a->max_running == b->max_running
         && a->max_connections_per_host == b->max_connections_per_host
         && a->download_limit == b->download_limit
         && a->upload_limit == b->upload_limit
         && a->history_tasks == b->history_tasks
         && a->history_days == b->history_days
         && a->write_origin == b->write_origin
         && a->idle_exit_delay == b->idle_exit_delay;
}

static void
refresh (FerrydSettings *self)
{
  FerrydSettingsValues values = read_values (self->settings);

  if (are_equal (&self->values, &values))
    return;

  self->values = values;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_settings_changed_cb (GSettings      *settings,
                        const char     *key,
                        FerrydSettings *self)
{
  refresh (self);
}

static gboolean
set_limit (FerrydSettings *self,
           const char     *key,
           guint64         limit)
{
  if (self->settings == NULL || !g_settings_is_writable (self->settings, key)
      || !g_settings_set_uint64 (self->settings, key, limit))
    return FALSE;

  /* The backend tells of it later. */
  refresh (self);
  return TRUE;
}

static void
ferryd_settings_dispose (GObject *object)
{
  g_clear_object (&FERRYD_SETTINGS (object)->settings);

  G_OBJECT_CLASS (ferryd_settings_parent_class)->dispose (object);
}

static void
ferryd_settings_class_init (FerrydSettingsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_settings_dispose;

  signals[CHANGED] = g_signal_new ("changed", FERRYD_TYPE_SETTINGS, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferryd_settings_init (FerrydSettings *self)
{
  self->values = defaults;
  self->settings = open_settings ();
  if (self->settings == NULL)
    return;

  /* A key is told of only when somebody listened before it was read. */
  g_signal_connect_object (self->settings, "changed", G_CALLBACK (on_settings_changed_cb), self,
                           0);
  self->values = read_values (self->settings);
}

FerrydSettings *
ferryd_settings_new (void)
{
  return g_object_new (FERRYD_TYPE_SETTINGS, NULL);
}

const FerrydSettingsValues *
ferryd_settings_get (FerrydSettings *self)
{
  g_return_val_if_fail (FERRYD_IS_SETTINGS (self), &defaults);

  return &self->values;
}

gboolean
ferryd_settings_set_download_limit (FerrydSettings *self,
                                    guint64         limit)
{
  g_return_val_if_fail (FERRYD_IS_SETTINGS (self), FALSE);

  return set_limit (self, "download-limit", limit);
}

gboolean
ferryd_settings_set_upload_limit (FerrydSettings *self,
                                  guint64         limit)
{
  g_return_val_if_fail (FERRYD_IS_SETTINGS (self), FALSE);

  return set_limit (self, "upload-limit", limit);
}
