/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FERRY_ERROR:
 *
 * The domain of the errors that callers of the service may act on.
 */
#define FERRY_ERROR (ferry_error_quark ())

/**
 * FerryError:
 * @FERRY_ERROR_INVALID_OPTION: an option is unknown, has the wrong type or a value that cannot be
 * used
 * @FERRY_ERROR_INVALID_URL: the address is none that can be fetched
 * @FERRY_ERROR_WRONG_STATE: the object's state does not allow the call
 * @FERRY_ERROR_NOT_FOUND: there is no such object for this caller
 * @FERRY_ERROR_NOT_ALLOWED: the caller, or the service, may not do this
 * @FERRY_ERROR_LIMIT: a quota is used up
 * @FERRY_ERROR_DISK_FULL: there is no room
 * @FERRY_ERROR_TARGET_EXISTS: something else has that name
 * @FERRY_ERROR_CREDENTIALS: the server or a proxy wants a sign-in
 * @FERRY_ERROR_TRUST: the server's certificate cannot be trusted
 * @FERRY_ERROR_SERVER: the server refused, or said what makes no sense
 * @FERRY_ERROR_NETWORK: the connection could not be made, or was lost
 * @FERRY_ERROR_TIMEOUT: nothing came in time
 * @FERRY_ERROR_DIGEST: the bytes are not those that were announced
 * @FERRY_ERROR_CHANGED: the file on the server changes too often to be fetched
 * @FERRY_ERROR_SOURCE_CHANGED: the local file changed while it was sent
 * @FERRY_ERROR_CANCELLED: it was cancelled
 * @FERRY_ERROR_STORE: the service's database failed
 *
 * What went wrong, in kinds a program can act on. On the bus each is
 * `io.github.ferryapp.Ferry.Transfers1.Error.Kind`.
 */
typedef enum
{
  FERRY_ERROR_INVALID_OPTION,
  FERRY_ERROR_INVALID_URL,
  FERRY_ERROR_WRONG_STATE,
  FERRY_ERROR_NOT_FOUND,
  FERRY_ERROR_NOT_ALLOWED,
  FERRY_ERROR_LIMIT,
  FERRY_ERROR_DISK_FULL,
  FERRY_ERROR_TARGET_EXISTS,
  FERRY_ERROR_CREDENTIALS,
  FERRY_ERROR_TRUST,
  FERRY_ERROR_SERVER,
  FERRY_ERROR_NETWORK,
  FERRY_ERROR_TIMEOUT,
  FERRY_ERROR_DIGEST,
  FERRY_ERROR_CHANGED,
  FERRY_ERROR_SOURCE_CHANGED,
  FERRY_ERROR_CANCELLED,
  FERRY_ERROR_STORE,
} FerryError;

/**
 * FERRY_N_ERRORS: (skip)
 *
 * How many kinds of error there are.
 */
#define FERRY_N_ERRORS (FERRY_ERROR_STORE + 1)

GQuark      ferry_error_quark        (void);

const char *ferry_error_get_bus_name (FerryError code);

gboolean    ferry_error_from_bus_name (const char *bus_name,
                                       FerryError *code);

G_END_DECLS
