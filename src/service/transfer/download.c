/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-download"

#include "config.h"

#include <libsoup/soup.h>

#include "transfer/body.h"
#include "transfer/download.h"
#include "transfer/exchange.h"
#include "transfer/folder.h"
#include "transfer/publish.h"
#include "transfer/resume.h"
#include "transfer/syncer.h"
#include "transfer/verify.h"

/* Versions that a run sees go by before it says that the file changes too fast. */
#define MAX_VERSIONS 4

/* Answers in a row that bring less than a page each before the server is called senseless. */
#define MAX_CRUMBS 64
#define CRUMB 4096

/* How far down the ladder of questions a run is. It goes back up when bytes were won. */
typedef enum
{
  STEP_BEST,     /* the best proof that the part can ask for */
  STEP_OVERLAP,
  STEP_WHOLE,
} Step;

typedef struct
{
  FerrydRun       run;
  FerrydPartFile *file;      /* owned */
  /* owned; of the whole file. NULL unless all its bytes pass by in this run */
  FerrydDigester *digester;
  Step            step;
  guint           versions;  /* begun in this run */
  guint           crumbs;    /* answers in a row that brought next to nothing */
} Download;

static FerrydPart *
get_part (Download *self)
{
  return &self->run.outcome->kept->part;
}

static void
note_response (Download     *self,
               FerrydAnswer *answer)
{
  FerrydKept *kept = self->run.outcome->kept;

  g_clear_pointer (&kept->response, g_variant_unref);
  kept->response = ferryd_facts_describe_response (answer->message);
}

/* The answer's body is a file from its first byte, and nothing kept is of use to it. */
static gboolean
begin_version (Download      *self,
               FerrydAnswer  *answer,
               GError       **error)
{
  FerrydKept *kept = self->run.outcome->kept;
  FerrydPart part;

  if (++self->versions > MAX_VERSIONS)
    {
      g_set_error_literal (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_CHANGED,
                           "The file on the server changes faster than it can be fetched");
      return FALSE;
    }

  ferryd_part_init (&part);
  ferryd_facts_describe (&answer->facts, &part);
  part.silent_end = kept->part.silent_end;  /* an end of the same kind at the same byte will do */
  if (kept->file_name == NULL)
    kept->file_name = ferryd_facts_choose_name (answer->message, self->run.plan->file_name,
                                                self->run.plan->url);

  note_response (self, answer);  /* told with the name, not some seconds later */
  if (!ferryd_part_file_reserve (self->file, &part, error))
    return FALSE;

  g_clear_pointer (&self->digester, ferryd_digester_free);
  self->digester = ferryd_verify_new_digester (self->run.plan, get_part (self));
  return TRUE;
}

static void
count_in (Download     *self,
          FerrydAnswer *answer)
{
  FerrydTally *tally = self->run.tally;
  gint64 position = ferryd_part_file_get_position (self->file);
  gint64 expected = get_part (self)->total >= 0 ? get_part (self)->total : answer->facts.length;

  atomic_store (&tally->received, position);
  atomic_store (&tally->expected, expected);
  atomic_store (&tally->phase, FERRYD_PHASE_TRANSFERRING);
}

static gboolean
is_whole (Download *self)
{
  FerrydPart *part = get_part (self);

  return part->name != NULL && part->total >= 0 &&
         ferryd_part_file_get_position (self->file) == part->total;
}

static gboolean
fail_senseless (FerrydAnswer  *answer,
                GError       **error)
{
  g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_SERVER,
               "%s answered in a way that makes no sense",
               g_uri_get_host (soup_message_get_uri (answer->message)));
  return FALSE;
}

/* The length of the whole, where this answer is the first to tell it. */
static void
adopt_total (Download     *self,
             FerrydAnswer *answer)
{
  gboolean is_partial = answer->facts.status == SOUP_STATUS_PARTIAL_CONTENT;

  if (get_part (self)->total < 0)
    get_part (self)->total = is_partial ? answer->facts.range.total : answer->facts.length;
}

/* Copies the body. TRUE also when it is not the end of the file, or was of no use: the next
 * question will tell. */
static gboolean
take_body (Download      *self,
           FerrydAnswer  *answer,
           gboolean       compare,
           GError       **error)
{
  FerrydBody body = { .run = &self->run, .answer = answer, .file = self->file, .compare = compare };
  gint64 before = ferryd_part_file_get_position (self->file);
  gint64 won;
  gboolean copied;

  body.digester = self->digester;
  count_in (self, answer);
  if (!compare)
    adopt_total (self, answer);

  /* A comparison that did not get to its end proves nothing, not even a length. */
  copied = ferryd_body_copy (&body, error);
  if (copied || ferryd_part_file_get_position (self->file) > before)
    adopt_total (self, answer);

  if (body.differs)
    {
      self->step = STEP_WHOLE;
      return TRUE;
    }
  if (!copied)
    return FALSE;

  won = ferryd_part_file_get_position (self->file) - before;
  if (won > 0 || is_whole (self))
    {
      self->step = STEP_BEST;
      self->crumbs = won < CRUMB ? self->crumbs + 1 : 0;
      return self->crumbs < MAX_CRUMBS || is_whole (self) || fail_senseless (answer, error);
    }

  /* Nothing was won; without this a server could keep us asking for ever. */
  if (self->step == STEP_WHOLE)
    return fail_senseless (answer, error);

  self->step++;
  return TRUE;
}

