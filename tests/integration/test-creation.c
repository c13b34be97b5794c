/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CreateDownloadTasks: all or none, in order, and many at once. */
#define G_LOG_DOMAIN "test-creation"

#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "stage.h"

#define MANY 10000

/* @n downloads; the one at @place, from 1, is of @url and @options. 0: none is */
static GVariant *
list_downloads (Stage      *stage,
                guint       n,
                guint       place,
                const char *url,
                const char *options)
{
  g_autoptr(GVariant) good = g_variant_ref_sink (
    g_variant_new_parsed ("{'destination': <%s>}", stage->fixture->downloads));
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *address = g_strdup_printf ("http://127.0.0.1:9/%u", i);

      if (i == place)
        g_variant_builder_add (&builder, "(s@a{sv})", url, client_parse (options));
      else
        g_variant_builder_add (&builder, "(s@a{sv})", address, good);
    }

  return g_variant_new ("(a(sa{sv}))", &builder);
}

/* Returns the paths: ao */
static GVariant *
create (Stage    *stage,
        GVariant *downloads)
{
  g_autoptr(GVariant) answer = client_call (stage->client, stage->session, "Session",
                                            "CreateDownloadTasks", downloads);

  return g_variant_get_child_value (answer, 0);
}

static int
get_number (const char *path)
{
  return atoi (strrchr (path, '/') + 1);
}

typedef struct
{
  const char *name;
  const char *url;
  const char *options;
  const char *kind;
} Bad;

static const Bad bad_ones[] = {
  { "url", "ftp://127.0.0.1/", "{}", "InvalidUrl" },
  { "option", "http://127.0.0.1:9/", "{'colour': <1>}", "InvalidOption" },
  { "folder", "http://127.0.0.1:9/", "{'destination': <'/not/there'>}", "InvalidOption" },
  { "header", "http://127.0.0.1:9/", "{'headers': <{'Host': 'x'}>}", "InvalidOption" },
};

static void
test_all_or_none (gconstpointer data)
{
  static const guint places[] = { 1, 577, 1000 };
  const Bad *row = data;
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) paths = NULL;
  const char *first;

  stage_init (&stage, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *name = g_strdup_printf ("Task %u:", places[i]);

      client_call_refused (stage.client, row->kind, name, stage.session, "Session",
                           "CreateDownloadTasks",
                           list_downloads (&stage, 1000, places[i], row->url, row->options));
    }
  stage_assert (stage.client, stage.session, "Session", "Suspended", "0");
  stage_fence (stage.client);
  g_assert_cmpuint (client_count_signals (stage.client, "TasksAdded"), ==, 0);

  paths = create (&stage, list_downloads (&stage, 1, 0, NULL, NULL));
  g_variant_get_child (paths, 0, "&o", &first);
  g_assert_cmpint (get_number (first), ==, 1);
}

/* In the order of the call, by rising number; one signal tells of all. */
static void
test_many (void)
{
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) paths = NULL;
  g_autoptr(GVariant) told = NULL;
  ClientSignal *signal;
  int before = 0;

  stage_init (&stage, NULL);
  paths = create (&stage, list_downloads (&stage, MANY, 0, NULL, NULL));
  g_assert_cmpuint (g_variant_n_children (paths), ==, MANY);
  for (gsize i = 0; i < MANY; i++)
    {
      const char *path;

      g_variant_get_child (paths, i, "&o", &path);
      g_assert_cmpint (get_number (path), >, before);
      before = get_number (path);
      if (i % 999 == 0)
        {
          g_autofree char *url = g_strdup_printf ("http://127.0.0.1:9/%" G_GSIZE_FORMAT, i + 1);

          client_assert_string (stage.client, path, "Url", url);
        }
    }
  signal = stage_wait_signal (stage.client, "TasksAdded", stage.session, 0);
  told = g_variant_get_child_value (signal->parameters, 0);
  g_assert_true (g_variant_equal (told, paths));

  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, 128 + SIGKILL);
  stage_assert (stage.client, stage.session, "Session", "Suspended", "10000");
}

static void
test_none (void)
{
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) paths = NULL;

  stage_init (&stage, NULL);
  paths = create (&stage, list_downloads (&stage, 0, 0, NULL, NULL));
  g_assert_cmpuint (g_variant_n_children (paths), ==, 0);
  client_call_refused (stage.client, "NotFound", NULL, MANAGER_PATH "/session/77", "Session",
                       "CreateDownloadTasks", list_downloads (&stage, 1, 0, NULL, NULL));
}

/* Each has its own options. */
static void
test_mixed (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = 1000 } };
  g_auto(Stage) stage = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *options = NULL;
  g_autoptr(GVariant) paths = NULL;
  const char *other;
  const char *started;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  url = test_server_get_url (stage.server, "/file");
  options = g_strdup_printf ("{'start': <true>, 'filename': <'mine'>, 'destination': <'%s'>, "
                             "'secret-headers': <{'X-Key': 'k'}>}", stage.fixture->downloads);
  paths = create (&stage, list_downloads (&stage, 3, 2, url, options));
  g_variant_get_child (paths, 0, "&o", &other);
  g_variant_get_child (paths, 1, "&o", &started);
  client_wait_state (stage.client, started, "finished");
  client_assert_string (stage.client, other, "State", "suspended");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "X-Key"), ==, "k");
  fixture_assert_files (stage.fixture, "mine", NULL);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_ones); i++)
    {
      g_autofree char *path = g_strconcat ("/creation/all-or-none/", bad_ones[i].name, NULL);

      g_test_add_data_func (path, &bad_ones[i], test_all_or_none);
    }
  g_test_add_func ("/creation/many", test_many);
  g_test_add_func ("/creation/none", test_none);
  g_test_add_func ("/creation/mixed", test_mixed);
  return g_test_run ();
}
