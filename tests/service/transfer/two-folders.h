/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/plan.h"
#include "versions.h"

G_BEGIN_DECLS

/* Two folders, what a task keeps in the first, and what the store has been told of it. */
typedef struct
{
  FerrydPlan *plan;     /* owned */
  char       *from;     /* owned */
  char       *to;       /* owned */
  FerrydKept *kept;     /* unowned; the plan's */
  FerrydKept *noted;    /* owned. NULL: nothing yet */
  guint       n_notes;
  guint       fail_at;  /* the note that the store refuses, from 1 on; 0: none */
} Folders;

typedef struct
{
  const char *name;
  void     (* meddle) (Folders    *self,
                       const char *name);
  gboolean    stays;   /* something has the name, and it is not ours */
} MeddleRow;

void    folders_init        (Folders           *self);

void    folders_clear       (Folders           *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Folders, folders_clear)

guint64 get_inode           (const char        *folder,
                             const char        *name);

/* A file of the first @size bytes of @content, as @part knows it. */
void    put_part            (const char        *folder,
                             const char        *name,
                             const TestContent *content,
                             gint64             size,
                             FerrydPart        *part);

/* The finished file `file.bin`. */
void    put_result          (Folders           *self);

/* A test for each way of meddling, with the MeddleRow. */
void    folders_add_meddles (const char        *prefix,
                             GTestDataFunc      function);

G_END_DECLS
