/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-client"

#include "config.h"

#include "ferry-client-private.h"
#include "ferry-path-private.h"
#include "ferry-session-private.h"
#include "ferry-task-list-private.h"

/**
 * FerryClient:
 *
 * The way to the transfer service.
 *
 * A client has a connection to the session bus, and starts the service where it does not run. With
 * [method@Ferry.Client.open_session_async] a program opens a session of its own; with
 * [method@Ferry.Client.watch_async] it is told of all sessions and tasks that it may see.
 *
 * While something is held there, an open session or a watch, the client outlives the service: when
 * that ends it is asked for again at once, sessions are opened as they were and lists compared with
 * what the service says then. A call that is under way in that moment is done by the next service,
 * or fails and says so. After three failures within a minute, and at once when the bus ends, the
 * state is %FERRY_CLIENT_STATE_FAILED and [property@Ferry.Client:error] says why; nobody asks any
 * more until [method@Ferry.Client.connect_async] is called.
 *
 * A client, and all that it gives out, belongs to the thread-default main context in which it was
 * made. Nothing blocks.
 */
G_DEFINE_FINAL_TYPE (FerryClient, ferry_client, G_TYPE_OBJECT)

typedef enum
{
  PROP_CONNECTION = 1,
  PROP_STATE,
  PROP_ERROR,
  PROP_SESSIONS,
  PROP_TASKS,
  PROP_VERSION,
  PROP_CAPABILITIES,
  PROP_BYTES_PER_SECOND_RECEIVED,
  PROP_BYTES_PER_SECOND_SENT,
  PROP_RUNNING,
  PROP_WAITING,
  PROP_DOWNLOAD_LIMIT,
  PROP_UPLOAD_LIMIT,
} FerryClientProperty;

static GParamSpec *properties[PROP_UPLOAD_LIMIT + 1];

