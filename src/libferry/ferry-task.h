/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ferry-types.h"

G_BEGIN_DECLS

#define FERRY_TYPE_TASK (ferry_task_get_type ())

G_DECLARE_FINAL_TYPE (FerryTask, ferry_task, FERRY, TASK, GObject)

guint64 ferry_task_get_number (FerryTask *self);

guint64 ferry_task_get_session_number (FerryTask *self);

FerryTaskKind ferry_task_get_kind (FerryTask *self);

FerryTaskState ferry_task_get_state (FerryTask *self);

FerryWaitReason ferry_task_get_reason (FerryTask *self);

GVariant *ferry_task_get_reason_details (FerryTask *self);

const char *ferry_task_get_phase (FerryTask *self);

const GError *ferry_task_get_error (FerryTask *self);

const char *ferry_task_get_url (FerryTask *self);

const char *ferry_task_get_current_url (FerryTask *self);

const char *ferry_task_get_file_name (FerryTask *self);

const char *ferry_task_get_path (FerryTask *self);

const char *ferry_task_get_mime_type (FerryTask *self);

const char *ferry_task_get_description (FerryTask *self);

gint64 ferry_task_get_bytes_received (FerryTask *self);

gint64 ferry_task_get_bytes_expected_to_receive (FerryTask *self);

guint64 ferry_task_get_rate (FerryTask *self);

double ferry_task_get_priority (FerryTask *self);

guint64 ferry_task_get_download_limit (FerryTask *self);

gint64 ferry_task_get_not_before (FerryTask *self);

gint64 ferry_task_get_retry_at (FerryTask *self);

gint64 ferry_task_get_started_over (FerryTask *self);

gint64 ferry_task_get_created (FerryTask *self);

gint64 ferry_task_get_finished (FerryTask *self);

GVariant *ferry_task_get_digest (FerryTask *self);

gboolean ferry_task_get_length_verified (FerryTask *self);

gboolean ferry_task_is_over (FerryTask *self);

gboolean ferry_task_needs_person (FerryTask *self);

gboolean ferry_task_is_removed (FerryTask *self);

void ferry_task_load_async (FerryTask          *self,
                            GCancellable       *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer            user_data);

GVariant *ferry_task_load_finish (FerryTask    *self,
                                  GAsyncResult *result,
                                  GError      **error);

void ferry_task_resume_async (FerryTask          *self,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);

gboolean ferry_task_resume_finish (FerryTask    *self,
                                   GAsyncResult *result,
                                   GError      **error);

void ferry_task_suspend_async (FerryTask          *self,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data);

gboolean ferry_task_suspend_finish (FerryTask    *self,
                                    GAsyncResult *result,
                                    GError      **error);

void ferry_task_cancel_async (FerryTask          *self,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);

gboolean ferry_task_cancel_finish (FerryTask    *self,
                                   GAsyncResult *result,
                                   GError      **error);

void ferry_task_cancel_by_producing_resume_data_async (FerryTask          *self,
                                                       GCancellable       *cancellable,
                                                       GAsyncReadyCallback callback,
                                                       gpointer            user_data);

GBytes *ferry_task_cancel_by_producing_resume_data_finish (FerryTask    *self,
                                                           GAsyncResult *result,
                                                           GError      **error);

void ferry_task_get_resume_data_async (FerryTask          *self,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);

GBytes *ferry_task_get_resume_data_finish (FerryTask    *self,
                                           GAsyncResult *result,
                                           GError      **error);

void ferry_task_remove_async (FerryTask          *self,
                              gboolean            delete_files,
                              GCancellable       *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer            user_data);

gboolean ferry_task_remove_finish (FerryTask    *self,
                                   GAsyncResult *result,
                                   GError      **error);

void ferry_task_fetch_again_async (FerryTask          *self,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);

FerryTask *ferry_task_fetch_again_finish (FerryTask    *self,
                                          GAsyncResult *result,
                                          GError      **error);

void ferry_task_set_destination_async (FerryTask          *self,
                                       GVariant           *destination,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);

gboolean ferry_task_set_destination_finish (FerryTask    *self,
                                            GAsyncResult *result,
                                            GError      **error);

void ferry_task_set_url_async (FerryTask          *self,
                               const char         *url,
                               GCancellable       *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer            user_data);

gboolean ferry_task_set_url_finish (FerryTask    *self,
                                    GAsyncResult *result,
                                    GError      **error);

void ferry_task_open_result_async (FerryTask          *self,
                                   GCancellable       *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer            user_data);

int ferry_task_open_result_finish (FerryTask    *self,
                                   GAsyncResult *result,
                                   GError      **error);

void ferry_task_set_priority_async (FerryTask          *self,
                                    double              priority,
                                    GCancellable       *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer            user_data);

gboolean ferry_task_set_priority_finish (FerryTask    *self,
                                         GAsyncResult *result,
                                         GError      **error);

void ferry_task_set_description_async (FerryTask          *self,
                                       const char         *description,
                                       GCancellable       *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer            user_data);

gboolean ferry_task_set_description_finish (FerryTask    *self,
                                            GAsyncResult *result,
                                            GError      **error);

void ferry_task_set_download_limit_async (FerryTask          *self,
                                          guint64             bytes_per_second,
                                          GCancellable       *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);

gboolean ferry_task_set_download_limit_finish (FerryTask    *self,
                                               GAsyncResult *result,
                                               GError      **error);

G_END_DECLS
