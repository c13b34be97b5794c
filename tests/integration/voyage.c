/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-voyage"

#include "config.h"

#include <signal.h>

#include "support/rows.h"
#include "voyage.h"

/* What the server sends before it pauses. */
#define LUMP (64 * 1024)

/* After the last byte of a file, µs: the time in which it is published and noted. */
#define LONGEST_PUBLISHING 15000

#define OLD_TEXT "what was here before"

/* SIGTERM: checkpoint, exit 0, within 2 s (design.md §9). */
#define TERM_LIMIT (2 * G_TIME_SPAN_SECOND)

/* What happens to a piece on its way, beside the strikes. */
typedef enum { UNTOUCHED, PAUSED, CALLED_OFF } Fate;

/* How it is served. */
typedef enum { AT_ONCE, BY_REDIRECT, BUSY_ONCE } Manner;

typedef struct
{
  const char *name;
  TestAnswer  answer;     /* but for the content */
  const char *options;    /* NULL: none */
  Fate        fate;
  Manner      manner;
  gboolean    is_empty;
  gboolean    has_digest;
  gboolean    is_there;   /* another file has its name, and is to be replaced */
  gboolean    shares;     /* its file is called as that of the piece after it, or before it */
} Kind;

static const Kind kinds[] = {
  { .name = "empty", .answer = { .etag = "\"1\"" }, .is_empty = TRUE },
  { .name = "tag", .answer = { .etag = "\"1\"" } },
  { .name = "date", .answer = { .last_modified = TEST_OLD_DATE } },
  { .name = "weak", .answer = { .etag = "W/\"1\"" } },
  { .name = "unproven" },
  { .name = "no-ranges", .answer = { .ranges = TEST_RANGES_IGNORED, .etag = "\"1\"" } },
  { .name = "chunked", .answer = { .framing = TEST_FRAMING_CHUNKED, .etag = "\"1\"" } },
  { .name = "chunked-only", .answer = { .framing = TEST_FRAMING_CHUNKED } },
  { .name = "gzip", .answer = { .headers = "Content-Encoding: gzip\r\n", .etag = "\"1\"" } },
  { .name = "digest", .answer = { .etag = "\"1\"" }, .has_digest = TRUE },
  { .name = "replacing", .answer = { .etag = "\"1\"" }, .is_there = TRUE },
  { .name = "twin", .answer = { .etag = "\"1\"" }, .shares = TRUE },
  { .name = "other-twin", .answer = { .etag = "\"2\"" }, .shares = TRUE },
  { .name = "redirected", .answer = { .etag = "\"1\"" }, .manner = BY_REDIRECT },
  { .name = "busy", .answer = { .etag = "\"1\"" }, .manner = BUSY_ONCE },
  { .name = "paused", .answer = { .etag = "\"1\"" }, .fate = PAUSED },
  { .name = "paused-weak", .answer = { .etag = "W/\"1\"" }, .fate = PAUSED },
  { .name = "called-off", .answer = { .etag = "\"1\"" }, .fate = CALLED_OFF },
  { .name = "late", .options = "{'priority': <0.0>}" },
  { .name = "urgent", .options = "{'priority': <1.0>}", .fate = CALLED_OFF },
};

/* A piece with all that goes with it. */
typedef struct
{
  CargoPiece  piece;
  Voyage     *voyage;     /* unowned */
  const Kind *kind;
  TestAnswer  answer;
  char       *name;       /* owned; as all the next */
  char       *file_name;
  char       *path;
  char       *options;
  int         n_asked;    /* atomic; how often the server was */
  const char *promise;    /* the state that the service has said last, and must keep. NULL: none */
} Item;

struct _Voyage
{
  const VoyageOrders *orders;      /* unowned */
  GRand              *random;      /* owned */
  Fixture            *fixture;     /* owned */
  TestServer         *server;      /* owned */
  Mortal              mortal;
  Item               *items;       /* owned */
  CargoPiece        **pieces;      /* owned */
  guint               n_made;      /* items that have a task */
  guint               n_due;       /* items that are to have one by now */

