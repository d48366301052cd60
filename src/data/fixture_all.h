/* data/fixture_all.h - a record with every kind of field, for tests here and for the
 * bytes of tests/fuzz. Tests only. */
#ifndef RIV_DATA_FIXTURE_ALL_H
#define RIV_DATA_FIXTURE_ALL_H

#include <rivulet.h>

/* every kind there is, with holes between the fields */
typedef struct {
    bool on;
    int64_t i64;
    char code[5];
    int32_t i32;
    uint64_t u64;
    float f32;
    riv_str name;
    uint32_t u32;
    double f64;
    riv_str note;
} all;
RIV_STRUCT(all, on, i64, code, i32, u64, f32, name, u32, f64, note);

#endif
