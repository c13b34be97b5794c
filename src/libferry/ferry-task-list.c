/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-task-list"

#include "config.h"

#include "ferry-pages-private.h"
#include "ferry-task-list-private.h"
#include "ferry-task-private.h"

typedef enum { PROP_COMPLETE = 1, PROP_ERROR, PROP_ITEM_TYPE, PROP_N_ITEMS } FerryTaskListProperty;
static GParamSpec *properties[PROP_N_ITEMS + 1];

static void ferry_task_list_list_model_init (GListModelInterface *iface);

/**
 * FerryTaskList:
 *
 * The tasks of a session, or of all sessions, newest first.
 *
 * It is a [iface@Gio.ListModel] of [class@Ferry.Task]. The list loads by itself, page by page, and
 * follows the service: what is made comes in at the beginning, what is removed leaves. When the
 * service has been away the list is compared with what it says then; tasks that are still there
 * stay the objects that they are.
 */
G_DEFINE_FINAL_TYPE_WITH_CODE (FerryTaskList, ferry_task_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      ferry_task_list_list_model_init))

/* Whether the list is to have it. */
static gboolean
is_ours (FerryTaskList *self,
         FerryTask     *task)
{
  return (self->session == 0 || task->session == self->session) && !task->is_removed;
}

/* Those of @tasks that the list is to have. */
static GPtrArray *
choose (FerryTaskList *self,
        GPtrArray     *tasks)
{
  GPtrArray *ours = g_ptr_array_new_full (tasks->len, g_object_unref);

  for (guint i = 0; i < tasks->len; i++)
    {
      if (is_ours (self, tasks->pdata[i]))
        g_ptr_array_add (ours, g_object_ref (tasks->pdata[i]));
    }
  return ours;
}

static void
take_page (GPtrArray *tasks,
           guint64    before,
           guint64    lowest,
           gpointer   user_data)
{
  FerryTaskList *self = user_data;
  g_autoptr(GPtrArray) ours = choose (self, tasks);

  ferry_task_list_merge (self, ours, before, lowest, FALSE);
}

static void
set_complete (FerryTaskList *self,
              gboolean       complete)
{
  if (self->complete == complete)
    return;

  self->complete = complete;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COMPLETE]);
}

static void
set_error (FerryTaskList *self,
           const GError  *error)
{
  if (self->error == NULL && error == NULL)
    return;

  g_clear_error (&self->error);
  if (error != NULL)
    self->error = g_error_copy (error);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  FerryTaskList *self = user_data;
  g_autoptr(FerryTaskList) kept = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rest = ferry_pages_load_finish (result, &error);

  /* The list is gone, or loads anew. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  kept = g_object_ref (self);
  g_clear_object (&self->load);
  set_error (self, error);
  set_complete (self, error == NULL);
}

static void
stop_loading (FerryTaskList *self)
{
  if (self->load != NULL)
    g_cancellable_cancel (self->load);
  g_clear_object (&self->load);
}

static void
on_state_changed_cb (FerryTaskList *self)
{
  g_autoptr(FerryTaskList) kept = g_object_ref (self);

  if (ferry_link_get_state (self->link) != FERRY_CLIENT_STATE_CONNECTED)
    {
      stop_loading (self);
      self->is_due = TRUE;
      set_complete (kept, FALSE);
    }
  else if (self->is_due)
    ferry_task_list_load (kept);
}

static void
on_tasks_arrived_cb (FerryTaskList *self,
                     GPtrArray     *tasks)
{
  g_autoptr(GPtrArray) ours = choose (self, tasks);

  ferry_task_list_merge (self, ours, 0, 1, TRUE);
}

/* --- GListModel --- */

static GType
ferry_task_list_get_item_type (GListModel *model)
{
  return FERRY_TYPE_TASK;
}

static guint
ferry_task_list_get_n_items (GListModel *model)
{
  return FERRY_TASK_LIST (model)->tasks->len;
}

static gpointer
ferry_task_list_get_item (GListModel *model,
                          guint       position)
{
  FerryTaskList *self = FERRY_TASK_LIST (model);

  if (position >= self->tasks->len)
    return NULL;

  return g_object_ref (ferry_task_list_get_at (self, position));
}

static void
ferry_task_list_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ferry_task_list_get_item_type;
  iface->get_n_items = ferry_task_list_get_n_items;
  iface->get_item = ferry_task_list_get_item;
}

/* --- GObject --- */

