/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-session"

#include "config.h"

#include "ferry-path-private.h"
#include "ferry-session-private.h"
#include "ferry-task-list-private.h"
#include "ferry-task-private.h"

/**
 * FerrySession:
 *
 * The transfers of one app for one purpose.
 *
 * A session that this program has opened with [method@Ferry.Client.open_session_async] is
 * *attached*: the service stays, its signals come, and when the service ends it is asked for again
 * and the session opened as it was. That is so for as long as the object lives: keep it. Where the
 * service does not open it any more [property@Ferry.Session:attached] becomes %FALSE. Others are in
 * [method@Ferry.Client.get_sessions] of a client that watches.
 *
 * The tasks go on without the program: a session is not closed, but may be invalidated.
 */
struct _FerrySession
{
  GObject            parent_instance;

  FerryLink         *link;           /* owned */
  guint64            number;
  char              *identifier;     /* owned. NULL: not known yet */
  char              *app_id;         /* owned. NULL: not known yet */
  FerrySessionState  state;
  gboolean           attached;
  gboolean           created;        /* by this program, when it was opened */
  GVariant          *configuration;  /* owned; that it was opened with. NULL: it was not */
  GStrv              delegate;       /* owned; chosen signals. NULL: what the service chooses */
  FerryTaskList     *tasks;          /* owned. NULL: nobody has asked for it */
};

G_DEFINE_FINAL_TYPE (FerrySession, ferry_session, G_TYPE_OBJECT)

typedef enum
{
  PROP_NUMBER = 1,
  PROP_IDENTIFIER,
  PROP_APP_ID,
  PROP_STATE,
  PROP_ATTACHED,
  PROP_CREATED,
} FerrySessionProperty;

static GParamSpec *properties[PROP_CREATED + 1];

