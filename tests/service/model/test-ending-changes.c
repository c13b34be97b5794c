/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which properties of a task have other values after a move. */
#include "config.h"

#include "model/ending.h"
#include "model/task.h"

#define MASK(name) FERRYD_TASK_CHANGE (name)

static GVariant *
new_metrics (const char *text)
{
  return g_variant_ref_sink (g_variant_new_parsed ("[{'address': <%s>}]", text));
}

/* Both ways round, and with itself. */
static void
assert_status_mask (const FerrydTaskStatus *a,
                    const FerrydTaskStatus *b,
                    guint                   mask)
{
  g_assert_cmphex (ferryd_task_status_compare (a, b), ==, mask);
  g_assert_cmphex (ferryd_task_status_compare (b, a), ==, mask);
  g_assert_cmphex (ferryd_task_status_compare (b, b), ==, 0);
}

static void
test_compare_status (void)
{
  FerrydTaskStatus none = { 0 };
  FerrydTaskStatus other = { 0 };
  g_auto(FerrydTaskStatus) full = { 0 };
  g_auto(FerrydTaskStatus) copy = { 0 };
  g_autoptr(GVariant) one = new_metrics ("1");
  g_autoptr(GVariant) same = new_metrics ("1");
  g_autoptr(GVariant) two = new_metrics ("2");

  other = (FerrydTaskStatus) { .state = FERRY_TASK_STATE_FAILED };
  assert_status_mask (&none, &other, MASK (STATE) | MASK (PHASE) | MASK (PATH) | MASK (RATE));
  other = (FerrydTaskStatus) { .reason = FERRY_WAIT_REASON_QUEUE };
  assert_status_mask (&none, &other, MASK (REASON) | MASK (REASON_DETAILS));
  other = (FerrydTaskStatus) { .error_name = (char *) "a" };
  assert_status_mask (&none, &other, MASK (ERROR) | MASK (REASON_DETAILS));
  other = (FerrydTaskStatus) { .error_message = (char *) "a" };
  assert_status_mask (&none, &other, MASK (ERROR) | MASK (REASON_DETAILS));
  other = (FerrydTaskStatus) { .finished = 1 };
  assert_status_mask (&none, &other, MASK (FINISHED));
  other = (FerrydTaskStatus) { .clock_used = 1, .clock_since = 2, .attempts = 3 };
  assert_status_mask (&none, &other, 0);
  other = (FerrydTaskStatus) { .retry_at = 1 };
  assert_status_mask (&none, &other, MASK (RETRY_AT) | MASK (REASON_DETAILS));
  other = (FerrydTaskStatus) { .length_verified = TRUE };
  assert_status_mask (&none, &other, MASK (RESPONSE));
  other = (FerrydTaskStatus) { .digest = (char *) "a" };
  assert_status_mask (&none, &other, MASK (DIGEST));
  other = (FerrydTaskStatus) { .metrics = one };
  assert_status_mask (&none, &other, MASK (METRICS));
  none.metrics = same;
  assert_status_mask (&none, &other, 0);
  none.metrics = two;
  assert_status_mask (&none, &other, MASK (METRICS));

  full = (FerrydTaskStatus) {
    .state = FERRY_TASK_STATE_RUNNING,
    .error_name = g_strdup ("name"),
    .error_message = g_strdup ("message"),
    .digest = g_strdup ("digest"),
    .metrics = new_metrics ("1"),
  };
  ferryd_task_status_copy (&full, &copy);
  assert_status_mask (&full, &copy, 0);
}

static void
assert_kept_mask (const FerrydKept *a,
                  const FerrydKept *b,
                  guint             mask)
{
  g_assert_cmphex (ferryd_task_kept_compare (a, b), ==, mask);
  g_assert_cmphex (ferryd_task_kept_compare (b, a), ==, mask);
  g_assert_cmphex (ferryd_task_kept_compare (b, b), ==, 0);
}

static void
test_compare_kept (void)
{
  FerrydKept none = { 0 };
  FerrydKept other = { 0 };
  g_autoptr(GVariant) one = new_metrics ("1");
  g_autoptr(GVariant) same = new_metrics ("1");
  g_autoptr(GVariant) two = new_metrics ("2");

  other = (FerrydKept) { .started_over = 1 };
  assert_kept_mask (&none, &other, MASK (STARTED_OVER));
  other = (FerrydKept) { .current_url = (char *) "a" };
  assert_kept_mask (&none, &other, MASK (CURRENT_URL));
  other = (FerrydKept) { .file_name = (char *) "a" };
  assert_kept_mask (&none, &other, MASK (FILE_NAME));
  other = (FerrydKept) { .final_name = (char *) "a" };
  assert_kept_mask (&none, &other, MASK (FILE_NAME) | MASK (PATH));
  other = (FerrydKept) { .part = { .name = (char *) "a" } };
  assert_kept_mask (&none, &other, MASK (PATH));
  other = (FerrydKept) { .response = one };
  assert_kept_mask (&none, &other, MASK (RESPONSE));
  none.response = same;
  assert_kept_mask (&none, &other, 0);
  none.response = two;
  assert_kept_mask (&none, &other, MASK (RESPONSE));

  /* The bytes are counted elsewhere. */
  none = (FerrydKept) { 0 };
  other = (FerrydKept) { .part = { .offset = 7, .total = 9, .inode = 3 } };
  assert_kept_mask (&none, &other, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/ending-changes/status", test_compare_status);
  g_test_add_func ("/ending-changes/kept", test_compare_kept);

  return g_test_run ();
}
