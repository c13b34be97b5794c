/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-verify"

#include "config.h"

#include "transfer/verify.h"

#define STEP (1024 * 1024)

FerrydDigester *
ferryd_verify_new_digester (const FerrydPlan *plan,
                            const FerrydPart *part)
{
  g_autoptr(FerrydDigester) digester = ferryd_digester_new ();
  FerryDigest announced;

  if (plan->has_digest)
    ferryd_digester_expect (digester, &plan->digest, "the digest that was asked for");
  if (part->digest_field != NULL && ferry_digest_parse_field (part->digest_field, &announced))
    ferryd_digester_expect (digester, &announced, "Repr-Digest");

  return ferryd_digester_is_empty (digester) ? NULL : g_steal_pointer (&digester);
}

gboolean
ferryd_verify_read_file (FerrydRun       *run,
                         FerrydPartFile  *file,
                         FerrydDigester  *digester,
                         GError         **error)
{
  gint64 size = ferryd_part_file_get_position (file);
  g_autofree guint8 *buffer = g_malloc (STEP);

  atomic_store (&run->tally->phase, FERRYD_PHASE_CHECKING);
  for (gint64 offset = 0; offset < size; offset += STEP)
    {
      gsize n = (gsize) MIN (STEP, size - offset);

      if (g_cancellable_is_cancelled (run->cancellable))
        {
          g_set_error_literal (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_CANCELLED,
                               "The transfer was stopped");
          return FALSE;
        }
      if (!ferryd_part_file_read (file, offset, buffer, n, error))
        return FALSE;
      ferryd_digester_update (digester, buffer, n);
    }

  return TRUE;
}
