/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A fresh one, below the temporary folder. */
char       *test_folder_new         (void);

/* With all that is in it. */
void        test_folder_remove      (const char *folder);

/* Name → inode, in digits. */
GHashTable *test_folder_read        (const char *folder);

void        test_folder_add         (GHashTable *files,
                                     const char *name,
                                     guint64     inode);

void        test_folder_add_all     (GHashTable *files,
                                     GHashTable *more);

/* That nothing else lies in @folder than @files, and none of them is missing or another. */
void        test_folder_assert_only (const char *folder,
                                     GHashTable *files);

G_END_DECLS
