/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-resume"

#include "config.h"

#include <libsoup/soup.h>

#include "transfer/resume.h"

/* How much is fetched again and compared where no validator is proof: what aria2 and browsers
 * never do. */
#define OVERLAP (64 * 1024)

/* A whole answer shorter than this, where more is kept, is rather a page that says something. */
#define PAGE_SIZE_AT_MOST (1024 * 1024)

static gboolean
is_weak (const char *etag)
{
  return g_ascii_strncasecmp (etag, "W/", 2) == 0;
}

static gboolean
is_strong (const char *etag)
{
  return etag != NULL && !is_weak (etag);
}

/* RFC 9110 §8.8.3.2, weak comparison. */
static gboolean
match_weakly (const char *a,
              const char *b)
{
  if (a == NULL || b == NULL)
    return a == b;

  return strcmp (a + (is_weak (a) ? 2 : 0), b + (is_weak (b) ? 2 : 0)) == 0;
}

gboolean
ferryd_resume_is_proven (const FerrydPart  *part,
                         const FerrydFacts *facts)
{
  if (g_strcmp0 (part->coding, facts->coding) != 0)
    return FALSE;

  if (is_strong (part->etag))
    return g_strcmp0 (part->etag, facts->etag) == 0;

  return part->etag == NULL && part->date_is_strong &&
         g_strcmp0 (part->last_modified, facts->last_modified) == 0;
}

/* No contradiction between what @part's version and that of @facts say of themselves. */
static gboolean
may_be_same (const FerrydPart  *part,
             const FerrydFacts *facts)
{
  return g_strcmp0 (part->coding, facts->coding) == 0 &&
         match_weakly (part->etag, facts->etag) &&
         g_strcmp0 (part->last_modified, facts->last_modified) == 0;
}

void
ferryd_resume_ask_whole (FerrydAsk *ask)
{
  *ask = (FerrydAsk) { .basis = FERRYD_BASIS_NONE, .from = -1 };
}

void
ferryd_resume_ask_overlap (const FerrydPart *part,
                           FerrydAsk        *ask)
{
  *ask = (FerrydAsk) { .basis = FERRYD_BASIS_OVERLAP, .from = MAX (part->offset - OVERLAP, 0) };
}

void
ferryd_resume_ask (const FerrydPart *part,
                   gboolean          unproven,
                   FerrydAsk        *ask)
{
  gboolean has_validator = part->etag != NULL || part->last_modified != NULL;

  ferryd_resume_ask_whole (ask);
  if (part->offset == 0 || part->refuses_ranges)
    return;

  if (is_strong (part->etag))
    *ask = (FerrydAsk) { .basis = FERRYD_BASIS_ETAG, .from = part->offset, .if_range = part->etag };
  else if (part->etag == NULL && part->date_is_strong)
    *ask = (FerrydAsk) { .basis = FERRYD_BASIS_DATE, .from = part->offset,
      .if_range = part->last_modified };
  else if (has_validator || (part->total >= 0 && unproven))
    ferryd_resume_ask_overlap (part, ask);
}

static gboolean
is_login_page (const FerrydPart  *part,
               const FerrydFacts *facts)
{
  if (part->offset == 0)
    return FALSE;

  return (facts->is_html && !part->is_html) ||
         (facts->length >= 0 && facts->length < PAGE_SIZE_AT_MOST && part->offset > facts->length);
}

static FerrydVerdict
judge_whole (const FerrydPart  *part,
             const FerrydFacts *facts)
{
  gboolean same_total = part->total < 0 || facts->length < 0 || part->total == facts->length;

  if (part->offset > 0 && same_total && ferryd_resume_is_proven (part, facts))
    return FERRYD_VERDICT_SKIP;
  if (is_login_page (part, facts))
    return FERRYD_VERDICT_LOGIN_PAGE;

  return FERRYD_VERDICT_BEGIN;
}

/* A 206 although we asked for the whole: some servers send it for `bytes=0-` alone, others by
 * mistake. */
