/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ferry-types.h"

G_BEGIN_DECLS

#define FERRY_TYPE_TASK_LIST (ferry_task_list_get_type ())

G_DECLARE_FINAL_TYPE (FerryTaskList, ferry_task_list, FERRY, TASK_LIST, GObject)

gboolean      ferry_task_list_is_complete (FerryTaskList *self);

const GError *ferry_task_list_get_error   (FerryTaskList *self);

FerryTask    *ferry_task_list_find        (FerryTaskList *self,
                                           guint64        number);

G_END_DECLS
