/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-scheduler"

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "model/scheduler.h"

/* What one session has running at one host. */
typedef struct _Share Share;

struct _Share
{
  guint  session;
  guint  running;
  Share *next;     /* unowned; another session's at the same host */
};

/* The tally of one host. Its own key: the name is hashed once. */
typedef struct
{
  const char *name;     /* unowned */
  guint       hash;
  guint       place;    /* among the hosts */
  guint       running;
  Share      *shares;   /* unowned; of the few sessions that have something running here */
} Host;

/* The tally of one session. */
typedef struct
{
  guint running;
  guint served;   /* the last of its starts in this pass, from 1 on; 0: none */
} Tally;

/* A candidate that would like to run now. */
typedef struct
{
  guint64          key;        /* what they are being sorted by */
  FerrydCandidate *candidate;  /* unowned */
  Host            *host;       /* unowned */
} Hopeful;

/* A session among those that take turns, with its tally as they began. */
typedef struct
{
  GList          link;            /* its place among those that have had a turn */
  const Hopeful *next;            /* unowned; its first one not looked at yet */
  const Hopeful *end;             /* unowned; behind its last one */
  guint          running;
  guint          served;          /* in this pass */
  guint64        served_before;
  guint          session;
} Turn;

/* All that one call needs to remember. */
typedef struct
{
  FerrydSnapshot *snapshot;    /* unowned */
  GHashTable     *names;       /* owned; a set of Host */
  Host           *hosts;       /* owned; for as many as there are candidates */
  guint           n_hosts;
  Host           *last_host;   /* unowned; that was asked for */
  Share          *shares;      /* owned; likewise */
  guint           n_shares;
  Hopeful        *hopefuls;    /* owned; likewise */
  Hopeful        *spare;       /* owned; what sorting needs */
  guint           n_hopefuls;
  Tally          *tallies;     /* owned; a session each */
  Turn           *turns;       /* owned; likewise */
  guint           running;
  guint           n_served;    /* in this pass */
  guint           n_in_line;   /* in the line that is being numbered */
} Pass;

/* Gives @hopeful what it is its turn for. Returns: whether it could be had */
typedef gboolean (* Serve) (Pass          *self,
                            const Hopeful *hopeful);

static void
pass_clear (Pass *self)
{
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_free (self->hosts);
  g_free (self->shares);
  g_free (self->hopefuls);
  g_free (self->spare);
  g_free (self->tallies);
  g_free (self->turns);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pass, pass_clear)

static guint
hash_host (gconstpointer key)
{
  const Host *host = key;

  return host->hash;
}

static gboolean
hosts_are_equal (gconstpointer a,
                 gconstpointer b)
{
  const Host *host = a;
  const Host *other = b;

  return g_str_equal (host->name, other->name);
}

static void
pass_init (Pass           *self,
           FerrydSnapshot *snapshot)
{
  guint n = snapshot->n_candidates;

  self->snapshot = snapshot;
  self->names = g_hash_table_new (hash_host, hosts_are_equal);
  self->hosts = g_new (Host, n);
  self->shares = g_new (Share, n);
  self->hopefuls = g_new (Hopeful, n);
  self->spare = g_new (Hopeful, n);
  self->tallies = g_new0 (Tally, snapshot->n_contenders);
  self->turns = g_new (Turn, snapshot->n_contenders);
}

static Host *
get_host (Pass       *self,
          const char *name)
{
  Host *wanted = &self->hosts[self->n_hosts];
  Host *known;

  /* Most are of the host of the one before. */
  if (self->last_host != NULL && g_str_equal (name, self->last_host->name))
    return self->last_host;

  *wanted = (Host) { .name = name, .hash = g_str_hash (name), .place = self->n_hosts };
  known = g_hash_table_lookup (self->names, wanted);
  if (known == NULL)
    {
      g_hash_table_add (self->names, wanted);
      self->n_hosts++;
    }

  self->last_host = known != NULL ? known : wanted;
  return self->last_host;
}

static Share *
find_share (const Host *host,
            guint       session)
{
  for (Share *share = host->shares; share != NULL; share = share->next)
    {
      if (share->session == session)
        return share;
    }

  return NULL;
}

static void
count_running (Pass  *self,
               Host  *host,
               guint  session)
{
  Share *share = find_share (host, session);

  if (share == NULL)
    {
      share = &self->shares[self->n_shares++];
      *share = (Share) { .session = session, .next = host->shares };
      host->shares = share;
    }

  share->running++;
  host->running++;
  self->tallies[session].running++;
  self->running++;
}

/* Until when @candidate cannot start whatever is free; 0: it can */
static gint64
get_ahead (const FerrydCandidate *candidate,
           gint64                 now)
{
  if (candidate->not_before > now)
    return candidate->not_before;

  return candidate->retry_at > now ? candidate->retry_at : 0;
}