static void
ferry_task_list_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  FerryTaskList *self = FERRY_TASK_LIST (object);

  switch ((FerryTaskListProperty) id)
    {
    case PROP_COMPLETE:
      g_value_set_boolean (value, self->complete);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    case PROP_ITEM_TYPE:
      g_value_set_gtype (value, FERRY_TYPE_TASK);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, self->tasks->len);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ferry_task_list_finalize (GObject *object)
{
  FerryTaskList *self = FERRY_TASK_LIST (object);

  stop_loading (self);
  for (guint i = 0; i < self->tasks->len; i++)
    ((FerryTask *) self->tasks->pdata[i])->n_lists--;
  g_ptr_array_unref (self->tasks);
  g_clear_error (&self->error);
  g_object_unref (self->link);

  G_OBJECT_CLASS (ferry_task_list_parent_class)->finalize (object);
}

static void
ferry_task_list_class_init (FerryTaskListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ferry_task_list_get_property;
  object_class->finalize = ferry_task_list_finalize;

  /**
   * FerryTaskList:complete:
   *
   * Whether it has all tasks that the service has.
   */
  properties[PROP_COMPLETE] = g_param_spec_boolean ("complete", NULL, NULL, FALSE, flags);

  /**
   * FerryTaskList:error:
   *
   * Why the list could not be loaded; %NULL: it could, or nobody knows yet.
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);

  /**
   * FerryTaskList:item-type:
   *
   * What the items are, as of [method@Gio.ListModel.get_item_type].
   */
  properties[PROP_ITEM_TYPE] =
    g_param_spec_gtype ("item-type", NULL, NULL, G_TYPE_OBJECT, flags);

  /**
   * FerryTaskList:n-items:
   *
   * How many items there are, as of [method@Gio.ListModel.get_n_items].
   */
  properties[PROP_N_ITEMS] =
    g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
ferry_task_list_init (FerryTaskList *self)
{
  self->tasks = g_ptr_array_new_with_free_func (g_object_unref);
}

FerryTaskList *
ferry_task_list_new (FerryLink *link,
                     guint64    session)
{
  FerryTaskList *self = g_object_new (FERRY_TYPE_TASK_LIST, NULL);

  self->link = g_object_ref (link);
  self->session = session;
  g_signal_connect_object (link, "notify::state", G_CALLBACK (on_state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (link, "tasks-removed", G_CALLBACK (ferry_task_list_drop), self,
                           G_CONNECT_SWAPPED);
  return self;
}

void
ferry_task_list_load (FerryTaskList *self)
{
  stop_loading (self);
  self->is_due = ferry_link_get_state (self->link) != FERRY_CLIENT_STATE_CONNECTED;
  if (self->is_due || (self->session == 0 && !ferry_link_is_watching (self->link)))
    return;

  /* New tasks are looked at only where there is a list for them. */
  if (self->arrivals == 0)
    self->arrivals = g_signal_connect_object (self->link, "tasks-arrived",
                                              G_CALLBACK (on_tasks_arrived_cb), self,
                                              G_CONNECT_SWAPPED);
  self->load = g_cancellable_new ();
  ferry_pages_load_async (self->link, self->session, NULL, 0, 0, take_page, self, self->load,
                          loaded_cb, self);
}

void
ferry_task_list_set_session (FerryTaskList *self,
                             guint64        session)
{
  self->session = session;
  self->is_due = TRUE;
}

/**
 * ferry_task_list_is_complete:
 * @self: a list
 *
 * Gets whether it has all tasks that the service has.
 *
 * Returns: %FALSE while it is loaded, and while the service is away
 */
gboolean
ferry_task_list_is_complete (FerryTaskList *self)
{
  g_return_val_if_fail (FERRY_IS_TASK_LIST (self), FALSE);

  return self->complete;
}

/**
 * ferry_task_list_get_error:
 * @self: a list
 *
 * Gets why the list could not be loaded.
 *
 * Returns: (nullable): the error; %NULL: there is none
 */
const GError *
ferry_task_list_get_error (FerryTaskList *self)
{
  g_return_val_if_fail (FERRY_IS_TASK_LIST (self), NULL);

  return self->error;
}

/**
 * ferry_task_list_find:
 * @self: a list
 * @number: the number of a task
 *
 * Looks for a task.
 *
 * Returns: (transfer none) (nullable): the task; %NULL: the list does not have it
 */
FerryTask *
ferry_task_list_find (FerryTaskList *self,
                      guint64        number)
{
  guint position;

  g_return_val_if_fail (FERRY_IS_TASK_LIST (self), NULL);

  position = number != G_MAXUINT64 ? ferry_task_list_find_below (self, number + 1) : 0;
  if (position < self->tasks->len && ferry_task_list_get_at (self, position)->number == number)
    return ferry_task_list_get_at (self, position);

  return NULL;
}
