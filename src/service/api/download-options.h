/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/session.h"

G_BEGIN_DECLS

/* An address that can be fetched, and that holds no secret. */
gboolean       ferryd_download_options_check_url (const char  *url,
                                                  GError     **error);

/* The text that a client may give a task. */
gboolean       ferryd_download_options_check_description (const char  *description,
                                                          GError     **error);

/* Not a number, and what is not from 0 to 1, is refused. */
gboolean       ferryd_download_options_check_priority (double    priority,
                                                       GError  **error);

/* A new row for @url with @options, in a session of @configuration. The folder has not been looked
 * at. @secrets: (out) (nullable): a{ss}. Returns: (transfer full): the row, or NULL */
FerrydTaskRow *ferryd_download_options_read      (const char                 *url,
                                                  GVariant                   *options,
                                                  const FerrydConfiguration  *configuration,
                                                  GVariant                  **secrets,
                                                  GError                    **error);

/* A new row that takes over what @task keeps under @key, with what @options changes. */
FerrydTaskRow *ferryd_download_options_inherit   (FerrydTask  *task,
                                                  GBytes      *key,
                                                  GVariant    *options,
                                                  GVariant   **secrets,
                                                  GError     **error);

/* What `SetDestination` is given. */
gboolean       ferryd_download_options_read_edit (GVariant        *options,
                                                  FerrydTaskEdit  *edit,
                                                  GError         **error);

G_END_DECLS
