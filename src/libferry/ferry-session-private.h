/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ferry-link-private.h"
#include "ferry-session.h"

G_BEGIN_DECLS

/* To be had of the link alone. Returns: (transfer full) */
G_GNUC_INTERNAL
FerrySession  *ferry_session_new               (FerryLink *link,
                                                guint64    number);

/* Where its number is kept. */
G_GNUC_INTERNAL
const guint64 *ferry_session_get_key           (FerrySession *self);

G_GNUC_INTERNAL
FerryLink     *ferry_session_get_link          (FerrySession *self);

/* What it was opened with last. */
G_GNUC_INTERNAL
GVariant      *ferry_session_get_configuration (FerrySession *self);

/* This program has opened it; the service was asked to after @losses of the link. */
G_GNUC_INTERNAL
void           ferry_session_note_opened       (FerrySession *self,
                                                const char   *identifier,
                                                GVariant     *configuration,
                                                gboolean      created,
                                                guint         losses);

/* The service that came back has opened it again. */
G_GNUC_INTERNAL
void           ferry_session_note_reopened     (FerrySession *self,
                                                guint64       number);

/* It is not open in this program any more. */
G_GNUC_INTERNAL
void           ferry_session_note_detached     (FerrySession *self);

/* Which signals of tasks the program has chosen. */
G_GNUC_INTERNAL
void           ferry_session_note_delegate     (FerrySession       *self,
                                                const char * const *members);

/* @properties: an a{sv}, as of the bus. */
G_GNUC_INTERNAL
void           ferry_session_update            (FerrySession *self,
                                                GVariant     *properties);

G_GNUC_INTERNAL
void           ferry_session_set_state         (FerrySession      *self,
                                                FerrySessionState  state);

G_GNUC_INTERNAL
void           ferry_session_handle_signal     (FerrySession *self,
                                                const char   *member,
                                                GVariant     *parameters);

G_END_DECLS
