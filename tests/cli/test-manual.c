/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual and the completions know whatever the program's own help knows. */
#define G_LOG_DOMAIN "test-manual"

#include "config.h"

#include <string.h>

#include "program.h"

static char *
read_data (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", name, NULL);
  g_autoptr(GError) error = NULL;
  char *text;

  (void) g_file_get_contents (path, &text, NULL, &error);  /* @error says it as well */
  g_assert_no_error (error);
  return text;
}

/* As it is read, not as it is written: without escapes of hyphens and fonts. */
static char *
read_manual (void)
{
  g_autofree char *source = read_data ("man/ferry.1");
  g_autoptr(GString) text = g_string_new (source);

  (void) g_string_replace (text, "\\-", "-", 0);
  (void) g_string_replace (text, "\\fI", "", 0);
  (void) g_string_replace (text, "\\fP", "", 0);
  return g_strdup (text->str);
}

static char *
ask (const char *const *arguments)
{
  g_autoptr(Program) program = program_new (arguments);

  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, "");
  return g_strdup (program->output->str);
}

/* What @pattern's group is, wherever it is in @text. */
static GPtrArray *
find_all (const char *text,
          const char *pattern)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GRegex) regex = g_regex_new (pattern, G_REGEX_MULTILINE, 0, NULL);
  g_autoptr(GMatchInfo) match = NULL;

  (void) g_regex_match (regex, text, 0, &match);  /* @match says it as well */
  while (g_match_info_matches (match))
    {
      g_ptr_array_add (found, g_match_info_fetch (match, 1));
      (void) g_match_info_next (match, NULL);     /* the same */
    }

  return found;
}

static void
assert_has (const char *text,
            const char *where,
            const char *form,
            const char *word)
{
  g_autofree char *escaped = g_regex_escape_string (word, -1);
  g_autoptr(GString) pattern = g_string_new (form);

  (void) g_string_replace (pattern, "@", escaped, 0);
  if (!g_regex_match_simple (pattern->str, text, G_REGEX_MULTILINE, 0))
    g_error ("%s lacks “%s”", where, word);
}

/* The verbs that “ferry --help” lists. */
static GPtrArray *
list_verbs (void)
{
  g_autofree char *help = ask ((const char *const[]) { "--help", NULL });
  GPtrArray *verbs = find_all (help, "^  ([a-z][a-z-]+) ");

  g_assert_cmpuint (verbs->len, >=, 14);
  return verbs;
}

static void
test_verbs (void)
{
  g_autoptr(GPtrArray) verbs = list_verbs ();
  g_autofree char *manual = read_manual ();
  g_autofree char *bash = read_data ("completion/ferry.bash");
  g_autofree char *zsh = read_data ("completion/_ferry");
  g_autofree char *fish = read_data ("completion/ferry.fish");

  for (guint i = 0; i < verbs->len; i++)
    {
      assert_has (manual, "the manual", "^\\.SS @$", verbs->pdata[i]);
      assert_has (bash, "ferry.bash", "local verbs=\"([a-z -]+ )?@[ \"]", verbs->pdata[i]);
      assert_has (zsh, "_ferry", "^    '@:", verbs->pdata[i]);
      assert_has (fish, "ferry.fish", "-a @ -d", verbs->pdata[i]);
    }
}

/* The manual's section of @verb alone. */
static char *
cut_section (const char *manual,
             const char *verb)
{
  g_autofree char *head = g_strdup_printf ("\n.SS %s\n", verb);
  const char *start = strstr (manual, head);
  const char *end;

  g_assert_nonnull (start);
  start += strlen (head);
  end = strstr (start, "\n.S");
  g_assert_nonnull (end);
  return g_strndup (start, (gsize) (end - start));
}

/* One that is in each section need not be told there again; what “add” takes is said at “get”. */
static void
test_options (void)
{
  g_autoptr(GPtrArray) verbs = list_verbs ();
  g_autofree char *manual = read_manual ();
  g_autofree char *bash = read_data ("completion/ferry.bash");
  g_autofree char *zsh = read_data ("completion/_ferry");
  g_autofree char *fish = read_data ("completion/ferry.fish");
  guint n_options = 0;

  for (guint i = 0; i < verbs->len; i++)
    {
      const char *verb = verbs->pdata[i];
      g_autofree char *help = NULL;
      g_autoptr(GPtrArray) options = NULL;
      g_autofree char *section = NULL;

      if (strcmp (verb, "help") == 0)
        continue;

      help = ask ((const char *const[]) { verb, "--help", NULL });
      options = find_all (help, "^ +(?:-[a-zA-Z], )?--([a-z][a-z-]+)");
      section = cut_section (manual, strcmp (verb, "add") == 0 ? "get" : verb);
      g_assert_cmpuint (options->len, >=, 1);
      for (guint j = 0; j < options->len; j++)
        {
          const char *option = options->pdata[j];

          n_options++;
          assert_has (strcmp (option, "help") == 0 ? manual : section, verb, "--@\\b", option);
          assert_has (bash, "ferry.bash", "[ \"]--@[ \"]", option);
          assert_has (zsh, "_ferry", "--@[=\\[}]", option);
          assert_has (fish, "ferry.fish", " -l @ ", option);
        }
    }
  g_assert_cmpuint (n_options, >=, 30);
}

/* Whoever has the tools sees whether it is well written. */
static void
test_lint (gconstpointer data)
{
  const char *const *command = data;
  g_autofree char *program = g_find_program_in_path (command[0]);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", "man", "ferry.1", NULL);
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) argv = NULL;
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  g_autoptr(GError) error = NULL;
  int status;

  if (program == NULL)
    {
      g_test_skip ("the tool is not here");
      return;
    }

  g_strv_builder_addv (builder, (const char **) command);
  g_strv_builder_add (builder, path);
  argv = g_strv_builder_end (builder);
  (void) g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, &errors,
                       &status, &error);  /* @error says it as well */
  g_assert_no_error (error);
  g_assert_cmpstr (errors, ==, "");
  if (strcmp (command[0], "mandoc") == 0)
    g_assert_cmpstr (output, ==, "");
  g_assert_cmpint (status, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  static const char *const mandoc[] = { "mandoc", "-T", "lint", NULL };
  static const char *const groff[] = {
    "groff", "-k", "-man", "-T", "utf8", "-ww", "-z", NULL,
  };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/manual/verbs", test_verbs);
  g_test_add_func ("/cli/manual/options", test_options);
  g_test_add_data_func ("/cli/manual/mandoc", mandoc, test_lint);
  g_test_add_data_func ("/cli/manual/groff", groff, test_lint);
  return g_test_run ();
}
