/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An authority of a test's own, and what it has signed. */
typedef struct
{
  char            *ca_path;     /* owned; PEM, in a folder made for it */
  GTlsCertificate *good;        /* owned; for 127.0.0.1 */
  GTlsCertificate *wrong_host;  /* owned; for 127.0.0.2 */
} TestCertificates;

TestCertificates *test_certificates_new  (void);

void              test_certificates_free (TestCertificates *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestCertificates, test_certificates_free)

G_END_DECLS
