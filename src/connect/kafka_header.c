/* connect/kafka_header.c - the headers of a record, as source_kafka.c packs
 * them: lengths of name and value, 4 bytes each, then both. Here also where
 * there is no client library: records may come from files. */
#include <rivulet/kafka.h>

#include "data/le.h"

enum { HEAD = 8 };

bool riv_kafka_header(const riv_kafka_record *record, const char *name,
                      riv_str *ret)
{
    const riv_str want = riv_cstr(name);
    riv_str rest = record->headers;
    bool found = false;
    while (rest.n >= HEAD) {
        const size_t n = riv__le_get32(rest.p);
        const size_t k = riv__le_get32(rest.p + 4);
        if (n > rest.n - HEAD || k > rest.n - HEAD - n)
            break;
        if (riv_eq(want, (riv_str){ rest.p + HEAD, n })) {
            *ret = (riv_str){ rest.p + HEAD + n, k };
            found = true;
        }
        rest.p += HEAD + n + k;
        rest.n -= HEAD + n + k;
    }
    return found;
}
