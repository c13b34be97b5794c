/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-cli-scene"

#include "config.h"

#include "cli-scene.h"

void
scene_init (Scene *self)
{
  static const char *const paths[] = { "/a.bin", "/b.bin", "/c.bin" };

  stage_init (&self->stage, "{'notify': <'none'>}");
  gate_init (&self->gate, 11, SCENE_SIZE, SCENE_SIZE / 2);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      test_server_add (self->stage.server, paths[i], gate_serve, &self->gate);
      self->tasks[i] = stage_create (&self->stage, paths[i], NULL);
    }
}

void
scene_clear (Scene *self)
{
  gate_open (&self->gate);
  stage_clear (&self->stage);
  gate_clear (&self->gate);
  for (guint i = 0; i < G_N_ELEMENTS (self->tasks); i++)
    g_clear_pointer (&self->tasks[i], g_free);
}

void
scene_expect (Scene      *self,
              const char *line,
              int         status,
              const char *output,
              const char *errors)
{
  command_expect (self->stage.fixture, line, status, output, errors);
}
