/* data/json_read.h - JSON lines to rows: the fields by their names, in any
 * order. What is wrong is said with the field's name. */
#ifndef RIV_DATA_JSON_READ_H
#define RIV_DATA_JSON_READ_H

#include "data/kernels.h"
#include "data/layout.h"

/* One reader belongs to one thread at a time; it keeps its memory from line to
 * line, in proportion to the longest. */
struct riv_json_reader;

/* Does this build read JSON, and with what? NULL: no. */
const char *riv__json_reader_name(void);

/* The layout is borrowed as long as the reader lives. */
int riv__json_reader_new(const struct riv_layout *layout,
                         struct riv_json_reader **ret, struct riv_err *err)
    RIV__MUST_USE;
void riv__json_reader_free(struct riv_json_reader *reader);

/* Every field of the type must be there; names that the type does not have are
 * passed over, and of a name that comes again the last counts. Integers are
 * whole numbers in the range of their kind; floating point takes any number,
 * and null as NaN; bool true and false; char[N] as in CSV; a field that is a
 * struct, an object. A type that is no struct takes a bare value. Strings are
 * unescaped into `arena`.
 * A mark of UTF-8 in front is passed over.
 *   padded  RIV__SLACK bytes behind the line may be read
 * 0, RIV_ERECORD (the row is then half written), RIV_ENOMEM. */
int riv__json_read(struct riv_json_reader *reader, riv_str line, bool padded,
                   void *row, struct riv_arena *arena, struct riv_err *err)
    RIV__MUST_USE;

/* Into the row, if the line looks like one that has been read (json_shape.h);
 * strings then point into it. RIV__SLACK bytes behind the line may be read.
 * False: riv__json_read must do. */
bool riv__json_read_shaped(struct riv_json_reader *reader,
                           const struct riv_kernels *kernels, riv_str line,
                           void *row);

#endif
