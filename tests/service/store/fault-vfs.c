/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "fault-vfs.h"

#define GATE_DEADLINE_MS 60000

typedef struct
{
  sqlite3_file  base;
  char         *path;      /* owned; NULL: a file without a name */
  gboolean      is_wal;
  int           last_errno;
  sqlite3_file *real;      /* unowned; the memory behind this struct */
} FaultFile;

/* Set by the test while the store's thread has nothing to do, or atomic. */
static struct
{
  sqlite3_vfs  vfs;
  sqlite3_vfs *real;
  Fault        fault;
  gint         nth;          /* counts down; at 0 it fails. Negative: not armed, or over */
  gboolean     for_ever;
  gint         n_failed;
  int          last_errno;   /* of an open */
  const char  *synced;       /* unowned; the folder of what was synced. NULL: nothing is kept */
  gint         n_wal_syncs;
  gint         gate_closed;
  int          arrived[2];   /* a pipe: the thread stands at the gate */
  int          open[2];      /* a pipe: the gate opens */
} faults;

static gboolean
must_fail (void)
{
  gint before = g_atomic_int_get (&faults.nth);

  if (before < 0)
    return FALSE;

  if (before > 0)
    {
      g_atomic_int_set (&faults.nth, before - 1);
      return FALSE;
    }

  if (!faults.for_ever)
    g_atomic_int_set (&faults.nth, -1);
  g_atomic_int_inc (&faults.n_failed);
  return TRUE;
}

static int
fail_with (FaultFile *self,
           int        io_error)
{
  self->last_errno = faults.fault == FAULT_FULL ? ENOSPC : EIO;

  return faults.fault == FAULT_FULL && io_error == SQLITE_IOERR_WRITE ? SQLITE_FULL : io_error;
}

static int
fault_close (sqlite3_file *file)
{
  FaultFile *self = (FaultFile *) file;

  g_clear_pointer (&self->path, g_free);
  return self->real->pMethods->xClose (self->real);
}

static int
fault_read (sqlite3_file  *file,
            void          *data,
            int            length,
            sqlite3_int64  offset)
{
  FaultFile *self = (FaultFile *) file;

  return self->real->pMethods->xRead (self->real, data, length, offset);
}

static int
fault_write (sqlite3_file  *file,
             const void    *data,
             int            length,
             sqlite3_int64  offset)
{
  FaultFile *self = (FaultFile *) file;

  if (!must_fail ())
    return self->real->pMethods->xWrite (self->real, data, length, offset);

  if (faults.fault == FAULT_TORN)
    (void) self->real->pMethods->xWrite (self->real, data, length / 2, offset);
  return fail_with (self, SQLITE_IOERR_WRITE);
}

static int
fault_truncate (sqlite3_file  *file,
                sqlite3_int64  size)
{
  FaultFile *self = (FaultFile *) file;

  return must_fail () ? fail_with (self, SQLITE_IOERR_TRUNCATE)
                      : self->real->pMethods->xTruncate (self->real, size);
}

static void
stand_at_gate (void)
{
  struct pollfd poll_fd = { faults.open[0], POLLIN, 0 };
  char byte = 0;

  if (!g_atomic_int_get (&faults.gate_closed))
    return;

  g_assert_cmpint (write (faults.arrived[1], &byte, 1), ==, 1);
  g_assert_cmpint (poll (&poll_fd, 1, GATE_DEADLINE_MS), ==, 1);
  g_assert_cmpint (read (faults.open[0], &byte, 1), ==, 1);
}