static gboolean
is_refused_for_good (guint status)
{
  return status == SOUP_STATUS_FORBIDDEN || status == SOUP_STATUS_NOT_FOUND ||
         status == SOUP_STATUS_GONE;
}

static gboolean
refuse (Download      *self,
        FerrydAnswer  *answer,
        GError       **error)
{
  guint status = answer->facts.status;
  const char *host = g_uri_get_host (soup_message_get_uri (answer->message));
  FerrydTransferError code = FERRYD_TRANSFER_ERROR_SERVER;

  if (status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_PROXY_UNAUTHORIZED)
    code = FERRYD_TRANSFER_ERROR_CREDENTIALS;
  else if (status == 511)  /* Network Authentication Required, RFC 6585 §6 */
    code = FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL;
  else if (is_refused_for_good (status) && ferryd_part_file_get_position (self->file) > 0)
    code = FERRYD_TRANSFER_ERROR_NEW_URL;

  note_response (self, answer);
  ferryd_answer_drop_body (answer);
  g_set_error (error, FERRYD_TRANSFER_ERROR, code, "%s answered %u %s", host, status,
               soup_message_get_reason_phrase (answer->message));
  return FALSE;
}

static gboolean
meet_login_page (Download      *self,
                 FerrydAnswer  *answer,
                 GError       **error)
{
  const char *host = g_uri_get_host (soup_message_get_uri (answer->message));

  if (self->run.plan->behind_portal)
    g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL,
                 "The network's sign-in page came in place of the rest of the file");
  else
    g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_NEW_URL,
                 "%s sent a page in place of the rest of the file", host);

  return FALSE;
}

/* The server may be back at the version before: a 200 that is proven to be the spare's is worth
 * more than a new beginning. */
static gboolean
swap_if_spare (Download       *self,
               FerrydAnswer   *answer,
               FerrydVerdict  *verdict,
               GError        **error)
{
  FerrydKept *kept = self->run.outcome->kept;
  FerrydAsk whole;

  if (*verdict != FERRYD_VERDICT_BEGIN || kept->spare.name == NULL)
    return TRUE;

  ferryd_resume_ask_whole (&whole);
  if (ferryd_resume_judge (&kept->spare, &whole, &answer->facts) != FERRYD_VERDICT_SKIP)
    return TRUE;

  g_clear_pointer (&self->digester, ferryd_digester_free);  /* of the version that goes */
  if (!ferryd_part_file_swap (self->file, error))
    return FALSE;

  if (kept->part.name != NULL)
    *verdict = FERRYD_VERDICT_SKIP;
  return TRUE;
}

static gboolean
act_on (Download       *self,
        FerrydAnswer   *answer,
        FerrydVerdict   verdict,
        GError        **error)
{
  switch (verdict)
    {
    case FERRYD_VERDICT_BEGIN:
      answer->basis = FERRYD_BASIS_NONE;
      return begin_version (self, answer, error) && take_body (self, answer, FALSE, error);

    case FERRYD_VERDICT_SKIP:
      note_response (self, answer);
      return take_body (self, answer, FALSE, error);

    case FERRYD_VERDICT_COMPARE:
      note_response (self, answer);
      return take_body (self, answer, TRUE, error);

    case FERRYD_VERDICT_COMPLETE:
      get_part (self)->total = ferryd_part_file_get_position (self->file);
      ferryd_answer_drop_body (answer);
      return TRUE;

    case FERRYD_VERDICT_OVERLAP:
      self->step = STEP_OVERLAP;
      ferryd_answer_drop_body (answer);
      return TRUE;

    case FERRYD_VERDICT_WHOLE:
      answer->basis = FERRYD_BASIS_NONE;
      self->step = STEP_WHOLE;
      ferryd_answer_drop_body (answer);
      return TRUE;

    case FERRYD_VERDICT_LOGIN_PAGE:
      return meet_login_page (self, answer, error);

    case FERRYD_VERDICT_REFUSED:
      return refuse (self, answer, error);

    case FERRYD_VERDICT_SENSELESS:
    default:
      return fail_senseless (answer, error);
    }
}

