/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers that people use: nginx, with and without TLS, and Apache. */
#define G_LOG_DOMAIN "test-peers"

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <utime.h>

#include "fixture.h"
#include "support/certificates.h"
#include "support/content.h"
#include "support/folder.h"
#include "support/test-bed.h"

#define MIB (1024 * 1024)

/* At four MiB a second it takes two seconds. */
#define LARGE (8 * MIB + 3)

/* Old enough for a date to be a strong validator, and for Apache's ETag to be one. */
#define OLD_TIME 1577836800  /* 2020-01-01 */

#define NAMED "na\303\257ve file.bin"

/* A program that serves the files of a folder: @ROOT@/www on @PORT@, slowly below /slow. */
typedef struct
{
  const char *name;
  const char *path;
  const char *config;
  const char *arguments;  /* before the path of the configuration, by spaces */
} Kind;

static const Kind nginx = {
  .name = "nginx",
  .path = "/usr/sbin/nginx",
  .arguments = "-e @ROOT@/error.log -c",
  .config =
    "daemon off; worker_processes 1; pid @ROOT@/pid; error_log @ROOT@/error.log; user root;\n"
    "events { worker_connections 64; }\n"
    "http {\n"
    "  log_format short '$status $uri'; access_log @ROOT@/access.log short;\n"
    "  client_body_temp_path @ROOT@/t1; proxy_temp_path @ROOT@/t2; fastcgi_temp_path @ROOT@/t3;\n"
    "  uwsgi_temp_path @ROOT@/t4; scgi_temp_path @ROOT@/t5;\n"
    "  server {\n"
    "    listen 127.0.0.1:@PORT@; listen 127.0.0.1:@TLS@ ssl;\n"
    "    ssl_certificate @ROOT@/server.pem; ssl_certificate_key @ROOT@/server.key;\n"
    "    root @ROOT@/www;\n"
    "    location /slow/ { alias @ROOT@/www/; limit_rate 4m; }\n"
    "    location /named { alias @ROOT@/www/small;\n"
    "      add_header Content-Disposition \"attachment; filename*=UTF-8''na%C3%AFve%20file.bin\";"
    "    }\n"
    "  }\n"
    "}\n",
};

static const Kind apache = {
  .name = "apache",
  .path = "/usr/sbin/apache2",
  .arguments = "-DFOREGROUND -f",
  .config =
    "ServerRoot @ROOT@\nServerName localhost\nPidFile @ROOT@/pid\nListen 127.0.0.1:@PORT@\n"
    "LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so\n"
    "LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so\n"
    "LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so\n"
    "LoadModule env_module /usr/lib/apache2/modules/mod_env.so\n"
    "LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so\n"
    "LoadModule ratelimit_module /usr/lib/apache2/modules/mod_ratelimit.so\n"
    "User nobody\nGroup nogroup\n"
    "ErrorLog @ROOT@/error.log\nLogFormat \"%>s %U\" short\nCustomLog @ROOT@/access.log short\n"
    "DocumentRoot @ROOT@/www\nAlias /slow @ROOT@/www\nAlias /named @ROOT@/www/small\n"
    "<Directory @ROOT@/www>\nRequire all granted\n</Directory>\n"
    "<Location /slow>\nSetOutputFilter RATE_LIMIT\nSetEnv rate-limit 4096\n</Location>\n"
    "<Location /named>\nHeader set Content-Disposition"
    " \"attachment; filename*=UTF-8''na%%C3%%AFve%%20file.bin\"\n</Location>\n",
};

/* What a test is of. */
typedef struct
{
  const Kind *kind;
  gboolean    is_secure;
} Way;

static const Way ways[] = { { &nginx, FALSE }, { &nginx, TRUE }, { &apache, FALSE } };

/* The files, and what is in them. */
static const struct
{
  const char  *name;
  TestContent  content;
} files[] = {
  { "empty", { 0, 0 } },
  { "byte", { 81, 1 } },
  { "small", { 82, 65536 } },
  { "large", { 83, LARGE } },
};

/* A server that runs, and the service that asks it. */
typedef struct
{
  const Way        *way;           /* unowned */
  char             *root;          /* owned */
  guint             port;
  guint             tls_port;
  TestCertificates *certificates;  /* owned */
  GSubprocess      *process;       /* owned; NULL: it does not run */
  Fixture          *fixture;       /* owned */
  char             *session;       /* owned */
} Peer;

static gboolean
is_installed (const Kind *kind)
{
  gboolean is_there = g_file_test (kind->path, G_FILE_TEST_IS_EXECUTABLE);

  if (!is_there)
    g_test_skip ("this server is not installed");
  return is_there;
}

/* One that is free now. */
static guint
find_port (void)
{
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocketAddress) bound = NULL;
  g_autoptr(GError) error = NULL;

  socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_bind (socket, address, TRUE, &error);
  g_assert_no_error (error);
  bound = g_socket_get_local_address (socket, &error);
  g_assert_no_error (error);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}

