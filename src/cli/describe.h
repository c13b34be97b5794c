/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "libferry/ferry.h"

G_BEGIN_DECLS

/* A task in words and numbers, safe for a terminal. */

/* What to call it, as good as it is known. */
char *ferry_describe_name    (FerryTask *task);

/* Its address, without user, query and fragment. */
char *ferry_describe_address (FerryTask *task);

/* Where it stands; empty while bytes move, which is told in numbers. */
char *ferry_describe_state   (FerryTask *task);

/* Of a finished one: where the file is, its size, and what is known of its bytes being right. */
char *ferry_describe_result  (FerryTask *task);

/* Of one that failed, or needs a person: what is wrong. */
char *ferry_describe_error   (FerryTask *task);

/* 0 to 100; −1: unknown. */
int   ferry_describe_percent (FerryTask *task);

G_END_DECLS
