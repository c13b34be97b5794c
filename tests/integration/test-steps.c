/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The service is stopped at each call that makes something durable, before it and after it. */
#define G_LOG_DOMAIN "test-steps"

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>

#include "cargo.h"
#include "gate.h"
#include "support/rows.h"

#define SIZE 200000
#define KILLED (128 + SIGKILL)

/* Far more calls than ten downloads make. */
#define FAR_TOO_MANY 2000

#define MAX_STRIDE 12

#define OLD_TEXT "what was here before"

/* What the downloads are for; those from HELD on are stopped half-way. */
typedef enum { PLAIN, REPLACED, REMOVED, RESUMED, CANCELLED, CHANGED, MOVED, N_PIECES } Part;
#define FIRST_HELD RESUMED

static const CargoPiece pieces[N_PIECES] = {
  [PLAIN] = { .name = "plain.bin" },
  [REPLACED] = { .name = "replaced.bin", .options = "{'overwrite': <true>}" },
  [REMOVED] = { .name = "removed.bin", .end = CARGO_REMOVED },
  [RESUMED] = { .name = "resumed.bin" },
  [CANCELLED] = { .name = "cancelled.bin", .end = CARGO_CANCELLED },
  [CHANGED] = { .name = "changed.bin" },
  [MOVED] = { .name = "moved.bin" },
};

/* One run of all of them. */
typedef struct
{
  Fixture    *fixture;            /* owned */
  TestServer *server;             /* owned */
  Mortal      mortal;
  Gate        gates[N_PIECES];
  Gate        changed;            /* the other version of CHANGED */
  int         has_changed;        /* atomic */
  CargoPiece  pieces[N_PIECES];
  CargoPiece *all[N_PIECES];      /* unowned */
  char       *paths[N_PIECES];    /* owned; on the server */
  char       *elsewhere;          /* owned; the folder for MOVED */
} Play;

static void
serve_changing (TestExchange *x,
                gpointer      data)
{
  Play *self = data;

  gate_serve (x, g_atomic_int_get (&self->has_changed) != 0 ? &self->changed
                                                            : &self->gates[CHANGED]);
}

static void
set_up_piece (Play *self,
              Part  part)
{
  CargoPiece *piece = &self->pieces[part];
  Gate *gate = &self->gates[part];

  gate_init (gate, 300 + part, SIZE, part >= FIRST_HELD ? SIZE / 2 : G_MAXINT64);
  *piece = pieces[part];
  self->all[part] = piece;
  self->paths[part] = g_strconcat ("/", piece->name, NULL);
  piece->path = self->paths[part];
  piece->file_name = piece->name;
  piece->content = part == CHANGED ? &self->changed.answer.content : &gate->answer.content;
  test_server_add (self->server, piece->path, part == CHANGED ? serve_changing : gate_serve,
                   part == CHANGED ? (gpointer) self : gate);
}

static Play *
play_new (void)
{
  Play *self = g_new0 (Play, 1);
  g_autofree char *replaced = NULL;
  g_autoptr(GError) error = NULL;

  self->server = test_server_new (NULL);
  self->fixture = fixture_new (FIXTURE_STRICT);
  mortal_init (&self->mortal, self->fixture);
  gate_init (&self->changed, 400, SIZE + 1, G_MAXINT64);
  self->changed.answer.etag = "\"changed\"";
  for (Part part = 0; part < N_PIECES; part++)
    set_up_piece (self, part);

  self->elsewhere = g_build_filename (self->fixture->root, "elsewhere", NULL);
  g_assert_no_errno (g_mkdir (self->elsewhere, 0700));
  self->pieces[MOVED].folder = self->elsewhere;
  replaced = fixture_get_path (self->fixture, "replaced.bin");
  g_file_set_contents (replaced, OLD_TEXT, -1, &error);
  g_assert_no_error (error);
  return self;
}

static void
play_free (Play *self)
{
  mortal_clear (&self->mortal);
  fixture_free (self->fixture);
  test_server_free (self->server);
  gate_clear (&self->changed);
  for (Part part = 0; part < N_PIECES; part++)
    {
      gate_clear (&self->gates[part]);
      g_free (self->pieces[part].task);
      g_free (self->paths[part]);
    }
  g_free (self->elsewhere);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Play, play_free)

/* What is before the gate is here, or it is past it already. */
static gboolean
is_half_here (Mortal     *mortal,
              CargoPiece *piece,
              gboolean   *holds)
{
  g_autoptr(GVariant) bytes = NULL;

  if (!cargo_is_over (mortal, piece, holds))
    return FALSE;
  if (*holds)
    return TRUE;
  if (!cargo_get (mortal, piece, "BytesReceived", &bytes))
    return FALSE;

  *holds = g_variant_get_int64 (bytes) >= SIZE / 2;
  return TRUE;
}

/* A second time it is there already. */
static gboolean
move_piece (Play *self)
{
  g_autoptr(GVariant) options = g_variant_ref_sink (
    g_variant_new_parsed ("({'destination': <%s>},)", self->elsewhere));
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GError) error = NULL;

  if (!mortal_try (&self->mortal, self->pieces[MOVED].task, "Task", "SetDestination", options,
                   &answer, &error))
    return FALSE;

  if (answer == NULL && strstr (error->message, ".Error.WrongState") == NULL)
    g_error ("SetDestination: %s", error->message);
  return TRUE;
}