  GMutex              lock;        /* over all that follows */
  guint32             pid;         /* who is to be struck. 0: nobody */
  gint64              delay;       /* µs after the end of a body; −1: some other time */
  gint64              struck_at;
};

static void
strike (Voyage *self,
        gint64  delay)
{
  guint32 pid;

  g_mutex_lock (&self->lock);
  pid = self->pid;
  self->pid = 0;
  g_mutex_unlock (&self->lock);
  if (pid == 0)
    return;

  if (delay > 0)
    g_usleep (delay);  /* a moment drawn by lot, not a wait for anything */
  g_mutex_lock (&self->lock);
  self->struck_at = g_get_monotonic_time ();
  g_mutex_unlock (&self->lock);
  (void) kill ((pid_t) pid, self->orders->signal);  /* it may have left */
}

static void
strike_at_end_of_body (Voyage *self)
{
  gint64 delay;

  g_mutex_lock (&self->lock);
  delay = self->delay;
  g_mutex_unlock (&self->lock);
  if (delay >= 0)
    strike (self, delay);
}

static gboolean
on_strike_cb (gpointer user_data)
{
  strike (user_data, 0);
  return G_SOURCE_CONTINUE;
}

static void
serve_redirect (TestExchange *x,
                gpointer      data)
{
  const Item *item = data;

  test_exchange_printf (x, "HTTP/1.1 302 Found\r\nLocation: /there%s\r\nContent-Length: 0\r\n\r\n",
                        item->path);
}

static void
send_body (TestExchange *x,
           Item         *item,
           gint64        from)
{
  const TestContent *content = &item->answer.content;
  gboolean is_chunked = item->answer.framing == TEST_FRAMING_CHUNKED;

  for (gint64 at = from; at < content->size && !x->gone; at += LUMP)
    {
      gint64 to = MIN (at + LUMP, content->size);

      if (is_chunked)
        test_exchange_send_chunk (x, NULL, content, at, to);
      else
        test_exchange_send_content (x, content, at, to);
      if (item->voyage->orders->pace_ms > 0)
        test_exchange_pause (x, item->voyage->orders->pace_ms);
    }
  if (is_chunked)
    test_exchange_write (x, "0\r\n\r\n", 5);
}

static void
serve (TestExchange *x,
       gpointer      data)
{
  Item *item = data;
  const TestAnswer *answer = &item->answer;
  gboolean is_first = g_atomic_int_add (&item->n_asked, 1) == 0;
  gboolean is_same = x->if_range == NULL || g_strcmp0 (x->if_range, answer->etag) == 0 ||
                     g_strcmp0 (x->if_range, answer->last_modified) == 0;
  gboolean is_part = x->has_range && is_same && answer->ranges == TEST_RANGES_HONOURED;

  if (item->kind->manner == BUSY_ONCE && is_first)
    {
      test_exchange_printf (x, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n"
                            "Content-Length: 0\r\n\r\n");
      return;
    }

  test_answer_head (x, answer);
  test_exchange_write (x, "\r\n", 2);
  send_body (x, item, is_part ? MIN (x->range_start, answer->content.size) : 0);
  if (!x->gone)
    strike_at_end_of_body (item->voyage);
}

static char *
get_options (Item *item)
{
  if (item->kind->has_digest)
    {
      g_autofree char *digest = test_content_sha256 (&item->answer.content);

      return g_strdup_printf ("{'digest': <'sha-256=%s'>}", digest);
    }
  if (item->kind->is_there)
    return g_strdup ("{'overwrite': <true>}");
  if (item->kind->shares)
    return g_strdup_printf ("{'filename': <'%s'>}", item->file_name);
  return g_strdup (item->kind->options);
}

static void
put_old_file (Item *item)
{
  g_autofree char *path = fixture_get_path (item->voyage->fixture, item->file_name);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, OLD_TEXT, -1, &error);
  g_assert_no_error (error);
}

