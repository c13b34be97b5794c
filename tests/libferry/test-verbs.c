/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each verb, when it is cancelled at once, and when the last reference is dropped in mid-call. */
#define G_LOG_DOMAIN "test-verbs"

#include "config.h"

#include <unistd.h>

#include "guest.h"

/* Who is asked. */
typedef struct
{
  FerryClient  *client;   /* owned */
  FerrySession *session;  /* owned */
  FerryTask    *task;     /* owned */
  GBytes       *data;     /* owned; resume data of nothing */
} Cast;

static void
cast_clear (Cast *self)
{
  g_clear_object (&self->task);
  g_clear_object (&self->session);
  g_clear_object (&self->client);
  g_clear_pointer (&self->data, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cast, cast_clear)

typedef void (* BeginFunc) (Cast                *cast,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data);

typedef void (* EndFunc)   (GObject       *source,
                            GAsyncResult  *result,
                            GError       **error);

typedef struct
{
  const char *name;
  BeginFunc   begin;
  EndFunc     end;
} Verb;

static void
drop_nothing (gboolean answer)
{
}

static void
close_file (int file)
{
  if (file >= 0)
    g_assert_no_errno (close (file));
}

#define VERB(cast_member, TYPE, type, verb, drop, ...) \
  static void \
  begin_##type##_##verb (Cast                *cast, \
                         GCancellable        *cancellable, \
                         GAsyncReadyCallback  callback, \
                         gpointer             user_data) \
  { \
    ferry_##type##_##verb##_async (cast->cast_member, ##__VA_ARGS__, cancellable, callback, \
                                   user_data); \
  } \
  static void \
  end_##type##_##verb (GObject       *source, \
                       GAsyncResult  *result, \
                       GError       **error) \
  { \
    drop (ferry_##type##_##verb##_finish (FERRY_##TYPE (source), result, error)); \
  }

#define DROP(type, function) \
  static void \
  drop_##type (gpointer answer) \
  { \
    g_clear_pointer (&answer, function); \
  }

DROP (object, g_object_unref)
DROP (array, g_ptr_array_unref)
DROP (variant, g_variant_unref)
DROP (bytes, g_bytes_unref)

#define URL "http://127.0.0.1:9/a"
static const char *const no_members[] = { NULL };

VERB (client, CLIENT, client, connect, drop_nothing)
VERB (client, CLIENT, client, open_session, drop_object, "guest", NULL)
VERB (client, CLIENT, client, watch, drop_nothing)
VERB (client, CLIENT, client, list_tasks, drop_array, NULL)
VERB (client, CLIENT, client, load_task, drop_object, 1)
VERB (client, CLIENT, client, probe, drop_variant, URL, NULL)
VERB (client, CLIENT, client, set_download_limit, drop_nothing, 0)
VERB (client, CLIENT, client, set_upload_limit, drop_nothing, 0)
VERB (session, SESSION, session, create_download_task, drop_object, URL, NULL)
VERB (session, SESSION, session, create_download_tasks, drop_array,
      g_variant_new_parsed ("@a(sa{sv}) [(%s, {}), (%s, {})]", URL, URL))
VERB (session, SESSION, session, create_download_task_with_resume_data, drop_object,
      cast->data, NULL)
VERB (session, SESSION, session, set_delegate, drop_nothing, no_members)
VERB (session, SESSION, session, get_events, drop_variant, 0, 0)
VERB (session, SESSION, session, acknowledge_events, drop_nothing, 0)
VERB (session, SESSION, session, finish_tasks_and_invalidate, drop_nothing)
VERB (session, SESSION, session, invalidate_and_cancel, drop_nothing)
VERB (session, SESSION, session, reset, drop_nothing)
VERB (task, TASK, task, load, drop_variant)
VERB (task, TASK, task, resume, drop_nothing)
VERB (task, TASK, task, suspend, drop_nothing)
VERB (task, TASK, task, cancel, drop_nothing)
VERB (task, TASK, task, cancel_by_producing_resume_data, drop_bytes)
VERB (task, TASK, task, get_resume_data, drop_bytes)
VERB (task, TASK, task, remove, drop_nothing, TRUE)
VERB (task, TASK, task, fetch_again, drop_object)
VERB (task, TASK, task, set_destination, drop_nothing, client_parse ("{'filename': <'b'>}"))
VERB (task, TASK, task, set_url, drop_nothing, URL)
VERB (task, TASK, task, open_result, close_file)
VERB (task, TASK, task, set_priority, drop_nothing, 0.25)
VERB (task, TASK, task, set_description, drop_nothing, "words")
VERB (task, TASK, task, set_download_limit, drop_nothing, 1000)

#define ENTRY(type, verb) { #type "-" #verb, begin_##type##_##verb, end_##type##_##verb }

static const Verb verbs[] = {
  ENTRY (client, connect),
  ENTRY (client, open_session),
  ENTRY (client, watch),
  ENTRY (client, list_tasks),
  ENTRY (client, load_task),
  ENTRY (client, probe),
  ENTRY (client, set_download_limit),
  ENTRY (client, set_upload_limit),
  ENTRY (session, create_download_task),
  ENTRY (session, create_download_tasks),
  ENTRY (session, create_download_task_with_resume_data),
  ENTRY (session, set_delegate),
  ENTRY (session, get_events),
  ENTRY (session, acknowledge_events),
  ENTRY (session, finish_tasks_and_invalidate),
  ENTRY (session, invalidate_and_cancel),
  ENTRY (session, reset),
  ENTRY (task, load),
  ENTRY (task, resume),
  ENTRY (task, suspend),
  ENTRY (task, cancel),
  ENTRY (task, cancel_by_producing_resume_data),
  ENTRY (task, get_resume_data),
  ENTRY (task, remove),
  ENTRY (task, fetch_again),
  ENTRY (task, set_destination),
  ENTRY (task, set_url),
  ENTRY (task, open_result),
  ENTRY (task, set_priority),
  ENTRY (task, set_description),
  ENTRY (task, set_download_limit),
};

static void
cast_init (Cast       *self,
           Fixture    *fixture,
           const char *identifier)
{
  self->data = g_bytes_new_static ("0123456789abcdef", 16);
  self->client = guest_new_client (fixture);
  self->session = guest_open (self->client, identifier);
  self->task = guest_create (self->session, URL, guest_options (fixture, FALSE));
}

/* The answer is that it was cancelled, before or after it was sent. */
static void
test_cancelled (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_auto(Cast) cast = { NULL };

  cast_init (&cast, fixture, "guest");
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    for (guint before = 0; before < 2; before++)
      {
        g_autoptr(GCancellable) cancellable = g_cancellable_new ();
        g_autoptr(GError) error = NULL;
        g_autoptr(GObject) source = NULL;
        g_auto(Answer) answer = { NULL };

        if (before == 1)
          g_cancellable_cancel (cancellable);
        verbs[i].begin (&cast, cancellable, answer_cb, &answer);
        g_assert_null (answer.result);
        g_cancellable_cancel (cancellable);
        source = g_async_result_get_source_object (answer_wait (&answer));
        verbs[i].end (source, answer.result, &error);
        if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
          g_error ("%s: %s", verbs[i].name, error != NULL ? error->message : "was done");
      }
}

/* The same of a client that has not found the bus yet. */
static void
test_cancelled_before_bus (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);

  for (gsize i = 0; i < G_N_ELEMENTS (verbs) && g_str_has_prefix (verbs[i].name, "client"); i++)
    {
      g_auto(Cast) cast = { .client = guest_new_client (fixture) };
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GError) error = NULL;
      g_auto(Answer) answer = { NULL };

      verbs[i].begin (&cast, cancellable, answer_cb, &answer);
      g_cancellable_cancel (cancellable);
      verbs[i].end (G_OBJECT (cast.client), answer_wait (&answer), &error);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      answer_clear (&answer);
      guest_drop (&cast.client);
    }
}

