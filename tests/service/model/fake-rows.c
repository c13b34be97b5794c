/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-rows.h"

void
fake_rows_init (FakeRows *self)
{
  self->sessions = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_session_row_free);
  self->tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_event_free);
  self->last_serial = 0;
}

void
fake_rows_clear (FakeRows *self)
{
  g_clear_pointer (&self->sessions, g_ptr_array_unref);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);
  g_clear_pointer (&self->events, g_ptr_array_unref);
}

gint64
fake_rows_take_session (FakeRows         *self,
                        FerrydSessionRow *row)
{
  g_ptr_array_add (self->sessions, row);
  row->id = self->sessions->len;
  return row->id;
}

gint64
fake_rows_take_task (FakeRows      *self,
                     FerrydTaskRow *row)
{
  g_ptr_array_add (self->tasks, row);
  row->id = self->tasks->len;
  return row->id;
}

gint64
fake_rows_take_event (FakeRows    *self,
                      FerrydEvent *event)
{
  g_ptr_array_add (self->events, event);
  event->serial = ++self->last_serial;
  return event->serial;
}

static gpointer
find_row (GPtrArray *rows,
          gint64     id)
{
  return id >= 1 && id <= rows->len ? rows->pdata[id - 1] : NULL;
}

static void
remove_row (GPtrArray      *rows,
            gint64          id,
            GDestroyNotify  free_row)
{
  gpointer row = find_row (rows, id);

  if (row == NULL)
    return;

  rows->pdata[id - 1] = NULL;
  free_row (row);
}

FerrydSessionRow *
fake_rows_find_session (FakeRows *self,
                        gint64    id)
{
  return find_row (self->sessions, id);
}

FerrydTaskRow *
fake_rows_find_task (FakeRows *self,
                     gint64    id)
{
  return find_row (self->tasks, id);
}

/* Whether each of @tasks finds its session, and each heir the key that it comes with. */
static gboolean
may_add (FakeRows  *self,
         GPtrArray *tasks)
{
  for (guint i = 0; i < tasks->len; i++)
    {
      FerrydTaskRow *heir = tasks->pdata[i];
      FerrydTaskRow *old = find_row (self->tasks, heir->heir_of);

      if (find_row (self->sessions, heir->session_id) == NULL)
        return FALSE;

      if (heir->heir_of == 0)
        continue;

      if (old == NULL || old->resume_key == NULL || heir->resume_key == NULL
          || !g_bytes_equal (old->resume_key, heir->resume_key))
        return FALSE;

      for (guint j = 0; j < i; j++)
        if (((FerrydTaskRow *) tasks->pdata[j])->heir_of == heir->heir_of)
          return FALSE;
    }

  return TRUE;
}

static void
inherit (FakeRows      *self,
         FerrydTaskRow *heir)
{
  FerrydTaskRow *old = find_row (self->tasks, heir->heir_of);

  g_clear_pointer (&old->resume_key, g_bytes_unref);
  ferryd_part_clear (&old->kept->part);
  ferryd_part_clear (&old->kept->spare);
  ferryd_kept_drop_other (old->kept);
  g_clear_pointer (&heir->resume_key, g_bytes_unref);
  heir->heir_of = 0;
}

/* Returns: the id of the first; 0: something is missing */
gint64
fake_rows_add_tasks (FakeRows  *self,
                     GPtrArray *tasks)
{
  gint64 first = self->tasks->len + 1;

  if (!may_add (self, tasks))
    return 0;

  for (guint i = 0; i < tasks->len; i++)
    {
      FerrydTaskRow *row = ferryd_task_row_copy (tasks->pdata[i]);

      if (row->heir_of != 0)
        inherit (self, row);
      (void) fake_rows_take_task (self, row);
    }

  return first;
}

/* Whether @event may be added with another change. */
static gboolean
has_place (FakeRows          *self,
           const FerrydEvent *event)
{
  return event == NULL || find_row (self->sessions, event->session_id) != NULL;
}

static gint64
add_event (FakeRows          *self,
           const FerrydEvent *event)
{
  FerrydSessionRow *session;
  FerrydHarvest more;

  if (event == NULL)
    return 0;

  session = find_row (self->sessions, event->session_id);
  more = ferryd_event_get_harvest (event);
  ferryd_harvest_add (&session->harvest, &more);
  return fake_rows_take_event (self, ferryd_event_copy (event));
}

