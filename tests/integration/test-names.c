/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever a server calls its file, it lands in the folder, under a name that can be seen. */
#define G_LOG_DOMAIN "test-names"

#include "config.h"

#include <string.h>

#include "fixture.h"
#include "gate.h"
#include "support/folder.h"

#define SIZE 70000

typedef struct
{
  const char *name;
  const char *header;  /* Content-Disposition, as it goes out. NULL: none */
  const char *path;    /* of the address */
  const char *file;    /* what it must be called. NULL: see @ends */
  const char *ends;    /* the name's end */
} Row;

#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define UMLAUTS20 "ääääääääääääääääääää"
#define UMLAUTS100 UMLAUTS20 UMLAUTS20 UMLAUTS20 UMLAUTS20 UMLAUTS20

static const Row rows[] = {
  { "parent", "filename=\"../../x\"", "/f.bin", "x", NULL },
  { "parent-encoded", "filename*=UTF-8''..%2F..%2Fx", "/f.bin", "x", NULL },
  { "backslashes", "filename*=UTF-8''..%5C..%5Cx.exe", "/f.bin", "x.exe", NULL },
  { "absolute", "filename=\"/etc/passwd\"", "/f.bin", "passwd", NULL },
  { "dots", "filename=\"..\"", "/f.bin", "f.bin", NULL },
  { "hidden", "filename=\".bashrc\"", "/f.bin", "bashrc", NULL },
  { "empty", "filename=\"\"", "/f.bin", "f.bin", NULL },
  { "slashes", "filename=\"///\"", "/f.bin", "f.bin", NULL },
  { "spaces", "filename=\"   \"", "/f.bin", "f.bin", NULL },
  /* libsoup 3.2 has put another character in the place of each before it is ours. */
  { "latin-1", "filename=\"gr\xf6\xdf" "e.bin\"", "/f.bin", NULL, "e.bin" },
  { "utf-8", "filename=\"größe.bin\"", "/f.bin", "größe.bin", NULL },
  { "broken-utf-8", "filename*=UTF-8''a%FF%FEb.bin", "/f.bin", NULL, ".bin" },
  { "line-feed", "filename*=UTF-8''a%0Ab.bin", "/f.bin", "ab.bin", NULL },
  { "nul", "filename*=UTF-8''a%00b.bin", "/f.bin", NULL, "" },
  { "direction", "filename*=UTF-8''%E2%80%AEgpj.exe", "/f.bin", "gpj.exe", NULL },
  { "300-bytes", "filename=\"" X100 X100 X100 ".tar\"", "/f.bin", NULL, "x.tar" },
  { "300-umlauts", "filename=\"" UMLAUTS100 UMLAUTS100 UMLAUTS100 ".tar\"", "/f.bin", NULL,
    "ä.tar" },
  { "part", "filename=\"x.part\"", "/f.bin", "x.part", NULL },
  { "path-parent", NULL, "/a/..%2Fx", "x", NULL },
  { "path-not-utf-8", NULL, "/gr%F6%DFe.bin", "größe.bin", NULL },
  { "path-empty", NULL, "/", "download", NULL },
};

static const char *const wanted_names[] = { ".hidden", "größe.bin", "a b", "x.part" };

static void
test_name (gconstpointer data)
{
  const Row *row = data;
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "names");
  g_autofree char *url = test_server_get_url (server, row->path);
  g_autofree char *header = g_strdup_printf ("Content-Disposition: attachment; %s\r\n",
                                             row->header);
  g_autofree char *task = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  g_autofree char *told = NULL;

  gate_init (&gate, 61, SIZE, G_MAXINT64);
  if (row->header != NULL)
    gate.answer.headers = header;
  test_server_add (server, row->path, gate_serve, &gate);
  task = client_create (fixture->client, session, url,
                        g_variant_new_parsed ("{'destination': <%s>, 'start': <true>}",
                                              fixture->downloads));
  client_wait_state (fixture->client, task, "finished");

  name = client_get_string (fixture->client, task, "FileName");
  told = client_get_string (fixture->client, task, "Path");
  path = fixture_get_path (fixture, name);
  g_assert_cmpstr (told, ==, path);
  gate_assert_file (&gate, path);
  fixture_assert_files (fixture, name, NULL);
  if (row->file != NULL)
    g_assert_cmpstr (name, ==, row->file);
  else if (!g_str_has_suffix (name, row->ends))
    g_error ("“%s” does not end in “%s”", name, row->ends);
  g_assert_cmpuint (strlen (name), <=, 255);
  g_assert_false (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE));
}

/* The caller may ask for names that a server may not. */
static void
test_wanted (gconstpointer data)
{
  const char *wanted = data;
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "names");
  g_autofree char *url = test_server_get_url (server, "/f.bin");
  g_autofree char *path = fixture_get_path (fixture, wanted);
  g_autofree char *task = NULL;

  gate_init (&gate, 62, SIZE, G_MAXINT64);
  gate.answer.headers = "Content-Disposition: attachment; filename=\"other.bin\"\r\n";
  test_server_add (server, "/f.bin", gate_serve, &gate);
  task = client_create (fixture->client, session, url,
                        g_variant_new_parsed ("{'destination': <%s>, 'start': <true>, "
                                              "'filename': <%s>}", fixture->downloads, wanted));
  client_wait_state (fixture->client, task, "finished");
  client_assert_string (fixture->client, task, "FileName", wanted);
  client_assert_string (fixture->client, task, "Path", path);
  gate_assert_file (&gate, path);
  fixture_assert_files (fixture, wanted, NULL);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/names/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_name);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (wanted_names); i++)
    {
      g_autofree char *path = g_strconcat ("/names/wanted/", wanted_names[i], NULL);

      g_test_add_data_func (path, wanted_names[i], test_wanted);
    }
  return g_test_run ();
}
