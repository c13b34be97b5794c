/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-view"

#include "config.h"

#include "bars.h"
#include "lines.h"
#include "view.h"

G_DEFINE_INTERFACE (FerryView, ferry_view, G_TYPE_OBJECT)

static void
ferry_view_default_init (FerryViewInterface *iface)
{
}

/**
 * ferry_view_new:
 * @console: where to show; must outlive the view
 * @tasks: (element-type FerryTask): what to show; more may be added to it
 *
 * Returns: bars on a terminal, else plain lines
 */
FerryView *
ferry_view_new (FerryConsole *console,
                GPtrArray    *tasks)
{
  if (ferry_console_is_terminal (console))
    return FERRY_VIEW (ferry_bars_new (console, tasks));

  return FERRY_VIEW (ferry_lines_new (console));
}

void
ferry_view_show (FerryView *self,
                 FerryTask *task)
{
  g_return_if_fail (FERRY_IS_VIEW (self));

  FERRY_VIEW_GET_IFACE (self)->show (self, task);
}

void
ferry_view_print (FerryView  *self,
                  const char *line)
{
  g_return_if_fail (FERRY_IS_VIEW (self));

  FERRY_VIEW_GET_IFACE (self)->print (self, line);
}

void
ferry_view_complain (FerryView  *self,
                     const char *line)
{
  g_return_if_fail (FERRY_IS_VIEW (self));

  FERRY_VIEW_GET_IFACE (self)->complain (self, line);
}

void
ferry_view_end (FerryView *self)
{
  g_return_if_fail (FERRY_IS_VIEW (self));

  FERRY_VIEW_GET_IFACE (self)->end (self);
}
