/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "libferry/ferry.h"

G_BEGIN_DECLS

/* How a value of the bus API becomes one of JSON. */
typedef enum
{
  FERRY_JSON_TEXT,     /* s; empty: null */
  FERRY_JSON_ADDRESS,  /* s; without user and password; empty: null */
  FERRY_JSON_SIZE,     /* x; negative: null */
  FERRY_JSON_TIME,     /* x, Unix µs; 0: null */
  FERRY_JSON_COUNT,    /* t */
  FERRY_JSON_NUMBER,   /* u */
  FERRY_JSON_FLAG,     /* b */
} FerryJsonKind;

/* A key of a dict of the bus API. A value. */
typedef struct
{
  const char    *key;
  FerryJsonKind  kind;
} FerryJsonField;

JsonBuilder *ferry_json_begin       (void);

char        *ferry_json_end         (JsonBuilder          *builder,
                                     gboolean              pretty);

void         ferry_json_add_text    (JsonBuilder          *builder,
                                     const char           *key,
                                     const char           *text);

void         ferry_json_add_address (JsonBuilder          *builder,
                                     const char           *key,
                                     const char           *url);

void         ferry_json_add_size    (JsonBuilder          *builder,
                                     const char           *key,
                                     gint64                size);

void         ferry_json_add_count   (JsonBuilder          *builder,
                                     const char           *key,
                                     guint64               count);

void         ferry_json_add_time    (JsonBuilder          *builder,
                                     const char           *key,
                                     gint64                time);

void         ferry_json_add_error   (JsonBuilder          *builder,
                                     const char           *key,
                                     const GError         *error);

void         ferry_json_add_fields  (JsonBuilder          *builder,
                                     GVariant             *dict,
                                     const FerryJsonField *fields,
                                     guint                 n_fields);

/* json-task.c */

void         ferry_json_add_task    (JsonBuilder          *builder,
                                     FerryTask            *task,
                                     GVariant             *properties);

G_END_DECLS
