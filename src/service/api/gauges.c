/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-gauges"

#include "config.h"

#include "api/gauges.h"
#include "common/error.h"

#define API_VERSION 1

#define MANAGER_INTERFACE FERRY_SERVICE_ID ".Manager"

/* As often as counters are sampled. */
#define STEP_US (G_USEC_PER_SEC / 4)

static const char *const capabilities[] = {
  "download", "probe", "resume-data", "secret-headers", "events", "limits", NULL,
};

/* The properties that change. */
typedef enum
{
  GAUGE_RECEIVED,
  GAUGE_SENT,
  GAUGE_RUNNING,
  GAUGE_WAITING,
  GAUGE_DOWNLOAD_LIMIT,
  GAUGE_UPLOAD_LIMIT,
} Gauge;

#define N_GAUGES (GAUGE_UPLOAD_LIMIT + 1)

#define LIMITS ((1u << GAUGE_DOWNLOAD_LIMIT) | (1u << GAUGE_UPLOAD_LIMIT))
#define NUMBERS (((1u << N_GAUGES) - 1) & ~LIMITS)

static const char *const names[] = {
  [GAUGE_RECEIVED] = "BytesPerSecondReceived",
  [GAUGE_SENT] = "BytesPerSecondSent",
  [GAUGE_RUNNING] = "Running",
  [GAUGE_WAITING] = "Waiting",
  [GAUGE_DOWNLOAD_LIMIT] = "DownloadLimit",
  [GAUGE_UPLOAD_LIMIT] = "UploadLimit",
};
G_STATIC_ASSERT (G_N_ELEMENTS (names) == N_GAUGES);

struct _FerrydGauges
{
  GObject         parent_instance;

  FerrydManager  *manager;     /* owned */
  FerrydSettings *settings;    /* owned */
  FerrydClients  *clients;     /* owned */
  guint64         told[N_GAUGES];  /* what those who watch know */
  /* mask of what changed since then: what has changed back may have been read in between */
  guint           due;
  gint64          told_at;     /* monotonic µs of the last time that numbers were told */
  guint           step;        /* source id: numbers are looked at; 0: nothing moves */
  guint           at_once;     /* source id: limits are told; 0: none has changed */
};

G_DEFINE_FINAL_TYPE (FerrydGauges, ferryd_gauges, G_TYPE_OBJECT)

static guint64
read_gauge (FerrydGauges *self,
            Gauge         gauge)
{
  switch (gauge)
    {
    case GAUGE_RECEIVED:
      return ferryd_manager_get_rate (self->manager);
    case GAUGE_SENT:
      return 0;  /* there are no uploads yet */
    case GAUGE_RUNNING:
      return ferryd_manager_count (self->manager, FERRY_TASK_STATE_RUNNING);
    case GAUGE_WAITING:
      return ferryd_manager_count (self->manager, FERRY_TASK_STATE_WAITING);
    case GAUGE_DOWNLOAD_LIMIT:
      return ferryd_settings_get (self->settings)->download_limit;
    case GAUGE_UPLOAD_LIMIT:
      return ferryd_settings_get (self->settings)->upload_limit;
    default:
      g_assert_not_reached ();
    }
}

static GVariant *
describe (Gauge   gauge,
          guint64 value)
{
  if (gauge == GAUGE_RUNNING || gauge == GAUGE_WAITING)
    return g_variant_new_uint32 ((guint32) value);

  return g_variant_new_uint64 (value);
}

static void
note (FerrydGauges *self)
{
  for (guint i = 0; i < N_GAUGES; i++)
    {
      if (read_gauge (self, (Gauge) i) != self->told[i])
        self->due |= 1u << i;
    }
}

static void
tell (FerrydGauges *self,
      guint         mask)
{
  GVariantBuilder changed;

  note (self);
  mask &= self->due;
  if (mask == 0)
    return;

  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < N_GAUGES; i++)
    {
      if ((mask & (1u << i)) == 0)
        continue;

      self->told[i] = read_gauge (self, (Gauge) i);
      g_variant_builder_add (&changed, "{sv}", names[i], describe ((Gauge) i, self->told[i]));
    }

  self->due &= ~mask;
  ferryd_clients_tell_watchers (self->clients, "org.freedesktop.DBus.Properties",
                                "PropertiesChanged",
                                g_variant_new ("(sa{sv}@as)", MANAGER_INTERFACE, &changed,
                                               g_variant_new_strv (NULL, 0)));
}

static gboolean
on_step_cb (gpointer user_data)
{
  FerrydGauges *self = user_data;

  self->step = 0;
  self->told_at = g_get_monotonic_time ();
  tell (self, NUMBERS);
  return G_SOURCE_REMOVE;
}

static gboolean
on_limits_cb (gpointer user_data)
{
  FerrydGauges *self = user_data;

  self->at_once = 0;
  tell (self, LIMITS);
  return G_SOURCE_REMOVE;
}

