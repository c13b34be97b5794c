/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "rows-fixture.h"
#include "store/database.h"

G_BEGIN_DECLS

/* Long enough for a machine under load; nothing but a hang gets there. */
#define TEST_DEADLINE_S 60

/* A store in a folder of its own. */
typedef struct
{
  char           *folder;    /* owned */
  char           *path;      /* owned; …/ferry/ferry.db in it, not made yet */
  FerrydDatabase *database;  /* owned. NULL: test_store_open() makes one */
  FerrydStore    *store;     /* unowned; the same */
  GPtrArray      *sessions;  /* owned; what the last load brought. NULL: it failed */
  GPtrArray      *tasks;     /* owned; likewise */
  GPtrArray      *events;    /* owned; likewise */
} TestStore;

void      test_store_init         (TestStore              *self);

void      test_store_clear        (TestStore              *self);

gboolean  test_store_open         (TestStore              *self,
                                   GError                **error);

void      test_store_close        (TestStore              *self);

void      test_store_drop         (TestStore              *self);

void      test_store_reopen       (TestStore              *self);

gint64    test_store_add_session_row (TestStore               *self,
                                      const FerrydSessionRow  *session,
                                      GError                 **error);

gint64    test_store_add_session  (TestStore              *self,
                                   const char             *identifier,
                                   GError                **error);

gint64    test_store_add_tasks    (TestStore              *self,
                                   GPtrArray              *tasks,
                                   GError                **error);

gboolean  test_store_save_status  (TestStore              *self,
                                   gint64                  task_id,
                                   const FerrydTaskStatus *status,
                                   GError                **error);

gboolean  test_store_save_move    (TestStore              *self,
                                   gint64                  task_id,
                                   const FerrydTaskStatus *status,
                                   const FerrydEvent      *event,
                                   gint64                 *serial,
                                   GError                **error);

gboolean  test_store_save_task    (TestStore              *self,
                                   const FerrydTaskRow    *task,
                                   gboolean                with_kept,
                                   GError                **error);

gboolean  test_store_remove_tasks (TestStore              *self,
                                   const gint64           *ids,
                                   guint                   n,
                                   GError                **error);

gboolean  test_store_save_session (TestStore              *self,
                                   const FerrydSessionRow *session,
                                   const FerrydEvent      *event,
                                   gint64                 *serial,
                                   GError                **error);

gboolean  test_store_remove_session (TestStore            *self,
                                     gint64                session_id,
                                     GError              **error);

gboolean  test_store_acknowledge  (TestStore              *self,
                                   gint64                  session_id,
                                   gint64                  serial,
                                   GError                **error);

GRand    *test_make_random        (void);

void      test_take_result_cb     (GObject                *source,
                                   GAsyncResult           *result,
                                   gpointer                user_data);

GAsyncResult *test_wait_for       (GAsyncResult          **result);

void      test_assert_alone       (TestStore              *self,
                                   const char             *name);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestStore, test_store_clear)

G_END_DECLS
