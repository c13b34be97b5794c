/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry"

#include "config.h"

#include <errno.h>
#include <locale.h>
#include <string.h>

#include "trouble.h"
#include "verbs.h"
#include "width.h"
#include "words.h"

/* More slips of the finger than that, and it is another word. */
#define MAX_SLIPS 2

typedef struct
{
  const char  *name;
  const char  *arguments;  /* in the help */
  const char  *summary;
  FerryExit  (*run) (FerryConsole  *console,
                     int            argc,
                     char         **argv);
} Verb;

static const Verb verbs[] = {
  { "get", "ADDRESS…", "downloads files, and waits until they are here", ferry_get },
  { "add", "ADDRESS…", "the same without waiting", ferry_add },
  { "list", "", "lists the transfers", ferry_list },
  { "show", "TRANSFER…", "tells all there is to know of transfers", ferry_show },
  { "watch", "[TRANSFER…]", "shows how transfers go on", ferry_watch },
  { "pause", "TRANSFER…", "stops transfers until they are resumed", ferry_pause },
  { "resume", "TRANSFER…", "lets transfers go on, or tries failed ones again", ferry_resume },
  { "cancel", "TRANSFER…", "ends transfers for good", ferry_cancel },
  { "remove", "TRANSFER…", "takes transfers out of the list", ferry_remove },
  { "probe", "ADDRESS…", "tells what is at an address, and fetches nothing", ferry_probe },
  { "set-url", "NUMBER ADDRESS", "gives a transfer another address of its file", ferry_set_url },
  { "limit", "[RATE [TRANSFER…]]", "shows or sets how fast transfers may be", ferry_limit },
  { "version", "", "tells the versions of the program and of the service", ferry_version },
};

/* What other programs call them. */
static const struct
{
  const char *name;
  const char *verb;
} synonyms[] = {
  { "download", "get" }, { "fetch", "get" }, { "wget", "get" },
  { "enqueue", "add" }, { "queue", "add" },
  { "jobs", "list" }, { "ls", "list" }, { "status", "list" },
  { "details", "show" }, { "info", "show" },
  { "follow", "watch" }, { "monitor", "watch" }, { "wait", "watch" },
  { "hold", "pause" }, { "stop", "pause" }, { "suspend", "pause" },
  { "continue", "resume" }, { "retry", "resume" }, { "start", "resume" }, { "unpause", "resume" },
  { "abort", "cancel" }, { "kill", "cancel" },
  { "clear", "remove" }, { "del", "remove" }, { "delete", "remove" }, { "rm", "remove" },
  { "check", "probe" }, { "head", "probe" },
  { "url", "set-url" },
  { "speed", "limit" }, { "throttle", "limit" },
};

static const char help_begin[] =
  "Usage: ferry VERB …\n"
  "\n"
  "Moves files between this computer and HTTP servers.\n"
  "\n";

static const char help_end[] =
  "\n"
  "TRANSFER is a number, as “ferry list” shows it, a range such as 3-7, “all”, or a state, such\n"
  "as “failed”.\n"
  "\n"
  "  help VERB     tells more of a verb, as “ferry VERB --help” does\n"
  "  -h, --help    shows this text\n"
  "      --version shows the version of this program\n"
  "\n"
  "Ends with 0 when done; 1 when a transfer failed, does not exist or does not allow it; 2 when\n"
  "the command makes no sense; 3 when there is no transfer service; 130 after Ctrl-C.\n";

/* Columns of a verb and what it takes, in the help. */
#define VERB_WIDTH 26

static char *
write_help (void)
{
  g_autoptr(GString) out = g_string_new (help_begin);

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autofree char *form = g_strdup_printf ("%s %s", verbs[i].name, verbs[i].arguments);

      g_string_append_printf (out, "  %s%*s%s\n", form,
                              (int) (VERB_WIDTH - ferry_width_of (form)), "", verbs[i].summary);
    }

  (void) g_string_append (out, help_end);
  return g_strdup (out->str);
}

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

static const Verb *
find_verb (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      if (strcmp (verbs[i].name, name) == 0)
        return &verbs[i];
    }

  return NULL;
}

static FerryExit
print_help (FerryConsole *console)
{
  g_autofree char *help = write_help ();

  ferry_console_print (console, help);
  return FERRY_EXIT_DONE;
}

static FerryExit
help_with (FerryConsole  *console,
           int            argc,
           char         **argv)
{
  char option[] = "--help";
  char *arguments[] = { argc > 1 ? argv[1] : NULL, option, NULL };
  const Verb *verb;

  if (argc < 2 || *argv[1] == '-' || strcmp (argv[1], "help") == 0)
    return print_help (console);

  verb = find_verb (argv[1]);
  if (verb == NULL)
    return complain_of_verb (console, argv[1]);

  return verb->run (console, 2, arguments);
}

static FerryExit
run (FerryConsole  *console,
     int            argc,
     char         **argv)
{
  const Verb *verb;

  if (argc < 2)
    {
      g_autofree char *help = write_help ();

      ferry_console_complain (console, help);
      return FERRY_EXIT_USAGE;
    }

  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
    return print_help (console);
  if (strcmp (argv[1], "help") == 0)
    return help_with (console, argc - 1, argv + 1);
  if (strcmp (argv[1], "--version") == 0)
    {
      ferry_console_print (console, "ferry " FERRY_VERSION "\n");
      return FERRY_EXIT_DONE;
    }

  verb = find_verb (argv[1]);
  return verb != NULL ? verb->run (console, argc - 1, argv + 1)
                      : complain_of_verb (console, argv[1]);
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