static void
set_up_item (Voyage *self,
             guint   i)
{
  Item *item = &self->items[i];
  const Kind *kind = &kinds[i % G_N_ELEMENTS (kinds)];
  g_autofree char *here = NULL;

  item->voyage = self;
  item->kind = kind;
  item->answer = kind->answer;
  item->answer.content.seed = 1000 + i;
  item->answer.content.size = kind->is_empty ? 0 : g_rand_int_range (
    self->random, 1, (gint32) self->orders->most_bytes + 1);
  item->name = g_strdup_printf ("%u-%s.bin", i, kind->name);
  item->file_name = kind->shares ? g_strdup_printf ("twins-%u.bin", i / 20) : g_strdup (item->name);
  item->path = g_strconcat ("/", item->name, NULL);
  item->options = get_options (item);
  item->piece = (CargoPiece) {
    .name = item->name, .file_name = item->file_name, .path = item->path,
    .options = item->options, .content = &item->answer.content,
    .end = kind->fate == CALLED_OFF ? CARGO_CANCELLED : CARGO_FINISHED,
  };
  self->pieces[i] = &item->piece;
  if (kind->is_there)
    put_old_file (item);

  here = kind->manner == BY_REDIRECT ? g_strconcat ("/there", item->path, NULL)
                                     : g_strdup (item->path);
  test_server_add (self->server, here, serve, item);
  if (kind->manner == BY_REDIRECT)
    test_server_add (self->server, item->path, serve_redirect, item);
}

static Voyage *
voyage_new (const VoyageOrders *orders)
{
  Voyage *self = g_new0 (Voyage, 1);

  self->orders = orders;
  self->random = g_rand_new_with_seed (test_get_seed ());
  self->fixture = fixture_new (FIXTURE_STRICT);
  self->server = test_server_new (NULL);
  self->items = g_new0 (Item, orders->n_pieces);
  self->pieces = g_new0 (CargoPiece *, orders->n_pieces);
  g_mutex_init (&self->lock);
  mortal_init (&self->mortal, self->fixture);
  for (guint i = 0; i < orders->n_pieces; i++)
    set_up_item (self, i);
  return self;
}

static void
voyage_free (Voyage *self)
{
  mortal_clear (&self->mortal);
  fixture_free (self->fixture);
  test_server_free (self->server);
  for (guint i = 0; i < self->orders->n_pieces; i++)
    {
      g_free (self->items[i].name);
      g_free (self->items[i].file_name);
      g_free (self->items[i].path);
      g_free (self->items[i].options);
      g_free (self->items[i].piece.task);
    }
  g_free (self->items);
  g_free (self->pieces);
  g_mutex_clear (&self->lock);
  g_rand_free (self->random);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Voyage, voyage_free)

static void
tell (Voyage     *self,
      Item       *item,
      const char *verb,
      const char *promise)
{
  gboolean refused;

  /* While it is under way, nothing is promised. */
  item->promise = NULL;
  if (cargo_tell (&self->mortal, &item->piece, verb, &refused) && !refused)
    item->promise = promise;
}

/* One that has a task and that somebody meddles with; NULL: drew none. */
static Item *
draw_item (Voyage *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds) && self->n_made > 0; i++)
    {
      Item *item = &self->items[g_rand_int_range (self->random, 0, (gint32) self->n_made)];

      if (item->kind->fate != UNTOUCHED)
        return item;
    }
  return NULL;
}

static void
look (Voyage *self,
      Item   *item)
{
  g_autoptr(GVariant) state = NULL;

  if (cargo_get (&self->mortal, &item->piece, "State", &state))
    g_assert_cmpstr (g_variant_get_string (state, NULL), !=, "failed");
}

