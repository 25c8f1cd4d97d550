/* sha1.c - see sha1.h. Uses OpenSSL's libcrypto. */
#include "codec/sha1.h"

#include <stdlib.h>
#include <string.h>

bool sha1_parse(const char *text, uint8_t out[SHA1_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    if (strspn(text, digits) != (size_t)2 * SHA1_BYTES || text[(size_t)2 * SHA1_BYTES])
        return false;
    for (size_t i = 0; i < SHA1_BYTES; i++)
        out[i] = (uint8_t)((strchr(digits, text[2 * i]) - digits) << 4
                           | (strchr(digits, text[2 * i + 1]) - digits));
    return true;
}

#ifdef WITH_CRYPTO

#include <openssl/evp.h>

struct sha1 {
    EVP_MD_CTX *context;
};

sha1 *sha1_new(void)
{
    sha1 *s = calloc(1, sizeof *s);
    if (s && (s->context = EVP_MD_CTX_new())
        && EVP_DigestInit_ex(s->context, EVP_sha1(), NULL) == 1)
        return s;
    sha1_free(s);
    return NULL;
}

void sha1_begin(sha1 *s)
{
    (void)EVP_DigestInit_ex(s->context, EVP_sha1(), NULL);
}

void sha1_add(sha1 *s, const uint8_t *bytes, size_t len)
{
    (void)EVP_DigestUpdate(s->context, bytes, len);
}

void sha1_end(sha1 *s, uint8_t out[SHA1_BYTES])
{
    unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
    (void)EVP_DigestFinal_ex(s->context, digest, NULL);
    memcpy(out, digest, SHA1_BYTES);
}

void sha1_free(sha1 *s)
{
    if (s)
        EVP_MD_CTX_free(s->context);
    free(s);
}

#else

sha1 *sha1_new(void)
{
    return NULL;
}

void sha1_begin(sha1 *s)
{
    (void)s;
}

void sha1_add(sha1 *s, const uint8_t *bytes, size_t len)
{
    (void)s, (void)bytes, (void)len;
}

void sha1_end(sha1 *s, uint8_t out[SHA1_BYTES])
{
    (void)s;
    memset(out, 0, SHA1_BYTES);
}

void sha1_free(sha1 *s)
{
    (void)s;
}

#endif
