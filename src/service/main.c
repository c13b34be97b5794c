/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd"

#include "config.h"

#include <locale.h>

#include "service.h"

int
main (int    argc,
      char **argv)
{
  g_autoptr(FerrydService) service = NULL;

  /* libsoup 3.2 buffers HTTP/2 bodies without limit; it reads this when it is first used. */
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);

  setlocale (LC_ALL, "");
  g_set_prgname ("ferryd");
  service = ferryd_service_new ();
  return g_application_run (G_APPLICATION (service), argc, argv);
}
