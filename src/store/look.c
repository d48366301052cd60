/* store/look.c - the headers of database and WAL, read by hand. The offsets are
 * those of SQLite's file format, which is fixed; numbers there are big-endian.
 * Whatever is wrong here would be repaired or thrown away in silence by an
 * ordinary opening. */
#include "store/look.h"

#include <string.h>

#include "sys/file.h"

enum {
    DB_HEADER_BYTES = 100,
    WAL_HEADER_BYTES = 32,
    WAL_VERSION = 3007000,
    PAGE_BYTES_MIN = 512,
    PAGE_BYTES_MAX = 65536,
};

static const uint32_t wal_magic = 0x377f0682; /* or 1 more: its byte order */

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

static uint32_t le32(const unsigned char *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 |
           p[0];
}

/* As many bytes as there are, up to n. */
static int64_t read_head(const struct riv_place *place,
                         enum riv_place_file file, unsigned char *p, size_t n,
                         struct riv_err *err)
{
    struct riv_sys *sys = place->sys;
    int fd = riv__place_fd(place, file, RIV__OPEN_READ, err);
    if (fd < 0)
        return fd;
    int64_t got = riv__file_pread(sys, fd, p, n, 0, place->path[file], err);
    sys->close(sys, fd);
    return got;
}

/* 0: not a page size. */
static uint32_t page_bytes_of(const unsigned char *header)
{
    uint32_t n = (uint32_t)header[16] << 8 | header[17];
    n = n == 1 ? PAGE_BYTES_MAX : n;
    return n >= PAGE_BYTES_MIN && (n & (n - 1)) == 0 ? n : 0;
}

/* What never changes in a header: WAL mode, payload fractions, schema format,
 * UTF-8. SQLite would call other values a file of another kind. */
static bool is_fixed_part(const unsigned char *header)
{
    return header[18] == 2 && header[19] == 2 && header[20] == 0 &&
           header[21] == 64 && header[22] == 32 && header[23] == 32 &&
           be32(header + 44) == 4 && be32(header + 56) == 1;
}

static int check_identity(const unsigned char *header, uint32_t format_max,
                          struct riv_look *look, struct riv_err *err)
{
    if (memcmp(header, "SQLite format 3", 16) != 0)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db is damaged or no SQLite database: its "
                            "first bytes are not those of one");
    if (be32(header + 68) != RIV__LOOK_APP_ID)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db is no journal of Rivulet: its "
                            "application id is 0x%08x",
                            be32(header + 68));
    look->format = be32(header + 60);
    if (look->format > format_max)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db has format %u, and this release knows "
                            "formats up to %u; use the newer release",
                            look->format, format_max);
    if (look->format == 0)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db has no format version: it is damaged");
    if (!is_fixed_part(header))
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db is damaged: its header is not one of a "
                            "journal");
    return 0;
}

/* Pages that the header counts may still be in the WAL only. */
static int check_length(const unsigned char *header, struct riv_look *look,
                        struct riv_err *err)
{
    uint64_t pages = be32(header + 28);
    look->page_bytes = page_bytes_of(header);
    if (look->page_bytes == 0)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db is damaged: its header has no page "
                            "size");
    if (look->db_bytes < look->page_bytes ||
        (look->wal_bytes == 0 && look->db_bytes < pages * look->page_bytes))
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db was cut: it has %llu bytes and its "
                            "header speaks of %llu pages of %u",
                            (unsigned long long)look->db_bytes,
                            (unsigned long long)pages, look->page_bytes);
    return 0;
}

/* The checksum of the 24 bytes before it, in the byte order that the magic
 * number names. */
static bool wal_sum_fits(const unsigned char *header)
{
    uint32_t a = 0, b = 0;
    bool is_big = be32(header) & 1;
    for (int i = 0; i < 24; i += 8) {
        a += (is_big ? be32(header + i) : le32(header + i)) + b;
        b += (is_big ? be32(header + i + 4) : le32(header + i + 4)) + a;
    }
    return a == be32(header + 24) && b == be32(header + 28);
}

static bool is_wal_header(const unsigned char *header, uint32_t page_bytes)
{
    return (be32(header) & ~1U) == wal_magic &&
           be32(header + 4) == WAL_VERSION && be32(header + 8) == page_bytes &&
           wal_sum_fits(header);
}

static int look_at_wal(const struct riv_place *place, struct riv_look *look,
                       struct riv_err *err)
{
    unsigned char header[WAL_HEADER_BYTES];
    if (look->wal_bytes == 0)
        return 0;
    int64_t n = read_head(place, RIV__PLACE_WAL, header, sizeof header, err);
    if (n < 0)
        return (int)n;
    look->wal_is_damaged =
        n < WAL_HEADER_BYTES || !is_wal_header(header, look->page_bytes);
    return 0;
}

int riv__look(const struct riv_place *place, uint32_t format_max,
              struct riv_look *ret, struct riv_err *err)
{
    unsigned char header[DB_HEADER_BYTES];
    struct riv_look look = { 0 };
    int64_t db_bytes, wal_bytes, rollback_bytes;
    RIV__TRY(riv__place_stat(place, RIV__PLACE_DB, &db_bytes, err));
    RIV__TRY(riv__place_stat(place, RIV__PLACE_WAL, &wal_bytes, err));
    RIV__TRY(riv__place_stat(place, RIV__PLACE_ROLLBACK, &rollback_bytes, err));
    if (rollback_bytes > 0)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "%s is there: another program has changed the "
                            "journal",
                            place->path[RIV__PLACE_ROLLBACK]);
    int64_t n = read_head(place, RIV__PLACE_DB, header, sizeof header, err);
    if (n < 0)
        return (int)n;
    if (n < DB_HEADER_BYTES)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "journal.db was cut: it has %lld bytes",
                            (long long)db_bytes);
    look.db_bytes = (uint64_t)db_bytes;
    look.wal_bytes = wal_bytes > 0 ? (uint64_t)wal_bytes : 0;
    RIV__TRY(check_identity(header, format_max, &look, err));
    RIV__TRY(check_length(header, &look, err));
    RIV__TRY(look_at_wal(place, &look, err));
    *ret = look;
    return 0;
}
