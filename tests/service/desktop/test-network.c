/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-network"

#include "config.h"

#include <sched.h>

#include "desk.h"
#include "desktop/network.h"

/* A machine whose network does what the test says. */
#define FAKE_TYPE_MONITOR (fake_monitor_get_type ())
G_DECLARE_FINAL_TYPE (FakeMonitor, fake_monitor, FAKE, MONITOR, GObject)

struct _FakeMonitor
{
  GObject              parent_instance;

  gboolean             is_available;
  GNetworkConnectivity connectivity;
};

static void fake_monitor_initable_init (GInitableIface *iface);
static void fake_monitor_network_monitor_init (GNetworkMonitorInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeMonitor, fake_monitor, G_TYPE_OBJECT,
  G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, fake_monitor_initable_init)
  G_IMPLEMENT_INTERFACE (G_TYPE_NETWORK_MONITOR, fake_monitor_network_monitor_init))

typedef enum { PROP_AVAILABLE = 1, PROP_METERED, PROP_CONNECTIVITY } FakeMonitorProperty;

static void
fake_monitor_get_property (GObject    *object,
                           guint       property_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  FakeMonitor *self = FAKE_MONITOR (object);

  switch ((FakeMonitorProperty) property_id)
    {
    case PROP_AVAILABLE:
      g_value_set_boolean (value, self->is_available);
      break;
    case PROP_METERED:
      g_value_set_boolean (value, FALSE);
      break;
    case PROP_CONNECTIVITY:
      g_value_set_enum (value, self->connectivity);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
fake_monitor_class_init (FakeMonitorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = fake_monitor_get_property;
  g_object_class_override_property (object_class, PROP_AVAILABLE, "network-available");
  g_object_class_override_property (object_class, PROP_METERED, "network-metered");
  g_object_class_override_property (object_class, PROP_CONNECTIVITY, "connectivity");
}

static void
fake_monitor_init (FakeMonitor *self)
{
  self->is_available = TRUE;
  self->connectivity = G_NETWORK_CONNECTIVITY_FULL;
}

static gboolean
fake_monitor_begin (GInitable     *initable,
                    GCancellable  *cancellable,
                    GError       **error)
{
  return TRUE;
}

static void
fake_monitor_initable_init (GInitableIface *iface)
{
  iface->init = fake_monitor_begin;
}

static void
fake_monitor_network_monitor_init (GNetworkMonitorInterface *iface)
{
}

static void
fake_monitor_say (FakeMonitor          *self,
                  gboolean              is_available,
                  GNetworkConnectivity  connectivity)
{
  self->is_available = is_available;
  self->connectivity = connectivity;
  g_object_notify (G_OBJECT (self), "connectivity");
  g_signal_emit_by_name (self, "network-changed", is_available);
}

static void
on_changed_cb (FerrydNetwork *network,
               guint         *n_changed)
{
  *n_changed += 1;
}

static void
turn (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_answers (void)
{
  static const struct
  {
    gboolean             is_available;
    GNetworkConnectivity connectivity;
    gboolean             is_behind_portal;
  } rows[] = {
    { FALSE, G_NETWORK_CONNECTIVITY_LOCAL, FALSE },
    { TRUE, G_NETWORK_CONNECTIVITY_LIMITED, FALSE },
    { TRUE, G_NETWORK_CONNECTIVITY_PORTAL, TRUE },
    { TRUE, G_NETWORK_CONNECTIVITY_FULL, FALSE },
  };
  g_autoptr(FakeMonitor) monitor = g_object_new (FAKE_TYPE_MONITOR, NULL);
  g_autoptr(FerrydNetwork) network = ferryd_network_new (G_NETWORK_MONITOR (monitor));

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      fake_monitor_say (monitor, rows[i].is_available, rows[i].connectivity);
      g_assert_cmpint (ferryd_network_is_available (network), ==, rows[i].is_available);
      g_assert_cmpint (ferryd_network_is_behind_portal (network), ==, rows[i].is_behind_portal);
    }
}

static void
test_changes (void)
{
  g_autoptr(FakeMonitor) monitor = g_object_new (FAKE_TYPE_MONITOR, NULL);
  g_autoptr(FerrydNetwork) network = ferryd_network_new (G_NETWORK_MONITOR (monitor));
  guint n_changed = 0;

  g_signal_connect (network, "changed", G_CALLBACK (on_changed_cb), &n_changed);
  turn ();
  g_assert_cmpuint (n_changed, ==, 0);

  /* As NetworkManager does it, all at once. */
  fake_monitor_say (monitor, FALSE, G_NETWORK_CONNECTIVITY_LOCAL);
  fake_monitor_say (monitor, TRUE, G_NETWORK_CONNECTIVITY_LIMITED);
  fake_monitor_say (monitor, TRUE, G_NETWORK_CONNECTIVITY_FULL);
  g_assert_cmpuint (n_changed, ==, 0);
  turn ();
  g_assert_cmpuint (n_changed, ==, 1);

  /* Another network, as good as the one before. */
  fake_monitor_say (monitor, TRUE, G_NETWORK_CONNECTIVITY_FULL);
  turn ();
  g_assert_cmpuint (n_changed, ==, 2);

  /* The portal lets the user through: nothing else than this changes. */
  g_object_notify (G_OBJECT (monitor), "connectivity");
  turn ();
  g_assert_cmpuint (n_changed, ==, 3);
}

/* Nothing is told after the end, also where it was about to be. */
static void
test_end (void)
{
  g_autoptr(FakeMonitor) monitor = g_object_new (FAKE_TYPE_MONITOR, NULL);
  FerrydNetwork *network = ferryd_network_new (G_NETWORK_MONITOR (monitor));
  guint n_changed = 0;

  g_signal_connect (network, "changed", G_CALLBACK (on_changed_cb), &n_changed);
  fake_monitor_say (monitor, FALSE, G_NETWORK_CONNECTIVITY_LOCAL);
  g_assert_finalize_object (network);

  fake_monitor_say (monitor, TRUE, G_NETWORK_CONNECTIVITY_FULL);
  turn ();
  g_assert_cmpuint (n_changed, ==, 0);
}

static gboolean
run_ip (const char *arguments)
{
  g_autofree char *line = g_strconcat ("ip ", arguments, NULL);
  int status;

  return g_spawn_command_line_sync (line, NULL, NULL, &status, NULL) && status == 0;
}

static gboolean
is_available (gconstpointer network)
{
  return ferryd_network_is_available ((FerrydNetwork *) network);
}

static gboolean
is_away (gconstpointer network)
{
  return !is_available (network);
}

/* The kernel's word, in a network of our own. It is the last test, for there is no way back. */
static void
test_machine (void)
{
  g_autoptr(FerrydNetwork) network = NULL;
  guint n_changed = 0;

  if (unshare (CLONE_NEWNET) != 0 || !run_ip ("link add v0 type veth peer name v1"))
    {
      g_test_skip ("no network namespace of its own for this user, or no ip");
      return;
    }

  g_assert_true (run_ip ("addr add 10.9.0.1/24 dev v0"));
  g_assert_true (run_ip ("link set v0 up"));
  g_assert_true (run_ip ("link set v1 up"));
  network = ferryd_network_new (NULL);
  g_signal_connect (network, "changed", G_CALLBACK (on_changed_cb), &n_changed);
  g_assert_false (ferryd_network_is_available (network));

  g_assert_true (run_ip ("route add default via 10.9.0.2"));
  desk_wait (is_available, network, "the network is there");
  turn ();
  g_assert_cmpuint (n_changed, >, 0);

  n_changed = 0;
  g_assert_true (run_ip ("route del default"));
  desk_wait (is_away, network, "the network is away");
  turn ();
  g_assert_cmpuint (n_changed, >, 0);
  g_assert_false (ferryd_network_is_behind_portal (network));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_assert_true (g_setenv ("GIO_USE_NETWORK_MONITOR", "netlink", TRUE));
  g_test_add_func ("/network/answers", test_answers);
  g_test_add_func ("/network/changes", test_changes);
  g_test_add_func ("/network/end", test_end);
  g_test_add_func ("/network/machine", test_machine);
  return g_test_run ();
}
