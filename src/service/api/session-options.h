/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/configuration.h"

G_BEGIN_DECLS

/* What `OpenSession` was given. A value. */
typedef struct
{
  char                *app_id;         /* owned */
  GVariant            *configuration;  /* owned; as given, without secrets */
  GVariant            *secrets;        /* owned; a{ss}. NULL: none were given */
  FerrydConfiguration  values;         /* of the configuration */
  gboolean             has_notify;
} FerrydSessionOptions;

/* InvalidOption names what is wrong. What is on disk has not been looked at. */
gboolean ferryd_session_options_read  (GVariant              *given,
                                       FerrydSessionOptions  *self,
                                       GError               **error);

void     ferryd_session_options_clear (FerrydSessionOptions *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerrydSessionOptions, ferryd_session_options_clear)

/* What a name of a session may be. */
gboolean ferryd_session_options_check_identifier (const char  *identifier,
                                                  GError     **error);

/* The options of `Probe`: @options is what the runner takes, @values is of it. Both outs are set
 * only on %TRUE. */
gboolean ferryd_probe_options_read    (GVariant             *given,
                                       GVariant            **options,
                                       FerrydConfiguration  *values,
                                       GError              **error);

G_END_DECLS
