/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-notice"

#include "config.h"

#include <glib/gi18n.h>

#include "desktop/notice.h"

/* The bus ends the connection of whoever sends it text that is not UTF-8, and names of files need
 * not be. Paths are left as they are. */
static char *
copy_text (const char *text)
{
  return text != NULL ? g_utf8_make_valid (text, -1) : NULL;
}

FerrydNotice *
ferryd_notice_copy (const FerrydNotice *notice)
{
  FerrydNotice *copy = g_new0 (FerrydNotice, 1);

  copy->summary = copy_text (notice->summary);
  copy->body = copy_text (notice->body);
  copy->app_id = g_strdup (notice->app_id);
  copy->file = g_strdup (notice->file);
  copy->paths = (const char * const *) g_strdupv ((char **) notice->paths);
  return copy;
}

void
ferryd_notice_free (FerrydNotice *notice)
{
  g_free ((char *) notice->summary);
  g_free ((char *) notice->body);
  g_free ((char *) notice->app_id);
  g_free ((char *) notice->file);
  g_strfreev ((char **) notice->paths);
  g_free (notice);
}

/* Two phrases, for each has a plural of its own. */
static char *
describe_both (guint n_finished,
               guint n_failed)
{
  g_autofree char *finished =
    g_strdup_printf (ngettext ("%u download finished", "%u downloads finished", n_finished),
                     n_finished);
  /* Translators: the number of failed downloads. */
  g_autofree char *failed = g_strdup_printf (ngettext ("%u failed", "%u failed", n_failed),
                                             n_failed);

  /* Translators: for example “3 downloads finished, 1 failed”. */
  return g_strdup_printf (C_("notification", "%s, %s"), finished, failed);
}

void
ferryd_notifier_describe (guint        n_finished,
                          guint        n_failed,
                          const char  *only_name,
                          char       **summary,
                          char       **body)
{
  *body = n_finished + n_failed == 1 ? copy_text (only_name) : NULL;

  if (n_finished > 0 && n_failed > 0)
    *summary = describe_both (n_finished, n_failed);
  else if (n_failed == 1)
    *summary = g_strdup (_("Download failed"));
  else if (n_failed > 1)
    *summary = g_strdup_printf (ngettext ("%u download failed", "%u downloads failed", n_failed),
                                n_failed);
  else if (n_finished == 1)
    *summary = g_strdup (_("Download finished"));
  else
    *summary = g_strdup_printf (ngettext ("%u download finished", "%u downloads finished",
                                          n_finished), n_finished);
}