static void
on_state_changed_cb (FerryClient *self)
{
  g_autoptr(FerryClient) kept = g_object_ref (self);

  g_object_freeze_notify (G_OBJECT (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
take_uint64 (FerryClient         *self,
             GVariant            *known,
             const char          *name,
             guint64             *member,
             FerryClientProperty  property)
{
  guint64 value;

  if (!g_variant_lookup (known, name, "t", &value) || *member == value)
    return;

  *member = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
take_uint (FerryClient         *self,
           GVariant            *known,
           const char          *name,
           guint               *member,
           FerryClientProperty  property)
{
  guint value;

  if (!g_variant_lookup (known, name, "u", &value) || *member == value)
    return;

  *member = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
take_capabilities (FerryClient *self,
                   GVariant    *known)
{
  g_auto(GStrv) words = NULL;

  if (!g_variant_lookup (known, "Capabilities", "^as", &words) ||
      g_strv_equal ((const char * const *) words, (const char * const *) self->capabilities))
    return;

  g_clear_pointer (&self->capabilities, g_strfreev);
  self->capabilities = g_steal_pointer (&words);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CAPABILITIES]);
}

void
ferry_client_take_manager (FerryClient *self,
                           GVariant    *known)
{
  g_autoptr(FerryClient) kept = g_object_ref (self);

  g_object_freeze_notify (G_OBJECT (self));
  take_uint (self, known, "Version", &self->version, PROP_VERSION);
  take_capabilities (self, known);
  take_uint64 (self, known, "BytesPerSecondReceived", &self->received,
               PROP_BYTES_PER_SECOND_RECEIVED);
  take_uint64 (self, known, "BytesPerSecondSent", &self->sent, PROP_BYTES_PER_SECOND_SENT);
  take_uint (self, known, "Running", &self->running, PROP_RUNNING);
  take_uint (self, known, "Waiting", &self->waiting, PROP_WAITING);
  take_uint64 (self, known, "DownloadLimit", &self->download_limit, PROP_DOWNLOAD_LIMIT);
  take_uint64 (self, known, "UploadLimit", &self->upload_limit, PROP_UPLOAD_LIMIT);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
sessions_loaded_again_cb (GObject      *source,
                          GAsyncResult *result,
                          gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  /* Without the service there is a next time. */
  if (!ferry_client_load_sessions_end (FERRY_CLIENT (source), result, &error))
    g_debug ("The sessions could not be listed: %s", error->message);
}

static void
on_watched_cb (FerryClient *self)
{
  ferry_client_load_sessions (self, NULL, sessions_loaded_again_cb, NULL);
}

/* --- GObject --- */

static void
ferry_client_get_property (GObject    *object,
                           guint       id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  FerryClient *self = FERRY_CLIENT (object);

  switch ((FerryClientProperty) id)
    {
    case PROP_STATE:
      g_value_set_enum (value, ferry_client_get_state (self));
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, ferry_client_get_error (self));
      break;
    case PROP_SESSIONS:
      g_value_set_object (value, self->sessions);
      break;
    case PROP_TASKS:
      g_value_set_object (value, ferry_client_get_tasks (self));
      break;
    case PROP_VERSION:
      g_value_set_uint (value, self->version);
      break;
    case PROP_CAPABILITIES:
      g_value_set_boxed (value, self->capabilities);
      break;
    case PROP_BYTES_PER_SECOND_RECEIVED:
      g_value_set_uint64 (value, self->received);
      break;
    case PROP_BYTES_PER_SECOND_SENT:
      g_value_set_uint64 (value, self->sent);
      break;
    case PROP_RUNNING:
      g_value_set_uint (value, self->running);
      break;
    case PROP_WAITING:
      g_value_set_uint (value, self->waiting);
      break;
    case PROP_DOWNLOAD_LIMIT:
      g_value_set_uint64 (value, self->download_limit);
      break;
    case PROP_UPLOAD_LIMIT:
      g_value_set_uint64 (value, self->upload_limit);
      break;
    case PROP_CONNECTION:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ferry_client_dispose (GObject *object)
{
  FerryClient *self = FERRY_CLIENT (object);

  /* What it has given out may keep the link for longer. A service that is on its way was asked to
   * watch already. */
  if (self->link != NULL && ferry_link_drop_watch (self->link))
    ferry_link_call_async (self->link, FERRY_OBJECT_PATH, FERRY_MANAGER_INTERFACE, "Watch",
                           g_variant_new ("(b)", FALSE), "()", NULL, NULL, NULL);
  g_clear_object (&self->tasks);
  g_clear_object (&self->sessions);
  g_clear_object (&self->link);

  G_OBJECT_CLASS (ferry_client_parent_class)->dispose (object);
}

static void
ferry_client_finalize (GObject *object)
{
  FerryClient *self = FERRY_CLIENT (object);

  g_strfreev (self->capabilities);

  G_OBJECT_CLASS (ferry_client_parent_class)->finalize (object);
}

#define READABLE (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)

static void
install_objects (void)
{
  /**
   * FerryClient:connection:
   *
   * The bus connection that it shares, see [ctor@Ferry.Client.new_for_connection].
   */
  properties[PROP_CONNECTION] =
    g_param_spec_object ("connection", NULL, NULL, G_TYPE_DBUS_CONNECTION,
                         G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);

  /**
   * FerryClient:state:
   *
   * Where it stands with the service.
   */
  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, FERRY_TYPE_CLIENT_STATE,
                       FERRY_CLIENT_STATE_DISCONNECTED, READABLE);

  /**
   * FerryClient:error:
   *
   * Why the state is %FERRY_CLIENT_STATE_FAILED; %NULL in all others.
   */
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, READABLE);

  /**
   * FerryClient:sessions:
   *
   * The sessions that the client is told of, see [method@Ferry.Client.get_sessions].
   */
  properties[PROP_SESSIONS] =
    g_param_spec_object ("sessions", NULL, NULL, G_TYPE_LIST_MODEL, READABLE);

  /**
   * FerryClient:tasks:
   *
   * The tasks of all sessions, see [method@Ferry.Client.get_tasks].
   */
  properties[PROP_TASKS] =
    g_param_spec_object ("tasks", NULL, NULL, FERRY_TYPE_TASK_LIST, READABLE);

  /**
   * FerryClient:capabilities:
   *
   * What the service can do.
   */
  properties[PROP_CAPABILITIES] =
    g_param_spec_boxed ("capabilities", NULL, NULL, G_TYPE_STRV, READABLE);
}

static void
install_values (void)
{
  /**
   * FerryClient:version:
   *
   * The version of the service’s interface; 0: not known yet.
   */
  properties[PROP_VERSION] = g_param_spec_uint ("version", NULL, NULL, 0, G_MAXUINT, 0, READABLE);

  /**
   * FerryClient:bytes-per-second-received:
   *
   * What all tasks together receive, in bytes a second.
   */
  properties[PROP_BYTES_PER_SECOND_RECEIVED] =
    g_param_spec_uint64 ("bytes-per-second-received", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * FerryClient:bytes-per-second-sent:
   *
   * What all tasks together send, in bytes a second.
   */
  properties[PROP_BYTES_PER_SECOND_SENT] =
    g_param_spec_uint64 ("bytes-per-second-sent", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * FerryClient:running:
   *
   * How many tasks run, of all sessions.
   */
  properties[PROP_RUNNING] = g_param_spec_uint ("running", NULL, NULL, 0, G_MAXUINT, 0, READABLE);

  /**
   * FerryClient:waiting:
   *
   * How many tasks wait, of all sessions.
   */
  properties[PROP_WAITING] = g_param_spec_uint ("waiting", NULL, NULL, 0, G_MAXUINT, 0, READABLE);

  /**
   * FerryClient:download-limit:
   *
   * What all downloads together may receive, in bytes a second; 0: no limit.
   */
  properties[PROP_DOWNLOAD_LIMIT] =
    g_param_spec_uint64 ("download-limit", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * FerryClient:upload-limit:
   *
   * What all uploads together may send, in bytes a second; 0: no limit.
   */
  properties[PROP_UPLOAD_LIMIT] =
    g_param_spec_uint64 ("upload-limit", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);
}

static void
ferry_client_set_property (GObject      *object,
                           guint         id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  FerryClient *self = FERRY_CLIENT (object);

  if (id == PROP_CONNECTION)
    self->link = ferry_link_new (g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ferry_client_constructed (GObject *object)
{
  FerryClient *self = FERRY_CLIENT (object);

  G_OBJECT_CLASS (ferry_client_parent_class)->constructed (object);

  g_signal_connect_object (self->link, "notify::state", G_CALLBACK (on_state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "manager-changed", G_CALLBACK (ferry_client_take_manager),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "watched", G_CALLBACK (on_watched_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "session-added", G_CALLBACK (ferry_client_add_session),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->link, "session-removed",
                           G_CALLBACK (ferry_client_remove_session), self, G_CONNECT_SWAPPED);
}

static void
ferry_client_class_init (FerryClientClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = ferry_client_constructed;
  object_class->get_property = ferry_client_get_property;
  object_class->set_property = ferry_client_set_property;
  object_class->dispose = ferry_client_dispose;
  object_class->finalize = ferry_client_finalize;
  install_objects ();
  install_values ();
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
ferry_client_init (FerryClient *self)
{
  self->sessions = g_list_store_new (FERRY_TYPE_SESSION);
  self->capabilities = g_new0 (char *, 1);
}

/**
 * ferry_client_new:
 *
 * Makes a client of the session bus.
 *
 * It has a connection of its own there, from the first call on; when the client and all that it has
 * given out are gone the connection ends, and the service knows.
 *
 * Returns: (transfer full): the client
 */
FerryClient *
ferry_client_new (void)
{
  return g_object_new (FERRY_TYPE_CLIENT, NULL);
}

/**
 * ferry_client_new_for_connection:
 * @connection: to a message bus
 *
 * Makes a client of another bus, or one that shares a connection.
 *
 * The service lets go of what the client has opened when the connection is closed, not before.
 *
 * Returns: (transfer full): the client
 */
FerryClient *
ferry_client_new_for_connection (GDBusConnection *connection)
{
  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);

  return g_object_new (FERRY_TYPE_CLIENT, "connection", connection, NULL);
}
