/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRY_TYPE_SERVICE (ferry_service_get_type ())

/*
 * The transfer service as seen over the bus.
 *
 * Signals:
 * task-changed (guint64 number, GVariant properties): properties of a task of the open session
 * lost (): the service that had the session open is gone; open it again
 */
G_DECLARE_FINAL_TYPE (FerryService, ferry_service, FERRY, SERVICE, GObject)

FerryService *ferry_service_new           (GDBusConnection      *connection);

void          ferry_service_open_async    (FerryService         *self,
                                           const char           *identifier,
                                           GCancellable         *cancellable,
                                           GAsyncReadyCallback   callback,
                                           gpointer              user_data);

gboolean      ferry_service_open_finish   (FerryService         *self,
                                           GAsyncResult         *result,
                                           GError              **error);

void          ferry_service_acknowledge   (FerryService         *self);

void          ferry_service_create_async  (FerryService         *self,
                                           const char           *url,
                                           GVariant             *options,
                                           GCancellable         *cancellable,
                                           GAsyncReadyCallback   callback,
                                           gpointer              user_data);

guint64       ferry_service_create_finish (FerryService         *self,
                                           GAsyncResult         *result,
                                           GError              **error);

void          ferry_service_read_async    (FerryService         *self,
                                           guint64               number,
                                           GCancellable         *cancellable,
                                           GAsyncReadyCallback   callback,
                                           gpointer              user_data);

GVariant     *ferry_service_read_finish   (FerryService         *self,
                                           GAsyncResult         *result,
                                           GError              **error);

void          ferry_service_list_async    (FerryService         *self,
                                           const char           *state,
                                           guint64               before,
                                           GCancellable         *cancellable,
                                           GAsyncReadyCallback   callback,
                                           gpointer              user_data);

GVariant     *ferry_service_list_finish   (FerryService         *self,
                                           GAsyncResult         *result,
                                           GError              **error);

G_END_DECLS
