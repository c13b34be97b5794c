/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "transfer/kept.h"

G_BEGIN_DECLS

/* The finished file of a download, as long as it is still the one that was published: it is the
 * user's, who may have moved, replaced or deleted it. Blocking; errors are FerryError. */

/* Returns a descriptor for reading, or −1: NOT_FOUND, NOT_ALLOWED. */
int      ferryd_result_open   (const char        *folder,
                               const FerrydKept  *kept,
                               GError           **error);

/* A file that is gone, or another by now, is none that could be left: TRUE. */
gboolean ferryd_result_delete (const char        *folder,
                               const FerrydKept  *kept,
                               GError           **error);

G_END_DECLS
