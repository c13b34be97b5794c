/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-snapshot"

#include "config.h"

#include <string.h>

#include "ferry-path-private.h"
#include "ferry-task-private.h"

#define BIT(property) (1u << FERRY_TASK_PROP_##property)
G_STATIC_ASSERT (FERRY_TASK_N_PROPERTIES <= 32);

#define USUAL_PRIORITY 0.5

/* How a property of the bus becomes one of ours. */
typedef struct
{
  const char *name;
  const char *type;
  gboolean    is_listed;  /* lists ask for it */
  guint32   (*take)      (FerryTask *self,
                          GVariant  *value);
} Field;

static guint32
take_string (char       **member,
             const char  *text,
             guint32      mask)
{
  if (g_strcmp0 (*member != NULL ? *member : "", text) == 0)
    return 0;

  g_clear_pointer (member, g_free);
  if (*text != '\0')
    *member = g_strdup (text);
  return mask;
}

static guint32
take_int64 (gint64   *member,
            GVariant *value,
            guint32   mask)
{
  gint64 number = g_variant_get_int64 (value);

  if (*member == number)
    return 0;

  *member = number;
  return mask;
}

static guint32
take_uint64 (guint64  *member,
             GVariant *value,
             guint32   mask)
{
  guint64 number = g_variant_get_uint64 (value);

  if (*member == number)
    return 0;

  *member = number;
  return mask;
}

/* A copy, as a part keeps the whole message alive that it came in. */
static guint32
take_dict (GVariant **member,
           GVariant  *value,
           guint32    mask)
{
  gboolean is_empty = g_variant_n_children (value) == 0;
  gsize size;

  if (is_empty ? *member == NULL : *member != NULL && g_variant_equal (*member, value))
    return 0;

  g_clear_pointer (member, g_variant_unref);
  if (!is_empty)
    {
      gpointer copy;

      size = g_variant_get_size (value);
      copy = g_malloc (size);
      g_variant_store (value, copy);
      *member = g_variant_ref_sink (g_variant_new_from_data (g_variant_get_type (value), copy, size,
                                                             TRUE, g_free, copy));
    }
  return mask;
}

#define TAKE_STRING(function, member, property) \
  static guint32 \
  function (FerryTask *self, \
            GVariant  *value) \
  { \
    return take_string (&self->member, g_variant_get_string (value, NULL), BIT (property)); \
  }

#define TAKE_NUMBER(function, type, member, property) \
  static guint32 \
  function (FerryTask *self, \
            GVariant  *value) \
  { \
    return take_##type (&self->member, value, BIT (property)); \
  }

TAKE_STRING (take_url, url, URL)
TAKE_STRING (take_current_url, current_url, CURRENT_URL)
TAKE_STRING (take_file_name, file_name, FILE_NAME)
TAKE_STRING (take_path, path, PATH)
TAKE_STRING (take_description, description, DESCRIPTION)
TAKE_NUMBER (take_received, int64, bytes_received, BYTES_RECEIVED)
TAKE_NUMBER (take_expected, int64, bytes_expected_to_receive, BYTES_EXPECTED_TO_RECEIVE)
TAKE_NUMBER (take_rate, uint64, rate, RATE)
TAKE_NUMBER (take_download_limit, uint64, download_limit, DOWNLOAD_LIMIT)
TAKE_NUMBER (take_not_before, int64, not_before, NOT_BEFORE)
TAKE_NUMBER (take_retry_at, int64, retry_at, RETRY_AT)
TAKE_NUMBER (take_started_over, int64, started_over, STARTED_OVER)
TAKE_NUMBER (take_created, int64, created, CREATED)
TAKE_NUMBER (take_finished, int64, finished, FINISHED)
TAKE_NUMBER (take_reason_details, dict, reason_details, REASON_DETAILS)
TAKE_NUMBER (take_digest, dict, digest, DIGEST)

static guint32
take_kind (FerryTask *self,
           GVariant  *value)
{
  FerryTaskKind kind;

  if (!ferry_task_kind_from_string (g_variant_get_string (value, NULL), &kind) ||
      self->kind == (guint) kind)
    return 0;

  self->kind = kind;
  return BIT (KIND);
}

