/* tests/fuzz/journal.c - bytes as damage to a file of a journal, which is then
 * opened as any other: it says the same as before, or that it is damaged, and
 * fsck agrees. The first byte chooses the file, the rest is a list of { place,
 * what }. Of two files at once that is not promised: the one is there to tell of
 * the other. */
#include "fuzz/fuzz.h"
#include "store/damage.h"

enum { PLACES_MAX = 16, BYTES_MAX = 8 };

static const char *const names[] = { "journal.db", "journal.db-wal", "head" };

static size_t place(struct fuzz_bytes *in, size_t n)
{
    const size_t at = fuzz_byte(in) << 8;
    return n > 0 ? (at | fuzz_byte(in)) % n : 0;
}

static void damage(struct memory_file *file, struct fuzz_bytes *in)
{
    const size_t at = place(in, file->bytes), left = file->bytes - at;
    const unsigned what = fuzz_byte(in);
    const size_t n = what / 4 < left ? what / 4 : left;
    if (what % 4 == 0)
        file->bytes = at;
    else if (what % 4 == 1)
        memset(file->p + at, 0, n);
    else if (what % 4 == 2)
        memmove(file->p + at, file->p + place(in, file->bytes - n), n);
    else
        for (size_t i = 0; i < n && i < BYTES_MAX; i++)
            file->p[at + i] = (unsigned char)fuzz_byte(in);
}

static void one(const unsigned char *p, size_t n)
{
    static bool made;
    struct fuzz_bytes in = { p, n };
    int rc = 0;
    if (!made && damage_make() < 0)
        fuzz_fail("no journal: %s", world.err.text);
    made = true;
    struct memory_file *file =
        memory_find(&world.memory, names[fuzz_byte(&in) % RIV__LEN(names)]);
    FUZZ_CHECK(file != NULL);
    for (int i = 0; in.n > 0 && i < PLACES_MAX; i++)
        damage(file, &in);
    const char *wrong = damage_judge(&rc);
    if (wrong)
        fuzz_fail("%s (the opening: %d %s; fsck: %d)", wrong, rc,
                  world.err.text, world.checked);
}

const struct fuzz_target fuzz_target = { "journal", 1000, one };
