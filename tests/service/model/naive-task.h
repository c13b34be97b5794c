/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/task.h"

G_BEGIN_DECLS

/* Wishes first, with their own numbers. */
typedef enum
{
  ASK_PRIORITY = FERRYD_WISH_REMOVE_FILES + 1,
  ASK_URL,
  ASK_PATH,
  ASK_KEY,
} Ask;

#define N_ASKS (ASK_KEY + 1)

/* How a job ends that was told to stop. */
typedef enum
{
  END_OBEYS,
  END_FINISHED,
  END_FAILED,
  END_DISK_FULL,
  END_NEW_URL,
} JobEnd;

/* The task as the words of the design have it. */
typedef struct
{
  FerryTaskState  state;
  FerryWaitReason reason;
  JobEnd          end;
  gboolean        keeps;      /* bytes that can be resumed */
  gboolean        is_removed;
  gboolean        has_key;
  gboolean        has_priority;
  gboolean        has_url;
  gboolean        has_moved;
  guint           n_discards;
  guint           n_deletes;
  GString        *events;     /* owned */
  guint           n_events;
} NaiveTask;

/* Does what @ask asks for. Returns the code of the answer; −1: it goes well */
int naive_task_ask (NaiveTask *self,
                    guint      ask);

G_END_DECLS