static guint32
take_state (FerryTask *self,
            GVariant  *value)
{
  gboolean was_over = ferry_task_is_over (self);
  FerryTaskState state;

  if (!ferry_task_state_from_string (g_variant_get_string (value, NULL), &state) ||
      self->state == (guint) state)
    return 0;

  self->state = state;
  return BIT (STATE) | (ferry_task_is_over (self) != was_over ? BIT (OVER) : 0);
}

gboolean
ferry_task_parse_reason (const char      *word,
                         FerryWaitReason *reason)
{
  for (guint i = 0; i < FERRY_N_WAIT_REASONS; i++)
    {
      *reason = (FerryWaitReason) i;
      if (g_str_equal (ferry_wait_reason_to_string (*reason), word))
        return TRUE;
    }

  return FALSE;
}

static guint32
take_reason (FerryTask *self,
             GVariant  *value)
{
  gboolean needed_person = ferry_task_needs_person (self);
  FerryWaitReason reason;

  if (!ferry_task_parse_reason (g_variant_get_string (value, NULL), &reason) ||
      self->reason == (guint) reason)
    return 0;

  self->reason = reason;
  return BIT (REASON) |
         (ferry_task_needs_person (self) != needed_person ? BIT (NEEDS_PERSON) : 0);
}

static guint32
take_phase (FerryTask *self,
            GVariant  *value)
{
  const char *word = g_variant_get_string (value, NULL);

  if (g_strcmp0 (self->phase != NULL ? self->phase : "", word) == 0)
    return 0;

  /* There are a handful of them. */
  self->phase = *word != '\0' ? g_intern_string (word) : NULL;
  return BIT (PHASE);
}

static guint32
take_priority (FerryTask *self,
               GVariant  *value)
{
  double priority = g_variant_get_double (value);

  if (priority >= self->priority && priority <= self->priority)
    return 0;

  self->priority = priority;
  return BIT (PRIORITY);
}

static guint32
take_session (FerryTask *self,
              GVariant  *value)
{
  guint64 number = ferry_path_parse_session (g_variant_get_string (value, NULL));

  if (self->session == number)
    return 0;

  self->session = number;
  return BIT (SESSION_NUMBER);
}

static guint32
take_error (FerryTask *self,
            GVariant  *value)
{
  g_autoptr(GVariant) name = g_variant_get_child_value (value, 0);
  g_autoptr(GVariant) message = g_variant_get_child_value (value, 1);
  g_autoptr(GError) error = ferry_task_make_error (g_variant_get_string (name, NULL),
                                                   g_variant_get_string (message, NULL));

  if (error == NULL ? self->error == NULL
                    : self->error != NULL && self->error->domain == error->domain &&
                      self->error->code == error->code &&
                      g_str_equal (self->error->message, error->message))
    return 0;

  g_clear_error (&self->error);
  self->error = g_steal_pointer (&error);
  return BIT (ERROR);
}

/* Headers and status are for those who ask for all that there is. */
static guint32
take_response (FerryTask *self,
               GVariant  *value)
{
  const char *mime_type = "";
  gboolean length_verified = FALSE;
  guint32 mask;

  (void) g_variant_lookup (value, "mime-type", "&s", &mime_type);             /* else empty */
  (void) g_variant_lookup (value, "length-verified", "b", &length_verified);  /* else FALSE */
  mask = take_string (&self->mime_type, mime_type, BIT (MIME_TYPE));
  if (self->length_verified == (guint) length_verified)
    return mask;

  self->length_verified = (guint) length_verified;
  return mask | BIT (LENGTH_VERIFIED);
}

