/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-error"

#include "config.h"

#include <gio/gio.h>

#include "error.h"

#define BUS_NAME(kind) FERRY_SERVICE_ID ".Error." kind

static const GDBusErrorEntry bus_names[] = {
  { FERRY_ERROR_INVALID_OPTION, BUS_NAME ("InvalidOption") },
  { FERRY_ERROR_INVALID_URL, BUS_NAME ("InvalidUrl") },
  { FERRY_ERROR_WRONG_STATE, BUS_NAME ("WrongState") },
  { FERRY_ERROR_NOT_FOUND, BUS_NAME ("NotFound") },
  { FERRY_ERROR_NOT_ALLOWED, BUS_NAME ("NotAllowed") },
  { FERRY_ERROR_LIMIT, BUS_NAME ("Limit") },
  { FERRY_ERROR_DISK_FULL, BUS_NAME ("DiskFull") },
  { FERRY_ERROR_TARGET_EXISTS, BUS_NAME ("TargetExists") },
  { FERRY_ERROR_CREDENTIALS, BUS_NAME ("Credentials") },
  { FERRY_ERROR_TRUST, BUS_NAME ("Trust") },
  { FERRY_ERROR_SERVER, BUS_NAME ("Server") },
  { FERRY_ERROR_NETWORK, BUS_NAME ("Network") },
  { FERRY_ERROR_TIMEOUT, BUS_NAME ("Timeout") },
  { FERRY_ERROR_DIGEST, BUS_NAME ("Digest") },
  { FERRY_ERROR_CHANGED, BUS_NAME ("Changed") },
  { FERRY_ERROR_SOURCE_CHANGED, BUS_NAME ("SourceChanged") },
  { FERRY_ERROR_CANCELLED, BUS_NAME ("Cancelled") },
  { FERRY_ERROR_STORE, BUS_NAME ("Store") },
};
G_STATIC_ASSERT (G_N_ELEMENTS (bus_names) == FERRY_N_ERRORS);

/**
 * ferry_error_quark:
 *
 * Gives the domain of Ferry's errors.
 *
 * It is registered with GDBus on first use, so that errors cross the bus by their names in both
 * directions.
 *
 * Returns: the domain
 */
GQuark
ferry_error_quark (void)
{
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("ferry-error-quark", &quark, bus_names,
                                      G_N_ELEMENTS (bus_names));
  return (GQuark) quark;
}

/**
 * ferry_error_get_bus_name:
 * @code: a code
 *
 * Gives the name of an error on the bus.
 *
 * Returns: the name of @code on the bus
 */
const char *
ferry_error_get_bus_name (FerryError code)
{
  g_return_val_if_fail ((guint) code < FERRY_N_ERRORS, NULL);

  return bus_names[code].dbus_error_name;
}

/**
 * ferry_error_from_bus_name:
 * @bus_name: a D-Bus error name
 * @code: (out): the code; untouched where it is none of ours
 *
 * Finds the error of a name on the bus.
 *
 * Returns: whether @bus_name is one of ours
 */
gboolean
ferry_error_from_bus_name (const char *bus_name,
                           FerryError *code)
{
  for (guint i = 0; i < G_N_ELEMENTS (bus_names); i++)
    {
      if (g_strcmp0 (bus_names[i].dbus_error_name, bus_name) == 0)
        {
          *code = bus_names[i].error_code;
          return TRUE;
        }
    }

  return FALSE;
}
