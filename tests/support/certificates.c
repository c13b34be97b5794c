/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-certificates"

#include "config.h"

#include <glib/gstdio.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "support/certificates.h"

#define A_DAY (24 * 60 * 60)

typedef struct
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t     crt;
} Pair;

#define CHECK(call) g_assert_cmpint ((call), >=, 0)

/*
 * @issuer: NULL for an authority that signs for itself. @last_byte: of the address 127.0.0.x it is
 * for.
 */
static Pair
make_pair (const Pair *issuer,
           const char *name,
           guint8      last_byte)
{
  const guint8 address[4] = { 127, 0, 0, last_byte };
  const guint8 serial[1] = { last_byte + 1 };
  guint8 key_id[32];
  gsize key_id_size = sizeof key_id;
  Pair pair;

  CHECK (gnutls_x509_privkey_init (&pair.key));
  CHECK (gnutls_x509_privkey_generate (pair.key, GNUTLS_PK_ECDSA,
                                       GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0));
  CHECK (gnutls_x509_crt_init (&pair.crt));
  CHECK (gnutls_x509_crt_set_version (pair.crt, 3));
  CHECK (gnutls_x509_crt_set_serial (pair.crt, serial, sizeof serial));
  CHECK (gnutls_x509_crt_set_key (pair.crt, pair.key));
  CHECK (gnutls_x509_crt_set_activation_time (pair.crt, time (NULL) - A_DAY));
  CHECK (gnutls_x509_crt_set_expiration_time (pair.crt, time (NULL) + A_DAY));
  CHECK (gnutls_x509_crt_set_dn_by_oid (pair.crt, GNUTLS_OID_X520_COMMON_NAME, 0,
                                        name, strlen (name)));
  CHECK (gnutls_x509_crt_get_key_id (pair.crt, GNUTLS_KEYID_USE_SHA256, key_id, &key_id_size));
  CHECK (gnutls_x509_crt_set_subject_key_id (pair.crt, key_id, key_id_size));
  if (issuer == NULL)
    {
      CHECK (gnutls_x509_crt_set_basic_constraints (pair.crt, 1, -1));
      CHECK (gnutls_x509_crt_set_key_usage (pair.crt, GNUTLS_KEY_KEY_CERT_SIGN));
    }
  else
    {
      CHECK (gnutls_x509_crt_set_subject_alt_name (pair.crt, GNUTLS_SAN_IPADDRESS,
                                                   address, sizeof address, GNUTLS_FSAN_SET));
      if (last_byte == 1)
        CHECK (gnutls_x509_crt_set_subject_alt_name (pair.crt, GNUTLS_SAN_DNSNAME, "localhost",
                                                     strlen ("localhost"), GNUTLS_FSAN_APPEND));
      CHECK (gnutls_x509_crt_set_key_usage (pair.crt, GNUTLS_KEY_DIGITAL_SIGNATURE));
    }
  CHECK (gnutls_x509_crt_sign2 (pair.crt, issuer != NULL ? issuer->crt : pair.crt,
                                issuer != NULL ? issuer->key : pair.key, GNUTLS_DIG_SHA256, 0));
  return pair;
}

static void
clear_pair (Pair *pair)
{
  gnutls_x509_crt_deinit (pair->crt);
  gnutls_x509_privkey_deinit (pair->key);
}

static char *
export_certificate (const Pair *pair)
{
  gnutls_datum_t pem;
  char *text;

  CHECK (gnutls_x509_crt_export2 (pair->crt, GNUTLS_X509_FMT_PEM, &pem));
  text = g_strndup ((char *) pem.data, pem.size);
  gnutls_free (pem.data);
  return text;
}

static GTlsCertificate *
export_pair (const Pair *pair)
{
  g_autofree char *certificate = export_certificate (pair);
  g_autofree char *both = NULL;
  gnutls_datum_t key;
  GTlsCertificate *result;
  g_autoptr(GError) error = NULL;

  CHECK (gnutls_x509_privkey_export2_pkcs8 (pair->key, GNUTLS_X509_FMT_PEM, NULL,
                                            GNUTLS_PKCS_PLAIN, &key));
  both = g_strdup_printf ("%s%.*s", certificate, (int) key.size, key.data);
  gnutls_free (key.data);
  result = g_tls_certificate_new_from_pem (both, -1, &error);
  g_assert_no_error (error);
  return result;
}

TestCertificates *
test_certificates_new (void)
{
  TestCertificates *self = g_new0 (TestCertificates, 1);
  Pair authority = make_pair (NULL, "Ferry's tests", 0);
  Pair good = make_pair (&authority, "good", 1);
  Pair wrong_host = make_pair (&authority, "wrong host", 2);
  g_autofree char *pem = export_certificate (&authority);
  g_autofree char *folder = NULL;
  g_autoptr(GError) error = NULL;

  folder = g_dir_make_tmp ("ferry-ca-XXXXXX", &error);
  g_assert_no_error (error);
  self->ca_path = g_build_filename (folder, "ca.pem", NULL);
  g_file_set_contents (self->ca_path, pem, -1, &error);
  g_assert_no_error (error);
  self->good = export_pair (&good);
  self->wrong_host = export_pair (&wrong_host);

  clear_pair (&authority);
  clear_pair (&good);
  clear_pair (&wrong_host);
  return self;
}

void
test_certificates_free (TestCertificates *self)
{
  g_autofree char *folder = g_path_get_dirname (self->ca_path);

  g_assert_no_errno (g_unlink (self->ca_path));
  g_assert_no_errno (g_rmdir (folder));
  g_object_unref (self->good);
  g_object_unref (self->wrong_host);
  g_free (self->ca_path);
  g_free (self);
}
