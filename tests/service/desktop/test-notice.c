/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-notice"

#include "config.h"

#include "desktop/notice.h"

static const struct
{
  guint       n_finished;
  guint       n_failed;
  const char *only_name;
  const char *summary;
  const char *body;
} rows[] = {
  { 1, 0, "report.pdf", "Download finished", "report.pdf" },
  { 1, 0, NULL, "Download finished", NULL },
  { 1, 0, "a <b>&amp; c", "Download finished", "a <b>&amp; c" },
  { 1, 0, "caf\xe9", "Download finished", "caf\xef\xbf\xbd" },
  { 3, 0, NULL, "3 downloads finished", NULL },
  { 3, 0, "report.pdf", "3 downloads finished", NULL },
  { 0, 1, "report.pdf", "Download failed", "report.pdf" },
  { 0, 2, NULL, "2 downloads failed", NULL },
  { 2, 1, NULL, "2 downloads finished, 1 failed", NULL },
  { 1, 1, "report.pdf", "1 download finished, 1 failed", NULL },
  { 1, 12, NULL, "1 download finished, 12 failed", NULL },
};

static void
test_words (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *summary = NULL;
      g_autofree char *body = NULL;

      ferryd_notifier_describe (rows[i].n_finished, rows[i].n_failed, rows[i].only_name, &summary,
                                &body);
      g_assert_cmpstr (summary, ==, rows[i].summary);
      g_assert_cmpstr (body, ==, rows[i].body);
    }
}

static void
test_copy (void)
{
  const char * const paths[] = { "/tmp/caf\xe9", "/tmp/b", NULL };
  const FerrydNotice notice = { "caf\xe9", "b\xe9", "org.example.App", paths[0], paths };
  const FerrydNotice least = { .summary = "s" };
  g_autoptr(FerrydNotice) copy = ferryd_notice_copy (&notice);
  g_autoptr(FerrydNotice) copy_of_least = ferryd_notice_copy (&least);

  g_assert_cmpstr (copy->summary, ==, "caf\xef\xbf\xbd");
  g_assert_cmpstr (copy->body, ==, "b\xef\xbf\xbd");
  g_assert_cmpstr (copy->app_id, ==, "org.example.App");
  g_assert_cmpstr (copy->file, ==, paths[0]);
  g_assert_cmpstrv ((char **) copy->paths, (char **) paths);

  g_assert_cmpstr (copy_of_least->summary, ==, "s");
  g_assert_null (copy_of_least->body);
  g_assert_null (copy_of_least->paths);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/notice/words", test_words);
  g_test_add_func ("/notice/copy", test_copy);
  return g_test_run ();
}
