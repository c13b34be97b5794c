/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/caller.h"
#include "api/clients.h"
#include "api/gauges.h"
#include "api/traffic.h"
#include "model/manager.h"

G_BEGIN_DECLS

/*
 * A call that has come to the door. Once it is behind it, who calls is known, the object exists for
 * that caller, the arguments have the declared types. Exactly one of the functions that answer it
 * is called, and frees it.
 */
typedef struct
{
  GDBusMethodInvocation *invocation;  /* owned by the answer */
  FerrydManager         *manager;     /* owned */
  FerrydClients         *clients;     /* owned */
  FerrydGauges          *gauges;      /* owned */
  FerrydTraffic         *traffic;     /* owned; we are counted in it */
  /* owned; the object, or the session of the task. NULL: the object is the manager */
  FerrydSession         *session;
  FerrydTask            *task;        /* owned; NULL unless the object is one */
  gboolean               holds;       /* the session, see ferryd_call_hold() */
} FerrydCall;

/* @invocation: (transfer full) */
FerrydCall *ferryd_call_new            (GDBusMethodInvocation *invocation,
                                        FerrydManager         *manager,
                                        FerrydClients         *clients,
                                        FerrydGauges          *gauges,
                                        FerrydTraffic         *traffic);

/* Forgets a call that nobody waits for any more. */
void        ferryd_call_drop           (FerrydCall *call);

/* What happens to the session is told behind the answer, however many steps it takes. */
void        ferryd_call_hold           (FerrydCall *call);

const char *ferryd_call_get_sender     (FerrydCall *call);

GVariant   *ferryd_call_get_parameters (FerrydCall *call);

/* @value: (nullable): a tuple, taken over if floating */
void        ferryd_call_answer         (FerrydCall *call,
                                        GVariant   *value);

/* With one descriptor, which is taken over. The value is `(h)`. */
void        ferryd_call_answer_with_fd (FerrydCall *call,
                                        int         descriptor);

/* @error: (transfer full) */
void        ferryd_call_refuse         (FerrydCall *call,
                                        GError     *error);

/* Answers with nothing when @is_done, else with @error, which is taken over. */
void        ferryd_call_answer_done    (FerrydCall *call,
                                        gboolean    is_done,
                                        GError     *error);

/* A path of the file system may be in @error's message, and need not be what the bus carries. */
void        ferryd_call_make_utf8      (GError *error);

/* A method behind the door. */
typedef struct
{
  const char *name;
  void       (* call) (FerrydCall *call);
} FerrydVerb;

extern const FerrydVerb ferryd_manager_verbs[];
extern const FerrydVerb ferryd_session_verbs[];
extern const FerrydVerb ferryd_task_verbs[];

G_END_DECLS
