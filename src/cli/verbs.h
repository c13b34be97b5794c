/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "console.h"

G_BEGIN_DECLS

/* What the program ends with; documented in its help. */
typedef enum
{
  FERRY_EXIT_DONE = 0,
  FERRY_EXIT_FAILED = 1,
  FERRY_EXIT_USAGE = 2,
  FERRY_EXIT_NO_SERVICE = 3,
  FERRY_EXIT_INTERRUPTED = 128 + 2,   /* 128 + SIGINT, as shells have it */
  FERRY_EXIT_TERMINATED = 128 + 15,   /* 128 + SIGTERM */
} FerryExit;

/* The verbs: each gets its arguments, itself being the first of them. */

FerryExit ferry_add (FerryConsole *console,
                     int           argc,
                     char        **argv);

FerryExit ferry_cancel (FerryConsole *console,
                        int           argc,
                        char        **argv);

FerryExit ferry_get (FerryConsole *console,
                     int           argc,
                     char        **argv);

FerryExit ferry_limit (FerryConsole *console,
                       int           argc,
                       char        **argv);

FerryExit ferry_list (FerryConsole *console,
                      int           argc,
                      char        **argv);

FerryExit ferry_pause (FerryConsole *console,
                       int           argc,
                       char        **argv);

FerryExit ferry_probe (FerryConsole *console,
                       int           argc,
                       char        **argv);

FerryExit ferry_remove (FerryConsole *console,
                        int           argc,
                        char        **argv);

FerryExit ferry_resume (FerryConsole *console,
                        int           argc,
                        char        **argv);

FerryExit ferry_set_url (FerryConsole *console,
                         int           argc,
                         char        **argv);

FerryExit ferry_show (FerryConsole *console,
                      int           argc,
                      char        **argv);

FerryExit ferry_version (FerryConsole *console,
                         int           argc,
                         char        **argv);

FerryExit ferry_watch (FerryConsole *console,
                       int           argc,
                       char        **argv);

G_END_DECLS
