/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine.h"
#include "support/bad-server.h"

G_BEGIN_DECLS

/* An engine over a real store, with two sessions, and what it has told. */
typedef struct
{
  char             *folder;      /* owned */
  TestServer       *server;      /* owned */
  FerrydDatabase   *database;    /* owned */
  FerrydRunner     *engine;      /* owned */
  FerrydSessionRow *sessions[2]; /* owned */
  GString          *redirects;   /* owned; a line each */
  FerrydOutcome    *outcome;     /* unowned; only its kind is looked at. NULL: a job runs */
  FerrydKept       *kept;        /* owned; of the last job */
  FerrydCause       cause;       /* the same */
  char             *error;       /* owned; NULL: it has finished */
  gboolean          is_late;
} EngineStand;

/* @configuration: of both sessions, text of an a{sv} */
void           engine_stand_init            (EngineStand     *stand,
                                             GTlsCertificate *certificate,
                                             const char      *configuration);

void           engine_stand_clear           (EngineStand *stand);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EngineStand, engine_stand_clear)

/* @session: 0 or 1. @options: text of an a{sv} */
FerrydTaskRow *engine_stand_add_task        (EngineStand *stand,
                                             guint        session,
                                             const char  *url,
                                             const char  *options);

void           engine_stand_start           (EngineStand         *stand,
                                             guint                session,
                                             const FerrydTaskRow *task);

/* Until the job has ended. */
void           engine_stand_wait            (EngineStand *stand);

void           engine_stand_assert_finished (EngineStand *stand);

/* One task from its making to its end. */
void           engine_stand_fetch           (EngineStand *stand,
                                             guint        session,
                                             const char  *url,
                                             const char  *options);

/* @user_data: where the result goes, with a reference. */
void           engine_result_cb             (GObject      *object,
                                             GAsyncResult *result,
                                             gpointer      user_data);

/* Runs the main loop until *@place is something. */
void           engine_wait_for              (gpointer *place);

G_END_DECLS
