/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "common/digest.h"
#include "common/error.h"
#include "transfer/kept.h"

G_BEGIN_DECLS

/*
 * FerrydTransferError:
 * @FERRYD_TRANSFER_ERROR_NETWORK: no connection, or it was lost before the answer; a time-out
 * @FERRYD_TRANSFER_ERROR_TRUNCATED: the body ended before its announced end, or nobody can say that
 * it is whole
 * @FERRYD_TRANSFER_ERROR_SERVER: a status that is no success, or an answer that makes no sense
 * @FERRYD_TRANSFER_ERROR_TRUST: the certificate, or the version of TLS
 * @FERRYD_TRANSFER_ERROR_CREDENTIALS: 401 or 407
 * @FERRYD_TRANSFER_ERROR_NEW_URL: the address has expired, and bytes of the file are kept
 * @FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL: a sign-in page of the network answered in the server's
 * place
 * @FERRYD_TRANSFER_ERROR_DISK_FULL: no room
 * @FERRYD_TRANSFER_ERROR_CHANGED: the file changes faster than it can be fetched
 * @FERRYD_TRANSFER_ERROR_DIGEST: the bytes are not those that were announced; they are deleted
 * @FERRYD_TRANSFER_ERROR_CANCELLED: the job was told to stop
 * @FERRYD_TRANSFER_ERROR_FOLDER: the destination cannot be used
 * @FERRYD_TRANSFER_ERROR_STORE: a checkpoint failed
 *
 * The class of a job's end: what decides whether, when and by whose help it is tried again.
 */
typedef enum
{
  FERRYD_TRANSFER_ERROR_NETWORK,
  FERRYD_TRANSFER_ERROR_TRUNCATED,
  FERRYD_TRANSFER_ERROR_SERVER,
  FERRYD_TRANSFER_ERROR_TRUST,
  FERRYD_TRANSFER_ERROR_CREDENTIALS,
  FERRYD_TRANSFER_ERROR_NEW_URL,
  FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL,
  FERRYD_TRANSFER_ERROR_DISK_FULL,
  FERRYD_TRANSFER_ERROR_CHANGED,
  FERRYD_TRANSFER_ERROR_DIGEST,
  FERRYD_TRANSFER_ERROR_CANCELLED,
  FERRYD_TRANSFER_ERROR_FOLDER,
  FERRYD_TRANSFER_ERROR_STORE,
} FerrydTransferError;

#define FERRYD_N_TRANSFER_ERRORS (FERRYD_TRANSFER_ERROR_STORE + 1)

#define FERRYD_TRANSFER_ERROR (ferryd_transfer_error_quark ())

/* Why a job was told to stop. */
typedef enum
{
  FERRYD_CAUSE_NONE,
  FERRYD_CAUSE_SUSPEND,           /* the bytes stay */
  FERRYD_CAUSE_CANCEL,            /* the bytes go */
  FERRYD_CAUSE_SHUTDOWN,          /* the service leaves; the bytes stay */
  FERRYD_CAUSE_RESTART,           /* it is to begin again at once; the bytes stay */
  FERRYD_CAUSE_REQUEST_TIMEOUT,   /* no sign of life for too long */
  FERRYD_CAUSE_RESOURCE_TIMEOUT,  /* it took too long as a whole */
} FerrydCause;

/* What came of a job. A value. */
typedef struct
{
  GError      *error;            /* owned; a FerrydTransferError. NULL: finished */
  FerrydCause  cause;            /* when the class is CANCELLED or the error a time-out */
  gboolean     host_unknown;     /* the error is that no address was found for the host's name */
  guint        status;           /* HTTP status of the last answer. 0: none */
  gint64       retry_after;      /* s, from the answer. −1: nothing said */
  FerrydKept  *kept;             /* owned; what is on disk now, already in the store */
  gboolean     length_verified;  /* finished: the length was announced, or its end was seen */
  gboolean     has_digest;
  /* finished: the strongest that the bytes were compared with, when has_digest */
  FerryDigest  digest;
  GVariant    *metrics;          /* owned; aa{sv}, a dict for each HTTP exchange, oldest first */
} FerrydOutcome;

GQuark         ferryd_transfer_error_quark        (void);

/* The word of a class: `network`, `truncated`, `new-url`, … */
const char    *ferryd_transfer_error_get_nick     (FerrydTransferError code);

/* The class as those outside the service know it. */
FerryError     ferryd_transfer_error_get_public   (FerrydTransferError code);

/* Makes *@error, where it is a class, the FerryError that those outside see. */
void           ferryd_transfer_error_make_public  (GError **error);

FerrydOutcome *ferryd_outcome_new                 (void);

void           ferryd_outcome_free                (FerrydOutcome *outcome);

gboolean       ferryd_outcome_is                  (const FerrydOutcome *outcome,
                                                   FerrydTransferError  code);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydOutcome, ferryd_outcome_free)

G_END_DECLS
