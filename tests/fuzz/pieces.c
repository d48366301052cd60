/* tests/fuzz/pieces.c - several records in one message, with their lengths in
 * front: each lies in the message, they do not overlap, and counting them tells
 * before whether taking them will fail. */
#include "data/pieces.h"
#include "fuzz/fuzz.h"

static void one(const unsigned char *p, size_t n)
{
    struct fuzz_bytes in = { p, n };
    const enum riv_pieces how = fuzz_byte(&in) % RIV__PIECES_KINDS;
    const riv_str all = { (const char *)in.p, in.n };
    const int64_t count = riv__pieces_count(how, all);
    riv_str rest = all, piece = { 0 };
    const char *behind = all.p;
    int64_t found = 0;
    int rc = 0;
    FUZZ_CHECK(count >= -1 && count <= RIV__PIECES_MAX);
    do {
        rc = riv__pieces_next(how, &rest, &piece);
        if (rc != 1)
            break;
        FUZZ_CHECK(piece.p >= behind);
        FUZZ_CHECK(piece.n <= (size_t)(all.p + all.n - piece.p));
        behind = piece.p + piece.n;
        found++;
        FUZZ_CHECK(rest.n == 0 || rest.p >= behind);
    } while (rest.n > 0);
    FUZZ_CHECK((rc == -1) == (count == -1));
    FUZZ_CHECK(rc == -1 || found == count);
}

const struct fuzz_target fuzz_target = { "pieces", 50000, one };
