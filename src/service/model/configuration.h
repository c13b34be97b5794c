/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/plan.h"

G_BEGIN_DECLS

/* When a person is told that transfers have ended. */
typedef enum
{
  FERRYD_NOTIFY_FINISH,  /* finish: once all of a session have ended */
  FERRYD_NOTIFY_EACH,    /* each: of every one */
  FERRYD_NOTIFY_NONE,    /* none: never */
} FerrydNotify;

/* What a session's configuration says, and the defaults of what it does not. A value; its strings
 * belong to the variant that it was read from. */
typedef struct
{
  guint            request_timeout;   /* s without a sign of life */
  guint64          resource_timeout;  /* s that a task may take as a whole */
  guint            max_per_host;      /* connections with one host at once */
  guint            max_running;       /* tasks at once; 0: no limit of its own */
  const char      *user_agent;        /* NULL: Ferry's own */
  const char      *destination;       /* absolute path. NULL: the user's downloads */
  const char      *tls_ca;            /* absolute path. NULL: the system's */
  gboolean         cookies;           /* kept in memory, for this session */
  FerrydRedirects  redirects;
  gboolean         allow_insecure_redirect;
  gboolean         resume_unproven;
  guint64          download_limit;    /* bytes a second; 0: none */
  FerrydNotify     notify;
} FerrydConfiguration;

/* @configuration: a{sv} with keys of the right types. InvalidOption names a value that is not
 * legal; what has once been accepted reads well ever after. */
gboolean ferryd_configuration_read (GVariant             *configuration,
                                    FerrydConfiguration  *self,
                                    GError              **error);

G_END_DECLS