static char *
fill_in (Peer       *self,
         const char *text)
{
  g_autofree char *port = g_strdup_printf ("%u", self->port);
  g_autofree char *tls_port = g_strdup_printf ("%u", self->tls_port);
  g_autoptr(GString) filled = g_string_new (text);

  g_string_replace (filled, "@ROOT@", self->root, 0);
  g_string_replace (filled, "@PORT@", port, 0);
  g_string_replace (filled, "@TLS@", tls_port, 0);
  return g_string_free (g_steal_pointer (&filled), FALSE);
}

static void
write_text (Peer       *self,
            const char *name,
            const char *text)
{
  g_autofree char *path = g_build_filename (self->root, name, NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* Apache reads them as somebody else than root. */
static void
write_files (Peer *self)
{
  g_autofree char *folder = g_build_filename (self->root, "www", NULL);
  g_autofree char *config = fill_in (self, self->way->kind->config);
  g_autofree char *certificate = NULL;
  g_autofree char *key = NULL;

  g_object_get (self->certificates->good, "certificate-pem", &certificate, "private-key-pem", &key,
                NULL);
  write_text (self, "config", config);
  write_text (self, "server.pem", certificate);
  write_text (self, "server.key", key);
  g_assert_no_errno (g_mkdir (folder, 0755));
  g_assert_no_errno (g_chmod (self->root, 0755));
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i].name, NULL);
      struct utimbuf times = { OLD_TIME, OLD_TIME };

      test_content_write (&files[i].content, path, files[i].content.size);
      g_assert_no_errno (g_chmod (path, 0644));
      g_assert_no_errno (g_utime (path, &times));
    }
}

/* It goes when we go, however that is. */
static void
set_up_child (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static gboolean
is_listening (Peer *self)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketConnection) connection = NULL;

  connection = g_socket_client_connect_to_host (client, "127.0.0.1", (guint16) self->port, NULL,
                                                NULL);
  return connection != NULL;
}

static void
start_peer (Peer *self)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (
    G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *command = g_strdup_printf ("%s %s @ROOT@/config", self->way->kind->path,
                                              self->way->kind->arguments);
  g_autofree char *filled = fill_in (self, command);
  g_auto(GStrv) arguments = g_strsplit (filled, " ", -1);
  g_autoptr(GError) error = NULL;

  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  self->process = g_subprocess_launcher_spawnv (launcher, (const char * const *) arguments, &error);
  g_assert_no_error (error);
  while (!is_listening (self))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("%s does not listen", self->way->kind->name);
      g_usleep (5000);
    }
}

/* With all of its connections. */
static void
stop_peer (Peer *self)
{
  g_subprocess_send_signal (self->process, SIGTERM);
  (void) g_subprocess_wait (self->process, NULL, NULL);  /* how it ends does not matter */
  g_clear_object (&self->process);
}

/* @ca: (nullable): whom the session trusts */
static char *
open_session (Peer       *self,
              const char *identifier,
              const char *ca)
{
  g_autoptr(GVariant) answer = NULL;
  GVariant *configuration = ca != NULL ? g_variant_new_parsed ("{'tls-ca': <%s>}", ca)
                                       : g_variant_new_parsed ("@a{sv} {}");
  char *path;

  answer = client_call (self->fixture->client, MANAGER_PATH, "Manager", "OpenSession",
                        g_variant_new ("(s@a{sv})", identifier, configuration));
  g_variant_get (answer, "(ob)", &path, NULL);
  return path;
}

static void
peer_init (Peer      *self,
           const Way *way)
{
  *self = (Peer) { .way = way, .root = test_folder_new () };
  self->port = find_port ();
  self->tls_port = find_port ();
  self->certificates = test_certificates_new ();
  write_files (self);
  start_peer (self);
  self->fixture = fixture_new (FIXTURE_STRICT);
  self->session = open_session (self, "peers", self->certificates->ca_path);
}

static void
peer_clear (Peer *self)
{
  g_clear_pointer (&self->fixture, fixture_free);
  g_clear_pointer (&self->session, g_free);
  if (self->process != NULL)
    stop_peer (self);
  g_clear_pointer (&self->certificates, test_certificates_free);
  if (self->root != NULL)
    test_folder_remove (self->root);
  g_clear_pointer (&self->root, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Peer, peer_clear)

static char *
download (Peer       *self,
          const char *session,
          const char *path)
{
  g_autofree char *url = g_strdup_printf ("%s://127.0.0.1:%u%s",
                                          self->way->is_secure ? "https" : "http",
                                          self->way->is_secure ? self->tls_port : self->port,
                                          path);

  return client_create (self->fixture->client, session, url,
                        g_variant_new_parsed ("{'destination': <%s>, 'start': <true>}",
                                              self->fixture->downloads));
}

static void
assert_file (Peer       *self,
             const char *name,
             gsize       index)
{
  g_autofree char *path = fixture_get_path (self->fixture, name);
  g_autofree char *wanted = test_content_sha256 (&files[index].content);
  g_autofree char *found = test_file_sha256 (path);

  g_assert_cmpstr (found, ==, wanted);
}

static void
test_files (gconstpointer data)
{
  g_auto(Peer) peer = { 0 };
  g_autofree char *named = NULL;
  const Way *way = data;

  if (!is_installed (way->kind))
    return;

  peer_init (&peer, way);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strconcat ("/", files[i].name, NULL);
      g_autofree char *task = download (&peer, peer.session, path);

      client_wait_state (peer.fixture->client, task, "finished");
      assert_file (&peer, files[i].name, i);
    }

  named = download (&peer, peer.session, "/named");
  client_wait_state (peer.fixture->client, named, "finished");
  assert_file (&peer, NAMED, 2);
  fixture_assert_files (peer.fixture, "empty", "byte", "small", "large", NAMED, NULL);
}

