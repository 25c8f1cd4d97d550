/* salted.c - see salted.h. Uses OpenSSL's libcrypto. */
#include "codec/salted.h"

#ifdef WITH_CRYPTO

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <walparse/segment.h>

#include "codec/keyring.h"
#include "codec/packing.h"

#define KEY_BYTES 32
#define SALT_AT 8
#define SALT_BYTES 8
/* So many bytes that a text may have show that it is one: archive.info, .history, .backup. */
#define TEXT_BYTES 48

typedef struct secret {
    uint8_t key[KEY_BYTES], iv[SALTED_BLOCK_BYTES];
} secret;

struct salted {
    EVP_CIPHER_CTX *context;
    secret secret;
    size_t way, passphrase; /* those that fitted the last file are tried first */
};

/* ---- from passphrase to key ----------------------------------------------------------------- */

typedef bool make_secret(const char *passphrase, const uint8_t *salt, secret *out);

static bool by_digest(const EVP_MD *digest, const char *passphrase, const uint8_t *salt,
                      secret *out)
{
    return EVP_BytesToKey(EVP_aes_256_cbc(), digest, salt, (const uint8_t *)passphrase,
                          (int)strlen(passphrase), 1, out->key, out->iv)
           == KEY_BYTES;
}

/* pgBackRest */
static bool by_sha1(const char *passphrase, const uint8_t *salt, secret *out)
{
    return by_digest(EVP_sha1(), passphrase, salt, out);
}

/* openssl enc, from 1.1 on */
static bool by_sha256(const char *passphrase, const uint8_t *salt, secret *out)
{
    return by_digest(EVP_sha256(), passphrase, salt, out);
}

/* openssl enc before that */
static bool by_md5(const char *passphrase, const uint8_t *salt, secret *out)
{
    return by_digest(EVP_md5(), passphrase, salt, out);
}

/* openssl enc -pbkdf2, with its own number of iterations */
static bool by_pbkdf2(const char *passphrase, const uint8_t *salt, secret *out)
{
    uint8_t both[sizeof *out];
    const bool is_made = PKCS5_PBKDF2_HMAC(passphrase, (int)strlen(passphrase), salt, SALT_BYTES,
                                           10000, EVP_sha256(), (int)sizeof both, both)
                         == 1;
    memcpy(out->key, both, KEY_BYTES);
    memcpy(out->iv, both + KEY_BYTES, SALTED_BLOCK_BYTES);
    OPENSSL_cleanse(both, sizeof both);
    return is_made;
}

static make_secret *const ways[] = { by_sha1, by_sha256, by_pbkdf2, by_md5 };

#define WAYS (sizeof ways / sizeof *ways)

/* ---- is it the right one? ------------------------------------------------------------------- */

static bool is_text(wp_view bytes)
{
    const size_t n = bytes.len < TEXT_BYTES ? bytes.len : TEXT_BYTES;
    for (size_t i = 0; i < n; i++)
        if ((bytes.bytes[i] < ' ' && !strchr("\n\r\t", bytes.bytes[i])) || bytes.bytes[i] >= 0x7F
            || bytes.bytes[i] == '\0')
            return false;
    return n > 0;
}

/* Bytes from a wrong key are noise: two bytes of magic, as zlib has, would be found in too much of it. */
static bool is_known(wp_view bytes, const char *path)
{
    wp_segment_info info;
    wp_error err;
    const packing *found = packing_detect(bytes, path);
    if (found)
        return packing_magic_len(found, bytes) > 2;
    const wp_status status = wp_segment_probe(bytes, &info, &err);
    return (status == WP_OK || status == WP_END) ? bytes.len > 0 : is_text(bytes);
}

static bool start(salted *s)
{
    return EVP_DecryptInit_ex(s->context, EVP_aes_256_cbc(), NULL, s->secret.key, s->secret.iv)
           == 1;
}

/* Decrypts the head; where that is the whole file, its end must fit as well. */
static bool fits(salted *s, wp_view head, const char *path)
{
    uint8_t out[PACKING_HEAD_BYTES + SALTED_BLOCK_BYTES];
    const wp_view data = { head.bytes + SALTED_HEADER_BYTES, head.len - SALTED_HEADER_BYTES };
    size_t len = start(s) ? salted_step(s, data.bytes, data.len, out) : 0;
    if (head.len < PACKING_HEAD_BYTES) {
        bool is_whole;
        len += salted_end(s, out + len, &is_whole);
        if (!is_whole)
            return false;
    }
    return is_known((wp_view){ out, len }, path);
}

static bool try_way(salted *s, size_t way, size_t passphrase, wp_view head, const char *path)
{
    s->way = way;
    s->passphrase = passphrase;
    return ways[way](keyring_at(passphrase), head.bytes + SALT_AT, &s->secret)
           && fits(s, head, path) && start(s);
}

bool salted_begin(salted *s, wp_view head, const char *path)
{
    const size_t last_way = s->way, last_passphrase = s->passphrase;
    if (head.len < SALTED_HEADER_BYTES + SALTED_BLOCK_BYTES || keyring_count() == 0)
        return false;
    if (head.len > PACKING_HEAD_BYTES)
        head.len = PACKING_HEAD_BYTES;
    if (try_way(s, last_way, last_passphrase, head, path))
        return true;
    for (size_t way = 0; way < WAYS; way++)
        for (size_t i = 0; i < keyring_count(); i++)
            if (try_way(s, way, i, head, path))
                return true;
    return false;
}

/* ---- decrypting ----------------------------------------------------------------------------- */

size_t salted_step(salted *s, const uint8_t *in, size_t len, uint8_t *out)
{
    int n = 0;
    if (len > INT_MAX - SALTED_BLOCK_BYTES
        || EVP_DecryptUpdate(s->context, out, &n, in, (int)len) != 1)
        return 0;
    return (size_t)n;
}

size_t salted_end(salted *s, uint8_t *out, bool *is_whole)
{
    int n = 0;
    *is_whole = EVP_DecryptFinal_ex(s->context, out, &n) == 1;
    return *is_whole ? (size_t)n : 0;
}

bool salted_is_known(void)
{
    return true;
}

salted *salted_new(void)
{
    salted *s = calloc(1, sizeof *s);
    if (s && (s->context = EVP_CIPHER_CTX_new()))
        return s;
    free(s);
    return NULL;
}

void salted_free(salted *s)
{
    if (!s)
        return;
    EVP_CIPHER_CTX_free(s->context);
    OPENSSL_cleanse(&s->secret, sizeof s->secret);
    free(s);
}

#else /* built without libcrypto */

bool salted_is_known(void)
{
    return false;
}

salted *salted_new(void)
{
    return NULL;
}

bool salted_begin(salted *s, wp_view head, const char *path)
{
    (void)s, (void)head, (void)path;
    return false;
}

size_t salted_step(salted *s, const uint8_t *in, size_t len, uint8_t *out)
{
    (void)s, (void)in, (void)len, (void)out;
    return 0;
}

size_t salted_end(salted *s, uint8_t *out, bool *is_whole)
{
    (void)s, (void)out;
    *is_whole = false;
    return 0;
}

void salted_free(salted *s)
{
    (void)s;
}

#endif
