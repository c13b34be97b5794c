/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-task"

#include "config.h"

#include "ferry-task-private.h"

#define READABLE (G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS)

static GParamSpec *properties[FERRY_TASK_N_PROPERTIES];

/* Those that are words and values of their own. */
static gboolean
get_value (FerryTask *self,
           guint      id,
           GValue    *value)
{
  switch (id)
    {
    case FERRY_TASK_PROP_KIND:
      g_value_set_enum (value, ferry_task_get_kind (self));
      break;
    case FERRY_TASK_PROP_STATE:
      g_value_set_enum (value, ferry_task_get_state (self));
      break;
    case FERRY_TASK_PROP_REASON:
      g_value_set_enum (value, ferry_task_get_reason (self));
      break;
    case FERRY_TASK_PROP_REASON_DETAILS:
      g_value_set_variant (value, ferry_task_get_reason_details (self));
      break;
    case FERRY_TASK_PROP_PHASE:
      g_value_set_string (value, ferry_task_get_phase (self));
      break;
    case FERRY_TASK_PROP_ERROR:
      g_value_set_boxed (value, ferry_task_get_error (self));
      break;
    case FERRY_TASK_PROP_URL:
      g_value_set_string (value, ferry_task_get_url (self));
      break;
    case FERRY_TASK_PROP_CURRENT_URL:
      g_value_set_string (value, ferry_task_get_current_url (self));
      break;
    case FERRY_TASK_PROP_FILE_NAME:
      g_value_set_string (value, ferry_task_get_file_name (self));
      break;
    case FERRY_TASK_PROP_PATH:
      g_value_set_string (value, ferry_task_get_path (self));
      break;
    case FERRY_TASK_PROP_MIME_TYPE:
      g_value_set_string (value, ferry_task_get_mime_type (self));
      break;
    case FERRY_TASK_PROP_DESCRIPTION:
      g_value_set_string (value, ferry_task_get_description (self));
      break;
    case FERRY_TASK_PROP_DIGEST:
      g_value_set_variant (value, ferry_task_get_digest (self));
      break;
    default:
      return FALSE;
    }

  return TRUE;
}