static void
look_soon (FerrydGauges *self)
{
  gint64 since = g_get_monotonic_time () - self->told_at;

  if (self->step != 0 || !ferryd_clients_has_watchers (self->clients))
    return;

  if (since >= STEP_US)
    self->step = g_idle_add (on_step_cb, self);
  else
    self->step = g_timeout_add ((guint) ((STEP_US - since) / 1000) + 1, on_step_cb, self);
}

static void
on_task_came_or_went_cb (FerrydManager *manager,
                         FerrydTask    *task,
                         FerrydGauges  *self)
{
  look_soon (self);
}

static void
on_task_changed_cb (FerrydManager *manager,
                    FerrydTask    *task,
                    guint          mask,
                    FerrydGauges  *self)
{
  if ((mask & (FERRYD_TASK_CHANGE (STATE) | FERRYD_TASK_CHANGE (RATE))) != 0)
    look_soon (self);
}

/* In an idle: behind the answer to the call that has set it. */
static void
on_settings_changed_cb (FerrydSettings *settings,
                        FerrydGauges   *self)
{
  if (self->at_once == 0 && ferryd_clients_has_watchers (self->clients))
    self->at_once = g_idle_add (on_limits_cb, self);
}

static void
ferryd_gauges_dispose (GObject *object)
{
  FerrydGauges *self = FERRYD_GAUGES (object);

  g_clear_handle_id (&self->step, g_source_remove);
  g_clear_handle_id (&self->at_once, g_source_remove);
  g_clear_object (&self->manager);
  g_clear_object (&self->settings);
  g_clear_object (&self->clients);

  G_OBJECT_CLASS (ferryd_gauges_parent_class)->dispose (object);
}

static void
ferryd_gauges_class_init (FerrydGaugesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_gauges_dispose;
}

static void
ferryd_gauges_init (FerrydGauges *self)
{
}

FerrydGauges *
ferryd_gauges_new (FerrydManager  *manager,
                   FerrydSettings *settings,
                   FerrydClients  *clients)
{
  FerrydGauges *self = g_object_new (FERRYD_TYPE_GAUGES, NULL);

  self->manager = g_object_ref (manager);
  self->settings = g_object_ref (settings);
  self->clients = g_object_ref (clients);
  g_signal_connect_object (manager, "task-added", G_CALLBACK (on_task_came_or_went_cb), self, 0);
  g_signal_connect_object (manager, "task-removed", G_CALLBACK (on_task_came_or_went_cb), self, 0);
  g_signal_connect_object (manager, "task-changed", G_CALLBACK (on_task_changed_cb), self, 0);
  g_signal_connect_object (settings, "changed", G_CALLBACK (on_settings_changed_cb), self, 0);
  return self;
}

GVariant *
ferryd_gauges_get (FerrydGauges *self,
                   const char   *property)
{
  g_return_val_if_fail (FERRYD_IS_GAUGES (self), NULL);

  if (g_str_equal (property, "Version"))
    return g_variant_new_uint32 (API_VERSION);
  if (g_str_equal (property, "Capabilities"))
    return g_variant_new_strv (capabilities, -1);

  note (self);
  for (guint i = 0; i < N_GAUGES; i++)
    {
      if (g_str_equal (names[i], property))
        return describe ((Gauge) i, read_gauge (self, (Gauge) i));
    }

  return NULL;
}

GVariant *
ferryd_gauges_get_all (FerrydGauges *self)
{
  GVariantBuilder builder;

  g_return_val_if_fail (FERRYD_IS_GAUGES (self), NULL);

  note (self);
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "Version", g_variant_new_uint32 (API_VERSION));
  g_variant_builder_add (&builder, "{sv}", "Capabilities", g_variant_new_strv (capabilities, -1));
  for (guint i = 0; i < N_GAUGES; i++)
    g_variant_builder_add (&builder, "{sv}", names[i],
                           describe ((Gauge) i, read_gauge (self, (Gauge) i)));

  return g_variant_builder_end (&builder);
}

gboolean
ferryd_gauges_set (FerrydGauges  *self,
                   const char    *property,
                   GVariant      *value,
                   GError       **error)
{
  guint64 limit = g_variant_get_uint64 (value);
  gboolean is_set;

  g_return_val_if_fail (FERRYD_IS_GAUGES (self), FALSE);

  if (g_str_equal (property, names[GAUGE_DOWNLOAD_LIMIT]))
    is_set = ferryd_settings_set_download_limit (self->settings, limit);
  else
    is_set = ferryd_settings_set_upload_limit (self->settings, limit);

  if (!is_set)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_NOT_ALLOWED,
                 "“%s” cannot be changed: its setting is locked, or not installed", property);
  return is_set;
}

void
ferryd_gauges_take_stock (FerrydGauges *self)
{
  g_return_if_fail (FERRYD_IS_GAUGES (self));

  note (self);
  if (ferryd_clients_has_watchers (self->clients))
    {
      if ((self->due & NUMBERS) != 0)
        look_soon (self);
      return;
    }

  for (guint i = 0; i < N_GAUGES; i++)
    self->told[i] = read_gauge (self, (Gauge) i);
  self->due = 0;
}
