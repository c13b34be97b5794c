/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Mounts that this process and those it starts see, and nobody else.
 *
 * Before any thread is made. Returns FALSE where that cannot be done: not root, or not allowed.
 */
gboolean mount_begin        (void);

/* Whether mount_begin() has worked; else the test is skipped. */
gboolean mount_or_skip      (void);

/* An empty file system in memory. */
void     mount_small        (const char *folder,
                             gint64      size);

/* Makes it larger, or smaller as far as it is empty. */
void     mount_resize       (const char *folder,
                             gint64      size);

/* @folder as it is, but nothing can be written to it. */
void     mount_read_only    (const char *folder);

/* What was mounted there last. */
void     mount_end          (const char *folder);

/* Writes a file of this name until nothing more goes into the file system. */
void     mount_fill         (const char *folder,
                             const char *name);

G_END_DECLS
