/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-snapshot"

#include "config.h"

#include "api/snapshot.h"
#include "model/session.h"

/* Too long to be told with each change, or no property. */
#define NOT_TOLD (FERRYD_TASK_CHANGE (SAMPLES) | FERRYD_TASK_CHANGE (METRICS) | \
                  FERRYD_TASK_CHANGE (RESUMED_AT) | FERRYD_TASK_CHANGE (HOST))

char *
ferryd_snapshot_get_path_of (gint64 task_id)
{
  return g_strdup_printf (FERRY_OBJECT_PATH "/task/%" G_GINT64_FORMAT, task_id);
}

char *
ferryd_snapshot_get_path (FerrydTask *task)
{
  return ferryd_snapshot_get_path_of (ferryd_task_get_id (task));
}

char *
ferryd_snapshot_get_session_path (FerrydSession *session)
{
  return g_strdup_printf (FERRY_OBJECT_PATH "/session/%" G_GINT64_FORMAT,
                          ferryd_session_get_id (session));
}

/* −1: there is none. */
static int
find_place (const char *property)
{
  for (int i = 0; i < FERRYD_N_PROPERTIES; i++)
    {
      if (g_strcmp0 (ferryd_snapshot_properties[i].name, property) == 0)
        return i;
    }

  return -1;
}

/* One that is there already stays where it is. */
static void
add_place (FerrydSelection *self,
           guint            place)
{
  for (guint i = 0; i < self->n; i++)
    {
      if (self->places[i] == place)
        return;
    }

  self->places[self->n++] = (guint8) place;
}

gboolean
ferryd_selection_add (FerrydSelection *self,
                      const char      *property)
{
  int place = find_place (property);

  if (place >= 0)
    add_place (self, (guint) place);
  return place >= 0;
}

void
ferryd_selection_add_all (FerrydSelection *self)
{
  for (guint i = 0; i < FERRYD_N_PROPERTIES; i++)
    add_place (self, i);
}

void
ferryd_selection_add_changed (FerrydSelection *self,
                              guint            mask)
{
  for (guint i = 0; i < FERRYD_N_PROPERTIES; i++)
    {
      if ((ferryd_snapshot_properties[i].change & mask & ~NOT_TOLD) != 0)
        add_place (self, i);
    }
}

gboolean
ferryd_snapshot_is_told (guint mask)
{
  return (mask & ~NOT_TOLD) != 0;
}

GVariant *
ferryd_snapshot_get (FerrydTask *task,
                     const char *property)
{
  int place = find_place (property);

  return place >= 0 ? ferryd_snapshot_properties[place].get (task) : NULL;
}

/* Returns: (floating): {sv} */
static GVariant *
new_entry (FerrydTask *task,
           guint       i)
{
  const FerrydProperty *property = &ferryd_snapshot_properties[i];
  static GVariant *names[FERRYD_N_PROPERTIES];  /* owned; constants */
  /* Some getters return a new value, some one that is shared. */
  g_autoptr(GVariant) value = g_variant_take_ref (property->get (task));

  if (names[i] == NULL)
    names[i] = g_variant_ref_sink (g_variant_new_string (property->name));

  return g_variant_new_dict_entry (names[i], g_variant_new_variant (value));
}

/*
 * A list of thousands of tasks is made of some hundred different entries, and of what is each
 * task's own: the former are made once. To make one takes a dozen pieces of memory, and half as
 * often a lock that all threads share.
 *
 * Returns: (transfer none) (nullable): {sv}, floating where it is the task's own; NULL: it has the
 * usual value, and @is_sparse
 */
static GVariant *
get_entry (FerrydTask *task,
           guint       i,
           gboolean    is_sparse)
{
  const FerrydProperty *property = &ferryd_snapshot_properties[i];
  static GVariant *shared[FERRYD_N_PROPERTIES][FERRYD_MAX_CLASSES];  /* owned; constants */
  guint class = property->sort != NULL ? property->sort (task) : 0;

  if (class == 0)
    return new_entry (task, i);
  if (class == FERRYD_USUAL_CLASS && is_sparse)
    return NULL;

  g_assert (class <= FERRYD_MAX_CLASSES);
  if (shared[i][class - 1] == NULL)
    shared[i][class - 1] = g_variant_ref_sink (new_entry (task, i));
  return shared[i][class - 1];
}

GVariant *
ferryd_snapshot_get_some (FerrydTask            *task,
                          const FerrydSelection *selection)
{
  GVariant *entries[FERRYD_N_PROPERTIES];
  guint n = 0;

  for (guint i = 0; i < selection->n; i++)
    {
      GVariant *entry = get_entry (task, selection->places[i], selection->is_sparse);

      if (entry != NULL)
        entries[n++] = entry;
    }

  return g_variant_new_array (G_VARIANT_TYPE ("{sv}"), entries, n);
}

GVariant *
ferryd_snapshot_get_all (FerrydTask *task)
{
  FerrydSelection all = { 0 };

  ferryd_selection_add_all (&all);
  return ferryd_snapshot_get_some (task, &all);
}

GVariant *
ferryd_snapshot_describe (FerrydTask            *task,
                          const FerrydSelection *selection)
{
  g_autofree char *path = ferryd_snapshot_get_path (task);
  GVariant *pair[] = { g_variant_new_object_path (path),
                       ferryd_snapshot_get_some (task, selection) };

  return g_variant_new_tuple (pair, G_N_ELEMENTS (pair));
}
