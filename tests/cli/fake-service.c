/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fake-service"

#include "config.h"

#include <string.h>

#include "fake-service.h"

#define SESSION_PATH FERRY_OBJECT_PATH "/session/1"
#define TASK_PATH FERRY_OBJECT_PATH "/task"

static const char first_state[] =
  "{'State': <'waiting'>, 'Reason': <'queue'>, 'ReasonDetails': <{'position': <uint32 1>}>,"
  " 'Phase': <''>, 'FileName': <''>, 'Path': <''>, 'BytesReceived': <int64 0>,"
  " 'BytesExpectedToReceive': <int64 -1>, 'Rate': <uint64 0>, 'Error': <('', '')>,"
  " 'Digest': <@a{sv} {}>, 'Response': <{'length-verified': <true>}>, 'Kind': <'download'>,"
  " 'Session': <objectpath '" SESSION_PATH "'>}";

static const char manager_properties[] =
  "{'Version': <uint32 1>, 'Capabilities': <['download']>, 'Running': <uint32 0>,"
  " 'Waiting': <uint32 0>, 'BytesPerSecondReceived': <uint64 0>,"
  " 'BytesPerSecondSent': <uint64 0>, 'DownloadLimit': <uint64 0>, 'UploadLimit': <uint64 0>}";

static const char session_properties[] =
  "{'Identifier': <'ferry-cli'>, 'AppId': <'" FERRY_APP_ID "'>, 'State': <'open'>,"
  " 'Configuration': <@a{sv} {}>, 'PendingEvents': <uint64 0>}";

static GVariant *
parse (const char *text)
{
  g_autoptr(GError) error = NULL;
  GVariant *value = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return value;
}

static void
take_over (GVariantDict *task,
           GVariant     *changes)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, changes);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    g_variant_dict_insert_value (task, name, value);
}

/* A GVariantDict can be read only by ending it; it begins anew with the same. */
static GVariant *
get_properties (FakeService *self,
                guint        number)
{
  GVariantDict *task = g_ptr_array_index (self->tasks, number - 1);
  g_autoptr(GVariant) properties = g_variant_ref_sink (g_variant_dict_end (task));

  g_variant_dict_init (task, properties);
  return g_steal_pointer (&properties);
}

guint
fake_service_add (FakeService *self,
                  const char  *url,
                  const char  *changes)
{
  g_autoptr(GVariant) first = parse (first_state);
  g_autoptr(GVariant) more = changes != NULL ? parse (changes) : NULL;
  GVariantDict *task = g_variant_dict_new (first);

  g_variant_dict_insert (task, "Url", "s", url);
  g_variant_dict_insert (task, "Created", "x", g_get_real_time ());
  if (more != NULL)
    take_over (task, more);
  g_ptr_array_add (self->tasks, task);
  return self->tasks->len;
}

void
fake_service_change (FakeService *self,
                     guint        number,
                     const char  *changes)
{
  g_autoptr(GVariant) changed = parse (changes);
  g_autofree char *path = g_strdup_printf (TASK_PATH "/%u", number);
  g_autoptr(GError) error = NULL;
  GVariantBuilder builder;

  take_over (g_ptr_array_index (self->tasks, number - 1), changed);
  if (self->connection == NULL || self->client == NULL)
    return;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(oa{sv})"));
  g_variant_builder_add (&builder, "(o@a{sv})", path, changed);
  g_dbus_connection_emit_signal (self->connection, self->client, SESSION_PATH,
                                 FERRY_SERVICE_ID ".Session", "TasksChanged",
                                 g_variant_new ("(a(oa{sv}))", &builder), &error);
  g_assert_no_error (error);
}

/* The filter may ask for some of the properties only. */
static GVariant *
choose_properties (GVariant *properties,
                   GVariant *filter)
{
  g_autofree const char **names = NULL;
  GVariantBuilder chosen;

  if (!g_variant_lookup (filter, "properties", "^a&s", &names))
    return g_variant_ref (properties);

  g_variant_builder_init (&chosen, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr(GVariant) value = g_variant_lookup_value (properties, names[i], NULL);

      if (value != NULL)
        g_variant_builder_add (&chosen, "{sv}", names[i], value);
    }

  return g_variant_ref_sink (g_variant_builder_end (&chosen));
}

