/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "common/digest.h"
#include "transfer/kept.h"

G_BEGIN_DECLS

typedef struct _FerrydCrew     FerrydCrew;
typedef struct _FerrydHttp     FerrydHttp;
typedef struct _FerrydSyncer   FerrydSyncer;
typedef struct _FerrydThrottle FerrydThrottle;
typedef struct _FerrydPlan     FerrydPlan;

typedef enum
{
  FERRYD_REDIRECTS_FOLLOW,
  FERRYD_REDIRECTS_SAME_ORIGIN,
  FERRYD_REDIRECTS_NONE,
} FerrydRedirects;

/*
 * FerrydCheckpointFunc:
 * @plan: the plan of the job
 * @kept: what is, or is about to be, on disk
 * @error: the store's error
 *
 * Makes @kept durable: the one function of a plan that leaves the engine. Called in a worker or in
 * the sync thread; blocks until the store's commit has been answered.
 *
 * Nothing is created, cut, renamed or counted as durable before it has returned %TRUE.
 *
 * Returns: %FALSE if the commit failed or the row is gone
 */
typedef gboolean (* FerrydCheckpointFunc) (const FerrydPlan  *plan,
                                           const FerrydKept  *kept,
                                           GError           **error);

/* Called in the worker once all bytes are written: the job has handed over to the sync thread
 * and gives up its running slot. */
typedef void     (* FerrydWrittenFunc)    (const FerrydPlan  *plan);

/* Called in the worker before a redirect is followed. @url: where to, without a user part. */
typedef void     (* FerrydRedirectedFunc) (const FerrydPlan  *plan,
                                           guint              status,
                                           const char        *url);

/* What a job is to do. A value: whoever starts the job makes it, the job only reads it. */
struct _FerrydPlan
{
  FerrydHttp           *http;            /* owned; shared by the jobs of one session */
  /* owned; shared by all jobs. NULL: the job's thread is its own */
  FerrydCrew           *crew;
  FerrydSyncer         *syncer;          /* owned; shared by all jobs */
  /* owned; the task's, its session's behind it, then the global. NULL: no limit */
  FerrydThrottle       *throttle;

  char                 *url;             /* owned; http or https */
  char                 *referrer;        /* owned. NULL: none */
  /* owned; name, value, name, value, … NULL: none. For the URL's own origin alone */
  char                **headers;
  FerrydRedirects       redirects;
  gboolean              allow_insecure_redirect;  /* HTTPS → HTTP */
  guint                 request_timeout; /* s without a sign of life. 0: the session's */
  /* monotonic µs at which the resource time-out ends the job. 0: never */
  gint64                deadline;

  char                 *folder;          /* owned; absolute path */
  char                 *file_name;       /* owned. NULL: the answer names it */
  gboolean              overwrite;
  gboolean              resume_unproven; /* take up bytes that only size and overlap vouch for */
  gboolean              behind_portal;   /* the network monitor says so */
  /* xattrs `user.xdg.origin.url` and `user.xdg.referrer.url` */
  gboolean              write_origin;
  gboolean              has_digest;
  FerryDigest           digest;          /* expected, when has_digest */

  FerrydKept           *kept;            /* owned; what an earlier run left. Never NULL */

  FerrydCheckpointFunc  checkpoint;
  FerrydWrittenFunc     written;         /* NULL: nobody wants to know */
  FerrydRedirectedFunc  redirected;      /* NULL: nobody wants to know */
  gpointer              user_data;       /* unowned; outlives the job. For the three above */
};

FerrydPlan *ferryd_plan_new  (void);

void        ferryd_plan_free (FerrydPlan *plan);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydPlan, ferryd_plan_free)

G_END_DECLS