/* Something that a person might do now; or nothing, for a while. */
static void
act (Voyage *self)
{
  Item *item;

  if (self->n_made < self->n_due)
    {
      if (cargo_make (&self->mortal, &self->items[self->n_made].piece, self->server))
        self->n_made++;
      return;
    }

  item = draw_item (self);
  if (item == NULL || g_rand_int_range (self->random, 0, 4) == 0)
    client_pass_time (self->fixture->client, g_rand_int_range (self->random, 1, 12));
  else if (g_rand_boolean (self->random))
    look (self, item);
  else if (item->kind->fate == CALLED_OFF && g_rand_int_range (self->random, 0, 4) == 0)
    tell (self, item, "Cancel", "cancelled");
  else if (item->kind->fate == PAUSED && g_rand_boolean (self->random))
    tell (self, item, "Suspend", "suspended");
  else if (item->kind->fate == PAUSED)
    tell (self, item, "Resume", NULL);
}

/* What the service has said before it was struck holds after. */
static void
check_promises (Voyage *self)
{
  for (guint i = 0; i < self->n_made; i++)
    {
      Item *item = &self->items[i];

      if (item->promise != NULL)
        client_assert_string (self->fixture->client, item->piece.task, "State", item->promise);
    }
}

/* A file that is to be replaced is the old one or the new one. */
static void
check_replaced (Voyage *self)
{
  for (guint i = 0; i < self->orders->n_pieces; i++)
    {
      Item *item = &self->items[i];
      g_autofree char *path = fixture_get_path (self->fixture, item->file_name);
      g_autofree char *wanted = NULL;
      g_autofree char *old = NULL;
      g_autofree char *found = NULL;

      if (!item->kind->is_there)
        continue;

      wanted = test_content_sha256 (&item->answer.content);
      old = g_compute_checksum_for_string (G_CHECKSUM_SHA256, OLD_TEXT, -1);
      found = test_file_sha256 (path);
      if (!g_str_equal (found, wanted) && !g_str_equal (found, old))
        g_error ("“%s” is half of something", item->file_name);
    }
}

static void
check_status (Voyage *self,
              int     status)
{
  gint64 took;

  if (self->orders->signal == SIGKILL)
    {
      g_assert_cmpint (status, ==, 128 + SIGKILL);
      return;
    }

  g_mutex_lock (&self->lock);
  took = g_get_monotonic_time () - self->struck_at;
  g_mutex_unlock (&self->lock);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (took, <, TERM_LIMIT);
  /* Who goes by itself answers all that came. */
  g_assert_cmpuint (self->mortal.n_lost, ==, 0);
}

/* One life of the service. */
static void
live (Voyage *self)
{
  guint latest = (guint) g_rand_int_range (self->random, 1, (gint32) self->orders->longest_ms + 1);
  gboolean at_end = g_rand_boolean (self->random);
  guint timer;
  int status;

  g_assert_true (mortal_open (&self->mortal));
  check_promises (self);
  g_mutex_lock (&self->lock);
  self->pid = fixture_get_pid (self->fixture);
  self->delay = at_end ? g_rand_int_range (self->random, 0, LONGEST_PUBLISHING) : -1;
  g_mutex_unlock (&self->lock);

  timer = g_timeout_add (at_end ? self->orders->longest_ms : latest, on_strike_cb, self);
  while (!self->mortal.has_ended)
    act (self);
  g_source_remove (timer);

  status = mortal_bury (&self->mortal);
  check_status (self, status);
  check_replaced (self);
}

void
voyage_run (const VoyageOrders *orders)
{
  g_autoptr(Voyage) self = voyage_new (orders);

  for (guint i = 0; i < orders->n_strikes; i++)
    {
      /* A third is there at once, so that there is something to strike. */
      self->n_due = orders->n_pieces / 3 +
                    orders->n_pieces * 2 / 3 * (i + 1) / (orders->n_strikes + 1);
      live (self);
    }

  g_assert_true (mortal_open (&self->mortal));
  check_promises (self);
  for (; self->n_made < orders->n_pieces; self->n_made++)
    g_assert_true (cargo_make (&self->mortal, self->pieces[self->n_made], self->server));
  g_assert_true (cargo_finish (&self->mortal, self->pieces, orders->n_pieces));
  cargo_reckon (&self->mortal, self->pieces, orders->n_pieces);
  g_test_message ("%u requests for %u downloads", test_server_get_n_requests (self->server),
                  orders->n_pieces);
}