static guint
count_in_log (Peer       *self,
              const char *what)
{
  g_autofree char *path = g_build_filename (self->root, "access.log", NULL);
  g_autofree char *log = NULL;
  g_autoptr(GError) error = NULL;
  guint n = 0;

  g_file_get_contents (path, &log, NULL, &error);
  g_assert_no_error (error);
  for (const char *rest = log; (rest = strstr (rest, what)) != NULL; rest++)
    n++;
  return n;
}

/* Nothing that is here is fetched again. */
static void
assert_resumed (Peer       *self,
                const char *task,
                gint64      from)
{
  g_autoptr(GVariant) metrics = client_get (self->fixture->client, task, "Metrics");
  gsize n = g_variant_n_children (metrics);
  g_autoptr(GVariant) last = g_variant_get_child_value (metrics, n - 1);
  guint64 bytes = 0;
  guint32 status = 0;

  g_assert_true (g_variant_lookup (last, "status", "u", &status));
  g_assert_cmpuint (status, ==, 206);
  g_assert_true (g_variant_lookup (last, "body-bytes", "t", &bytes));
  g_assert_cmpuint (bytes, <=, (guint64) (LARGE - from));
  g_assert_cmpint (client_get_number (self->fixture->client, task, "StartedOver"), ==, 0);
}

static void
test_interrupted (gconstpointer data)
{
  g_auto(Peer) peer = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *again = NULL;
  const Way *way = data;
  Client *client;
  gint64 kept;

  if (!is_installed (way->kind))
    return;

  peer_init (&peer, way);
  client = peer.fixture->client;
  task = download (&peer, peer.session, "/slow/large");
  client_wait_received (client, task, MIB);
  client_tell (client, task, "Suspend");
  client_wait_state (client, task, "suspended");
  kept = client_get_number (client, task, "BytesReceived");
  g_assert_cmpint (kept, <, LARGE);
  client_tell (client, task, "Resume");
  client_wait_received (client, task, kept + 1);

  g_assert_cmpint (fixture_end_service (peer.fixture, SIGKILL), ==, 128 + SIGKILL);
  again = client_open_session (client, "peers");
  g_assert_cmpstr (again, ==, peer.session);
  client_wait_received (client, task, kept + 1);
  g_assert_cmpuint (count_in_log (&peer, "206 /slow/large\n"), >=, 1);

  stop_peer (&peer);
  client_wait_reason (client, task, "retry");
  kept = client_get_number (client, task, "BytesReceived");
  start_peer (&peer);
  client_wait_state (client, task, "finished");
  assert_resumed (&peer, task, kept);
  assert_file (&peer, "large", 3);
  fixture_assert_files (peer.fixture, "large", NULL);
  stop_peer (&peer);  /* all is in its log then */
  g_assert_cmpuint (count_in_log (&peer, "206 /slow/large\n"), >=, 2);
}

static void
test_trust (void)
{
  g_autoptr(TestCertificates) others = NULL;
  g_auto(Peer) peer = { 0 };
  g_autofree char *session = NULL;
  g_autofree char *unknown = NULL;
  g_autofree char *task = NULL;

  if (!is_installed (&nginx))
    return;

  others = test_certificates_new ();
  peer_init (&peer, &ways[1]);
  session = open_session (&peer, "others", others->ca_path);
  task = download (&peer, session, "/small");
  client_wait_reason (peer.fixture->client, task, "trust");
  client_assert_string (peer.fixture->client, task, "State", "waiting");

  /* Without a word, it is the system that says whom to trust. */
  unknown = open_session (&peer, "unknown", NULL);
  g_clear_pointer (&task, g_free);
  task = download (&peer, unknown, "/small");
  client_wait_reason (peer.fixture->client, task, "trust");
  fixture_assert_files (peer.fixture, NULL);
  g_assert_cmpuint (count_in_log (&peer, "/small"), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      const char *tls = ways[i].is_secure ? "-tls" : "";
      g_autofree char *all = g_strdup_printf ("/peers/%s%s/files", ways[i].kind->name, tls);
      g_autofree char *interrupted = g_strdup_printf ("/peers/%s%s/interrupted",
                                                      ways[i].kind->name, tls);

      g_test_add_data_func (all, &ways[i], test_files);
      g_test_add_data_func (interrupted, &ways[i], test_interrupted);
    }
  g_test_add_func ("/peers/nginx-tls/trust", test_trust);
  return g_test_run ();
}
