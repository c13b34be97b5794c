/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint ferry_width_of         (const char *text);

char *ferry_width_cut_end    (const char *text,
                              guint       columns,
                              const char *ellipsis);

char *ferry_width_cut_middle (const char *text,
                              guint       columns,
                              const char *ellipsis);

void  ferry_width_append     (GString    *out,
                              const char *text,
                              guint       columns);

G_END_DECLS
