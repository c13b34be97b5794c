/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * To be loaded before all other libraries (LD_PRELOAD): kills the process at the call that
 * STOPPER_CALL names, when it comes for the time that STOPPER_NTH says, from 1; before it is made
 * or, where STOPPER_AFTER is 1, after. It does so once: then the file STOPPER_MARK is there, and
 * the next process is spared. Without GLib: it is there before everything.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *call;    /* NULL: none */
static const char *mark;
static unsigned long nth;
static bool stops_after;
static atomic_ulong n_calls;

/* Threads that change the environment may come later. */
__attribute__ ((constructor)) static void
begin (void)
{
  const char *number = getenv ("STOPPER_NTH");
  const char *after = getenv ("STOPPER_AFTER");

  mark = getenv ("STOPPER_MARK");
  if (mark != NULL && access (mark, F_OK) != 0)
    call = getenv ("STOPPER_CALL");
  nth = number != NULL ? strtoul (number, NULL, 10) : 0;
  stops_after = after != NULL && strcmp (after, "1") == 0;
}

static bool
is_the_one (const char *name)
{
  return call != NULL && strcmp (call, name) == 0 && atomic_fetch_add (&n_calls, 1) + 1 == nth;
}

static void
stop_if (bool due)
{
  if (!due)
    return;

  (void) creat (mark, 0600);  /* without it the next one stops as well, which is seen */
  raise (SIGKILL);
}

/* The function of this name, which is libc's under another hand: the same, and the stops. */
#define INTERPOSE(name, parameters, arguments) \
  int \
  name parameters \
  { \
    bool due = is_the_one (#name); \
    int (* real) parameters; \
    int result; \
    \
    *(void **) &real = dlsym (RTLD_NEXT, #name); \
    stop_if (due && !stops_after); \
    result = real arguments; \
    stop_if (due && stops_after); \
    return result; \
  }

INTERPOSE (fsync, (int fd), (fd))
INTERPOSE (fdatasync, (int fd), (fd))
INTERPOSE (linkat, (int from, const char *name, int to, const char *new_name, int flags),
           (from, name, to, new_name, flags))
INTERPOSE (unlinkat, (int folder, const char *name, int flags), (folder, name, flags))
INTERPOSE (renameat, (int from, const char *name, int to, const char *new_name),
           (from, name, to, new_name))
INTERPOSE (renameat2, (int from, const char *name, int to, const char *new_name, unsigned flags),
           (from, name, to, new_name, flags))