enum
{
  DID_FINISH_EVENTS,
  DID_BECOME_INVALID,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

#define notify(self, property) \
  g_object_notify_by_pspec (G_OBJECT (self), properties[property])

static void
set_string (FerrySession          *self,
            char                 **member,
            const char            *text,
            FerrySessionProperty   property)
{
  if (text == NULL || g_strcmp0 (*member, text) == 0)
    return;

  g_clear_pointer (member, g_free);
  *member = g_strdup (text);
  notify (self, property);
}

static void
set_flag (FerrySession         *self,
          gboolean             *member,
          gboolean              flag,
          FerrySessionProperty  property)
{
  if (*member == flag)
    return;

  *member = flag;
  notify (self, property);
}

/* --- GObject --- */

static void
ferry_session_get_property (GObject    *object,
                            guint       id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  FerrySession *self = FERRY_SESSION (object);

  switch ((FerrySessionProperty) id)
    {
    case PROP_NUMBER:
      g_value_set_uint64 (value, self->number);
      break;
    case PROP_IDENTIFIER:
      g_value_set_string (value, ferry_session_get_identifier (self));
      break;
    case PROP_APP_ID:
      g_value_set_string (value, ferry_session_get_app_id (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, self->state);
      break;
    case PROP_ATTACHED:
      g_value_set_boolean (value, self->attached);
      break;
    case PROP_CREATED:
      g_value_set_boolean (value, self->created);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ferry_session_finalize (GObject *object)
{
  FerrySession *self = FERRY_SESSION (object);

  ferry_link_forget_session (self->link, self);
  g_clear_object (&self->tasks);
  g_clear_pointer (&self->configuration, g_variant_unref);
  g_strfreev (self->delegate);
  g_free (self->identifier);
  g_free (self->app_id);
  g_object_unref (self->link);

  G_OBJECT_CLASS (ferry_session_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  /**
   * FerrySession:number:
   *
   * What the service calls it.
   */
  properties[PROP_NUMBER] =
    g_param_spec_uint64 ("number", NULL, NULL, 0, G_MAXUINT64, 0, flags);

  /**
   * FerrySession:identifier:
   *
   * The name that it was opened with.
   */
  properties[PROP_IDENTIFIER] = g_param_spec_string ("identifier", NULL, NULL, NULL, flags);

  /**
   * FerrySession:app-id:
   *
   * The app that it belongs to.
   */
  properties[PROP_APP_ID] = g_param_spec_string ("app-id", NULL, NULL, NULL, flags);

  /**
   * FerrySession:state:
   *
   * Whether it takes tasks.
   */
  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, FERRY_TYPE_SESSION_STATE, FERRY_SESSION_STATE_OPEN,
                       flags);

  /**
   * FerrySession:attached:
   *
   * Whether it is open in this program.
   */
  properties[PROP_ATTACHED] = g_param_spec_boolean ("attached", NULL, NULL, FALSE, flags);

  /**
   * FerrySession:created:
   *
   * Whether it did not exist when this program opened it.
   */
  properties[PROP_CREATED] = g_param_spec_boolean ("created", NULL, NULL, FALSE, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
ferry_session_class_init (FerrySessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ferry_session_get_property;
  object_class->finalize = ferry_session_finalize;
  install_properties (object_class);

  /**
   * FerrySession::did-finish-events:
   * @self: a session
   * @serial: of the event `session-finished`
   *
   * Some of its tasks have ended, and none runs, or will run by itself, any more.
   */
  signals[DID_FINISH_EVENTS] =
    g_signal_new ("did-finish-events", FERRY_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_UINT64);

  /**
   * FerrySession::did-become-invalid:
   * @self: a session
   * @serial: of the event `session-invalid`
   * @error: (nullable): what is wrong; %NULL: it was asked for
   *
   * It takes no more tasks, and all that it had are over.
   */
  signals[DID_BECOME_INVALID] =
    g_signal_new ("did-become-invalid", FERRY_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_ERROR);
}

static void
ferry_session_init (FerrySession *self)
{
}

FerrySession *
ferry_session_new (FerryLink *link,
                   guint64    number)
{
  FerrySession *self = g_object_new (FERRY_TYPE_SESSION, NULL);

  self->link = g_object_ref (link);
  self->number = number;
  return self;
}

const guint64 *
ferry_session_get_key (FerrySession *self)
{
  return &self->number;
}

FerryLink *
ferry_session_get_link (FerrySession *self)
{
  return self->link;
}

GVariant *
ferry_session_get_configuration (FerrySession *self)
{
  return self->configuration;
}

void
ferry_session_note_opened (FerrySession *self,
                           const char   *identifier,
                           GVariant     *configuration,
                           gboolean      created,
                           guint         losses)
{
  g_autoptr(GVariant) before = g_steal_pointer (&self->configuration);

  self->configuration = g_variant_ref (configuration);
  set_string (self, &self->identifier, identifier, PROP_IDENTIFIER);
  set_flag (self, &self->created, created, PROP_CREATED);
  set_flag (self, &self->attached, TRUE, PROP_ATTACHED);
  ferry_link_note_held (self->link, losses);
}

static void
change_number (FerrySession *self,
               guint64       number)
{
  ferry_link_forget_session (self->link, self);
  self->number = number;
  ferry_link_remember_session (self->link, self);
  ferry_session_set_state (self, FERRY_SESSION_STATE_OPEN);
  if (self->tasks != NULL)
    ferry_task_list_set_session (self->tasks, number);
  notify (self, PROP_NUMBER);
}

void
ferry_session_note_reopened (FerrySession *self,
                             guint64       number)
{
  if (number != self->number)
    change_number (self, number);
  if (self->delegate != NULL)
    ferry_session_set_delegate_async (self, (const char * const *) self->delegate, NULL, NULL,
                                      NULL);
}

void
ferry_session_note_detached (FerrySession *self)
{
  set_flag (self, &self->attached, FALSE, PROP_ATTACHED);
}

void
ferry_session_note_delegate (FerrySession       *self,
                             const char * const *members)
{
  g_auto(GStrv) before = g_steal_pointer (&self->delegate);

  self->delegate = g_strdupv ((char **) members);
}

void
ferry_session_update (FerrySession *self,
                      GVariant     *known)
{
  const char *text = NULL;

  if (g_variant_lookup (known, "Identifier", "&s", &text))
    set_string (self, &self->identifier, text, PROP_IDENTIFIER);
  if (g_variant_lookup (known, "AppId", "&s", &text))
    set_string (self, &self->app_id, text, PROP_APP_ID);
  if (!g_variant_lookup (known, "State", "&s", &text))
    return;

  for (guint i = 0; i < FERRY_N_SESSION_STATES; i++)
    {
      if (g_str_equal (ferry_session_state_to_string ((FerrySessionState) i), text))
        ferry_session_set_state (self, (FerrySessionState) i);
    }
}

/* One that is invalid is not opened again: its name is free for another. */
void
ferry_session_set_state (FerrySession      *self,
                         FerrySessionState  state)
{
  if (self->state == state)
    return;

  self->state = state;
  notify (self, PROP_STATE);
  if (state == FERRY_SESSION_STATE_INVALID)
    set_flag (self, &self->attached, FALSE, PROP_ATTACHED);
}

void
ferry_session_handle_signal (FerrySession *self,
                             const char   *member,
                             GVariant     *parameters)
{
  g_autoptr(GError) error = NULL;
  const char *name;
  const char *message;
  guint64 serial;

  if (g_str_equal (member, "DidFinishEvents") &&
      g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(t)")))
    {
      g_variant_get (parameters, "(t)", &serial);
      g_signal_emit (self, signals[DID_FINISH_EVENTS], 0, serial);
    }
  else if (g_str_equal (member, "DidBecomeInvalid") &&
           g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(tss)")))
    {
      g_variant_get (parameters, "(t&s&s)", &serial, &name, &message);
      error = ferry_task_make_error (name, message);
      ferry_session_set_state (self, FERRY_SESSION_STATE_INVALID);
      g_signal_emit (self, signals[DID_BECOME_INVALID], 0, serial, error);
    }
}

/**
 * ferry_session_get_number:
 * @self: a session
 *
 * Gets the number that the service calls it by.
 *
 * It is another one when the service that came back had lost the session.
 *
 * Returns: the number
 */
guint64
ferry_session_get_number (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), 0);

  return self->number;
}

/**
 * ferry_session_get_identifier:
 * @self: a session
 *
 * Gets the name that it was opened with.
 *
 * Returns: the name
 */
const char *
ferry_session_get_identifier (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), "");

  return self->identifier != NULL ? self->identifier : "";
}

/**
 * ferry_session_get_app_id:
 * @self: a session
 *
 * Gets the app that it belongs to.
 *
 * Returns: the app ID; empty: not known
 */
const char *
ferry_session_get_app_id (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), "");

  return self->app_id != NULL ? self->app_id : "";
}

/**
 * ferry_session_get_state:
 * @self: a session
 *
 * Gets whether it takes tasks.
 *
 * Returns: the state
 */
FerrySessionState
ferry_session_get_state (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), FERRY_SESSION_STATE_INVALID);

  return self->state;
}

/**
 * ferry_session_is_attached:
 * @self: a session
 *
 * Gets whether it is open in this program.
 *
 * Returns: whether its signals come to this program
 */
gboolean
ferry_session_is_attached (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), FALSE);

  return self->attached;
}

/**
 * ferry_session_was_created:
 * @self: a session
 *
 * Gets whether it did not exist when this program opened it.
 *
 * Returns: whether it was made then, with the configuration that was given
 */
gboolean
ferry_session_was_created (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), FALSE);

  return self->created;
}

/**
 * ferry_session_get_tasks:
 * @self: a session
 *
 * Gets its tasks, newest first.
 *
 * The first call begins to load them: see [property@Ferry.TaskList:complete]. They are followed for
 * as long as the session is attached, or the client watches.
 *
 * Returns: (transfer none): the list
 */
FerryTaskList *
ferry_session_get_tasks (FerrySession *self)
{
  g_return_val_if_fail (FERRY_IS_SESSION (self), NULL);

  if (self->tasks == NULL)
    {
      self->tasks = ferry_task_list_new (self->link, self->number);
      ferry_task_list_load (self->tasks);
    }

  return self->tasks;
}
