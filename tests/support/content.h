/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TEST_CHANGE_SIZE 256

/* A version of a file: bytes that nobody stores, a function of this value and the offset. */
typedef struct
{
  guint64 seed;        /* 0: zeros */
  gint64  size;
  gint64  changed_at;  /* TEST_CHANGE_SIZE bytes from here are others than @seed says. 0: none */
} TestContent;

void     test_content_fill      (const TestContent *content,
                                 gint64             offset,
                                 guint8            *buffer,
                                 gsize              n);

/* In small hexadecimal digits. */
char    *test_content_sha256    (const TestContent *content);

char    *test_file_sha256       (const char *path);

/* Byte for byte: the quicker way for a huge file of zeros. */
gboolean test_content_is_file   (const TestContent *content,
                                 const char        *path);

/* Makes a file of the first @size bytes; where they are zeros, a hole. */
void     test_content_write     (const TestContent *content,
                                 const char        *path,
                                 gint64             size);

G_END_DECLS