static FerryWaitReason
get_reason_ahead (const FerrydCandidate *candidate,
                  gint64                 now)
{
  return candidate->not_before > now ? FERRY_WAIT_REASON_NOT_YET : FERRY_WAIT_REASON_RETRY;
}

/* Counts those that run and gathers those that would like to. Returns: as ferryd_schedule() does */
static gint64
look_around (Pass *self)
{
  gint64 now = self->snapshot->now;
  gint64 next = 0;

  for (guint i = 0; i < self->snapshot->n_candidates; i++)
    {
      FerrydCandidate *candidate = &self->snapshot->candidates[i];
      gint64 ahead = candidate->runs ? 0 : get_ahead (candidate, now);

      g_assert (candidate->session < self->snapshot->n_contenders);
      candidate->start = FALSE;
      candidate->reason = FERRY_WAIT_REASON_NONE;
      candidate->position = 0;

      if (ahead > 0)
        {
          candidate->reason = get_reason_ahead (candidate, now);
          next = next == 0 ? ahead : MIN (next, ahead);
        }
      else if (candidate->runs)
        count_running (self, get_host (self, candidate->host), candidate->session);
      else
        self->hopefuls[self->n_hopefuls++] =
          (Hopeful) { .candidate = candidate, .host = get_host (self, candidate->host) };
    }

  return next;
}

/* By their keys, the lowest first, else in the order in which they are: a byte at a time, and
 * those bytes only in which they differ, mostly none. */
static void
sort_hopefuls (Pass *self)
{
  guint64 differing = 0;

  for (guint i = 1; i < self->n_hopefuls; i++)
    differing |= self->hopefuls[i].key ^ self->hopefuls[0].key;

  for (guint shift = 0; shift < 64; shift += 8)
    {
      guint places[257] = { 0 };
      Hopeful *sorted = self->spare;

      if (((differing >> shift) & 0xff) == 0)
        continue;

      for (guint i = 0; i < self->n_hopefuls; i++)
        places[((self->hopefuls[i].key >> shift) & 0xff) + 1]++;
      for (guint i = 1; i < G_N_ELEMENTS (places); i++)
        places[i] += places[i - 1];
      for (guint i = 0; i < self->n_hopefuls; i++)
        sorted[places[(self->hopefuls[i].key >> shift) & 0xff]++] = self->hopefuls[i];

      self->spare = self->hopefuls;
      self->hopefuls = sorted;
    }
}

/* A number that is the lower the higher @priority is: IEEE 754 numbers of one sign have the order
 * of their bits. */
static guint64
get_priority_key (double priority)
{
  const guint64 sign = G_GUINT64_CONSTANT (1) << 63;
  double zero_is_zero = priority + 0.0;  /* −0 + 0 is +0 */
  guint64 bits;

  memcpy (&bits, &zero_is_zero, sizeof bits);
  return (bits & sign) != 0 ? bits : ~(bits | sign);
}

/* By priority, then session, then the order in which they were made. */
static void
sort_by_rank (Pass *self)
{
  for (guint i = 0; i < self->n_hopefuls; i++)
    self->hopefuls[i].key = self->hopefuls[i].candidate->session;
  sort_hopefuls (self);

  for (guint i = 0; i < self->n_hopefuls; i++)
    self->hopefuls[i].key = get_priority_key (self->hopefuls[i].candidate->priority);
  sort_hopefuls (self);
}

static int
compare_turns (gconstpointer a,
               gconstpointer b)
{
  const Turn *turn = a;
  const Turn *other = b;

  if (turn->running != other->running)
    return turn->running < other->running ? -1 : 1;
  /* In this pass is later than ever before. */
  if (turn->served != other->served)
    return turn->served < other->served ? -1 : 1;
  if (turn->served_before != other->served_before)
    return turn->served_before < other->served_before ? -1 : 1;

  return turn->session < other->session ? -1 : 1;
}

/* Returns: how many sessions there are among @hopefuls, which are of one priority */
static guint
line_up (Pass          *self,
         const Hopeful *hopefuls,
         guint          n)
{
  const FerrydContender *contenders = self->snapshot->contenders;
  guint n_turns = 0;

  for (guint i = 0; i < n; i++)
    {
      guint session = hopefuls[i].candidate->session;

      if (i == 0 || session != hopefuls[i - 1].candidate->session)
        self->turns[n_turns++] = (Turn) {
          .next = &hopefuls[i],
          .running = self->tallies[session].running,
          .served = self->tallies[session].served,
          .served_before = contenders[session].served,
          .session = session,
        };
      self->turns[n_turns - 1].end = &hopefuls[i + 1];
    }

  if (n_turns > 1)
    qsort (self->turns, n_turns, sizeof (Turn), compare_turns);
  return n_turns;
}

