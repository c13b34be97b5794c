/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-transfer"

#include "config.h"

#include <string.h>

#include "common/file-name.h"
#include "common/url.h"
#include "transfer.h"
#include "words.h"

typedef struct
{
  const char *word;
  const char *text;
} Phase;

/* The phase in which bytes move is told in numbers. */
static const Phase phases[] = {
  { "connecting", "connecting" },
  { "checking", "comparing with the digest" },
  { "publishing", "writing to the disk" },
};

/* The properties that are read, with the types that the bus API gives them. */
static const struct
{
  const char *name;
  const char *type;
} properties_read[] = {
  { "State", "s" }, { "Reason", "s" }, { "ReasonDetails", "a{sv}" }, { "Phase", "s" },
  { "FileName", "s" }, { "Path", "s" }, { "BytesReceived", "x" },
  { "BytesExpectedToReceive", "x" }, { "Rate", "t" }, { "Digest", "a{sv}" },
  { "Response", "a{sv}" }, { "Error", "(ss)" },
};

/* Those that never change, which tell a task from others. */
static const char *const properties_fixed[] = { "Url", "Created" };

static void
set_address (FerryTransfer *self,
             const char    *url)
{
  g_autofree char *name = ferry_file_name_from_url (url);

  g_clear_pointer (&self->address, g_free);
  self->address = ferry_url_for_log (url);

  /* A name that the service has told is better than this guess. */
  if (self->name == NULL)
    self->name = ferry_words_printable (name != NULL ? name : self->address);
}

static FerryTransfer *
new_empty (void)
{
  FerryTransfer *self = g_new0 (FerryTransfer, 1);

  self->state = FERRY_TASK_STATE_WAITING;
  self->phase = g_strdup ("");
  self->path = g_strdup ("");
  self->expected = -1;
  self->error_name = g_strdup ("");
  self->error_message = g_strdup ("");
  return self;
}

/**
 * ferry_transfer_new:
 * @url: a good address
 *
 * Returns: a transfer that does not exist yet
 */
FerryTransfer *
ferry_transfer_new (const char *url)
{
  FerryTransfer *self = new_empty ();

  set_address (self, url);
  return self;
}

/**
 * ferry_transfer_new_from_task:
 * @path: the task's object path
 * @properties: its properties
 *
 * Returns: the transfer
 */
FerryTransfer *
ferry_transfer_new_from_task (const char *path,
                              GVariant   *properties)
{
  FerryTransfer *self = new_empty ();
  const char *url = "";

  ferry_transfer_update (self, properties);
  (void) g_variant_lookup (properties, "Url", "&s", &url);
  self->number = ferry_transfer_parse_number (path);
  set_address (self, url);
  return self;
}

void
ferry_transfer_free (FerryTransfer *self)
{
  g_clear_pointer (&self->details, g_variant_unref);
  g_clear_pointer (&self->phase, g_free);
  g_clear_pointer (&self->address, g_free);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->algorithm, g_free);
  g_clear_pointer (&self->error_name, g_free);
  g_clear_pointer (&self->error_message, g_free);
  g_free (self);
}

/* A word that this program does not know is of a newer service: it waits for no known reason. */
static FerryWaitReason
parse_reason (const char *word)
{
  for (guint i = 0; i < FERRY_N_WAIT_REASONS; i++)
    {
      if (strcmp (ferry_wait_reason_to_string (i), word) == 0)
        return i;
    }

  return FERRY_WAIT_REASON_NONE;
}

static void
set_text (char       **member,
          const char  *text)
{
  g_clear_pointer (member, g_free);
  *member = ferry_words_printable (text);
}

static void
set_digest (FerryTransfer *self,
            GVariant      *digest)
{
  const char *algorithm;
  gboolean verified = FALSE;

  g_clear_pointer (&self->algorithm, g_free);
  (void) g_variant_lookup (digest, "verified", "b", &verified);
  if (verified && g_variant_lookup (digest, "algorithm", "&s", &algorithm))
    self->algorithm = ferry_words_printable (algorithm);
}

static void
update_property (FerryTransfer *self,
                 const char    *name,
                 GVariant      *value)
{
  const char *text = "";

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    text = g_variant_get_string (value, NULL);

  if (strcmp (name, "State") == 0)
    (void) ferry_task_state_from_string (text, &self->state);
  else if (strcmp (name, "Reason") == 0)
    self->reason = parse_reason (text);
  else if (strcmp (name, "Phase") == 0)
    set_text (&self->phase, text);
  else if (strcmp (name, "FileName") == 0 && *text != '\0')
    set_text (&self->name, text);
  else if (strcmp (name, "Path") == 0)
    set_text (&self->path, text);
  else if (strcmp (name, "BytesReceived") == 0)
    g_variant_get (value, "x", &self->received);
  else if (strcmp (name, "BytesExpectedToReceive") == 0)
    g_variant_get (value, "x", &self->expected);
  else if (strcmp (name, "Rate") == 0)
    g_variant_get (value, "t", &self->rate);
}

