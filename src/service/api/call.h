/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/caller.h"
#include "api/clients.h"
#include "model/manager.h"

G_BEGIN_DECLS

/*
 * A call that has come through the door: who calls is known, the object exists for that caller, the
 * arguments have the declared types. Exactly one of the functions below answers it, and frees it.
 */
typedef struct
{
  GDBusMethodInvocation *invocation;  /* owned by the answer */
  FerrydManager         *manager;     /* owned */
  FerrydClients         *clients;     /* owned */
  FerrydSession         *session;     /* owned; NULL unless the object is one */
  FerrydTask            *task;        /* owned; NULL unless the object is one */
  guint                 *in_flight;   /* a share of the door's count of calls not yet answered */
} FerrydCall;

const char *ferryd_call_get_sender     (FerrydCall *call);

GVariant   *ferryd_call_get_parameters (FerrydCall *call);

/* @value: (nullable): a tuple, taken over if floating */
void        ferryd_call_answer         (FerrydCall *call,
                                        GVariant   *value);

/* @error: (transfer full) */
void        ferryd_call_refuse         (FerrydCall *call,
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
