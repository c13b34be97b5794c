/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "common/states.h"

G_BEGIN_DECLS

char *ferry_words_printable (const char      *text);

char *ferry_words_size      (gint64           bytes);

char *ferry_words_rate      (guint64          bytes_per_second);

char *ferry_words_duration  (guint64          seconds);

char *ferry_words_reason    (FerryWaitReason  reason,
                             GVariant        *details);

char *ferry_words_error     (const char      *bus_name,
                             const char      *message);

char *ferry_words_trouble   (const GError    *error);

G_END_DECLS
