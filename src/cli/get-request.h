/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "console.h"

G_BEGIN_DECLS

/* What the help of both verbs says of the options that they share. */
#define FERRY_GET_REQUEST_HELP \
  "  -d, --directory=DIR  the folder to put the files in; without it, the current folder. A\n" \
  "                       name that is taken gets a number, such as “name (1).iso”\n" \
  "  -o, --output=FILE    what to call the file, with or without a folder. A file that is there\n" \
  "                       is replaced, in one step, when all of the new one is here\n" \
  "      --digest=DIGEST  “sha-256=…” (or sha-512, sha-1, md5), in hexadecimal or Base64; a\n" \
  "                       file with another digest is not kept\n" \
  "  -H, --header=HEADER  “Name: value”, sent with each request; can be repeated. Authorization\n" \
  "                       and Cookie are kept in memory alone, and shown nowhere\n" \
  "      --limit=RATE     so many bytes a second at most, of each file: such as 500K or 2M\n" \
  "                       (1000ⁿ), 2Mi (1024ⁿ)\n" \
  "      --priority=N     of the transfers that wait, those with more begin first: low (0.25),\n" \
  "                       normal (0.5), high (0.75) or a number from 0 to 1\n" \
  "      --at=TIME        does not begin before 22:30, “2030-12-31 22:30”,\n" \
  "                       2030-12-31T22:30:00Z or +2h30m (s, m, h, d from now)\n" \
  "  -i, --input=FILE     takes addresses from a file as well; “-” is the standard input\n"

#define FERRY_GET_REQUEST_HELP_MORE \
  "In the file of -i there is an address a line. Empty lines, and those that begin with “#”,\n" \
  "are passed over. Lines below an address that begin with a space are options of its own, as\n" \
  "aria2 has them: out=FILE (a file that is there stays, the new one gets a number), dir=DIR,\n" \
  "checksum=sha-256=… (as --digest), header=Name: value (can be repeated), referer=ADDRESS. Of\n" \
  "several addresses of one file, with tabs between them, the first is used.\n"

/* A file to get. A value. */
typedef struct
{
  char     *url;      /* owned; as it was given, with its secrets */
  char     *place;    /* owned; where it was given: “address 3”, “list.txt:12” */
  GVariant *options;  /* owned; a{sv} of its task */
} FerryWish;

/* What “ferry get” or “ferry add” is asked to do, proven to make sense. A value. */
typedef struct
{
  gboolean    help;    /* nothing else was looked at */
  GPtrArray  *wishes;  /* owned; of FerryWish, owned */
} FerryGetRequest;

FerryGetRequest *ferry_get_request_parse (FerryConsole     *console,
                                          const char       *verb,
                                          int               argc,
                                          char            **argv);

void             ferry_get_request_free  (FerryGetRequest  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryGetRequest, ferry_get_request_free)

G_END_DECLS