static void
update_compound (FerryTransfer *self,
                 const char    *name,
                 GVariant      *value)
{
  gboolean verified = TRUE;

  if (strcmp (name, "ReasonDetails") == 0)
    {
      g_clear_pointer (&self->details, g_variant_unref);
      self->details = g_variant_ref (value);
    }
  else if (strcmp (name, "Digest") == 0)
    {
      set_digest (self, value);
    }
  else if (strcmp (name, "Response") == 0)
    {
      (void) g_variant_lookup (value, "length-verified", "b", &verified);
      self->unproven = !verified;
    }
  else if (strcmp (name, "Error") == 0)
    {
      g_clear_pointer (&self->error_name, g_free);
      g_clear_pointer (&self->error_message, g_free);
      g_variant_get (value, "(ss)", &self->error_name, &self->error_message);
    }
}

static const char *
get_property_type (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (properties_read); i++)
    {
      if (strcmp (properties_read[i].name, name) == 0)
        return properties_read[i].type;
    }

  return NULL;
}

/**
 * ferry_transfer_list_properties:
 *
 * Returns: (transfer floating): as, what to ask for of each task in a list
 */
GVariant *
ferry_transfer_list_properties (void)
{
  GVariantBuilder names;

  g_variant_builder_init (&names, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; i < G_N_ELEMENTS (properties_read); i++)
    g_variant_builder_add (&names, "s", properties_read[i].name);
  for (guint i = 0; i < G_N_ELEMENTS (properties_fixed); i++)
    g_variant_builder_add (&names, "s", properties_fixed[i]);

  return g_variant_builder_end (&names);
}

/**
 * ferry_transfer_update:
 * @self: a transfer
 * @properties: properties of its task, all of them or those that changed
 *
 * Takes over what is in @properties. What it does not know is left alone.
 */
void
ferry_transfer_update (FerryTransfer *self,
                       GVariant      *properties)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      const char *type = get_property_type (name);

      if (type == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE (type)))
        continue;
      update_property (self, name, value);
      update_compound (self, name, value);
    }
}

gboolean
ferry_transfer_is_over (const FerryTransfer *self)
{
  return ferry_task_state_is_over (self->state);
}

/**
 * ferry_transfer_needs_person:
 * @self: a transfer
 *
 * Returns: whether it cannot go on before somebody does something about it
 */
gboolean
ferry_transfer_needs_person (const FerryTransfer *self)
{
  return self->state == FERRY_TASK_STATE_WAITING && ferry_wait_reason_needs_person (self->reason);
}

/**
 * ferry_transfer_get_percent:
 * @self: a transfer
 *
 * Returns: how much is here, rounded down; −1: unknown
 */
int
ferry_transfer_get_percent (const FerryTransfer *self)
{
  if (self->state == FERRY_TASK_STATE_FINISHED)
    return 100;
  if (self->expected <= 0 || self->received < 0)
    return -1;

  return (int) (100.0 * (double) MIN (self->received, self->expected) / (double) self->expected);
}

/**
 * ferry_transfer_describe_state:
 * @self: a transfer
 *
 * Returns: where it stands; empty while bytes move, which is told in numbers
 */
char *
ferry_transfer_describe_state (const FerryTransfer *self)
{
  if (self->state == FERRY_TASK_STATE_WAITING)
    {
      g_autofree char *reason = ferry_words_reason (self->reason, self->details);

      return g_strconcat ("waiting: ", reason, NULL);
    }
  if (self->state != FERRY_TASK_STATE_RUNNING)
    return g_strdup (ferry_task_state_to_string (self->state));

  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    {
      if (strcmp (phases[i].word, self->phase) == 0)
        return g_strdup (phases[i].text);
    }

  return g_strdup ("");
}

/**
 * ferry_transfer_describe_result:
 * @self: a finished transfer
 *
 * Returns: where the file is, its size, and what is known about the bytes being the right ones
 */
char *
ferry_transfer_describe_result (const FerryTransfer *self)
{
  g_autofree char *size = ferry_words_size (self->received);
  const char *path = *self->path != '\0' ? self->path : self->name;

  if (self->algorithm != NULL)
    return g_strdup_printf ("%s (%s, %s verified)", path, size, self->algorithm);
  if (self->unproven)
    return g_strdup_printf ("%s (%s; the server did not say how long it is, so that it may be"
                            " incomplete)", path, size);

  return g_strdup_printf ("%s (%s)", path, size);
}

/**
 * ferry_transfer_describe_error:
 * @self: a transfer that failed, or needs a person
 *
 * Returns: what is wrong
 */
char *
ferry_transfer_describe_error (const FerryTransfer *self)
{
  g_autofree char *reason = NULL;
  g_autofree char *message = NULL;

  if (self->state == FERRY_TASK_STATE_FAILED)
    return ferry_words_error (self->error_name, self->error_message);

  reason = ferry_words_reason (self->reason, self->details);
  message = ferry_words_printable (self->error_message);
  if (*message == '\0')
    return g_steal_pointer (&reason);

  return g_strdup_printf ("%s (%s)", reason, message);
}

guint64
ferry_transfer_parse_number (const char *path)
{
  const char *slash = strrchr (path, '/');
  guint64 number = 0;

  if (slash == NULL ||
      !g_ascii_string_to_unsigned (slash + 1, 10, 1, G_MAXUINT64, &number, NULL))
    return 0;

  return number;
}
