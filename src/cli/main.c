/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry"

#include "config.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

#include "trouble.h"
#include "verbs.h"
#include "words.h"

/* More slips of the finger than that, and it is another word. */
#define MAX_SLIPS 2

typedef struct
{
  const char  *name;
  FerryExit  (*run) (FerryConsole  *console,
                     int            argc,
                     char         **argv);
} Verb;

static const Verb verbs[] = {
  { "get", ferry_get },
  { "list", ferry_list },
};

/* What other programs call them. */
static const struct
{
  const char *name;
  const char *verb;
} synonyms[] = {
  { "add", "get" }, { "download", "get" }, { "fetch", "get" },
  { "ls", "list" }, { "show", "list" }, { "status", "list" },
};

static const char help[] =
  "Usage: ferry VERB …\n"
  "\n"
  "Moves files between this computer and HTTP servers.\n"
  "\n"
  "  get ADDRESS…  downloads files\n"
  "  list          lists the transfers\n"
  "\n"
  "  -h, --help    shows this text; “ferry VERB --help” tells more of each\n"
  "  --version     shows the version\n"
  "\n"
  "Ends with 0 when done, 1 when a transfer failed, 2 when the command makes no sense, 3 when\n"
  "there is no transfer service.\n";

/*
 * How many letters must be changed, left out or put in to make one word of the other. Longer words
 * than a few letters are no slip of any verb.
 */
static guint
count_slips (const char *a,
             const char *b)
{
  guint change;

  if (*a == '\0' || *b == '\0')
    return (guint) (strlen (a) + strlen (b));
  if (*a == *b)
    return count_slips (a + 1, b + 1);

  change = MIN (count_slips (a + 1, b), count_slips (a, b + 1));
  return 1 + MIN (change, count_slips (a + 1, b + 1));
}

static const char *
find_nearest (const char *word)
{
  const char *nearest = NULL;
  guint fewest = MAX_SLIPS + 1;

  for (guint i = 0; i < G_N_ELEMENTS (synonyms); i++)
    {
      if (strcmp (synonyms[i].name, word) == 0)
        return synonyms[i].verb;
    }

  for (guint i = 0; i < G_N_ELEMENTS (verbs) && strlen (word) < 8; i++)
    {
      guint slips = count_slips (verbs[i].name, word);

      /* Of a short word not all may be wrong. */
      if (slips < fewest && slips < strlen (word))
        {
          nearest = verbs[i].name;
          fewest = slips;
        }
    }

  return nearest;
}

static FerryExit
complain_of_verb (FerryConsole *console,
                  const char   *word)
{
  g_autofree char *printable = ferry_words_printable (word);
  const char *nearest = find_nearest (word);

  /* It may hold a password. */
  if (strstr (word, "://") != NULL)
    ferry_trouble_complain (console, NULL, "to download an address, use “ferry get ADDRESS”");
  else if (nearest != NULL)
    ferry_trouble_complain (console, NULL, "unknown verb “%s”; did you mean “ferry %s”?",
                            printable, nearest);
  else
    ferry_trouble_complain (console, NULL, "unknown %s “%s”; “ferry --help” lists what there is",
                            *word == '-' ? "option" : "verb", printable);

  return FERRY_EXIT_USAGE;
}

static FerryExit
run (FerryConsole  *console,
     int            argc,
     char         **argv)
{
  if (argc < 2)
    {
      ferry_console_complain (console, help);
      return FERRY_EXIT_USAGE;
    }

  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      ferry_console_print (console, "ferry " FERRY_VERSION "\n");
      return FERRY_EXIT_DONE;
    }

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      if (strcmp (verbs[i].name, argv[1]) == 0)
        return verbs[i].run (console, argc - 1, argv + 1);
    }

  return complain_of_verb (console, argv[1]);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(FerryConsole) console = NULL;
  FerryExit status;

  setlocale (LC_ALL, "");
  console = ferry_console_new ();
  status = run (console, argc, argv);

  /* A reader that has gone, such as “head”, has seen enough; it is told by the status alone. */
  if (ferry_console_get_errno (console) == 0)
    return status;
  if (ferry_console_get_errno (console) != EPIPE)
    ferry_trouble_complain (console, NULL, "the output cannot be written: %s",
                            g_strerror (ferry_console_get_errno (console)));

  return status == FERRY_EXIT_DONE ? FERRY_EXIT_FAILED : status;
}