static int
fault_sync (sqlite3_file *file,
            int           flags)
{
  FaultFile *self = (FaultFile *) file;
  int code;

  if (self->is_wal)
    {
      g_atomic_int_inc (&faults.n_wal_syncs);
      stand_at_gate ();
    }
  if (must_fail ())
    return fail_with (self, SQLITE_IOERR_FSYNC);

  code = self->real->pMethods->xSync (self->real, flags);
  if (code == SQLITE_OK && faults.synced != NULL && self->path != NULL)
    {
      g_autofree char *name = g_path_get_basename (self->path);
      g_autofree char *copy = g_build_filename (faults.synced, name, NULL);
      g_autofree char *contents = NULL;
      gsize length;

      if (g_file_get_contents (self->path, &contents, &length, NULL))
        g_assert_true (g_file_set_contents_full (copy, contents, (gssize) length,
                                                 G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    }

  return code;
}

static int
fault_file_size (sqlite3_file  *file,
                 sqlite3_int64 *size)
{
  FaultFile *self = (FaultFile *) file;

  return self->real->pMethods->xFileSize (self->real, size);
}

static int
fault_lock (sqlite3_file *file,
            int           level)
{
  FaultFile *self = (FaultFile *) file;

  return self->real->pMethods->xLock (self->real, level);
}

static int
fault_unlock (sqlite3_file *file,
              int           level)
{
  FaultFile *self = (FaultFile *) file;

  return self->real->pMethods->xUnlock (self->real, level);
}

static int
fault_check_reserved_lock (sqlite3_file *file,
                           int          *result)
{
  FaultFile *self = (FaultFile *) file;

  return self->real->pMethods->xCheckReservedLock (self->real, result);
}

static int
fault_file_control (sqlite3_file *file,
                    int           what,
                    void         *argument)
{
  FaultFile *self = (FaultFile *) file;

  if (what == SQLITE_FCNTL_LAST_ERRNO && self->last_errno != 0)
    {
      *(int *) argument = self->last_errno;
      return SQLITE_OK;
    }

  return self->real->pMethods->xFileControl (self->real, what, argument);
}

static int
fault_sector_size (sqlite3_file *file)
{
  FaultFile *self = (FaultFile *) file;

  return self->real->pMethods->xSectorSize (self->real);
}

static int
fault_device_characteristics (sqlite3_file *file)
{
  FaultFile *self = (FaultFile *) file;

  return self->real->pMethods->xDeviceCharacteristics (self->real);
}

/* Version 1: no shared memory. The store must do without. */
static const sqlite3_io_methods fault_methods = {
  .iVersion = 1,
  .xClose = fault_close,
  .xRead = fault_read,
  .xWrite = fault_write,
  .xTruncate = fault_truncate,
  .xSync = fault_sync,
  .xFileSize = fault_file_size,
  .xLock = fault_lock,
  .xUnlock = fault_unlock,
  .xCheckReservedLock = fault_check_reserved_lock,
  .xFileControl = fault_file_control,
  .xSectorSize = fault_sector_size,
  .xDeviceCharacteristics = fault_device_characteristics,
};

static int
fault_open (sqlite3_vfs  *vfs,
            const char   *name,
            sqlite3_file *file,
            int           flags,
            int          *out_flags)
{
  FaultFile *self = (FaultFile *) file;
  int code;

  self->base.pMethods = NULL;
  /* Some kinds of sqlite3_file begin right behind ours. */
  self->real = (sqlite3_file *) (gpointer) (self + 1);
  if ((flags & SQLITE_OPEN_WAL) != 0 && must_fail ())
    {
      faults.last_errno = faults.fault == FAULT_FULL ? ENOSPC : EIO;
      return SQLITE_CANTOPEN;
    }

  code = faults.real->xOpen (faults.real, name, self->real, flags, out_flags);
  if (code != SQLITE_OK)
    {
      faults.last_errno = 0;
      if (self->real->pMethods != NULL)
        self->real->pMethods->xClose (self->real);
      return code;
    }

  self->path = g_strdup (name);
  self->is_wal = (flags & SQLITE_OPEN_WAL) != 0;
  self->last_errno = 0;
  self->base.pMethods = &fault_methods;
  return SQLITE_OK;
}

static int
fault_get_last_error (sqlite3_vfs *vfs,
                      int          length,
                      char        *text)
{
  return faults.last_errno != 0 ? faults.last_errno
                                : faults.real->xGetLastError (faults.real, length, text);
}

void
fault_vfs_register (void)
{
  faults.real = sqlite3_vfs_find (NULL);
  faults.vfs = *faults.real;
  faults.vfs.iVersion = 1;
  faults.vfs.pNext = NULL;
  faults.vfs.zName = "ferry-fault";
  faults.vfs.szOsFile = (int) sizeof (FaultFile) + faults.real->szOsFile;
  faults.vfs.xOpen = fault_open;
  faults.vfs.xGetLastError = fault_get_last_error;
  faults.nth = -1;
  g_assert_no_errno (pipe (faults.arrived));
  g_assert_no_errno (pipe (faults.open));
  g_assert_cmpint (sqlite3_vfs_register (&faults.vfs, 1), ==, SQLITE_OK);
}

/* Lets the @nth from now fail, counted from 0, of all that writes, truncates, syncs, or opens a
 * WAL. */
void
fault_vfs_arm (Fault    fault,
               guint    nth,
               gboolean for_ever)
{
  faults.fault = fault;
  faults.for_ever = for_ever;
  faults.n_failed = 0;
  g_atomic_int_set (&faults.nth, (gint) nth);
}

/* Returns: whether anything has failed */
gboolean
fault_vfs_disarm (void)
{
  g_atomic_int_set (&faults.nth, -1);
  faults.last_errno = 0;

  return g_atomic_int_get (&faults.n_failed) > 0;
}

void
fault_vfs_set_synced (const char *folder)
{
  faults.synced = folder;
}

guint
fault_vfs_get_n_wal_syncs (void)
{
  return (guint) g_atomic_int_get (&faults.n_wal_syncs);
}

/* The next sync of a WAL blocks until the gate opens. */
void
fault_vfs_close_gate (void)
{
  g_atomic_int_set (&faults.gate_closed, TRUE);
}

void
fault_vfs_wait_at_gate (void)
{
  struct pollfd poll_fd = { faults.arrived[0], POLLIN, 0 };
  char byte;

  g_assert_cmpint (poll (&poll_fd, 1, GATE_DEADLINE_MS), ==, 1);
  g_assert_cmpint (read (faults.arrived[0], &byte, 1), ==, 1);
}

/* For one that stands there. */
void
fault_vfs_open_gate (void)
{
  char byte = 0;

  g_atomic_int_set (&faults.gate_closed, FALSE);
  g_assert_cmpint (write (faults.open[1], &byte, 1), ==, 1);
}
