/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-scheduler"

#include "config.h"

#include "model/scheduler.h"

/* The tally of one host. */
typedef struct
{
  guint running;
  guint waiting;
} Host;

static Host *
get_host (GHashTable *hosts,
          const char *name)
{
  Host *host = g_hash_table_lookup (hosts, name);

  if (host == NULL)
    {
      host = g_new0 (Host, 1);
      g_hash_table_insert (hosts, (gpointer) name, host);
    }

  return host;
}

void
ferryd_schedule (FerrydCandidate *candidates,
                 guint            n)
{
  g_autoptr(GHashTable) hosts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  guint running = 0;
  guint queued = 0;

  for (guint i = 0; i < n; i++)
    {
      if (!candidates[i].runs)
        continue;

      running++;
      get_host (hosts, candidates[i].host)->running++;
    }

  for (guint i = 0; i < n; i++)
    {
      FerrydCandidate *candidate = &candidates[i];
      Host *host = get_host (hosts, candidate->host);

      candidate->start = FALSE;
      candidate->reason = FERRY_WAIT_REASON_NONE;
      candidate->position = 0;
      if (candidate->runs)
        continue;

      /* The host first: the answer is then the same when those that start have started. */
      if (host->running >= FERRYD_MAX_PER_HOST)
        {
          candidate->reason = FERRY_WAIT_REASON_HOST_LIMIT;
          candidate->position = ++host->waiting;
        }
      else if (running >= FERRYD_MAX_RUNNING)
        {
          candidate->reason = FERRY_WAIT_REASON_QUEUE;
          candidate->position = ++queued;
        }
      else
        {
          candidate->start = TRUE;
          running++;
          host->running++;
        }
    }
}
