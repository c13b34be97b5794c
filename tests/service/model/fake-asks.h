/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "common/error.h"
#include "model/store.h"

G_BEGIN_DECLS

/* What the model asks an engine for that answers when the test says so. */
typedef enum
{
  FAKE_ASK_DISCARD,
  FAKE_ASK_DELETE_RESULT,
  FAKE_ASK_OPEN_RESULT,
  FAKE_ASK_MOVE,
  FAKE_ASK_FORGET,
  FAKE_ASK_ROOM,
  FAKE_ASK_PROBE,
} FakeAsk;

#define FAKE_N_ASKS (FAKE_ASK_PROBE + 1)

/* What a granted move adds to the inode of what is kept: it is another file there. */
#define FAKE_MOVED_INODE 1000

/* @answer: (transfer full): waits in the queue from now on. @task: NULL: of none */
void    fake_asks_push     (GQueue              *asks,
                            FakeAsk              kind,
                            GTask               *answer,
                            const FerrydTaskRow *task);

/* Forgets all. */
void    fake_asks_clear    (GQueue              *asks);

guint   fake_asks_count    (GQueue              *asks,
                            FakeAsk              kind);

/* What the oldest of a kind is about; such a one must be there. */
const FerrydTaskRow *fake_asks_get_task (GQueue  *asks,
                                         FakeAsk  kind);

/* The kind of the oldest, which must be there. */
FakeAsk fake_asks_get_next (GQueue              *asks);

/* Answers the oldest of a kind: all went well, and there is room. */
void    fake_asks_grant    (GQueue              *asks,
                            FakeAsk              kind);

/* Answers the oldest of a kind: it did not work, and there is no room. */
void    fake_asks_refuse   (GQueue              *asks,
                            FakeAsk              kind,
                            FerryError           code);

G_END_DECLS
