/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Request headers, as a person gives them. */
typedef struct _FerryHeaders FerryHeaders;

FerryHeaders *ferry_headers_new      (const FerryHeaders  *inherited);

void          ferry_headers_free     (FerryHeaders        *self);

gboolean      ferry_headers_add_line (FerryHeaders        *self,
                                      const char          *line,
                                      GError             **error);

void          ferry_headers_put_into (const FerryHeaders  *self,
                                      GVariantDict        *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryHeaders, ferry_headers_free)

G_END_DECLS
