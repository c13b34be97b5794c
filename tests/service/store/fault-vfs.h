/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A layer between SQLite and its file system that can fail, block and count. One for the process.
 *
 * It also keeps, in a folder of the test's choice, what of each file would survive a power cut: a
 * copy made at each sync that succeeded.
 */
typedef enum
{
  FAULT_IO,    /* nothing is written: EIO */
  FAULT_TORN,  /* half of it is written: EIO */
  FAULT_FULL,  /* nothing is written: ENOSPC */
} Fault;

void     fault_vfs_register         (void);

void     fault_vfs_arm              (Fault    fault,
                                     guint    nth,
                                     gboolean for_ever);

gboolean fault_vfs_disarm           (void);

void     fault_vfs_set_synced       (const char *folder);

guint    fault_vfs_get_n_wal_syncs  (void);

void     fault_vfs_close_gate       (void);

void     fault_vfs_wait_at_gate     (void);

void     fault_vfs_open_gate        (void);

G_END_DECLS
