/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "support/test-bed.h"

G_BEGIN_DECLS

#define TEST_MAX_ANSWERS 5

typedef struct _TestRow TestRow;

/* What the functions of a row see. */
typedef struct
{
  const TestRow *row;
  TestServer    *server;
  TestBed       *bed;
  guint          run;      /* from 1: the one about to begin, or just over */
  TestAnswer     answers[TEST_MAX_ANSWERS];
} TestCase;

typedef void (* TestPrepare) (TestCase *c);

typedef void (* TestCheck)   (TestCase            *c,
                              const FerrydOutcome *outcome);

/* A fault, the sentence that says what Ferry does about it, and how one sees that it does. */
struct _TestRow
{
  const char  *name;
  const char  *rule;     /* from design.md, with the section */
  TestAnswer   answers[TEST_MAX_ANSWERS];  /* for each request; all later ones get the last */
  const char  *ends;     /* the word of each run's outcome, by spaces */
  const char  *asked;    /* all requests, see test_case_get_asked(). NULL: as it likes */
  const char  *basis;    /* the last run's. NULL: whatever; "": none */
  gint64       kept;     /* durable bytes after the first run. 0: whatever */
  gint64       resumed;  /* where the last run took up the bytes. 0: nowhere; −1: whatever */
  guint        result;   /* the answer whose content the file has, from 1. 0: the last one */
  TestPrepare  prepare;  /* before each run. NULL: nothing to do */
  TestCheck    check;    /* after each run, before the folder is looked at. NULL: nothing more */
};

/* A test for each row, below @prefix. */
void  test_rows_add       (const char    *prefix,
                           const TestRow *rows,
                           gsize          n_rows);

/* Each request as `all`, `10-`, `10-20`, `10- if "tag"`, joined by `; `. */
char *test_case_get_asked (TestServer *server);

/* What main() of every test of the engine does first. */
void  test_init           (int    *argc,
                           char ***argv);

/* The seed of all that is random in this run: from the environment where it says so; printed. */
guint32 test_get_seed     (void);

G_END_DECLS
