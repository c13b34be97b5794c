/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-autostart"

#include "config.h"

#include <gio/gdesktopappinfo.h>

#include "desk.h"

static Desk *desk;

/* The bus, not the entry, runs the program: with the argument that the service file has. */
static void
test_starts_service (void)
{
  g_autoptr(GDesktopAppInfo) entry = NULL;
  g_autofree char *started = NULL;
  g_autoptr(GError) error = NULL;

  entry = g_desktop_app_info_new_from_filename (g_getenv ("AUTOSTART_ENTRY"));
  g_assert_nonnull (entry);
  g_assert_true (g_desktop_app_info_get_nodisplay (entry));
  g_assert_true (g_app_info_launch (G_APP_INFO (entry), NULL, NULL, &error));
  g_assert_no_error (error);

  started = desk_get_opened (desk);
  g_assert_cmpstr (started, ==, "service ");
}

int
main (int   argc,
      char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  desk = desk_new ();
  g_test_add_func ("/autostart/starts-service", test_starts_service);
  result = g_test_run ();
  desk_free (desk);
  return result;
}
