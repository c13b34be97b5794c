/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the bus is told of a task: tasks share what most of them have, and nothing else. */
#include "config.h"

#include "api/snapshot.h"
#include "task-bed.h"

#define N_TASKS 400

#define SHA_256 "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"

static GVariant *
make_options (gboolean with_digest)
{
  GVariantDict options;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "expected-size", "x", (gint64) g_test_rand_int_range (0, 3));
  if (with_digest)
    g_variant_dict_insert (&options, "digest", "s", SHA_256);
  return g_variant_ref_sink (g_variant_dict_end (&options));
}

static GVariant *
make_response (void)
{
  GVariantDict response;

  g_variant_dict_init (&response, NULL);
  g_variant_dict_insert (&response, "status", "u", 200u);
  return g_variant_ref_sink (g_variant_dict_end (&response));
}

static char *
make_text (void)
{
  return g_test_rand_bit () ? g_strdup_printf ("%d", g_test_rand_int_range (0, 3)) : NULL;
}

static gint64
make_number (void)
{
  return g_test_rand_int_range (0, 3);
}

static void
fill_kept (FerrydKept *kept)
{
  kept->file_name = make_text ();
  kept->final_name = make_text ();
  kept->current_url = g_strdup (g_test_rand_bit () ? "http://localhost/elsewhere" : NULL);
  kept->response = g_test_rand_bit () ? make_response () : NULL;
  kept->started_over = make_number ();
  kept->part.name = make_text ();
  kept->part.offset = make_number ();
  kept->part.total = make_number () - 1;
}

static void
fill_status (FerrydTaskStatus *status)
{
  if (status->error_name == NULL)
    {
      status->error_name = make_text ();
      status->error_message = g_strdup (status->error_name);
    }
  status->finished = make_number ();
  status->retry_at = make_number ();
  status->digest = g_strdup (g_test_rand_bit () ? SHA_256 : NULL);
  status->length_verified = g_test_rand_bit ();
}

/* Each thing as most have it, or not. */
static FerrydTaskRow *
make_row (void)
{
  FerryTaskState state = (FerryTaskState) g_test_rand_int_range (0, FERRY_N_TASK_STATES);
  FerryWaitReason reason = FERRY_WAIT_REASON_NONE;
  FerrydTaskRow *row;

  if (state == FERRY_TASK_STATE_WAITING)
    reason = (FerryWaitReason) g_test_rand_int_range (FERRY_WAIT_REASON_QUEUE,
                                                      FERRY_N_WAIT_REASONS);

  row = make_task_row (0, "http://localhost/file", state, reason);
  row->priority = g_test_rand_bit () ? 0.5 : g_test_rand_double ();
  row->download_limit = (guint64) make_number ();
  row->description = make_text ();
  if (g_test_rand_bit ())
    {
      g_clear_pointer (&row->options, g_variant_unref);
      row->options = make_options (g_test_rand_bit ());
    }
  fill_status (&row->status);
  fill_kept (row->kept);
  return row;
}

static void
assert_as_each_alone (FerrydTask *task)
{
  g_autoptr(GVariant) all = g_variant_ref_sink (ferryd_snapshot_get_all (task));
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_assert_cmpuint (g_variant_n_children (all), ==, FERRYD_N_PROPERTIES);
  g_variant_iter_init (&iter, all);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      g_autoptr(GVariant) alone = g_variant_take_ref (ferryd_snapshot_get (task, name));

      g_assert_cmpvariant (value, alone);
    }
}

static void
test_shared (void)
{
  for (guint i = 0; i < N_TASKS; i++)
    {
      g_auto(TaskBed) bed = { NULL };

      task_bed_init_row (&bed, make_row ());
      assert_as_each_alone (bed.task);
      if (ferryd_task_wants_slot (bed.task))
        {
          ferryd_task_set_queued (bed.task, FERRY_WAIT_REASON_HOST_LIMIT, 1 + i % 3);
          assert_as_each_alone (bed.task);
        }
    }
}

static gboolean
is_usual (const char *name,
          GVariant   *value)
{
  g_autofree char *text = g_variant_print (value, FALSE);
  const char *const blank[] = {
    "''", "0", "{}", "[]", "('', '')", NULL,
  };

  if (g_str_equal (name, "Priority"))
    return g_str_equal (text, "0.5");
  if (g_str_equal (name, "BytesExpectedToReceive"))
    return g_str_equal (text, "-1");
  if (g_str_equal (name, "Samples"))
    return g_str_has_suffix (text, ", [])");
  return g_strv_contains (blank, text);
}

/* What a sparse list leaves out is what everybody can put in again, and nothing else. */
static void
test_sparse (void)
{
  FerrydSelection all = { .is_sparse = TRUE };

  ferryd_selection_add_all (&all);
  for (guint i = 0; i < N_TASKS; i++)
    {
      g_auto(TaskBed) bed = { NULL };
      g_autoptr(GVariant) sparse = NULL;
      g_autoptr(GVariant) whole = NULL;
      GVariantIter iter;
      const char *name;
      GVariant *value;

      task_bed_init_row (&bed, make_row ());
      sparse = g_variant_ref_sink (ferryd_snapshot_get_some (bed.task, &all));
      whole = g_variant_ref_sink (ferryd_snapshot_get_all (bed.task));
      g_variant_iter_init (&iter, whole);
      while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
        {
          g_autoptr(GVariant) told = g_variant_lookup_value (sparse, name, NULL);

          if (told == NULL && !is_usual (name, value))
            g_error ("“%s” is left out: %s", name, g_variant_print (value, TRUE));
          if (told != NULL)
            g_assert_cmpvariant (told, value);
        }
    }
}

static void
test_selection (void)
{
  g_auto(TaskBed) bed = { NULL };
  g_autoptr(GVariant) row = NULL;
  g_autofree char *text = NULL;
  g_autofree char *expected = NULL;
  FerrydSelection selection = { 0 };

  task_bed_init (&bed, FERRY_TASK_STATE_SUSPENDED, FERRY_WAIT_REASON_NONE);
  g_assert_true (ferryd_selection_add (&selection, "State"));
  g_assert_false (ferryd_selection_add (&selection, "Stat"));
  g_assert_true (ferryd_selection_add (&selection, "Kind"));
  g_assert_true (ferryd_selection_add (&selection, "State"));

  row = g_variant_ref_sink (ferryd_snapshot_describe (bed.task, &selection));
  text = g_variant_print (row, FALSE);
  expected = g_strdup_printf ("('" FERRY_OBJECT_PATH "/task/%" G_GINT64_FORMAT "', "
                              "{'State': <'suspended'>, 'Kind': <'download'>})", bed.id);
  g_assert_cmpstr (text, ==, expected);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/snapshot/shared", test_shared);
  g_test_add_func ("/snapshot/sparse", test_sparse);
  g_test_add_func ("/snapshot/selection", test_selection);

  return g_test_run ();
}
