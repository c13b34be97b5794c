/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ferry-link-private.h"

G_BEGIN_DECLS

/*
 * The service's lists of tasks, page by page.
 */

/* @tasks: FerryTask, newest first: all that there are from @lowest on and, unless it is 0, below
 * @before. */
typedef void (* FerryPageFunc) (GPtrArray *tasks,
                                guint64    before,
                                guint64    lowest,
                                gpointer   user_data);

/* Asks for the tasks of @session (0: of all), those that @filter (NULL: none) lets through, those
 * below @before (0: all) and from @lowest on.
 * @page: NULL, or what to do with each page as it comes; not called any more once @cancellable is
 * cancelled. */
G_GNUC_INTERNAL
void       ferry_pages_load_async  (FerryLink           *link,
                                    guint64              session,
                                    GVariant            *filter,
                                    guint64              before,
                                    guint64              lowest,
                                    FerryPageFunc        page,
                                    gpointer             page_data,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data);

/* Returns: (transfer full): all, newest first; empty where there was a function for each page. */
G_GNUC_INTERNAL
GPtrArray *ferry_pages_load_finish (GAsyncResult  *result,
                                    GError       **error);

G_END_DECLS
