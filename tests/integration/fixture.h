/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"

G_BEGIN_DECLS

typedef enum
{
  FIXTURE_STRICT = 0,
  FIXTURE_MAY_WARN = 1 << 0,  /* the service is not stopped by its own warnings */
} FixtureFlags;

/*
 * The real service on a bus of its own.
 *
 * A home and a bus that belong to no one else, in one folder. The service is not started: the bus
 * activates it when something is called.
 */
typedef struct
{
  char         *root;       /* owned; the folder with all that follows */
  char         *home;       /* owned */
  char         *data_home;  /* owned; may be another fixture's */
  char         *database;   /* owned; where the service has it, in @data_home */
  char         *downloads;  /* owned; an empty folder for results */
  char         *log;        /* owned; what the service wrote to its standard error */
  char         *address;    /* owned; of the bus */
  FixtureFlags  flags;
  GSubprocess  *bus;        /* owned */
  int           exits;      /* owned; each end of an activated service is a line in this pipe */
  Client       *client;     /* owned */
} Fixture;

/* What main() of every test here does first. */
void         fixture_init_tests   (int    *argc,
                                   char ***argv);

Fixture     *fixture_new          (FixtureFlags flags);

/* @data_home: NULL for one of its own. */
Fixture     *fixture_new_with_data (FixtureFlags flags,
                                    const char  *data_home);

/* For each service that is started from now on. `wrapper`: a command line to run it in. */
void         fixture_set_environment (Fixture    *self,
                                      const char *name,
                                      const char *value);

/* A setting of the person, as GSettings prints it (`uint32 1`, `true`); a service that runs
 * follows. */
void         fixture_set          (Fixture    *self,
                                   const char *key,
                                   const char *value);

/* Ends the service, which must have nothing to complain of, and the bus; removes the folder. */
void         fixture_free         (Fixture *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

/* The service's; asks the bus. 0: it does not run. */
guint32      fixture_get_pid      (Fixture *self);

/* Waits for the next end of a service, whatever brings it. Returns the exit status, 128 + n when
 * killed by the signal n. */
int          fixture_wait_end     (Fixture *self);

/* Sends @signal to the service and waits until it has ended and the bus has noticed. Returns the
 * same. */
int          fixture_end_service  (Fixture *self,
                                   int      signal);

/* Starts one more, not through the bus. Its standard error is a pipe. */
GSubprocess *fixture_spawn        (Fixture *self);

/* What the service has written to its standard error, but for what it says where no daemon shows
 * notifications. */
char        *fixture_read_log     (Fixture *self);

/* That the folder for results has these files and nothing else. Ends with a NULL. */
void         fixture_assert_files (Fixture *self,
                                   ...) G_GNUC_NULL_TERMINATED;

/* The same. @names: a set of strings. */
void         fixture_assert_only  (Fixture    *self,
                                   GHashTable *names);

char        *fixture_get_path     (Fixture    *self,
                                   const char *name);

G_END_DECLS
