/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "command.h"
#include "stage.h"

G_BEGIN_DECLS

#define SCENE_SIZE (256 * 1024)

/* Three downloads, of which half comes when they are started; none is. They are the first of a new
 * list, so that their numbers are 1, 2 and 3. */
typedef struct
{
  Stage  stage;
  Gate   gate;      /* of all three */
  char  *tasks[3];  /* owned; the paths of a.bin, b.bin and c.bin */
} Scene;

void scene_init   (Scene      *self);

void scene_clear  (Scene      *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

/* As command_expect(). */
void scene_expect (Scene      *self,
                   const char *line,
                   int         status,
                   const char *output,
                   const char *errors);

G_END_DECLS
