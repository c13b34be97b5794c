/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ferry-types.h"

G_BEGIN_DECLS

#define FERRY_TYPE_SESSION (ferry_session_get_type ())

G_DECLARE_FINAL_TYPE (FerrySession, ferry_session, FERRY, SESSION, GObject)

guint64 ferry_session_get_number (FerrySession *self);

const char *ferry_session_get_identifier (FerrySession *self);

const char *ferry_session_get_app_id (FerrySession *self);

FerrySessionState ferry_session_get_state (FerrySession *self);

gboolean ferry_session_is_attached (FerrySession *self);

gboolean ferry_session_was_created (FerrySession *self);

FerryTaskList *ferry_session_get_tasks (FerrySession *self);

void ferry_session_create_download_task_async (FerrySession       *self,
                                               const char         *url,
                                               GVariant           *options,
                                               GCancellable       *cancellable,
                                               GAsyncReadyCallback callback,
                                               gpointer            user_data);

FerryTask *ferry_session_create_download_task_finish (FerrySession *self,
                                                      GAsyncResult *result,
                                                      GError      **error);

void ferry_session_create_download_tasks_async (FerrySession       *self,
                                                GVariant           *downloads,
                                                GCancellable       *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer            user_data);

GPtrArray *ferry_session_create_download_tasks_finish (FerrySession *self,
                                                       GAsyncResult *result,
                                                       GError      **error);

void ferry_session_create_download_task_with_resume_data_async (FerrySession       *self,
                                                                GBytes             *data,
                                                                GVariant           *options,
                                                                GCancellable       *cancellable,
                                                                GAsyncReadyCallback callback,
                                                                gpointer            user_data);

FerryTask *ferry_session_create_download_task_with_resume_data_finish (FerrySession *self,
                                                                       GAsyncResult *result,
                                                                       GError      **error);

void ferry_session_set_delegate_async (FerrySession       *self,
                                       const char *const  *members,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);

gboolean ferry_session_set_delegate_finish (FerrySession *self,
                                            GAsyncResult *result,
                                            GError      **error);

void ferry_session_get_events_async (FerrySession       *self,
                                     guint64             after,
                                     guint               limit,
                                     GCancellable       *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer            user_data);

GVariant *ferry_session_get_events_finish (FerrySession *self,
                                           GAsyncResult *result,
                                           GError      **error);

void ferry_session_acknowledge_events_async (FerrySession       *self,
                                             guint64             serial,
                                             GCancellable       *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer            user_data);

gboolean ferry_session_acknowledge_events_finish (FerrySession *self,
                                                  GAsyncResult *result,
                                                  GError      **error);

void ferry_session_finish_tasks_and_invalidate_async (FerrySession       *self,
                                                      GCancellable       *cancellable,
                                                      GAsyncReadyCallback callback,
                                                      gpointer            user_data);

gboolean ferry_session_finish_tasks_and_invalidate_finish (FerrySession *self,
                                                           GAsyncResult *result,
                                                           GError      **error);

void ferry_session_invalidate_and_cancel_async (FerrySession       *self,
                                                GCancellable       *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer            user_data);

gboolean ferry_session_invalidate_and_cancel_finish (FerrySession *self,
                                                     GAsyncResult *result,
                                                     GError      **error);

void ferry_session_reset_async (FerrySession       *self,
                                GCancellable       *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer            user_data);

gboolean ferry_session_reset_finish (FerrySession *self,
                                     GAsyncResult *result,
                                     GError      **error);

G_END_DECLS
