/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/db.h"

G_BEGIN_DECLS

/* A host that said it is to be asked by HTTPS alone (RFC 6797). A value. */
typedef struct
{
  char     *name;                /* owned */
  gint64    expires;             /* Unix s; 0: it wants it no more */
  gboolean  include_subdomains;
} FerrydHstsRow;

FerrydHstsRow *ferryd_hsts_row_new    (const char *name,
                                       gint64      expires,
                                       gboolean    include_subdomains);

void           ferryd_hsts_row_free   (FerrydHstsRow *row);

/* Writes @row, or deletes it when it has no date. */
gboolean       ferryd_hsts_rows_save  (FerrydDb             *db,
                                       const FerrydHstsRow  *row,
                                       GError              **error);

/* Those that have not expired. */
GPtrArray     *ferryd_hsts_rows_read  (FerrydDb  *db,
                                       GError   **error);

G_END_DECLS
