/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mortal.h"
#include "support/bad-server.h"

G_BEGIN_DECLS

typedef enum
{
  CARGO_FINISHED,
  CARGO_CANCELLED,  /* or finished, where it was quicker */
  CARGO_REMOVED,    /* finished, and then removed with its file */
} CargoEnd;

/* A download that must come to an end, whatever happens to the service meanwhile. */
typedef struct
{
  const char        *name;       /* unowned; its tag: no two have the same */
  const char        *file_name;  /* unowned; what its file is to be called, before "(1)" */
  const char        *path;       /* unowned; on the server */
  const char        *options;    /* unowned; more of them, as GVariant prints. NULL: none */
  const char        *folder;     /* unowned; where it is at last. NULL: the fixture's */
  const TestContent *content;    /* unowned; what the server has at last */
  CargoEnd           end;
  char              *task;       /* owned; its path. NULL: not known to be there */
  gboolean           is_asked;   /* the call that brings about its end has been made */
} CargoPiece;

/* Finds it, where a call that made it was not answered, or makes it. */
gboolean cargo_make      (Mortal      *mortal,
                          CargoPiece  *piece,
                          TestServer  *server);

/* A verb of its task. @refused: (out) (optional): whether the service would not */
gboolean cargo_tell      (Mortal      *mortal,
                          CargoPiece  *piece,
                          const char  *verb,
                          gboolean    *refused);

gboolean cargo_get       (Mortal      *mortal,
                          CargoPiece  *piece,
                          const char  *property,
                          GVariant   **value);

/* FALSE: the service has ended. */
typedef gboolean (* CargoCondition) (Mortal     *mortal,
                                     CargoPiece *piece,
                                     gboolean   *holds);

/* Looks after each signal. */
gboolean cargo_wait      (Mortal         *mortal,
                          CargoPiece     *piece,
                          CargoCondition  condition);

gboolean cargo_is_over   (Mortal     *mortal,
                          CargoPiece *piece,
                          gboolean   *holds);

/* Brings each to its end, and waits for all. */
gboolean cargo_finish    (Mortal      *mortal,
                          CargoPiece **pieces,
                          guint        n);

/* Asserts that nothing is lost, nothing is there twice, and nothing lies about: tasks, files,
 * events, and the rows of the database. Ends the service. */
void     cargo_reckon    (Mortal      *mortal,
                          CargoPiece **pieces,
                          guint        n);

G_END_DECLS