static gboolean
stop_half_way (Play *self)
{
  for (Part part = FIRST_HELD; part < N_PIECES; part++)
    {
      CargoPiece *piece = &self->pieces[part];

      if (!cargo_wait (&self->mortal, piece, is_half_here) ||
          !cargo_tell (&self->mortal, piece, part == CANCELLED ? "Cancel" : "Suspend", NULL))
        return FALSE;
    }

  return move_piece (self);
}

/* Can be done again from the beginning, when the service has ended in between. */
static gboolean
play (Play *self)
{
  if (!mortal_open (&self->mortal))
    return FALSE;
  for (Part part = 0; part < N_PIECES; part++)
    if (!cargo_make (&self->mortal, &self->pieces[part], self->server))
      return FALSE;
  if (!stop_half_way (self))
    return FALSE;

  g_atomic_int_set (&self->has_changed, 1);
  for (Part part = 0; part < N_PIECES; part++)
    gate_open (&self->gates[part]);
  return cargo_finish (&self->mortal, self->all, N_PIECES);
}

/* A file that is to be replaced is the old one or the new one. */
static void
assert_replaced_whole (Play *self)
{
  g_autofree char *path = fixture_get_path (self->fixture, "replaced.bin");
  g_autofree char *text = NULL;
  gsize length;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  if (length != strlen (OLD_TEXT) || memcmp (text, OLD_TEXT, length) != 0)
    gate_assert_file (&self->gates[REPLACED], path);
}

static void
load_stopper (Play       *self,
              const char *call,
              guint       nth,
              gboolean    after)
{
  g_autofree char *number = g_strdup_printf ("%u", nth);
  g_autofree char *mark = g_build_filename (self->fixture->root, "stopped", NULL);
  const char *options = g_getenv ("ASAN_OPTIONS");

  fixture_set_environment (self->fixture, "STOPPER_MARK", mark);
  fixture_set_environment (self->fixture, "STOPPER_CALL", call);
  fixture_set_environment (self->fixture, "STOPPER_NTH", number);
  fixture_set_environment (self->fixture, "STOPPER_AFTER", after ? "1" : "0");
  fixture_set_environment (self->fixture, "LD_PRELOAD", g_getenv ("STOPPER_LIBRARY"));
  if (options != NULL)
    {
      /* The sanitizer's library wants to be the first, though ours before it does no harm. */
      g_autofree char *more = g_strconcat (options, ":verify_asan_link_order=0", NULL);

      fixture_set_environment (self->fixture, "ASAN_OPTIONS", more);
    }
}

/* Returns whether the service was killed. */
static gboolean
bury (Play *self,
      int   status)
{
  assert_replaced_whole (self);
  if (status != 0)
    g_assert_cmpint (status, ==, KILLED);
  return status == KILLED;
}

/* Returns how often the service was killed. */
static guint
play_to_the_end (Play *self)
{
  guint n_killed = 0;

  while (!play (self))
    n_killed += bury (self, mortal_bury (&self->mortal)) ? 1 : 0;
  return n_killed;
}

/* Returns whether there were so many calls. */
static gboolean
stop_at (const char *call,
         guint       nth,
         gboolean    after)
{
  g_autoptr(Play) self = play_new ();
  guint n_killed;

  load_stopper (self, call, nth, after);
  n_killed = play_to_the_end (self);
  n_killed += bury (self, mortal_end (&self->mortal, SIGTERM)) ? 1 : 0;
  n_killed += play_to_the_end (self);
  g_assert_cmpuint (n_killed, <=, 1);
  cargo_reckon (&self->mortal, self->all, N_PIECES);
  return n_killed == 1;
}

/* Where time counts, some of those that are many are left out. */
static guint
choose_stride (GRand      *random,
               const char *call)
{
  gboolean is_often = g_str_equal (call, "fdatasync") || g_str_equal (call, "fsync");

  return g_test_slow () || !is_often ? 1 : (guint) g_rand_int_range (random, 1, MAX_STRIDE + 1);
}

static void
test_steps (gconstpointer data)
{
  const char *call = data;
  g_autoptr(GRand) random = g_rand_new_with_seed (test_get_seed ());
  guint n_stops = 0;

  for (guint after = 0; after < 2; after++)
    for (guint nth = choose_stride (random, call); nth < FAR_TOO_MANY;
         nth += choose_stride (random, call))
      {
        if (!stop_at (call, nth, after == 1))
          break;
        n_stops++;
      }

  g_test_message ("%u stops at %s", n_stops, call);
  g_assert_cmpuint (n_stops, >, 0);
}

int
main (int    argc,
      char **argv)
{
  static const char *const calls[] = {
    "fsync", "fdatasync", "linkat", "unlinkat", "renameat", "renameat2",
  };

  fixture_init_tests (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      g_autofree char *path = g_strconcat ("/steps/", calls[i], NULL);

      g_test_add_data_func (path, calls[i], test_steps);
    }
  return g_test_run ();
}
