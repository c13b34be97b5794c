/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-cargo"

#include "config.h"

#include "cargo.h"

/* The number of the task that has the piece's tag, as its description; else it is not made yet. */
static gboolean
find (Mortal     *mortal,
      CargoPiece *piece)
{
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GVariantIter) tasks = NULL;
  const char *path;
  GVariant *properties;

  if (!mortal_call (mortal, mortal->session, "Session", "ListTasks",
                    g_variant_new_parsed ("(@a{sv} {'properties': <['Description']>}, uint64 0, "
                                          "uint32 0)"), &answer))
    return FALSE;

  g_variant_get (answer, "(a(oa{sv}))", &tasks);
  while (g_variant_iter_loop (tasks, "(&o@a{sv})", &path, &properties))
    {
      const char *tag;

      g_assert_true (g_variant_lookup (properties, "Description", "&s", &tag));
      if (!g_str_equal (tag, piece->name))
        continue;

      if (piece->task != NULL)
        g_error ("“%s” is there twice", tag);
      piece->task = g_strdup (path);
    }
  return TRUE;
}

static GVariant *
new_options (Mortal     *mortal,
             CargoPiece *piece)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  if (piece->options != NULL)
    {
      g_autoptr(GVariant) more = g_variant_ref_sink (client_parse (piece->options));

      g_variant_dict_clear (&dict);
      g_variant_dict_init (&dict, more);
    }
  g_variant_dict_insert (&dict, "description", "s", piece->name);
  g_variant_dict_insert (&dict, "destination", "s", mortal->fixture->downloads);
  g_variant_dict_insert (&dict, "start", "b", TRUE);
  return g_variant_dict_end (&dict);
}

gboolean
cargo_make (Mortal     *mortal,
            CargoPiece *piece,
            TestServer *server)
{
  g_autofree char *url = test_server_get_url (server, piece->path);
  g_autoptr(GVariant) answer = NULL;

  if (piece->task != NULL)
    return TRUE;
  if (!find (mortal, piece))
    return FALSE;
  if (piece->task != NULL)
    return TRUE;

  if (!mortal_call (mortal, mortal->session, "Session", "CreateDownloadTask",
                    g_variant_new ("(s@a{sv})", url, new_options (mortal, piece)), &answer))
    return FALSE;

  g_variant_get (answer, "(o)", &piece->task);
  return TRUE;
}

gboolean
cargo_tell (Mortal     *mortal,
            CargoPiece *piece,
            const char *verb,
            gboolean   *refused)
{
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *kind = NULL;

  if (!mortal_try (mortal, piece->task, "Task", verb, NULL, &answer, &error))
    return FALSE;

  if (refused != NULL)
    *refused = answer == NULL;
  if (answer != NULL)
    return TRUE;

  kind = g_dbus_error_get_remote_error (error);
  if (g_strcmp0 (kind, FERRY_SERVICE_ID ".Error.WrongState") != 0)
    g_error ("%s of “%s”: %s", verb, piece->name, error->message);
  return TRUE;
}

gboolean
cargo_get (Mortal      *mortal,
           CargoPiece  *piece,
           const char  *property,
           GVariant   **value)
{
  g_autoptr(GVariant) answer = NULL;

  if (!mortal_call (mortal, piece->task, PROPERTIES, "Get",
                    g_variant_new ("(ss)", FERRY_SERVICE_ID ".Task", property), &answer))
    return FALSE;

  g_variant_get (answer, "(v)", value);
  return TRUE;
}

static gboolean
has_more_signals (Client        *client,
                  gconstpointer  data)
{
  return client->signals->len > *(const guint *) data;
}

/* What an answer says is never newer than a signal that comes later. */
gboolean
cargo_wait (Mortal         *mortal,
            CargoPiece     *piece,
            CargoCondition  condition)
{
  gint64 deadline = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
  gboolean holds = FALSE;

  while (TRUE)
    {
      guint before = mortal->fixture->client->signals->len;

      if (!condition (mortal, piece, &holds))
        return FALSE;
      if (holds)
        return TRUE;
      if (g_get_monotonic_time () > deadline)
        g_error ("waited in vain for “%s”", piece->name);
      if (!mortal_wait (mortal, has_more_signals, &before, piece->name))
        return FALSE;
    }
}

gboolean
cargo_is_over (Mortal     *mortal,
               CargoPiece *piece,
               gboolean   *holds)
{
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GVariant) error = NULL;
  g_autofree char *why = NULL;
  const char *state;

  if (!cargo_get (mortal, piece, "State", &value))
    return FALSE;

  state = g_variant_get_string (value, NULL);
  *holds = g_str_equal (state, "finished") || g_str_equal (state, "cancelled");
  if (!g_str_equal (state, "failed"))
    return TRUE;
  if (!cargo_get (mortal, piece, "Error", &error))
    return FALSE;
  why = g_variant_print (error, FALSE);
  g_error ("“%s” has failed: %s", piece->name, why);
}

static gboolean
remove_one (Mortal     *mortal,
            CargoPiece *piece)
{
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *kind = NULL;
  gboolean before = piece->is_asked;

  piece->is_asked = TRUE;
  if (!mortal_try (mortal, piece->task, "Task", "Remove", g_variant_new ("(b)", TRUE), &answer,
                   &error))
    return FALSE;

  /* An earlier call may have done it, though nobody heard. */
  kind = error != NULL ? g_dbus_error_get_remote_error (error) : NULL;
  if (answer == NULL && !(before && g_str_equal (kind, FERRY_SERVICE_ID ".Error.NotFound")))
    g_error ("Remove of “%s”: %s", piece->name, error->message);
  piece->end = CARGO_REMOVED;
  return TRUE;
}

static gboolean
is_gone (Mortal     *mortal,
         CargoPiece *piece,
         gboolean   *gone)
{
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GError) error = NULL;

  if (!mortal_try (mortal, piece->task, PROPERTIES, "Get",
                   g_variant_new ("(ss)", FERRY_SERVICE_ID ".Task", "State"), &answer, &error))
    return FALSE;

  *gone = answer == NULL;
  return TRUE;
}

gboolean
cargo_finish (Mortal      *mortal,
              CargoPiece **pieces,
              guint        n)
{
  for (guint i = 0; i < n; i++)
    {
      CargoPiece *piece = pieces[i];
      gboolean gone = FALSE;

      if (piece->end == CARGO_CANCELLED)
        piece->is_asked = TRUE;
      if (piece->end == CARGO_REMOVED && piece->is_asked && !is_gone (mortal, piece, &gone))
        return FALSE;
      if (!gone &&
          !cargo_tell (mortal, piece, piece->end == CARGO_CANCELLED ? "Cancel" : "Resume", NULL))
        return FALSE;
    }

  for (guint i = 0; i < n; i++)
    {
      CargoPiece *piece = pieces[i];
      gboolean gone = FALSE;

      if (piece->end == CARGO_REMOVED && piece->is_asked && !is_gone (mortal, piece, &gone))
        return FALSE;
      if (!gone && !cargo_wait (mortal, piece, cargo_is_over))
        return FALSE;
      if (!gone && piece->end == CARGO_REMOVED && !remove_one (mortal, piece))
        return FALSE;
    }
  return TRUE;
}
