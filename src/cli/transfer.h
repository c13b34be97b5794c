/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "common/states.h"

G_BEGIN_DECLS

/* What the program knows of a task. A value. */
typedef struct
{
  guint64          number;         /* 0: it does not exist yet */
  FerryTaskState   state;
  FerryWaitReason  reason;         /* NONE unless state is WAITING */
  GVariant        *details;        /* owned; a{sv}, more of the reason. NULL: none */
  char            *phase;          /* owned; empty unless state is RUNNING */
  char            *address;        /* owned; without user, query and fragment */
  char            *name;           /* owned; what to call it, as good as it is known */
  char            *path;           /* owned; empty: no file yet */
  gint64           received;       /* bytes */
  gint64           expected;       /* bytes; −1: unknown */
  guint64          rate;           /* bytes a second */
  char            *algorithm;      /* owned; of the digest that was compared. NULL: none was */
  gboolean         unproven;       /* nothing could prove that the file is whole */
  char            *error_name;     /* owned; a bus name, or empty */
  char            *error_message;  /* owned */
} FerryTransfer;

FerryTransfer *ferry_transfer_new             (const char    *url);

FerryTransfer *ferry_transfer_new_from_task   (const char    *path,
                                               GVariant      *properties);

GVariant      *ferry_transfer_list_properties (void);

void           ferry_transfer_free            (FerryTransfer *self);

void           ferry_transfer_update          (FerryTransfer *self,
                                               GVariant      *properties);

gboolean       ferry_transfer_is_over         (const FerryTransfer *self);

gboolean       ferry_transfer_needs_person    (const FerryTransfer *self);

int            ferry_transfer_get_percent     (const FerryTransfer *self);

char          *ferry_transfer_describe_state  (const FerryTransfer *self);

char          *ferry_transfer_describe_result (const FerryTransfer *self);

char          *ferry_transfer_describe_error  (const FerryTransfer *self);

/* The number at the end of a task's path; 0: there is none. */
guint64        ferry_transfer_parse_number    (const char    *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryTransfer, ferry_transfer_free)

G_END_DECLS
