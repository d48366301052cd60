/* cli/digest.h - 128 bits that stand for a content, in the names of the cache.
 * Not against an adversary: the cache is private to its user. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct digest {
    uint64_t a, b;
};

enum { DIGEST_TEXT = 33 }; /* 32 hexadecimal digits and NUL */

void digest_init(struct digest *digest);
void digest_add(struct digest *digest, const void *p, size_t n);
/* The text and its NUL, so that "a" "bc" is not "ab" "c". */
void digest_text(struct digest *digest, const char *text);
/* The whole content of a file. Returns 0, or -1 with errno. */
int digest_file(struct digest *digest, const char *path);
void digest_show(struct digest digest, char dst[DIGEST_TEXT]);

#endif
