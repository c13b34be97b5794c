/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where a file is to go. A value; begins as { NULL }. */
typedef struct
{
  char *folder;     /* owned; absolute, and one that can be written to */
  char *file_name;  /* owned. NULL: whatever it is called */
} FerryTarget;

gboolean ferry_target_set_folder (FerryTarget  *self,
                                  const char   *folder,
                                  GError      **error);

gboolean ferry_target_set_file   (FerryTarget  *self,
                                  const char   *file,
                                  GError      **error);

void     ferry_target_clear      (FerryTarget  *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerryTarget, ferry_target_clear)

G_END_DECLS