static FerrydVerdict
judge_unasked (const FerrydPart  *part,
               const FerrydFacts *facts)
{
  if (!facts->has_range || facts->is_multipart || facts->range.start != 0 ||
      (facts->length >= 0 && facts->length != facts->range.end + 1))
    return FERRYD_VERDICT_SENSELESS;

  if (part->total >= 0 && facts->range.total >= 0 && part->total != facts->range.total)
    return FERRYD_VERDICT_BEGIN;

  return part->offset > 0 && ferryd_resume_is_proven (part, facts) ? FERRYD_VERDICT_SKIP
      : FERRYD_VERDICT_BEGIN;
}

static FerrydVerdict
judge_partial (const FerrydPart  *part,
               const FerrydAsk   *ask,
               const FerrydFacts *facts)
{
  const FerryContentRange *range = &facts->range;

  if (ask->from < 0)
    return judge_unasked (part, facts);

  if (!facts->has_range || facts->is_multipart || range->start < 0 || range->start > part->offset)
    return FERRYD_VERDICT_WHOLE;

  /* It ends where we stand, or before: nothing to be won, whatever it proves. An overlap proves
   * that we have all. */
  if (range->end < part->offset &&
      !(range->end == part->offset - 1 && range->total == part->offset))
    return FERRYD_VERDICT_WHOLE;

  if (facts->length >= 0 && facts->length != range->end - range->start + 1)
    return FERRYD_VERDICT_SENSELESS;

  if (part->total >= 0 && range->total >= 0 && part->total != range->total)
    return FERRYD_VERDICT_WHOLE;

  if (ferryd_resume_is_proven (part, facts))
    return ask->basis == FERRYD_BASIS_OVERLAP ? FERRYD_VERDICT_COMPARE : FERRYD_VERDICT_SKIP;

  /* Bytes prove only where validators do not say otherwise, and the whole is as long as it was. */
  if (ask->basis == FERRYD_BASIS_OVERLAP && may_be_same (part, facts) &&
      range->start == ask->from &&
      (part->total < 0 || range->total == part->total))
    return FERRYD_VERDICT_COMPARE;

  return FERRYD_VERDICT_WHOLE;
}

/* The range does not exist: either we have all, or the file is another. */
static FerrydVerdict
judge_unsatisfiable (const FerrydPart  *part,
                     const FerrydAsk   *ask,
                     const FerrydFacts *facts)
{
  gboolean ends_here = facts->has_range && facts->range.start < 0 &&
    facts->range.total == part->offset;

  if (ask->from < 0)
    return FERRYD_VERDICT_REFUSED;
  if (!ends_here || ask->basis == FERRYD_BASIS_OVERLAP ||
      (part->total >= 0 && part->total != part->offset))
    return FERRYD_VERDICT_WHOLE;

  /* A 416 describes no body, so its coding and the like say nothing: only the tag or the date
   * itself is proof. */
  if ((is_strong (part->etag) && g_strcmp0 (part->etag, facts->etag) == 0) ||
      (part->etag == NULL && part->date_is_strong &&
       g_strcmp0 (part->last_modified, facts->last_modified) == 0))
    return FERRYD_VERDICT_COMPLETE;

  return FERRYD_VERDICT_OVERLAP;
}

FerrydVerdict
ferryd_resume_judge (const FerrydPart  *part,
                     const FerrydAsk   *ask,
                     const FerrydFacts *facts)
{
  if (facts->has_lengths && SOUP_STATUS_IS_SUCCESSFUL (facts->status))
    return FERRYD_VERDICT_SENSELESS;

  switch (facts->status)
    {
    case SOUP_STATUS_OK:
    case SOUP_STATUS_NON_AUTHORITATIVE:
      return judge_whole (part, facts);

    case SOUP_STATUS_PARTIAL_CONTENT:
      return judge_partial (part, ask, facts);

    case SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE:
      return judge_unsatisfiable (part, ask, facts);

    default:
      return FERRYD_VERDICT_REFUSED;
    }
}
