/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-kept"

#include "config.h"

#include "transfer/kept.h"

void
ferryd_part_init (FerrydPart *part)
{
  *part = (FerrydPart) { .total = -1, .silent_end = -1 };
}

void
ferryd_part_clear (FerrydPart *part)
{
  g_clear_pointer (&part->name, g_free);
  g_clear_pointer (&part->etag, g_free);
  g_clear_pointer (&part->last_modified, g_free);
  g_clear_pointer (&part->coding, g_free);
  g_clear_pointer (&part->digest_field, g_free);
  ferryd_part_init (part);
}

void
ferryd_part_copy (const FerrydPart *part,
                  FerrydPart       *copy)
{
  *copy = *part;
  copy->name = g_strdup (part->name);
  copy->etag = g_strdup (part->etag);
  copy->last_modified = g_strdup (part->last_modified);
  copy->coding = g_strdup (part->coding);
  copy->digest_field = g_strdup (part->digest_field);
}

FerrydKept *
ferryd_kept_new (void)
{
  FerrydKept *kept = g_new0 (FerrydKept, 1);

  ferryd_part_init (&kept->part);
  ferryd_part_init (&kept->spare);
  ferryd_part_init (&kept->other);
  ferryd_part_init (&kept->other_spare);
  return kept;
}

FerrydKept *
ferryd_kept_copy (const FerrydKept *kept)
{
  FerrydKept *copy = g_new (FerrydKept, 1);

  ferryd_part_copy (&kept->part, &copy->part);
  ferryd_part_copy (&kept->spare, &copy->spare);
  copy->other_folder = g_strdup (kept->other_folder);
  ferryd_part_copy (&kept->other, &copy->other);
  ferryd_part_copy (&kept->other_spare, &copy->other_spare);
  copy->file_name = g_strdup (kept->file_name);
  copy->final_name = g_strdup (kept->final_name);
  copy->current_url = g_strdup (kept->current_url);
  copy->response = kept->response != NULL ? g_variant_ref (kept->response) : NULL;
  copy->started_over = kept->started_over;
  return copy;
}

void
ferryd_kept_free (FerrydKept *kept)
{
  ferryd_kept_drop_other (kept);
  ferryd_part_clear (&kept->part);
  ferryd_part_clear (&kept->spare);
  g_free (kept->file_name);
  g_free (kept->final_name);
  g_free (kept->current_url);
  g_clear_pointer (&kept->response, g_variant_unref);
  g_free (kept);
}

void
ferryd_kept_drop_other (FerrydKept *kept)
{
  g_clear_pointer (&kept->other_folder, g_free);
  ferryd_part_clear (&kept->other);
  ferryd_part_clear (&kept->other_spare);
}