static void
note_gone (gpointer  gone,
           GObject  *where)
{
  (*(guint *) gone)++;
}

static gboolean
are_gone (gconstpointer gone)
{
  return *(const guint *) gone == 3;
}

/* All references are dropped while the call is under way; it ends, and everything with it. */
static void
test_dropped (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_auto(Cast) cast = { NULL };
      g_auto(Answer) answer = { NULL };
      guint n_gone = 0;

      cast_init (&cast, fixture, verbs[i].name);
      g_object_weak_ref (G_OBJECT (cast.client), note_gone, &n_gone);
      g_object_weak_ref (G_OBJECT (cast.session), note_gone, &n_gone);
      g_object_weak_ref (G_OBJECT (cast.task), note_gone, &n_gone);
      verbs[i].begin (&cast, NULL, answer_cb, &answer);
      cast_clear (&cast);
      (void) answer_wait (&answer);  /* done or refused: some cannot be done here */
      answer_clear (&answer);
      guest_wait (are_gone, &n_gone, verbs[i].name);
    }
}

/* Nobody waits for the answer either. */
static void
test_without_callback (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_auto(Cast) cast = { NULL };
  guint n_gone = 0;

  cast_init (&cast, fixture, "guest");
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    verbs[i].begin (&cast, NULL, NULL, NULL);
  g_object_weak_ref (G_OBJECT (cast.client), note_gone, &n_gone);
  g_object_weak_ref (G_OBJECT (cast.session), note_gone, &n_gone);
  g_object_weak_ref (G_OBJECT (cast.task), note_gone, &n_gone);
  cast_clear (&cast);
  guest_wait (are_gone, &n_gone, "the end of all");
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);

  g_test_add_func ("/libferry/verbs/cancelled", test_cancelled);
  g_test_add_func ("/libferry/verbs/cancelled-before-bus", test_cancelled_before_bus);
  g_test_add_func ("/libferry/verbs/dropped", test_dropped);
  g_test_add_func ("/libferry/verbs/without-callback", test_without_callback);

  return g_test_run ();
}
