/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-halves"

#include "config.h"

#include "halves.h"

void
halves_init (Halves *self)
{
  static const TestAnswer gone = { .status = "404 Not Found", .body = "no" };

  gate_init (&self->gate, 7, HALVES_SIZE, HALVES_SIZE / 2);
  stage_init (&self->stage, "{'notify': <'none'>}");
  test_server_add (self->stage.server, "/file", gate_serve, &self->gate);
  test_server_add (self->stage.server, "/gone", test_answer, (gpointer) &gone);
}

void
halves_clear (Halves *self)
{
  gate_open (&self->gate);
  stage_clear (&self->stage);
  gate_clear (&self->gate);
}

char *
halves_start (Halves     *self,
              const char *options)
{
  char *task = stage_start (&self->stage, "/file", options);

  client_wait_received (self->stage.client, task, HALVES_SIZE / 2);
  return task;
}
