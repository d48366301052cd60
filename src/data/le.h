/* data/le.h - little-endian words at any address: what the hash and the row
 * encoding are made of. One load or store each where the machine is
 * little-endian itself. */
#ifndef RIV_DATA_LE_H
#define RIV_DATA_LE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t riv__le_get32(const void *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return le32toh(v);
}

static inline uint64_t riv__le_get64(const void *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return le64toh(v);
}

static inline void riv__le_put32(void *p, uint32_t v)
{
    v = htole32(v);
    memcpy(p, &v, sizeof v);
}

static inline void riv__le_put64(void *p, uint64_t v)
{
    v = htole64(v);
    memcpy(p, &v, sizeof v);
}

#endif
