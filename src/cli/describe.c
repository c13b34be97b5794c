/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-describe"

#include "config.h"

#include <string.h>

#include "common/file-name.h"
#include "common/url.h"
#include "describe.h"
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

/**
 * ferry_describe_name:
 * @task: a task
 *
 * Returns: what to call it: the file's name, before it is known the one that its address leads to
 * expect
 */
char *
ferry_describe_name (FerryTask *task)
{
  const char *url = ferry_task_get_url (task);
  const char *file_name = ferry_task_get_file_name (task);
  g_autofree char *name = NULL;

  if (file_name != NULL && *file_name != '\0')
    return ferry_words_printable (file_name);

  name = ferry_file_name_from_url (url != NULL ? url : "");
  if (name != NULL)
    return ferry_words_printable (name);

  return ferry_describe_address (task);
}

/**
 * ferry_describe_address:
 * @task: a task
 *
 * Returns: its address, without user, query and fragment
 */
char *
ferry_describe_address (FerryTask *task)
{
  const char *url = ferry_task_get_url (task);
  g_autofree char *address = ferry_url_for_log (url != NULL ? url : "");

  return ferry_words_printable (address);
}

/**
 * ferry_describe_state:
 * @task: a task
 *
 * Returns: where it stands; empty while bytes move, which is told in numbers
 */
char *
ferry_describe_state (FerryTask *task)
{
  FerryTaskState state = ferry_task_get_state (task);

  if (state == FERRY_TASK_STATE_WAITING)
    {
      g_autofree char *reason = ferry_words_reason (ferry_task_get_reason (task),
                                                    ferry_task_get_reason_details (task));

      return g_strconcat ("waiting: ", reason, NULL);
    }
  if (state != FERRY_TASK_STATE_RUNNING)
    return g_strdup (ferry_task_state_to_string (state));

  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    {
      if (g_strcmp0 (phases[i].word, ferry_task_get_phase (task)) == 0)
        return g_strdup (phases[i].text);
    }

  return g_strdup ("");
}

/* NULL: nothing was compared. */
static char *
describe_digest (FerryTask *task)
{
  GVariant *digest = ferry_task_get_digest (task);
  const char *algorithm;
  gboolean verified = FALSE;

  if (digest == NULL || !g_variant_lookup (digest, "verified", "b", &verified) || !verified ||
      !g_variant_lookup (digest, "algorithm", "&s", &algorithm))
    return NULL;

  return ferry_words_printable (algorithm);
}

/**
 * ferry_describe_result:
 * @task: a finished task
 *
 * Returns: where the file is, its size, and what is known about the bytes being the right ones
 */
char *
ferry_describe_result (FerryTask *task)
{
  const char *path = ferry_task_get_path (task);
  g_autofree char *size = ferry_words_size (ferry_task_get_bytes_received (task));
  g_autofree char *algorithm = describe_digest (task);
  g_autofree char *where = NULL;

  where = path != NULL && *path != '\0' ? ferry_words_printable (path)
                                        : ferry_describe_name (task);
  if (algorithm != NULL)
    return g_strdup_printf ("%s (%s, %s verified)", where, size, algorithm);
  if (!ferry_task_get_length_verified (task))
    return g_strdup_printf ("%s (%s; the server did not say how long it is, so that it may be"
                            " incomplete)", where, size);

  return g_strdup_printf ("%s (%s)", where, size);
}

/**
 * ferry_describe_error:
 * @task: a task that failed, or needs a person
 *
 * Returns: what is wrong
 */
char *
ferry_describe_error (FerryTask *task)
{
  const GError *error = ferry_task_get_error (task);
  g_autofree char *reason = NULL;
  g_autofree char *message = NULL;

  if (ferry_task_get_state (task) == FERRY_TASK_STATE_FAILED)
    return ferry_words_trouble (error);

  reason = ferry_words_reason (ferry_task_get_reason (task),
                               ferry_task_get_reason_details (task));
  message = ferry_words_printable (error != NULL ? error->message : "");
  if (*message == '\0')
    return g_steal_pointer (&reason);

  return g_strdup_printf ("%s (%s)", reason, message);
}

/**
 * ferry_describe_percent:
 * @task: a task
 *
 * Returns: how much is here, rounded down; −1: unknown
 */
int
ferry_describe_percent (FerryTask *task)
{
  gint64 received = ferry_task_get_bytes_received (task);
  gint64 expected = ferry_task_get_bytes_expected_to_receive (task);

  if (ferry_task_get_state (task) == FERRY_TASK_STATE_FINISHED)
    return 100;
  if (expected <= 0 || received < 0)
    return -1;

  return (int) (100.0 * (double) MIN (received, expected) / (double) expected);
}
