/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the terminal that act, with a service that is killed before and meanwhile. */
#define G_LOG_DOMAIN "test-cli-kills"

#include "config.h"

#include <signal.h>

#include "cli-scene.h"

/* What killing the service ends it with. */
#define KILLED (128 + SIGKILL)

/* Each verb is the first to ask after the service was killed. */
static void
test_killed_before (void)
{
  static const struct
  {
    const char *line;
    const char *output;
  } rows[] = {
    { "ferry resume 1", "#1 resumed: a.bin\n" },
    { "ferry pause all", "#1 paused: a.bin\n" },
    { "ferry limit 500K 1", "#1 limited to 500.0 kB/s: a.bin\n" },
    { "ferry limit 1M", "All downloads together: limited to 1.0 MB/s\n" },
    { "ferry limit", "All downloads together: limited to 1.0 MB/s\n"
                     "All uploads together: not limited\n" },
    { "ferry set-url 1 http://127.0.0.1:9/a.bin", "#1 has the new address: a.bin\n" },
    { "ferry cancel 1 2", "#1 cancelled: a.bin\n#2 cancelled: b.bin\n" },
    { "ferry remove 1 2", "#1 removed: a.bin\n#2 removed: b.bin\n" },
  };
  g_auto(Scene) scene = { 0 };

  scene_init (&scene);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGKILL), ==, KILLED);
      scene_expect (&scene, rows[i].line, 0, rows[i].output, "");
    }
}

/* The next service is killed at the nth such call; where the mark cannot be made,
 * each after it, too. */
static void
load_stopper (Fixture    *fixture,
              const char *mark_name,
              const char *call,
              guint       nth)
{
  g_autofree char *number = g_strdup_printf ("%u", nth);
  g_autofree char *mark = g_build_filename (fixture->root, mark_name, NULL);
  const char *options = g_getenv ("ASAN_OPTIONS");

  fixture_set_environment (fixture, "STOPPER_MARK", mark);
  fixture_set_environment (fixture, "STOPPER_CALL", call);
  fixture_set_environment (fixture, "STOPPER_NTH", number);
  fixture_set_environment (fixture, "STOPPER_AFTER", "0");
  fixture_set_environment (fixture, "LD_PRELOAD", g_getenv ("STOPPER_LIBRARY"));
  if (options != NULL)
    {
      /* The sanitizer's library wants to be the first, though ours before it does no harm. */
      g_autofree char *more = g_strconcat (options, ":verify_asan_link_order=0", NULL);

      fixture_set_environment (fixture, "ASAN_OPTIONS", more);
    }
}

/* Killed by the first file that it deletes, while the verb waits for its answer: it is asked for
 * again, and nobody notices. */
static void
kill_in_deletion (const char *line,
                  const char *output)
{
  g_auto(Scene) scene = { 0 };

  scene_init (&scene);
  client_tell (scene.stage.client, scene.tasks[0], "Resume");
  client_wait_received (scene.stage.client, scene.tasks[0], SCENE_SIZE / 2);
  client_tell (scene.stage.client, scene.tasks[0], "Suspend");
  g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGTERM), ==, 0);
  load_stopper (scene.stage.fixture, "stopped", "unlinkat", 1);

  scene_expect (&scene, line, 0, output, "");
  g_assert_cmpint (fixture_wait_end (scene.stage.fixture), ==, KILLED);
  fixture_assert_files (scene.stage.fixture, NULL);
}

static void
test_killed_in_deletion (void)
{
  kill_in_deletion ("ferry cancel 1 2", "#1 cancelled: a.bin\n#2 cancelled: b.bin\n");
  kill_in_deletion ("ferry remove 1", "#1 removed: a.bin\n");
  kill_in_deletion ("ferry remove --delete-files suspended",
                    "#3 removed: c.bin\n#2 removed: b.bin\n#1 removed: a.bin\n");
}

/* Killed each time that it is asked: that is told once, after three of them. */
static void
test_killed_always (void)
{
  g_auto(Scene) scene = { 0 };

  scene_init (&scene);
  client_tell (scene.stage.client, scene.tasks[0], "Resume");
  client_wait_received (scene.stage.client, scene.tasks[0], SCENE_SIZE / 2);
  client_tell (scene.stage.client, scene.tasks[0], "Suspend");
  g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGTERM), ==, 0);
  load_stopper (scene.stage.fixture, "nowhere/stopped", "unlinkat", 1);

  scene_expect (&scene, "ferry cancel 1", 3, "",
                "ferry cancel: the transfer service ended before it answered; the log of your"
                " session says why\n");
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (fixture_wait_end (scene.stage.fixture), ==, KILLED);
}