static void
list_tasks (FakeService           *self,
            GVariant              *arguments,
            GDBusMethodInvocation *invocation)
{
  g_autoptr(GVariant) filter = NULL;
  GVariantBuilder builder;
  const char *wanted = NULL;
  guint64 before;

  g_variant_get (arguments, "(@a{sv}tu)", &filter, &before, NULL);
  (void) g_variant_lookup (filter, "state", "&s", &wanted);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(oa{sv})"));
  for (guint number = self->tasks->len; number > 0; number--)
    {
      g_autofree char *path = g_strdup_printf (TASK_PATH "/%u", number);
      g_autoptr(GVariant) properties = get_properties (self, number);
      g_autoptr(GVariant) chosen = choose_properties (properties, filter);
      const char *state;

      g_assert_true (g_variant_lookup (properties, "State", "&s", &state));
      if ((before != 0 && number >= before) || (wanted != NULL && strcmp (wanted, state) != 0))
        continue;
      g_variant_builder_add (&builder, "(o@a{sv})", path, chosen);
      self->told = MAX (self->told, number);
    }

  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(a(oa{sv}))", &builder));
}

/* Takes the invocation, as all answers do. @first: the number of the first of @n tasks */
static void
answer_creation (GDBusMethodInvocation *invocation,
                 guint                  first,
                 guint                  n)
{
  GVariantBuilder paths;

  g_variant_builder_init (&paths, G_VARIANT_TYPE_OBJECT_PATH_ARRAY);
  for (guint number = first; number < first + n; number++)
    {
      g_autofree char *path = g_strdup_printf (TASK_PATH "/%u", number);

      g_variant_builder_add (&paths, "o", path);
    }

  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(ao)", &paths));
}

static void
refuse (FakeService           *self,
        GDBusMethodInvocation *invocation)
{
  g_autofree char *name = g_strconcat (FERRY_SERVICE_ID ".Error.", self->refuse, NULL);
  g_autofree char *message = NULL;

  if (self->refuse_place != 0)
    message = g_strdup_printf ("Task %u: The test wants it so", self->refuse_place);
  else
    message = g_strdup ("The test wants it so");

  g_dbus_method_invocation_return_dbus_error (invocation, name, message);
}

static void
create_tasks (FakeService           *self,
              GVariant              *arguments,
              GDBusMethodInvocation *invocation)
{
  g_autoptr(GVariantIter) iter = NULL;
  guint first = self->tasks->len + 1;
  const char *url;
  GVariant *options;

  if (self->refuse != NULL)
    {
      refuse (self, invocation);
      return;
    }

  g_variant_get (arguments, "(a(sa{sv}))", &iter);
  while (g_variant_iter_loop (iter, "(&s@a{sv})", &url, &options))
    (void) fake_service_add (self, url, NULL);    /* they are numbered one by one */
  if (self->keep_creations)
    {
      g_ptr_array_add (self->kept, invocation);
      return;
    }

  answer_creation (invocation, first, self->tasks->len + 1 - first);
  for (guint number = first; self->on_created != NULL && number <= self->tasks->len; number++)
    fake_service_change (self, number, self->on_created);
}

/* Answers the creation that was kept, of all tasks that there are. */
void
fake_service_answer (FakeService *self)
{
  g_assert_cmpuint (self->kept->len, ==, 1);
  answer_creation (g_ptr_array_steal_index (self->kept, 0), 1, self->tasks->len);
}

static void
open_session (FakeService           *self,
              GDBusMethodInvocation *invocation)
{
  if (self->refuse_session != NULL)
    {
      g_autofree char *name = g_strconcat (FERRY_SERVICE_ID ".Error.", self->refuse_session, NULL);

      g_dbus_method_invocation_return_dbus_error (invocation, name, "The test wants it so");
      return;
    }

  g_clear_pointer (&self->client, g_free);
  self->client = g_strdup (g_dbus_method_invocation_get_sender (invocation));
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(ob)", SESSION_PATH, TRUE));
}

static void
read_properties (FakeService           *self,
                 const char            *path,
                 GDBusMethodInvocation *invocation)
{
  guint number = (guint) g_ascii_strtoull (strrchr (path, '/') + 1, NULL, 10);
  g_autoptr(GVariant) properties = NULL;

  if (strcmp (path, FERRY_OBJECT_PATH) == 0)
    properties = parse (manager_properties);
  else if (strcmp (path, SESSION_PATH) == 0)
    properties = parse (session_properties);
  else
    {
      properties = get_properties (self, number);
      self->told = MAX (self->told, number);
    }

  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@a{sv})", properties));
}

static void
on_call_cb (GDBusConnection       *connection,
            const char            *sender,
            const char            *path,
            const char            *interface,
            const char            *method,
            GVariant              *arguments,
            GDBusMethodInvocation *invocation,
            gpointer               user_data)
{
  FakeService *self = user_data;
  g_autofree char *text = g_variant_print (arguments, FALSE);

  g_string_append_printf (self->log, "%s %s\n", method, text);
  if (strcmp (method, "OpenSession") == 0)
    open_session (self, invocation);
  else if (strcmp (method, "CreateDownloadTasks") == 0)
    create_tasks (self, arguments, invocation);
  else if (strcmp (method, "ListTasks") == 0)
    list_tasks (self, arguments, invocation);
  else if (strcmp (method, "GetAll") == 0)
    read_properties (self, path, invocation);
  else if (strcmp (method, "AcknowledgeEvents") == 0 || strcmp (method, "Watch") == 0)
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    g_error ("The program calls %s", method);
}

