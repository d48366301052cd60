/* EXPECT compile: RIV_STRUCT\(trip\): field from has a type that records
 *   cannot hold; .* a struct S that is described itself is written \(S, from\)
 *
 * A field is a struct, whose type the list of fields does not say. */
#include <rivulet.h>

typedef struct {
    riv_str city;
    double lat;
} place;
RIV_STRUCT(place, city, lat);

typedef struct {
    int64_t id;
    place from;
} trip;
#ifdef FIXED
RIV_STRUCT(trip, id, (place, from));
#else
RIV_STRUCT(trip, id, from);
#endif

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_print(riv_decode(lines, &riv_type_trip, "csv:2,1,3",
                         RIV_OPT(.on_error = RIV_SKIP)),
              10);
    return 0;
}
