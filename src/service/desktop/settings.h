/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRYD_TYPE_SETTINGS (ferryd_settings_get_type ())
G_DECLARE_FINAL_TYPE (FerrydSettings, ferryd_settings, FERRYD, SETTINGS, GObject)

/* What the user has set; the schema says what each one means. */
typedef struct
{
  guint    max_running;
  guint    max_connections_per_host;
  guint64  download_limit;   /* bytes per second. 0: none */
  guint64  upload_limit;     /* bytes per second. 0: none */
  guint    history_tasks;
  guint    history_days;
  gboolean write_origin;
  guint    idle_exit_delay;  /* s */
} FerrydSettingsValues;

/*
 * The settings of the user's desktop. Where their schema is not installed, the defaults hold, and
 * nothing can be set.
 *
 * Signal `changed` ()
 *   Some value is another than before.
 */
FerrydSettings             *ferryd_settings_new                (void);

/* Belongs to @self, and follows each change. */
const FerrydSettingsValues *ferryd_settings_get                (FerrydSettings *self);

/* In bytes per second; 0: no limit. FALSE when the user may not, or cannot, change it. Once they
 * return TRUE, ferryd_settings_get() tells the new value, and `changed` was emitted. */
gboolean                    ferryd_settings_set_download_limit (FerrydSettings *self,
                                                                guint64         limit);

gboolean                    ferryd_settings_set_upload_limit   (FerrydSettings *self,
                                                                guint64         limit);

G_END_DECLS
