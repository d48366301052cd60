/* cli/digest.c - two lanes of rotate and multiply over words of eight bytes, then
 * the bytes that are left, mixed at the end. A job's source and its headers, some
 * 100 KB, are gone through in every start. */
#include "digest.h"

#include <stdio.h>
#include <string.h>

enum { FILE_ROOM = 16384 }; /* whole words */

static uint64_t rotate(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

void digest_init(struct digest *digest)
{
    *digest = (struct digest){ 0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f };
}

/* The rotations bring down what a product has moved up, else the last bit of a
 * word would stay the last for ever. */
static inline struct digest add(struct digest d, uint64_t word)
{
    return (struct digest){
        (rotate(d.a, 29) ^ word) * 0xc2b2ae3d27d4eb4f,
        (rotate(d.b, 23) + word) * 0x9e3779b185ebca87,
    };
}

void digest_add(struct digest *digest, const void *p, size_t n)
{
    const unsigned char *byte = p;
    struct digest d = *digest;
    for (; n >= sizeof(uint64_t); n -= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, byte, sizeof word);
        d = add(d, word);
        byte += sizeof word;
    }
    for (; n > 0; n--)
        d = add(d, *byte++);
    *digest = d;
}

void digest_text(struct digest *digest, const char *text)
{
    digest_add(digest, text, strlen(text) + 1);
}

int digest_file(struct digest *digest, const char *path)
{
    char bytes[FILE_ROOM];
    FILE *file = fopen(path, "rbe");
    uint64_t total = 0;
    size_t n;
    if (!file)
        return -1;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) {
        digest_add(digest, bytes, n);
        total += n;
    }
    int failed = ferror(file);
    fclose(file);
    digest_add(digest, &total, sizeof total);
    return failed ? -1 : 0;
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 33) * 0xff51afd7ed558ccd;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53;
    return x ^ x >> 33;
}

void digest_show(struct digest digest, char dst[DIGEST_TEXT])
{
    uint64_t a = mix(digest.a ^ rotate(digest.b, 32));
    uint64_t b = mix(digest.b + a);
    snprintf(dst, DIGEST_TEXT, "%016llx%016llx", (unsigned long long)a,
             (unsigned long long)b);
}
