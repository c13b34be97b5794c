/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "support/bad-server.h"

G_BEGIN_DECLS

/* Well above a minute before any `Date` that we send. */
#define TEST_OLD_DATE   "Mon, 06 Jan 2020 10:00:00 GMT"
#define TEST_OTHER_DATE "Tue, 07 Jan 2020 10:00:00 GMT"

/* Stands for the date at which the server was made. */
#define TEST_YOUNG_DATE "young"

typedef enum
{
  TEST_RANGES_HONOURED,  /* and If-Range with them */
  TEST_RANGES_IGNORED,   /* 200 and the whole */
  TEST_RANGES_FORCED,    /* 206 also where If-Range forbids it */
} TestRanges;

typedef enum
{
  TEST_FRAMING_LENGTH,   /* Content-Length */
  TEST_FRAMING_NONE,     /* until the connection ends */
  TEST_FRAMING_CHUNKED,
} TestFraming;

typedef enum
{
  TEST_END_KEEP,         /* the connection stays open */
  TEST_END_CLOSE,
  TEST_END_RESET,
  TEST_END_STALL,        /* nothing more, until the client goes */
} TestEnd;

/* An answer, and how it lies. All zero but for the content's size: a good server's. */
typedef struct
{
  const char  *status;         /* NULL: 200, 206 or 416, as was asked */
  const char  *headers;        /* more of them, raw, each with its CR LF. NULL: none */
  TestContent  content;        /* the version of the file that the server holds now */
  const char  *etag;           /* NULL: none */
  const char  *last_modified;  /* NULL: none */
  gboolean     no_date;
  TestRanges   ranges;
  gint64       shift;          /* a 206 begins so much later (or earlier) than was asked */
  gint64       at_most;        /* a 206 has no more bytes than this. 0: all */
  const char  *total;          /* in Content-Range. NULL: the true one */
  gint64       length_error;   /* Content-Length says so much more (or less) than is sent */
  TestFraming  framing;
  gboolean     no_last_chunk;  /* chunked: the one of size 0 does not come */
  gboolean     http_1_0;
  gint64       cut;            /* the body ends after so many bytes. 0: it does not */
  TestEnd      end;
  const char  *body;           /* in place of the content. NULL: the content */
  gint64       filler;         /* so many bytes in place of the content. 0: the content */
  TestBehave   behave;         /* in place of all that. NULL: as said */
  gpointer     data;           /* unowned; for @behave */
} TestAnswer;

gboolean test_answer_is_given (const TestAnswer *answer);

/* A behaviour; @answer is a TestAnswer. */
void     test_answer          (TestExchange *x,
                               gpointer      answer);

/* The first part of it: status line and headers, up to the empty line. */
void     test_answer_head     (TestExchange     *x,
                               const TestAnswer *answer);

G_END_DECLS
