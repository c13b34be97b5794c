/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The service ends at random moments, while there is much to do: nothing is lost. */
#define G_LOG_DOMAIN "test-kills"

#include "config.h"

#include <signal.h>

#include "voyage.h"

#define MIB (1024 * 1024)

static void
test_killed (void)
{
  static const VoyageOrders quick = {
    .n_pieces = 20, .n_strikes = 15, .signal = SIGKILL,
    .most_bytes = 3 * MIB, .pace_ms = 8, .longest_ms = 400,
  };
  static const VoyageOrders slow = {
    .n_pieces = 100, .n_strikes = 100, .signal = SIGKILL,
    .most_bytes = 3 * MIB, .pace_ms = 6, .longest_ms = 600,
  };

  voyage_run (g_test_slow () ? &slow : &quick);
}

/* Smaller ones, of which many begin and end. */
static void
test_terminated (void)
{
  static const VoyageOrders orders = {
    .n_pieces = 80, .n_strikes = 50, .signal = SIGTERM,
    .most_bytes = MIB / 2, .pace_ms = 6, .longest_ms = 60,
  };

  voyage_run (&orders);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/kills/killed", test_killed);
  g_test_add_func ("/kills/terminated", test_terminated);
  return g_test_run ();
}