static void
get_property (GObject    *object,
                         guint       id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  FerryTask *self = FERRY_TASK (object);

  switch (id)
    {
    case FERRY_TASK_PROP_NUMBER:
      g_value_set_uint64 (value, ferry_task_get_number (self));
      break;
    case FERRY_TASK_PROP_SESSION_NUMBER:
      g_value_set_uint64 (value, ferry_task_get_session_number (self));
      break;
    case FERRY_TASK_PROP_BYTES_RECEIVED:
      g_value_set_int64 (value, ferry_task_get_bytes_received (self));
      break;
    case FERRY_TASK_PROP_BYTES_EXPECTED_TO_RECEIVE:
      g_value_set_int64 (value, ferry_task_get_bytes_expected_to_receive (self));
      break;
    case FERRY_TASK_PROP_RATE:
      g_value_set_uint64 (value, ferry_task_get_rate (self));
      break;
    case FERRY_TASK_PROP_PRIORITY:
      g_value_set_double (value, ferry_task_get_priority (self));
      break;
    case FERRY_TASK_PROP_DOWNLOAD_LIMIT:
      g_value_set_uint64 (value, ferry_task_get_download_limit (self));
      break;
    case FERRY_TASK_PROP_NOT_BEFORE:
      g_value_set_int64 (value, ferry_task_get_not_before (self));
      break;
    case FERRY_TASK_PROP_RETRY_AT:
      g_value_set_int64 (value, ferry_task_get_retry_at (self));
      break;
    case FERRY_TASK_PROP_STARTED_OVER:
      g_value_set_int64 (value, ferry_task_get_started_over (self));
      break;
    case FERRY_TASK_PROP_CREATED:
      g_value_set_int64 (value, ferry_task_get_created (self));
      break;
    case FERRY_TASK_PROP_FINISHED:
      g_value_set_int64 (value, ferry_task_get_finished (self));
      break;
    case FERRY_TASK_PROP_LENGTH_VERIFIED:
      g_value_set_boolean (value, ferry_task_get_length_verified (self));
      break;
    case FERRY_TASK_PROP_OVER:
      g_value_set_boolean (value, ferry_task_is_over (self));
      break;
    case FERRY_TASK_PROP_NEEDS_PERSON:
      g_value_set_boolean (value, ferry_task_needs_person (self));
      break;
    case FERRY_TASK_PROP_REMOVED:
      g_value_set_boolean (value, ferry_task_is_removed (self));
      break;
    default:
      if (!get_value (self, id, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
install_words (void)
{
  /**
   * FerryTask:number:
   *
   * What the service calls it. It is never used again.
   */
  properties[FERRY_TASK_PROP_NUMBER] =
    g_param_spec_uint64 ("number", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * FerryTask:session-number:
   *
   * The number of the session that it belongs to; 0 while that is not known.
   */
  properties[FERRY_TASK_PROP_SESSION_NUMBER] =
    g_param_spec_uint64 ("session-number", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * FerryTask:kind:
   *
   * What it carries.
   */
  properties[FERRY_TASK_PROP_KIND] =
    g_param_spec_enum ("kind", NULL, NULL, FERRY_TYPE_TASK_KIND,
                       FERRY_TASK_KIND_DOWNLOAD, READABLE);

  /**
   * FerryTask:state:
   *
   * Where it stands.
   */
  properties[FERRY_TASK_PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, FERRY_TYPE_TASK_STATE,
                       FERRY_TASK_STATE_SUSPENDED, READABLE);

  /**
   * FerryTask:reason:
   *
   * Why it waits.
   */
  properties[FERRY_TASK_PROP_REASON] =
    g_param_spec_enum ("reason", NULL, NULL, FERRY_TYPE_WAIT_REASON,
                       FERRY_WAIT_REASON_NONE, READABLE);

  /**
   * FerryTask:reason-details:
   *
   * More of the reason, an `a{sv}`; %NULL where there is none.
   */
  properties[FERRY_TASK_PROP_REASON_DETAILS] =
    g_param_spec_variant ("reason-details", NULL, NULL, G_VARIANT_TYPE_VARDICT, NULL, READABLE);

  /**
   * FerryTask:phase:
   *
   * What it does while it runs; empty in all other states.
   */
  properties[FERRY_TASK_PROP_PHASE] = g_param_spec_string ("phase", NULL, NULL, NULL, READABLE);

  /**
   * FerryTask:error:
   *
   * Why it failed, or why it waits for somebody.
   */
  properties[FERRY_TASK_PROP_ERROR] =
    g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, READABLE);
}

static void
install_names (void)
{
  /**
   * FerryTask:url:
   *
   * The address, as given last.
   */
  properties[FERRY_TASK_PROP_URL] = g_param_spec_string ("url", NULL, NULL, NULL, READABLE);

  /**
   * FerryTask:current-url:
   *
   * The address after redirects, where it is known.
   */
  properties[FERRY_TASK_PROP_CURRENT_URL] =
    g_param_spec_string ("current-url", NULL, NULL, NULL, READABLE);

  /**
   * FerryTask:file-name:
   *
   * What the file is called, or is to be called; empty: not known yet.
   */
  properties[FERRY_TASK_PROP_FILE_NAME] =
    g_param_spec_string ("file-name", NULL, NULL, NULL, READABLE);

  /**
   * FerryTask:path:
   *
   * The finished file, before that the part file; empty where there is neither.
   */
  properties[FERRY_TASK_PROP_PATH] = g_param_spec_string ("path", NULL, NULL, NULL, READABLE);

  /**
   * FerryTask:mime-type:
   *
   * What the server calls the content, where it is known.
   */
  properties[FERRY_TASK_PROP_MIME_TYPE] =
    g_param_spec_string ("mime-type", NULL, NULL, NULL, READABLE);

  /**
   * FerryTask:description:
   *
   * The words of the program that made it.
   */
  properties[FERRY_TASK_PROP_DESCRIPTION] =
    g_param_spec_string ("description", NULL, NULL, NULL, READABLE);
}

static void
install_numbers (void)
{
  /**
   * FerryTask:bytes-received:
   *
   * Bytes of the file that are here.
   */
  properties[FERRY_TASK_PROP_BYTES_RECEIVED] =
    g_param_spec_int64 ("bytes-received", NULL, NULL, 0, G_MAXINT64, 0, READABLE);

  /**
   * FerryTask:bytes-expected-to-receive:
   *
   * Bytes of the whole file; −1: unknown.
   */
  properties[FERRY_TASK_PROP_BYTES_EXPECTED_TO_RECEIVE] =
    g_param_spec_int64 ("bytes-expected-to-receive", NULL, NULL, -1, G_MAXINT64, -1, READABLE);

  /**
   * FerryTask:rate:
   *
   * Bytes a second, over the last seconds.
   */
  properties[FERRY_TASK_PROP_RATE] =
    g_param_spec_uint64 ("rate", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);

  /**
   * FerryTask:priority:
   *
   * 0 to 1; of the tasks that wait, those with more run first.
   */
  properties[FERRY_TASK_PROP_PRIORITY] =
    g_param_spec_double ("priority", NULL, NULL, 0, 1, 0.5, READABLE);

  /**
   * FerryTask:download-limit:
   *
   * Bytes a second; 0: no limit of its own.
   */
  properties[FERRY_TASK_PROP_DOWNLOAD_LIMIT] =
    g_param_spec_uint64 ("download-limit", NULL, NULL, 0, G_MAXUINT64, 0, READABLE);
}

static void
install_times (void)
{
  /**
   * FerryTask:not-before:
   *
   * The time before which it does not run, in µs of Unix time; 0: any.
   */
  properties[FERRY_TASK_PROP_NOT_BEFORE] =
    g_param_spec_int64 ("not-before", NULL, NULL, 0, G_MAXINT64, 0, READABLE);

  /**
   * FerryTask:retry-at:
   *
   * When it tries again, in µs of Unix time; 0: no time is set.
   */
  properties[FERRY_TASK_PROP_RETRY_AT] =
    g_param_spec_int64 ("retry-at", NULL, NULL, 0, G_MAXINT64, 0, READABLE);

  /**
   * FerryTask:started-over:
   *
   * When bytes had to be thrown away, in µs of Unix time; 0: never.
   */
  properties[FERRY_TASK_PROP_STARTED_OVER] =
    g_param_spec_int64 ("started-over", NULL, NULL, 0, G_MAXINT64, 0, READABLE);

  /**
   * FerryTask:created:
   *
   * When it was made, in µs of Unix time.
   */
  properties[FERRY_TASK_PROP_CREATED] =
    g_param_spec_int64 ("created", NULL, NULL, 0, G_MAXINT64, 0, READABLE);

  /**
   * FerryTask:finished:
   *
   * When it was over, in µs of Unix time; 0: it is not.
   */
  properties[FERRY_TASK_PROP_FINISHED] =
    g_param_spec_int64 ("finished", NULL, NULL, 0, G_MAXINT64, 0, READABLE);
}

static void
install_answers (void)
{
  /**
   * FerryTask:digest:
   *
   * The digest of the bytes, an `a{sv}`; %NULL where there is none.
   */
  properties[FERRY_TASK_PROP_DIGEST] =
    g_param_spec_variant ("digest", NULL, NULL, G_VARIANT_TYPE_VARDICT, NULL, READABLE);

  /**
   * FerryTask:length-verified:
   *
   * Whether the length shows that the finished file is whole; %FALSE until it is finished.
   */
  properties[FERRY_TASK_PROP_LENGTH_VERIFIED] =
    g_param_spec_boolean ("length-verified", NULL, NULL, FALSE, READABLE);

  /**
   * FerryTask:over:
   *
   * Whether it will not move any more unless somebody asks for it.
   */
  properties[FERRY_TASK_PROP_OVER] = g_param_spec_boolean ("over", NULL, NULL, FALSE, READABLE);

  /**
   * FerryTask:needs-person:
   *
   * Whether it waits for what only a person can do.
   */
  properties[FERRY_TASK_PROP_NEEDS_PERSON] =
    g_param_spec_boolean ("needs-person", NULL, NULL, FALSE, READABLE);

  /**
   * FerryTask:removed:
   *
   * Whether the service has it no more.
   */
  properties[FERRY_TASK_PROP_REMOVED] =
    g_param_spec_boolean ("removed", NULL, NULL, FALSE, READABLE);
}

void
ferry_task_install_properties (GObjectClass *object_class)
{
  object_class->get_property = get_property;
  install_words ();
  install_names ();
  install_numbers ();
  install_times ();
  install_answers ();
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

void
ferry_task_notify (FerryTask *self,
                   guint32    changed)
{
  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 1; i < FERRY_TASK_N_PROPERTIES; i++)
    {
      if ((changed & (1u << i)) != 0)
        g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}
