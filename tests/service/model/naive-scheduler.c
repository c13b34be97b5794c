/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "naive-scheduler.h"

#define NO_SESSION G_MAXUINT

typedef struct
{
  FerrydSnapshot  *snapshot;    /* unowned */
  FerrydCandidate *candidates;  /* unowned; the snapshot's */
  FerrydContender *contenders;  /* unowned; likewise */
  guint            n;           /* candidates */
  gboolean        *imagined;    /* unowned; a candidate each: has got a slot that came free */
  gboolean        *asks;        /* unowned; likewise: wants to be served */
  guint64          clock;       /* the last that was given as `served` */
} Naive;

/* @session, @host: NO_SESSION, NULL: any */
static guint
count_slots (const Naive *naive,
             guint        session,
             const char  *host)
{
  guint slots = 0;

  for (guint i = 0; i < naive->n; i++)
    {
      const FerrydCandidate *candidate = &naive->candidates[i];

      if (session != NO_SESSION && candidate->session != session)
        continue;
      if (host != NULL && strcmp (candidate->host, host) != 0)
        continue;
      if (candidate->runs || candidate->start || naive->imagined[i])
        slots++;
    }

  return slots;
}

static FerryWaitReason
find_reason (const Naive           *naive,
             const FerrydCandidate *candidate)
{
  const FerrydContender *contender = &naive->contenders[candidate->session];
  gint64 now = naive->snapshot->now;

  if (candidate->runs || candidate->start)
    return FERRY_WAIT_REASON_NONE;
  if (candidate->not_before > now)
    return FERRY_WAIT_REASON_NOT_YET;
  if (candidate->retry_at > now)
    return FERRY_WAIT_REASON_RETRY;
  if (count_slots (naive, NO_SESSION, candidate->host) >= naive->snapshot->max_per_host)
    return FERRY_WAIT_REASON_HOST_LIMIT;
  if (count_slots (naive, candidate->session, candidate->host) >= contender->max_per_host)
    return FERRY_WAIT_REASON_HOST_LIMIT;
  if (count_slots (naive, NO_SESSION, NULL) >= naive->snapshot->max_running)
    return FERRY_WAIT_REASON_QUEUE;
  if (contender->max_running > 0 &&
      count_slots (naive, candidate->session, NULL) >= contender->max_running)
    return FERRY_WAIT_REASON_QUEUE;

  return FERRY_WAIT_REASON_NONE;
}

static gboolean
goes_before (const Naive           *naive,
             const FerrydCandidate *a,
             const FerrydCandidate *b)
{
  guint64 served_a = naive->contenders[a->session].served;
  guint64 served_b = naive->contenders[b->session].served;
  guint running_a, running_b;

  if (a->priority != b->priority)
    return a->priority > b->priority;
  if (a->session == b->session)
    return a < b;

  running_a = count_slots (naive, a->session, NULL);
  running_b = count_slots (naive, b->session, NULL);
  if (running_a != running_b)
    return running_a < running_b;

  return served_a != served_b ? served_a < served_b : a->session < b->session;
}

/* Of those that ask the one whose turn it is, noted as served. NULL: nobody asks */
static FerrydCandidate *
serve_one (Naive *naive)
{
  FerrydCandidate *first = NULL;

  for (guint i = 0; i < naive->n; i++)
    {
      FerrydCandidate *candidate = &naive->candidates[i];

      if (naive->asks[i] && (first == NULL || goes_before (naive, candidate, first)))
        first = candidate;
    }

  if (first != NULL)
    naive->contenders[first->session].served = ++naive->clock;
  return first;
}

static void
start_all (Naive *naive)
{
  FerrydCandidate *next;

  do
    {
      for (guint i = 0; i < naive->n; i++)
        {
          const FerrydCandidate *candidate = &naive->candidates[i];

          naive->asks[i] = !candidate->runs && !candidate->start &&
                           find_reason (naive, candidate) == FERRY_WAIT_REASON_NONE;
        }

      next = serve_one (naive);
      if (next != NULL)
        next->start = TRUE;
    } while (next != NULL);
}

/* The line in which @member waits. What is imagined here is forgotten again. */
static void
number_line (Naive                 *naive,
             const FerrydCandidate *member)
{
  gsize size = naive->snapshot->n_contenders * sizeof (FerrydContender);
  g_autofree FerrydContender *before = g_memdup2 (naive->contenders, size);
  FerrydCandidate *next;
  guint position = 0;

  for (guint i = 0; i < naive->n; i++)
    naive->asks[i] = naive->candidates[i].reason == member->reason &&
                     (member->reason == FERRY_WAIT_REASON_QUEUE ||
                      strcmp (naive->candidates[i].host, member->host) == 0);

  while ((next = serve_one (naive)) != NULL)
    {
      next->position = ++position;
      naive->imagined[next - naive->candidates] = TRUE;
      naive->asks[next - naive->candidates] = FALSE;
    }

  memset (naive->imagined, 0, naive->n * sizeof (gboolean));
  memcpy (naive->contenders, before, size);
}

static gint64
find_next (const Naive *naive)
{
  gint64 next = 0;

  for (guint i = 0; i < naive->n; i++)
    {
      const FerrydCandidate *candidate = &naive->candidates[i];
      gint64 until = 0;

      if (candidate->reason == FERRY_WAIT_REASON_NOT_YET)
        until = candidate->not_before;
      else if (candidate->reason == FERRY_WAIT_REASON_RETRY)
        until = candidate->retry_at;

      if (until != 0 && (next == 0 || until < next))
        next = until;
    }

  return next;
}

gint64
naive_schedule (FerrydSnapshot *snapshot)
{
  guint n = snapshot->n_candidates;
  g_autofree gboolean *imagined = g_new0 (gboolean, n);
  g_autofree gboolean *asks = g_new0 (gboolean, n);
  Naive naive = { snapshot, snapshot->candidates, snapshot->contenders, n, imagined, asks, 0 };

  for (guint i = 0; i < snapshot->n_contenders; i++)
    naive.clock = MAX (naive.clock, snapshot->contenders[i].served);
  for (guint i = 0; i < n; i++)
    {
      naive.candidates[i].start = FALSE;
      naive.candidates[i].position = 0;
    }

  start_all (&naive);
  for (guint i = 0; i < n; i++)
    naive.candidates[i].reason = find_reason (&naive, &naive.candidates[i]);
  for (guint i = 0; i < n; i++)
    {
      FerryWaitReason reason = naive.candidates[i].reason;

      if (naive.candidates[i].position == 0 &&
          (reason == FERRY_WAIT_REASON_QUEUE || reason == FERRY_WAIT_REASON_HOST_LIMIT))
        number_line (&naive, &naive.candidates[i]);
    }

  return find_next (&naive);
}
