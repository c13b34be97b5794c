/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ferry-types.h"

G_BEGIN_DECLS

#define FERRY_TYPE_CLIENT (ferry_client_get_type ())

G_DECLARE_FINAL_TYPE (FerryClient, ferry_client, FERRY, CLIENT, GObject)

FerryClient *ferry_client_new (void);

FerryClient *ferry_client_new_for_connection (GDBusConnection *connection);

void ferry_client_connect_async (FerryClient        *self,
                                 GCancellable       *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer            user_data);

gboolean ferry_client_connect_finish (FerryClient  *self,
                                      GAsyncResult *result,
                                      GError      **error);

FerryClientState ferry_client_get_state (FerryClient *self);

const GError *ferry_client_get_error (FerryClient *self);

/* What it holds. */

void ferry_client_open_session_async (FerryClient        *self,
                                      const char         *identifier,
                                      GVariant           *configuration,
                                      GCancellable       *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer            user_data);

FerrySession *ferry_client_open_session_finish (FerryClient  *self,
                                                GAsyncResult *result,
                                                GError      **error);

void ferry_client_watch_async (FerryClient        *self,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data);

gboolean ferry_client_watch_finish (FerryClient  *self,
                                    GAsyncResult *result,
                                    GError      **error);

GListModel *ferry_client_get_sessions (FerryClient *self);

FerryTaskList *ferry_client_get_tasks (FerryClient *self);

/* Questions that need no session. */

void ferry_client_list_tasks_async (FerryClient        *self,
                                    GVariant           *filter,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);

GPtrArray *ferry_client_list_tasks_finish (FerryClient  *self,
                                           GAsyncResult *result,
                                           GError      **error);

void ferry_client_load_task_async (FerryClient        *self,
                                   guint64             number,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);

FerryTask *ferry_client_load_task_finish (FerryClient  *self,
                                          GAsyncResult *result,
                                          GError      **error);

void ferry_client_probe_async (FerryClient        *self,
                               const char         *url,
                               GVariant           *options,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data);

GVariant *ferry_client_probe_finish (FerryClient  *self,
                                     GAsyncResult *result,
                                     GError      **error);

/* The service as a whole. */

guint ferry_client_get_version (FerryClient *self);

const char * const *ferry_client_get_capabilities (FerryClient *self);

guint64 ferry_client_get_bytes_per_second_received (FerryClient *self);

guint64 ferry_client_get_bytes_per_second_sent (FerryClient *self);

guint ferry_client_get_running (FerryClient *self);

guint ferry_client_get_waiting (FerryClient *self);

guint64 ferry_client_get_download_limit (FerryClient *self);

guint64 ferry_client_get_upload_limit (FerryClient *self);

void ferry_client_set_download_limit_async (FerryClient        *self,
                                            guint64             bytes_per_second,
                                            GCancellable       *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer            user_data);

gboolean ferry_client_set_download_limit_finish (FerryClient  *self,
                                                 GAsyncResult *result,
                                                 GError      **error);

void ferry_client_set_upload_limit_async (FerryClient        *self,
                                          guint64             bytes_per_second,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);

gboolean ferry_client_set_upload_limit_finish (FerryClient  *self,
                                               GAsyncResult *result,
                                               GError      **error);

G_END_DECLS
