/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-moment"

#include "config.h"

#include <string.h>

#include "cli/moment.h"

/* It is noon, two hours ahead of UTC; next night the clocks there go forward. */
#define ZONE "Europe/Berlin"
#define NOW "2027-03-27T12:00:00"

static GDateTime *
make_now (void)
{
  g_autoptr(GTimeZone) zone = g_time_zone_new_identifier (ZONE);

  g_assert_nonnull (zone);
  return g_date_time_new_from_iso8601 (NOW, zone);
}

static void
test_times (void)
{
  static const struct
  {
    const char *text;
    const char *utc;
  } rows[] = {
    { "22:30", "2027-03-27T21:30:00" },
    { "12:01", "2027-03-27T11:01:00" },
    { "12:00", "2027-03-28T10:00:00" },    /* in summer time by then */
    { "8:05", "2027-03-28T06:05:00" },
    { "00:00", "2027-03-27T23:00:00" },
    { "2027-03-27 22:30", "2027-03-27T21:30:00" },
    { "2027-12-31T22:30", "2027-12-31T21:30:00" },
    { "2027-12-31 22:30:15", "2027-12-31T21:30:15" },
    { "2027-12-31T22:30:15Z", "2027-12-31T22:30:15" },
    { "2027-12-31T22:30Z", "2027-12-31T22:30:00" },
    { "2027-12-31T22:30:00+05:30", "2027-12-31T17:00:00" },
    { "+90s", "2027-03-27T11:01:30" },
    { "+30m", "2027-03-27T11:30:00" },
    { "+2h", "2027-03-27T13:00:00" },
    { "+1h30m", "2027-03-27T12:30:00" },
    { "+1d", "2027-03-28T11:00:00" },
  };
  g_autoptr(GDateTime) now = make_now ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GTimeZone) utc = g_time_zone_new_utc ();
      g_autoptr(GDateTime) expected = g_date_time_new_from_iso8601 (rows[i].utc, utc);
      g_autoptr(GError) error = NULL;
      gint64 moment = 0;

      g_test_message ("%s", rows[i].text);
      g_assert_true (ferry_moment_parse (rows[i].text, now, &moment, &error));
      g_assert_no_error (error);
      g_assert_cmpint (moment, ==, g_date_time_to_unix (expected) * G_USEC_PER_SEC);
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } rows[] = {
    { "", "“” is no time; write it as 22:30" },
    { "noon", "“noon” is no time" },
    { "24:00", "is no time" },
    { "12:60", "is no time" },
    { "1230", "is no time" },
    { "12:3", "is no time" },
    { "2027-02-30 12:00", "is no time" },
    { "2027-12-31", "is no time" },
    { "2027-12-31 22:30 x", "is no time" },
    { "+", "is no time" },
    { "+5", "is no time" },
    { "+0s", "is no time" },
    { "+-5s", "is no time" },
    { "+5w", "is no time" },
    { "+99999999999999999999s", "is no time" },
    { "+4000d", "is no time" },
    { "x\033[2J", "“x�[2J” is no time" },
    { "2027-03-27 11:59", "the time “2027-03-27 11:59” is over already; leave it out" },
    { "2027-03-27T10:59:59Z", "is over already" },
  };
  g_autoptr(GDateTime) now = make_now ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GError) error = NULL;
      gint64 moment = 7;

      g_test_message ("%s", rows[i].text);
      g_assert_false (ferry_moment_parse (rows[i].text, now, &moment, &error));
      g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
      g_assert_nonnull (strstr (error->message, rows[i].message));
      g_assert_cmpint (moment, ==, 7);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/moment/times", test_times);
  g_test_add_func ("/cli/moment/refused", test_refused);
  return g_test_run ();
}