/* What a verb changes, and how it is when that is done. A value. */
typedef struct
{
  const char *line;
  const char *output;
  gboolean    runs;      /* the task does, before */
  const char *property;  /* NULL: there is no such task any more */
  const char *value;
  gboolean    is_before; /* @value was there before, and must be another now */
} Change;

typedef enum
{
  SPARED,        /* it did not come to so many */
  IN_BEGINNING,  /* before the verb */
  IN_VERB,
} Death;

/* The service may be killed when it is asked, but only once. */
static void
assert_changed (Scene        *scene,
                const Change *change)
{
  g_autoptr(GVariant) properties = NULL;
  g_autoptr(GVariant) known = NULL;
  g_autoptr(GVariant) came = NULL;
  g_autoptr(GVariant) wanted = NULL;

  for (guint i = 0; i < 2 && properties == NULL; i++)
    properties = client_try (scene->stage.client, scene->tasks[0], PROPERTIES, "GetAll",
                             g_variant_new ("(s)", FERRY_SERVICE_ID ".Task"), NULL);
  if (change->property == NULL)
    {
      g_assert_null (properties);
      return;
    }

  g_assert_nonnull (properties);
  wanted = g_variant_new_parsed (change->value);
  known = g_variant_get_child_value (properties, 0);
  came = g_variant_lookup_value (known, change->property, NULL);
  g_assert_cmpint (g_variant_equal (came, wanted), !=, change->is_before);
}

static Death
kill_at_sync (const Change *change,
              guint         nth)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *mark = NULL;
  g_autoptr(GVariant) answer = NULL;

  scene_init (&scene);
  if (change->runs)
    client_tell (scene.stage.client, scene.tasks[0], "Resume");
  g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGTERM), ==, 0);
  load_stopper (scene.stage.fixture, "stopped", "fdatasync", nth);
  mark = g_build_filename (scene.stage.fixture->root, "stopped", NULL);
  answer = client_try (scene.stage.client, scene.tasks[0], "Task", "GetResumeData", NULL, NULL);
  if (g_file_test (mark, G_FILE_TEST_EXISTS))
    {
      g_assert_cmpint (fixture_wait_end (scene.stage.fixture), ==, KILLED);
      return IN_BEGINNING;
    }

  scene_expect (&scene, change->line, 0, change->output, "");
  assert_changed (&scene, change);
  if (!g_file_test (mark, G_FILE_TEST_EXISTS))
    {
      (void) fixture_end_service (scene.stage.fixture, SIGTERM);  /* it may die of that */
      return SPARED;
    }

  g_assert_cmpint (fixture_wait_end (scene.stage.fixture), ==, KILLED);
  return IN_VERB;
}

/* Killed whenever it is about to make something last. */
static void
test_killed_at_sync (void)
{
  static const Change changes[] = {
    { "ferry pause all", "#1 paused: a.bin\n", TRUE, "State", "'suspended'" },
    { "ferry resume 1", "#1 resumed: a.bin\n", FALSE, "State", "'suspended'", TRUE },
    { "ferry limit 500K 1", "#1 limited to 500.0 kB/s: a.bin\n", FALSE, "DownloadLimit",
      "uint64 500000" },
    { "ferry set-url 1 http://127.0.0.1:9/a.bin", "#1 has the new address: a.bin\n", FALSE, "Url",
      "'http://127.0.0.1:9/a.bin'" },
    { "ferry remove 1", "#1 removed: a.bin\n", FALSE, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      guint n_in_verb = 0;
      Death death;

      for (guint nth = 1; (death = kill_at_sync (&changes[i], nth)) != SPARED; nth++)
        n_in_verb += death == IN_VERB ? 1 : 0;
      g_test_message ("“%s”: %u kills", changes[i].line, n_in_verb);
      g_assert_cmpuint (n_in_verb, >=, 1);
    }
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/integration/cli-kills/before", test_killed_before);
  g_test_add_func ("/integration/cli-kills/in-deletion", test_killed_in_deletion);
  g_test_add_func ("/integration/cli-kills/always", test_killed_always);
  g_test_add_func ("/integration/cli-kills/at-sync", test_killed_at_sync);
  return g_test_run ();
}
