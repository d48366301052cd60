/* connect/fixture_row.h - a record type with a string, described by hand, for
 * tests of sources that rows are given to. Only *_test.c files include it. */
#ifndef RIV_CONNECT_FIXTURE_ROW_H
#define RIV_CONNECT_FIXTURE_ROW_H

#include <rivulet.h>

struct row {
    riv_str name;
    int64_t n;
};

static const riv_field fields[] = {
    { .name = "name",
      .kind = RIV_K_STR,
      .offset = 0,
      .length = sizeof(riv_str) },
    { .name = "n",
      .kind = RIV_K_I64,
      .offset = offsetof(struct row, n),
      .length = 8 },
};
static const riv_type row_type = {
    .struct_size = sizeof(riv_type),
    .kind = RIV_K_STRUCT,
    .name = "row",
    .size = sizeof(struct row),
    .align = 8,
    .nfields = 2,
    .fields = fields,
};

#endif