/* Lets the sessions of @hopefuls, which are of one priority, take turns. One that was served goes
 * behind: nobody who was served before has more running now, so that those who wait for another
 * turn are in order by themselves. */
static void
take_turns (Pass          *self,
            const Hopeful *hopefuls,
            guint          n,
            Serve          serve)
{
  guint n_turns = line_up (self, hopefuls, n);
  GQueue again = G_QUEUE_INIT;
  guint i = 0;

  while (i < n_turns || again.length > 0)
    {
      Turn *turn = g_queue_peek_head (&again);

      if (turn == NULL || (i < n_turns && self->turns[i].running <= turn->running))
        turn = &self->turns[i++];
      else
        (void) g_queue_pop_head_link (&again);  /* is turn's own */

      while (turn->next < turn->end && !serve (self, turn->next))
        turn->next++;
      if (turn->next == turn->end)
        continue;

      self->tallies[turn->session].served = ++self->n_served;
      turn->next++;
      turn->running++;
      turn->link = (GList) { .data = turn };
      g_queue_push_tail_link (&again, &turn->link);
    }
}

/* The higher priorities first. */
static void
serve_by_rank (Pass          *self,
               const Hopeful *hopefuls,
               guint          n,
               Serve          serve)
{
  guint begin = 0;

  for (guint i = 1; i <= n; i++)
    {
      if (i < n && hopefuls[i].candidate->priority == hopefuls[begin].candidate->priority)
        continue;

      take_turns (self, &hopefuls[begin], i - begin, serve);
      begin = i;
    }
}

static gboolean
host_is_full (Pass          *self,
              const Hopeful *hopeful)
{
  guint session = hopeful->candidate->session;
  const Share *share = find_share (hopeful->host, session);

  return hopeful->host->running >= self->snapshot->max_per_host ||
         (share != NULL && share->running >= self->snapshot->contenders[session].max_per_host);
}

static gboolean
queue_is_full (Pass          *self,
               const Hopeful *hopeful)
{
  guint session = hopeful->candidate->session;
  guint most = self->snapshot->contenders[session].max_running;

  return self->running >= self->snapshot->max_running ||
         (most > 0 && self->tallies[session].running >= most);
}

static gboolean
start (Pass          *self,
       const Hopeful *hopeful)
{
  if (queue_is_full (self, hopeful) || host_is_full (self, hopeful))
    return FALSE;

  hopeful->candidate->start = TRUE;
  count_running (self, hopeful->host, hopeful->candidate->session);
  return TRUE;
}

static gboolean
number (Pass          *self,
        const Hopeful *hopeful)
{
  self->tallies[hopeful->candidate->session].running++;
  hopeful->candidate->position = ++self->n_in_line;
  return TRUE;
}

/* The host first: the answer is then the same when those that start have started. Those that wait
 * for the same get the same key; those that do not wait any more are left out. */
static void
give_reasons (Pass *self)
{
  guint n_left = 0;

  for (guint i = 0; i < self->n_hopefuls; i++)
    {
      Hopeful *hopeful = &self->hopefuls[i];
      gboolean waits_for_host;

      if (hopeful->candidate->start)
        continue;

      waits_for_host = host_is_full (self, hopeful);
      hopeful->candidate->reason = waits_for_host ? FERRY_WAIT_REASON_HOST_LIMIT
                                                  : FERRY_WAIT_REASON_QUEUE;
      hopeful->key = waits_for_host ? 1 + hopeful->host->place : 0;
      self->hopefuls[n_left++] = *hopeful;
    }

  self->n_hopefuls = n_left;
}

/* Each line as if slots came free for it alone: what the others wait for need not come first. */
static void
give_positions (Pass *self)
{
  g_autofree Tally *settled = g_memdup2 (self->tallies,
                                         self->snapshot->n_contenders * sizeof (Tally));
  guint begin = 0;

  sort_hopefuls (self);
  for (guint i = 0; i < self->n_hopefuls; i++)
    {
      guint session = self->hopefuls[i].candidate->session;

      self->tallies[session] = settled[session];
      if (i + 1 < self->n_hopefuls && self->hopefuls[i + 1].key == self->hopefuls[begin].key)
        continue;

      self->n_in_line = 0;
      serve_by_rank (self, &self->hopefuls[begin], i + 1 - begin, number);
      begin = i + 1;
    }
}

gint64
ferryd_schedule (FerrydSnapshot *snapshot)
{
  g_auto(Pass) pass = { 0 };
  gint64 next;

  pass_init (&pass, snapshot);
  next = look_around (&pass);
  sort_by_rank (&pass);
  serve_by_rank (&pass, pass.hopefuls, pass.n_hopefuls, start);
  give_reasons (&pass);
  give_positions (&pass);

  return next;
}
