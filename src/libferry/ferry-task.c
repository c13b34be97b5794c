/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-task"

#include "config.h"

#include "ferry-task-private.h"

/**
 * FerryTask:
 *
 * One transfer, as the service last told of it.
 *
 * A task is kept up to date for as long as its session is open in this program, or the client
 * watches: properties change, and say so with `notify`. A client has one object for each number,
 * however it was got. Verbs ask the service; what they cause is seen in the properties.
 *
 * The signals are those of the service. Those of a time in which it was away do not come again;
 * the properties say then what has become of the task.
 */
G_DEFINE_FINAL_TYPE (FerryTask, ferry_task, G_TYPE_OBJECT)

enum
{
  DID_WRITE_DATA,
  DID_RESUME_AT_OFFSET,
  WILL_PERFORM_REDIRECTION,
  IS_WAITING,
  NEED_NEW_URL,
  DID_FINISH_DOWNLOADING,
  DID_COMPLETE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* --- GObject --- */

static void
ferry_task_finalize (GObject *object)
{
  FerryTask *self = FERRY_TASK (object);

  ferry_link_forget_task (self->link, self);
  g_object_unref (self->link);
  g_free (self->url);
  g_free (self->current_url);
  g_free (self->file_name);
  g_free (self->path);
  g_free (self->mime_type);
  g_free (self->description);
  g_clear_pointer (&self->reason_details, g_variant_unref);
  g_clear_pointer (&self->digest, g_variant_unref);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (ferry_task_parent_class)->finalize (object);
}

static void
install_signals (void)
{
  /**
   * FerryTask::did-write-data:
   * @self: a task
   * @chunk: bytes that came since the last signal
   * @total: bytes that are here
   * @expected: bytes of the whole file; −1: unknown
   *
   * Bytes have come.
   *
   * At most four times a second, and only to those who have chosen `DidWriteData` with
   * [method@Ferry.Session.set_delegate_async].
   */
  signals[DID_WRITE_DATA] =
    g_signal_new ("did-write-data", FERRY_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 3, G_TYPE_INT64, G_TYPE_INT64, G_TYPE_INT64);

  /**
   * FerryTask::did-resume-at-offset:
   * @self: a task
   * @offset: bytes that were here before and are kept
   * @expected: bytes of the whole file; −1: unknown
   *
   * It goes on where it stood.
   */
  signals[DID_RESUME_AT_OFFSET] =
    g_signal_new ("did-resume-at-offset", FERRY_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_INT64);

  /**
   * FerryTask::will-perform-redirection:
   * @self: a task
   * @status: of the server's answer, such as 302
   * @url: where to, without a user part
   *
   * The server has sent it elsewhere.
   */
  signals[WILL_PERFORM_REDIRECTION] =
    g_signal_new ("will-perform-redirection", FERRY_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_STRING);

  /**
   * FerryTask::is-waiting:
   * @self: a task
   * @reason: what for
   *
   * It begins to wait, or waits for something else than before.
   */
  signals[IS_WAITING] =
    g_signal_new ("is-waiting", FERRY_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, FERRY_TYPE_WAIT_REASON);

  /**
   * FerryTask::need-new-url:
   * @self: a task
   * @serial: of the event `new-url`
   *
   * The address has expired.
   *
   * It waits for [method@Ferry.Task.set_url_async]; the bytes are kept.
   */
  signals[NEED_NEW_URL] =
    g_signal_new ("need-new-url", FERRY_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_UINT64);

  /**
   * FerryTask::did-finish-downloading:
   * @self: a task
   * @serial: of the event `finished`
   * @path: the file; bytes that are not UTF-8 are percent-encoded
   *
   * The file is where it belongs.
   *
   * [signal@Ferry.Task::did-complete] with the same serial follows.
   */
  signals[DID_FINISH_DOWNLOADING] =
    g_signal_new ("did-finish-downloading", FERRY_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_STRING);

  /**
   * FerryTask::did-complete:
   * @self: a task
   * @serial: of the event `finished`, `failed` or `cancelled`
   * @error: (nullable): why it failed, or %FERRY_ERROR_CANCELLED; %NULL: it is finished
   *
   * It is over.
   *
   * It does not move any more unless somebody asks for it.
   */
  signals[DID_COMPLETE] =
    g_signal_new ("did-complete", FERRY_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_ERROR);
}

static void
ferry_task_class_init (FerryTaskClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ferry_task_finalize;
  ferry_task_install_properties (object_class);
  install_signals ();
}

static void
ferry_task_init (FerryTask *self)
{
  self->bytes_expected_to_receive = -1;
  self->priority = 0.5;
}

FerryTask *
ferry_task_new (FerryLink *link,
                guint64    number)
{
  FerryTask *self = g_object_new (FERRY_TYPE_TASK, NULL);

  self->link = g_object_ref (link);
  self->number = number;
  return self;
}

static void
update (FerryTask *self,
        GVariant  *snapshot,
        gboolean   is_listed)
{
  guint32 changed = ferry_task_take_snapshot (self, snapshot, is_listed);

  /* What is read for the first time is not in anybody's hands yet. */
  if (!self->is_loaded)
    {
      self->is_loaded = TRUE;
      return;
    }

  ferry_task_notify (self, changed);
}

void
ferry_task_update (FerryTask *self,
                   GVariant  *snapshot)
{
  update (self, snapshot, FALSE);
}

void
ferry_task_update_listed (FerryTask *self,
                          GVariant  *snapshot)
{
  update (self, snapshot, TRUE);
}

void
ferry_task_note_removed (FerryTask *self)
{
  if (self->is_removed)
    return;

  self->is_removed = TRUE;
  ferry_task_notify (self, 1u << FERRY_TASK_PROP_REMOVED);
}

static void
complete (FerryTask *self,
          GVariant  *parameters)
{
  g_autoptr(GError) error = NULL;
  const char *name;
  const char *message;
  guint64 serial;

  g_variant_get (parameters, "(t&s&s)", &serial, &name, &message);
  error = ferry_task_make_error (name, message);
  g_signal_emit (self, signals[DID_COMPLETE], 0, serial, error);
}

static void
emit (FerryTask *self,
      guint      signal,
      GVariant  *parameters)
{
  const char *text;
  guint64 serial;
  gint64 numbers[3];
  FerryWaitReason reason;
  guint status;

  switch (signal)
    {
    case DID_WRITE_DATA:
      g_variant_get (parameters, "(xxx)", &numbers[0], &numbers[1], &numbers[2]);
      g_signal_emit (self, signals[signal], 0, numbers[0], numbers[1], numbers[2]);
      break;
    case DID_RESUME_AT_OFFSET:
      g_variant_get (parameters, "(xx)", &numbers[0], &numbers[1]);
      g_signal_emit (self, signals[signal], 0, numbers[0], numbers[1]);
      break;
    case WILL_PERFORM_REDIRECTION:
      g_variant_get (parameters, "(u&s)", &status, &text);
      g_signal_emit (self, signals[signal], 0, status, text);
      break;
    case IS_WAITING:
      g_variant_get (parameters, "(&s)", &text);
      if (ferry_task_parse_reason (text, &reason))
        g_signal_emit (self, signals[signal], 0, reason);
      break;
    case NEED_NEW_URL:
      g_variant_get (parameters, "(t)", &serial);
      g_signal_emit (self, signals[signal], 0, serial);
      break;
    case DID_FINISH_DOWNLOADING:
      g_variant_get (parameters, "(t&s)", &serial, &text);
      g_signal_emit (self, signals[signal], 0, serial, text);
      break;
    default:
      complete (self, parameters);
    }
}

void
ferry_task_handle_signal (FerryTask  *self,
                          const char *member,
                          GVariant   *parameters)
{
  static const struct
  {
    const char *member;
    const char *type;
  } forms[] = {
    [DID_WRITE_DATA] = { "DidWriteData", "(xxx)" },
    [DID_RESUME_AT_OFFSET] = { "DidResumeAtOffset", "(xx)" },
    [WILL_PERFORM_REDIRECTION] = { "WillPerformRedirection", "(us)" },
    [IS_WAITING] = { "IsWaiting", "(s)" },
    [NEED_NEW_URL] = { "NeedNewUrl", "(t)" },
    [DID_FINISH_DOWNLOADING] = { "DidFinishDownloading", "(ts)" },
    [DID_COMPLETE] = { "DidComplete", "(tss)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      if (g_str_equal (member, forms[i].member) &&
          g_variant_is_of_type (parameters, G_VARIANT_TYPE (forms[i].type)))
        emit (self, i, parameters);
    }
}