/* By name. */
static const Field fields[] = {
  { "BytesExpectedToReceive", "x", TRUE, take_expected },
  { "BytesReceived", "x", TRUE, take_received },
  { "Created", "x", TRUE, take_created },
  { "CurrentUrl", "s", FALSE, take_current_url },
  { "Description", "s", TRUE, take_description },
  { "Digest", "a{sv}", TRUE, take_digest },
  { "DownloadLimit", "t", TRUE, take_download_limit },
  { "Error", "(ss)", TRUE, take_error },
  { "FileName", "s", TRUE, take_file_name },
  { "Finished", "x", TRUE, take_finished },
  { "Kind", "s", TRUE, take_kind },
  { "NotBefore", "x", TRUE, take_not_before },
  { "Path", "s", TRUE, take_path },
  { "Phase", "s", TRUE, take_phase },
  { "Priority", "d", TRUE, take_priority },
  { "Rate", "t", TRUE, take_rate },
  { "Reason", "s", TRUE, take_reason },
  { "ReasonDetails", "a{sv}", TRUE, take_reason_details },
  { "Response", "a{sv}", TRUE, take_response },
  { "RetryAt", "x", TRUE, take_retry_at },
  { "Session", "o", TRUE, take_session },
  { "StartedOver", "x", TRUE, take_started_over },
  { "State", "s", TRUE, take_state },
  { "Url", "s", TRUE, take_url },
};

G_STATIC_ASSERT (G_N_ELEMENTS (fields) <= 32);

static int
compare_name (const void *name,
              const void *field)
{
  return strcmp (name, ((const Field *) field)->name);
}

const char * const *
ferry_task_get_listed_properties (void)
{
  static const char *names[G_N_ELEMENTS (fields) + 1];
  static gsize is_made = 0;

  if (g_once_init_enter (&is_made))
    {
      guint n = 0;

      for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
        {
          if (fields[i].is_listed)
            names[n++] = fields[i].name;
        }
      g_once_init_leave (&is_made, 1);
    }

  return names;
}

/* What the bus says is usual. Returns: (transfer full) (nullable): NULL: nothing is */
static GVariant *
make_usual (const Field *field)
{
  GVariant *value = NULL;

  if (g_str_equal (field->type, "s"))
    value = g_variant_new_string ("");
  else if (g_str_equal (field->type, "x"))
    value = g_variant_new_int64 (field->take == take_expected ? -1 : 0);
  else if (g_str_equal (field->type, "t"))
    value = g_variant_new_uint64 (0);
  else if (g_str_equal (field->type, "d"))
    value = g_variant_new_double (USUAL_PRIORITY);
  else if (g_str_equal (field->type, "(ss)"))
    value = g_variant_new ("(ss)", "", "");
  else if (g_str_equal (field->type, "a{sv}"))
    value = g_variant_new (field->type, NULL);

  return value != NULL ? g_variant_ref_sink (value) : NULL;
}

/* @told: a mask of places in the table: what was in the snapshot of a list. */
static guint32
take_usual (FerryTask *self,
            guint32    told)
{
  guint32 changed = 0;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autoptr(GVariant) usual = NULL;

      if (!fields[i].is_listed || (told & (1u << i)) != 0)
        continue;
      usual = make_usual (&fields[i]);
      if (usual != NULL)
        changed |= fields[i].take (self, usual);
    }

  return changed;
}

guint32
ferry_task_take_snapshot (FerryTask *self,
                          GVariant  *snapshot,
                          gboolean   is_listed)
{
  gsize n = g_variant_n_children (snapshot);
  guint32 changed = 0;
  guint32 told = 0;

  /* Not with formats: those with a `&` first make one piece of what they look at. */
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (snapshot, i);
      g_autoptr(GVariant) name = g_variant_get_child_value (entry, 0);
      g_autoptr(GVariant) boxed = g_variant_get_child_value (entry, 1);
      g_autoptr(GVariant) value = g_variant_get_variant (boxed);
      const Field *field = bsearch (g_variant_get_string (name, NULL), fields,
                                    G_N_ELEMENTS (fields), sizeof *fields, compare_name);

      if (field != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE (field->type)))
        {
          changed |= field->take (self, value);
          told |= 1u << (field - fields);
        }
    }

  /* One that is new begins with what is usual. */
  if (is_listed && self->is_loaded)
    changed |= take_usual (self, told);
  return changed;
}

GError *
ferry_task_make_error (const char *name,
                       const char *message)
{
  FerryError code;

  if (*name == '\0')
    return NULL;
  if (ferry_error_from_bus_name (name, &code))
    return g_error_new_literal (FERRY_ERROR, (int) code, message);

  return g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", name, message);
}
