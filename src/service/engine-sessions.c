/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-engine"

#include "config.h"

#include "engine-private.h"
#include "store/hsts-rows.h"

/* A session whose last job ended this long ago gives up its idle connections. */
#define KEEP_CONNECTIONS_S 30

/* What a host said of HTTPS, on its way to the main thread. */
typedef struct
{
  FerrydEngine  *engine;  /* owned */
  FerrydHstsRow *row;     /* owned */
} HstsNews;

static void
hsts_news_free (HstsNews *news)
{
  g_clear_object (&news->engine);
  g_clear_pointer (&news->row, ferryd_hsts_row_free);
  g_free (news);
}

/* What is known of hosts: from earlier days, and learnt by any session since. */
static GHashTable *
get_hsts_hosts (FerrydEngine *self)
{
  GPtrArray *rows = ferryd_database_get_hsts_hosts (self->database);

  if (self->hsts_hosts != NULL)
    return self->hsts_hosts;

  self->hsts_hosts = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                            (GDestroyNotify) ferryd_hsts_row_free);
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const FerrydHstsRow *row = rows->pdata[i];
      FerrydHstsRow *copy = ferryd_hsts_row_new (row->name, row->expires, row->include_subdomains);

      g_hash_table_replace (self->hsts_hosts, copy->name, copy);
    }

  return self->hsts_hosts;
}

/* Whether @row says what is known already. A host that wants it no more is as good as unknown. */
static gboolean
is_known (GHashTable          *hosts,
          const FerrydHstsRow *row)
{
  const FerrydHstsRow *known = g_hash_table_lookup (hosts, row->name);

  if (known == NULL)
    return row->expires == 0;

  return known->expires == row->expires && known->include_subdomains == row->include_subdomains;
}

/* Each session that is told says so in turn, as if it had heard it itself; that is no news then. */
static gboolean
on_hsts_news_cb (gpointer user_data)
{
  HstsNews *news = user_data;
  FerrydEngine *self = news->engine;
  GHashTable *hosts = get_hsts_hosts (self);
  FerrydHstsRow *row = g_steal_pointer (&news->row);
  FerrydHstsHost host = { row->name, row->expires, row->include_subdomains };
  FerrydConnections *connections;
  GHashTableIter iter;

  if (is_known (hosts, row))
    {
      ferryd_hsts_row_free (row);
      return G_SOURCE_REMOVE;
    }

  ferryd_database_save_hsts_host (self->database, row->name, row->expires,
                                  row->include_subdomains);
  g_hash_table_replace (hosts, row->name, row);
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &connections))
    ferryd_http_learn_hsts (connections->http, &host);

  if (row->expires == 0)
    g_hash_table_remove (hosts, row->name);
  return G_SOURCE_REMOVE;
}

/* In a worker, or on the main thread when it was told. */
static void
hsts_changed (const FerrydHstsHost *host,
              gpointer              user_data)
{
  HstsNews *news = g_new0 (HstsNews, 1);

  news->engine = g_object_ref (FERRYD_ENGINE (user_data));
  news->row = ferryd_hsts_row_new (host->name, host->expires, host->include_subdomains);
  ferryd_engine_tell_main_thread (on_hsts_news_cb, news, (GDestroyNotify) hsts_news_free);
}

FerrydHttp *
ferryd_engine_new_http (FerrydEngine              *self,
                        const FerrydConfiguration *configuration)
{
  g_autoptr(GArray) hosts = g_array_new (FALSE, FALSE, sizeof (FerrydHstsHost));
  FerrydHttpSettings settings = { 0 };
  const FerrydHstsRow *row;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, get_hsts_hosts (self));
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &row))
    {
      FerrydHstsHost host = { row->name, row->expires, row->include_subdomains };

      g_array_append_val (hosts, host);
    }

  settings.request_timeout = configuration->request_timeout;
  settings.user_agent = configuration->user_agent;
  settings.tls_ca = configuration->tls_ca;
  settings.cookies = configuration->cookies;
  settings.hsts_hosts = (FerrydHstsHost *) (gpointer) hosts->data;
  settings.n_hsts_hosts = hosts->len;
  settings.hsts_changed = hsts_changed;
  settings.hsts_data = self;
  return ferryd_http_new (&settings);
}

/* What was accepted once reads well ever after; should it not, its defaults are as good. */
static void
read_configuration (FerrydConnections      *self,
                    const FerrydSessionRow *session)
{
  g_autoptr(GError) error = NULL;

  self->source = g_variant_ref (session->configuration);
  if (!ferryd_configuration_read (self->source, &self->configuration, &error))
    g_warning ("The configuration of session %" G_GINT64_FORMAT ": %s", session->id,
               error->message);
}

FerrydConnections *
ferryd_engine_get_connections (FerrydEngine           *self,
                               const FerrydSessionRow *session)
{
  FerrydConnections *connections = g_hash_table_lookup (self->sessions, &session->id);

  if (connections != NULL)
    return connections;

  connections = g_new0 (FerrydConnections, 1);
  connections->refs = 1;
  read_configuration (connections, session);
  connections->http = ferryd_engine_new_http (self, &connections->configuration);
  connections->throttle = ferryd_throttle_new (self->throttle);
  ferryd_throttle_set_limit (connections->throttle, connections->configuration.download_limit);
  g_hash_table_insert (self->sessions, g_memdup2 (&session->id, sizeof session->id), connections);
  return connections;
}

FerrydConnections *
ferryd_connections_ref (FerrydConnections *self)
{
  self->refs++;
  return self;
}

void
ferryd_connections_unref (FerrydConnections *self)
{
  if (--self->refs > 0)
    return;

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->http, ferryd_http_unref);
  g_clear_pointer (&self->throttle, ferryd_throttle_unref);
  g_clear_pointer (&self->source, g_variant_unref);
  g_free (self);
}

static gboolean
on_idle_connections_cb (gpointer user_data)
{
  FerrydConnections *self = user_data;

  self->timer = 0;
  ferryd_http_close_idle (self->http);
  return G_SOURCE_REMOVE;
}

void
ferryd_connections_begin_job (FerrydConnections *self)
{
  self->jobs++;
  g_clear_handle_id (&self->timer, g_source_remove);
}

void
ferryd_connections_end_job (FerrydConnections *self)
{
  if (--self->jobs == 0)
    self->timer = g_timeout_add_seconds (KEEP_CONNECTIONS_S, on_idle_connections_cb, self);
}
