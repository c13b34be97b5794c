/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "transfer/plan.h"

G_BEGIN_DECLS

typedef enum
{
  FERRYD_TLS_ANY,
  FERRYD_TLS_1_2,
  FERRYD_TLS_1_3,
} FerrydTlsMinimum;

/* A host that wants HTTPS always (RFC 6797). A value. */
typedef struct
{
  const char *name;
  gint64      expires;            /* Unix s; 0: it wants it no more */
  gboolean    include_subdomains;
} FerrydHstsHost;

/* In a worker: @host is news. */
typedef void (* FerrydHstsFunc) (const FerrydHstsHost *host,
                                 gpointer              user_data);

/* How a Ferry session speaks HTTP. A value, read once by ferryd_http_new(). */
typedef struct
{
  /* s without a byte, also for connecting, where the plan has no time of its own. 0: 60 */
  guint             request_timeout;
  const char       *user_agent;          /* NULL: Ferry's own */
  /* absolute path of a PEM bundle, in place of the system's, read by the first job. NULL: the
   * system's */
  const char       *tls_ca;
  FerrydTlsMinimum  tls_minimum;
  GTlsCertificate  *client_certificate;  /* NULL: none */
  gboolean          cookies;             /* keep them, in memory, for this session */
  FerrydHstsHost   *hsts_hosts;          /* what is known of earlier sessions */
  guint             n_hsts_hosts;
  FerrydHstsFunc    hsts_changed;        /* NULL: nobody wants to know */
  gpointer          hsts_data;           /* unowned; outlives the sessions */
} FerrydHttpSettings;

/* The connections of one Ferry session. Made, and its last reference dropped, on the main
 * thread; used by any number of jobs. Reads no file, so it cannot fail. */
FerrydHttp *ferryd_http_new         (const FerrydHttpSettings *settings);

FerrydHttp *ferryd_http_ref         (FerrydHttp *self);

void        ferryd_http_unref       (FerrydHttp *self);

/* What another session has heard of @host holds here as well, for all messages to come. */
void        ferryd_http_learn_hsts  (FerrydHttp           *self,
                                     const FerrydHstsHost *host);

/* Closes idle connections. On the main thread, while no job of the session runs. */
void        ferryd_http_close_idle  (FerrydHttp *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydHttp, ferryd_http_unref)

G_END_DECLS