/* One question and what comes of it. */
static gboolean
ask_once (Download  *self,
          GError   **error)
{
  FerrydPart part = *get_part (self);  /* its strings are not ours */
  g_autoptr(FerrydAnswer) answer = NULL;
  FerrydVerdict verdict;
  FerrydAsk ask;

  /* What has been written since the last checkpoint counts as well. */
  part.offset = ferryd_part_file_get_position (self->file);
  if (self->step == STEP_WHOLE)
    ferryd_resume_ask_whole (&ask);
  else if (self->step == STEP_OVERLAP)
    ferryd_resume_ask_overlap (&part, &ask);
  else
    ferryd_resume_ask (&part, self->run.plan->resume_unproven, &ask);

  answer = ferryd_exchange_send (&self->run, SOUP_METHOD_GET, &ask, error);
  if (answer == NULL)
    return FALSE;

  verdict = ferryd_resume_judge (&part, &ask, &answer->facts);
  if (!swap_if_spare (self, answer, &verdict, error))
    return FALSE;

  return act_on (self, answer, verdict, error);
}

static gboolean
check_digest (Download  *self,
              GError   **error)
{
  FerrydOutcome *outcome = self->run.outcome;

  if (self->digester == NULL)
    {
      self->digester = ferryd_verify_new_digester (self->run.plan, get_part (self));
      if (self->digester == NULL)
        return TRUE;
      if (!ferryd_verify_read_file (&self->run, self->file, self->digester, error))
        return FALSE;
    }

  outcome->has_digest = ferryd_digester_finish (self->digester, &outcome->digest, error);
  return outcome->has_digest;
}

static gboolean
publish (Download  *self,
         GError   **error)
{
  const FerrydPlan *plan = self->run.plan;

  if (!ferryd_publish_prepare (self->file, error))
    return FALSE;

  atomic_store (&self->run.tally->phase, FERRYD_PHASE_PUBLISHING);
  if (plan->written != NULL)
    plan->written (plan);

  return ferryd_syncer_publish (plan->syncer, self->file, error);
}

static gboolean
fetch (Download  *self,
       GError   **error)
{
  self->file = ferryd_part_file_new (self->run.plan, self->run.outcome->kept, error);
  if (self->file == NULL)
    return FALSE;

  if (ferryd_part_file_was_published (self->file))
    return ferryd_part_file_finish_published (self->file, error);

  if (!ferryd_part_file_reopen (self->file, error))
    return FALSE;

  while (!is_whole (self))
    {
      if (!ask_once (self, error))
        return FALSE;
    }

  return check_digest (self, error) && publish (self, error);
}

/* At every stop what is written is made durable; bytes that are wrong are none. */
static void
leave (Download *self,
       GError   *error)
{
  g_autoptr(GError) problem = NULL;

  if (self->file == NULL)
    return;

  if (g_error_matches (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_DIGEST))
    {
      ferryd_part_file_discard (self->file);
    }
  else if (!ferryd_part_file_sync (self->file, &problem))
    {
      g_info ("What came since the last checkpoint will be fetched again: %s", problem->message);
    }
}

FerrydOutcome *
ferryd_download_run (const FerrydPlan *plan,
                     FerrydTally      *tally,
                     GCancellable     *cancellable)
{
  g_autoptr(FerrydOutcome) outcome = ferryd_outcome_new ();
  g_autoptr(GPtrArray) exchanges =
    g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  Download self = { .run = { .plan = plan, .tally = tally, .cancellable = cancellable,
    .outcome = outcome } };
  GError *error = NULL;

  self.run.exchanges = exchanges;
  outcome->kept = ferryd_kept_copy (plan->kept);

  if (fetch (&self, &error))
    outcome->length_verified = !outcome->kept->part.total_is_guess;
  else
    leave (&self, error);

  outcome->error = error;
  outcome->metrics = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_VARDICT,
                                                              (GVariant **) exchanges->pdata,
                                                              exchanges->len));
  g_clear_pointer (&self.digester, ferryd_digester_free);
  g_clear_pointer (&self.file, ferryd_part_file_free);
  return g_steal_pointer (&outcome);
}

gboolean
ferryd_download_discard (const FerrydPlan  *plan,
                         FerrydKept        *kept,
                         GError           **error)
{
  g_autoptr(FerrydPartFile) file = ferryd_part_file_new (plan, kept, error);

  if (file == NULL)
    return FALSE;

  if (ferryd_part_file_was_published (file))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE, "“%s” is finished",
                   kept->final_name);
      return FALSE;
    }

  ferryd_part_file_discard (file);
  return TRUE;
}

gboolean
ferryd_download_has_room (const FerrydPlan *plan)
{
  const FerrydPart *part = &plan->kept->part;
  int folder = ferryd_folder_open (plan->folder, NULL);
  gboolean has_room;

  if (folder < 0)
    return FALSE;

  /* What is not known to be missing is a byte at least. */
  has_room = ferryd_folder_check_room (folder, MAX (part->total - part->offset, 1), NULL);
  ferryd_clear_fd (&folder);
  return has_room;
}
