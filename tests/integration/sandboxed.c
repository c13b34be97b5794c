/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sandboxed ADDRESS ROOT: a program whose root folder is ROOT calls the service on the bus at
 * ADDRESS, and prints the name of the error that it gets, and its message.
 */
#define G_LOG_DOMAIN "test-sandboxed"

#include "config.h"

#include <gio/gio.h>
#include <stdio.h>
#include <unistd.h>

int
main (int    argc,
      char **argv)
{
  g_autoptr(GDBusConnection) connection = NULL;
  g_autoptr(GVariant) answer = NULL;
  g_autofree char *name = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (argc, ==, 3);
  connection = g_dbus_connection_new_for_address_sync (
    argv[1],
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);

  g_assert_no_errno (chroot (argv[2]));
  g_assert_no_errno (chdir ("/"));
  answer = g_dbus_connection_call_sync (connection, FERRY_SERVICE_ID,
                                        "/io/github/ferryapp/Ferry/Transfers1",
                                        FERRY_SERVICE_ID ".Manager", "ListTasks",
                                        g_variant_new ("(a{sv}tu)", NULL, G_GUINT64_CONSTANT (0),
                                                       0),
                                        NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  name = answer == NULL ? g_dbus_error_get_remote_error (error) : g_strdup ("answered");
  printf ("%s %s\n", name, answer == NULL ? error->message : "");
  fflush (stdout);
  /* A look for leaks at the end would need /proc, which is not in here. */
  _exit (0);
}
