/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ferry-link-private.h"
#include "ferry-task.h"

G_BEGIN_DECLS

/* There are ten thousands of them: what is empty takes no room of its own. */
struct _FerryTask
{
  GObject     parent_instance;

  FerryLink  *link;            /* owned */
  guint64     number;
  guint64     session;         /* 0: not known yet */
  guint       n_lists;         /* that it is in */

  /* As bit fields they are the unsigned forms of their enums. */
  guint       kind : 2;
  guint       state : 4;
  guint       reason : 6;
  guint       length_verified : 1;
  guint       is_removed : 1;
  guint       is_loaded : 1;   /* before, nobody is told of changes */

  const char *phase;           /* interned. NULL: none */
  char       *url;             /* owned. NULL, as of all that follow: empty */
  char       *current_url;     /* owned */
  char       *file_name;       /* owned */
  char       *path;            /* owned */
  char       *mime_type;       /* owned */
  char       *description;     /* owned */
  GVariant   *reason_details;  /* owned */
  GVariant   *digest;          /* owned */
  GError     *error;           /* owned */

  gint64      bytes_received;
  gint64      bytes_expected_to_receive;
  guint64     rate;
  double      priority;
  guint64     download_limit;
  gint64      not_before;
  gint64      retry_at;
  gint64      started_over;
  gint64      created;
  gint64      finished;
};

typedef enum
{
  FERRY_TASK_PROP_NUMBER = 1,
  FERRY_TASK_PROP_SESSION_NUMBER,
  FERRY_TASK_PROP_KIND,
  FERRY_TASK_PROP_STATE,
  FERRY_TASK_PROP_REASON,
  FERRY_TASK_PROP_REASON_DETAILS,
  FERRY_TASK_PROP_PHASE,
  FERRY_TASK_PROP_ERROR,
  FERRY_TASK_PROP_URL,
  FERRY_TASK_PROP_CURRENT_URL,
  FERRY_TASK_PROP_FILE_NAME,
  FERRY_TASK_PROP_PATH,
  FERRY_TASK_PROP_MIME_TYPE,
  FERRY_TASK_PROP_DESCRIPTION,
  FERRY_TASK_PROP_BYTES_RECEIVED,
  FERRY_TASK_PROP_BYTES_EXPECTED_TO_RECEIVE,
  FERRY_TASK_PROP_RATE,
  FERRY_TASK_PROP_PRIORITY,
  FERRY_TASK_PROP_DOWNLOAD_LIMIT,
  FERRY_TASK_PROP_NOT_BEFORE,
  FERRY_TASK_PROP_RETRY_AT,
  FERRY_TASK_PROP_STARTED_OVER,
  FERRY_TASK_PROP_CREATED,
  FERRY_TASK_PROP_FINISHED,
  FERRY_TASK_PROP_DIGEST,
  FERRY_TASK_PROP_LENGTH_VERIFIED,
  FERRY_TASK_PROP_OVER,
  FERRY_TASK_PROP_NEEDS_PERSON,
  FERRY_TASK_PROP_REMOVED,
} FerryTaskProperty;

#define FERRY_TASK_N_PROPERTIES (FERRY_TASK_PROP_REMOVED + 1)

/* To be had of the link alone. Returns: (transfer full) */
G_GNUC_INTERNAL
FerryTask          *ferry_task_new                   (FerryLink *link,
                                                      guint64    number);

G_GNUC_INTERNAL
void                ferry_task_install_properties    (GObjectClass *object_class);

/* @changed: a mask of FerryTaskProperty. */
G_GNUC_INTERNAL
void                ferry_task_notify                (FerryTask *self,
                                                      guint32    changed);

/* What lists ask for. */
G_GNUC_INTERNAL
const char * const *ferry_task_get_listed_properties (void);

/* Takes over what is in @snapshot, an a{sv}. @is_listed: it is of a list, which leaves out what is
 * usual. Returns: a mask of FerryTaskProperty: what is other than it was */
G_GNUC_INTERNAL
guint32             ferry_task_take_snapshot         (FerryTask *self,
                                                      GVariant  *snapshot,
                                                      gboolean   is_listed);

/* The same, and tells of it. */
G_GNUC_INTERNAL
void                ferry_task_update                (FerryTask *self,
                                                      GVariant  *snapshot);

G_GNUC_INTERNAL
void                ferry_task_update_listed         (FerryTask *self,
                                                      GVariant  *snapshot);

G_GNUC_INTERNAL
void                ferry_task_note_removed          (FerryTask *self);

/* Returns whether there is such a word. */
G_GNUC_INTERNAL
gboolean            ferry_task_parse_reason          (const char      *word,
                                                      FerryWaitReason *reason);

/* An error as the bus has it, a name and a message. Returns: (transfer full): NULL for an empty
 * name */
G_GNUC_INTERNAL
GError             *ferry_task_make_error            (const char *name,
                                                      const char *message);

G_GNUC_INTERNAL
void                ferry_task_handle_signal         (FerryTask  *self,
                                                      const char *member,
                                                      GVariant   *parameters);

G_END_DECLS