/* Without functions for properties all calls for them arrive as calls. */
static const GDBusInterfaceVTable vtable = { .method_call = on_call_cb };

static GDBusInterfaceInfo **
introspect_cb (GDBusConnection *connection,
               const char      *sender,
               const char      *path,
               const char      *node,
               gpointer         user_data)
{
  FakeService *self = user_data;
  GDBusInterfaceInfo **infos = g_new0 (GDBusInterfaceInfo *, 2);

  infos[0] = g_dbus_interface_info_ref (self->nodes[2]->interfaces[0]);
  return infos;
}

static const GDBusInterfaceVTable *
dispatch_cb (GDBusConnection *connection,
             const char      *sender,
             const char      *path,
             const char      *interface,
             const char      *node,
             gpointer        *out_user_data,
             gpointer         user_data)
{
  *out_user_data = user_data;
  return &vtable;
}

static char **
enumerate_cb (GDBusConnection *connection,
              const char      *sender,
              const char      *path,
              gpointer         user_data)
{
  return g_new0 (char *, 1);
}

static const GDBusSubtreeVTable subtree = { enumerate_cb, introspect_cb, dispatch_cb };

static void
serve (FakeService     *self,
       GDBusConnection *connection)
{
  g_autoptr(GError) error = NULL;

  (void) g_dbus_connection_register_object (connection, FERRY_OBJECT_PATH,
                                            self->nodes[0]->interfaces[0], &vtable, self, NULL,
                                            &error);
  g_assert_no_error (error);
  (void) g_dbus_connection_register_object (connection, SESSION_PATH,
                                            self->nodes[1]->interfaces[0], &vtable, self, NULL,
                                            &error);
  g_assert_no_error (error);
  (void) g_dbus_connection_register_subtree (connection, TASK_PATH, &subtree,
                                             G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES,
                                             self, NULL, &error);
  g_assert_no_error (error);
}

/* Serves in the main context of the test, and takes the name, or waits in line for it. */
static GDBusConnection *
connect_to_bus (FakeService *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GDBusConnection) connection = NULL;

  connection = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (self->bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  serve (self, connection);

  answer = g_dbus_connection_call_sync (connection, "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                        "RequestName", g_variant_new ("(su)", FERRY_SERVICE_ID, 0),
                                        NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&connection);
}

void
fake_service_start (FakeService *self)
{
  g_assert_null (self->connection);
  self->connection = connect_to_bus (self);
}

/* As when the process dies: no goodbye, and calls that were kept stay without an answer. */
void
fake_service_stop (FakeService *self)
{
  g_autoptr(GError) error = NULL;

  (void) g_dbus_connection_close_sync (self->connection, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->client, g_free);
}

/* The next process has the name at once; nobody meets a bus without it. */
void
fake_service_replace (FakeService *self)
{
  g_autoptr(GDBusConnection) next = connect_to_bus (self);

  fake_service_stop (self);
  self->connection = g_steal_pointer (&next);
}

static GDBusNodeInfo *
read_node (const char *name)
{
  g_autofree char *path = g_strdup_printf (DATA_FOLDER "/" FERRY_SERVICE_ID ".%s.xml", name);
  g_autofree char *xml = NULL;
  g_autoptr(GError) error = NULL;
  GDBusNodeInfo *node;

  g_file_get_contents (path, &xml, NULL, &error);
  g_assert_no_error (error);
  node = g_dbus_node_info_new_for_xml (xml, &error);
  g_assert_no_error (error);
  return node;
}

/* Starts a bus, but not yet the service. */
FakeService *
fake_service_new (void)
{
  static const char *const names[] = { "Manager", "Session", "Task" };
  FakeService *self = g_new0 (FakeService, 1);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    self->nodes[i] = read_node (names[i]);
  self->tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_dict_unref);
  self->kept = g_ptr_array_new_with_free_func (g_object_unref);
  self->log = g_string_new (NULL);
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
  return self;
}

void
fake_service_free (FakeService *self)
{
  g_ptr_array_set_size (self->kept, 0);
  if (self->connection != NULL)
    fake_service_stop (self);

  if (g_test_dbus_get_bus_address (self->bus) != NULL)
    g_test_dbus_stop (self->bus);
  g_clear_object (&self->bus);
  for (guint i = 0; i < G_N_ELEMENTS (self->nodes); i++)
    g_clear_pointer (&self->nodes[i], g_dbus_node_info_unref);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);
  g_clear_pointer (&self->kept, g_ptr_array_unref);
  (void) g_string_free (self->log, TRUE);
  g_free (self);
}