/* @serial: (out): that of @event; 0 without one */
gboolean
fake_rows_save_status (FakeRows               *self,
                       gint64                  task_id,
                       const FerrydTaskStatus *status,
                       const FerrydEvent      *event,
                       gint64                 *serial)
{
  FerrydTaskRow *row = find_row (self->tasks, task_id);

  if (row == NULL || !has_place (self, event))
    return FALSE;

  ferryd_task_status_clear (&row->status);
  ferryd_task_status_copy (status, &row->status);
  *serial = add_event (self, event);
  return TRUE;
}

gboolean
fake_rows_save_kept (FakeRows         *self,
                     gint64            task_id,
                     const FerrydKept *kept)
{
  FerrydTaskRow *row = find_row (self->tasks, task_id);

  if (row == NULL)
    return FALSE;

  ferryd_kept_free (row->kept);
  row->kept = ferryd_kept_copy (kept);
  return TRUE;
}

gboolean
fake_rows_save_task (FakeRows            *self,
                     const FerrydTaskRow *saved,
                     gboolean             with_kept)
{
  g_autoptr(FerrydTaskRow) old = find_row (self->tasks, saved->id);
  FerrydTaskRow *row;

  if (old == NULL)
    return FALSE;

  /* All that is not to be saved comes from the old row. */
  row = ferryd_task_row_copy (saved);
  row->session_id = old->session_id;
  row->kind = old->kind;
  row->created = old->created;
  row->heir_of = 0;
  ferryd_task_status_clear (&row->status);
  ferryd_task_status_copy (&old->status, &row->status);
  self->tasks->pdata[saved->id - 1] = row;

  return with_kept || fake_rows_save_kept (self, saved->id, old->kept);
}

void
fake_rows_remove_tasks (FakeRows *self,
                        GArray   *ids)
{
  for (guint i = 0; i < ids->len; i++)
    remove_row (self->tasks, g_array_index (ids, gint64, i),
                (GDestroyNotify) ferryd_task_row_free);
}

/* @serial: (out): that of @event; 0 without one */
gboolean
fake_rows_save_session (FakeRows               *self,
                        const FerrydSessionRow *saved,
                        const FerrydEvent      *event,
                        gint64                 *serial)
{
  FerrydSessionRow *row = find_row (self->sessions, saved->id);

  if (row == NULL || !has_place (self, event))
    return FALSE;

  row->state = saved->state;
  g_clear_pointer (&row->secret_names, g_variant_unref);
  row->secret_names = saved->secret_names != NULL ? g_variant_ref (saved->secret_names) : NULL;
  *serial = add_event (self, event);
  return TRUE;
}

void
fake_rows_acknowledge (FakeRows *self,
                       gint64    session_id,
                       gint64    serial)
{
  for (guint i = self->events->len; i > 0; i--)
    {
      FerrydEvent *event = self->events->pdata[i - 1];

      if (event->session_id == session_id && event->serial <= serial)
        g_ptr_array_remove_index (self->events, i - 1);
    }
}

void
fake_rows_remove_session (FakeRows *self,
                          gint64    session_id)
{
  for (guint i = 0; i < self->tasks->len; i++)
    {
      FerrydTaskRow *row = self->tasks->pdata[i];

      if (row != NULL && row->session_id == session_id)
        remove_row (self->tasks, row->id, (GDestroyNotify) ferryd_task_row_free);
    }

  fake_rows_acknowledge (self, session_id, G_MAXINT64);
  remove_row (self->sessions, session_id, (GDestroyNotify) ferryd_session_row_free);
}

GPtrArray *
fake_rows_copy_sessions (FakeRows *self)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_session_row_free);

  for (guint i = 0; i < self->sessions->len; i++)
    if (self->sessions->pdata[i] != NULL)
      g_ptr_array_add (copy, ferryd_session_row_copy (self->sessions->pdata[i]));

  return copy;
}

GPtrArray *
fake_rows_copy_tasks (GPtrArray *tasks)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);

  for (guint i = 0; i < tasks->len; i++)
    if (tasks->pdata[i] != NULL)
      g_ptr_array_add (copy, ferryd_task_row_copy (tasks->pdata[i]));

  return copy;
}

GPtrArray *
fake_rows_copy_events (FakeRows *self)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_event_free);

  for (guint i = 0; i < self->events->len; i++)
    g_ptr_array_add (copy, ferryd_event_copy (self->events->pdata[i]));

  return copy;
}
