/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-outcome"

#include "config.h"

#include "transfer/outcome.h"

G_DEFINE_QUARK (ferryd-transfer-error-quark, ferryd_transfer_error)

static const struct
{
  const char *nick;
  FerryError  public_code;
} classes[] = {
  [FERRYD_TRANSFER_ERROR_NETWORK] = { "network", FERRY_ERROR_NETWORK },
  [FERRYD_TRANSFER_ERROR_TRUNCATED] = { "truncated", FERRY_ERROR_NETWORK },
  [FERRYD_TRANSFER_ERROR_SERVER] = { "server", FERRY_ERROR_SERVER },
  [FERRYD_TRANSFER_ERROR_TRUST] = { "trust", FERRY_ERROR_TRUST },
  [FERRYD_TRANSFER_ERROR_CREDENTIALS] = { "credentials", FERRY_ERROR_CREDENTIALS },
  [FERRYD_TRANSFER_ERROR_NEW_URL] = { "new-url", FERRY_ERROR_SERVER },
  [FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL] = { "captive-portal", FERRY_ERROR_NETWORK },
  [FERRYD_TRANSFER_ERROR_DISK_FULL] = { "disk-full", FERRY_ERROR_DISK_FULL },
  [FERRYD_TRANSFER_ERROR_CHANGED] = { "changed", FERRY_ERROR_CHANGED },
  [FERRYD_TRANSFER_ERROR_DIGEST] = { "digest", FERRY_ERROR_DIGEST },
  [FERRYD_TRANSFER_ERROR_CANCELLED] = { "cancelled", FERRY_ERROR_CANCELLED },
  [FERRYD_TRANSFER_ERROR_FOLDER] = { "folder", FERRY_ERROR_NOT_ALLOWED },
  [FERRYD_TRANSFER_ERROR_STORE] = { "store", FERRY_ERROR_STORE },
};
G_STATIC_ASSERT (G_N_ELEMENTS (classes) == FERRYD_N_TRANSFER_ERRORS);

const char *
ferryd_transfer_error_get_nick (FerrydTransferError code)
{
  g_return_val_if_fail ((guint) code < FERRYD_N_TRANSFER_ERRORS, NULL);

  return classes[code].nick;
}

FerryError
ferryd_transfer_error_get_public (FerrydTransferError code)
{
  g_return_val_if_fail ((guint) code < FERRYD_N_TRANSFER_ERRORS, FERRY_ERROR_STORE);

  return classes[code].public_code;
}

void
ferryd_transfer_error_make_public (GError **error)
{
  GError *own = *error;

  if (own == NULL || own->domain != FERRYD_TRANSFER_ERROR)
    return;

  *error = g_error_new_literal (FERRY_ERROR, (int) ferryd_transfer_error_get_public (own->code),
                                own->message);
  g_clear_error (&own);
}

FerrydOutcome *
ferryd_outcome_new (void)
{
  FerrydOutcome *outcome = g_new0 (FerrydOutcome, 1);

  outcome->retry_after = -1;
  return outcome;
}

void
ferryd_outcome_free (FerrydOutcome *outcome)
{
  g_clear_error (&outcome->error);
  g_clear_pointer (&outcome->kept, ferryd_kept_free);
  g_clear_pointer (&outcome->metrics, g_variant_unref);
  g_free (outcome);
}

gboolean
ferryd_outcome_is (const FerrydOutcome *outcome,
                   FerrydTransferError  code)
{
  return g_error_matches (outcome->error, FERRYD_TRANSFER_ERROR, code);
}
