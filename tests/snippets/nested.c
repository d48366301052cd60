/* Structs inside structs: compared, keyed, read and written field by field.
 * prints
 * key.id,key.from.city,key.from.lat,key.to.city,key.to.lat,val
 * 1,oslo,1.5,rome,2,2
 * 1,oslo,1.5,rome,3,1
 * north,rome
 * north,rome
 * {"id":7,"from":{"city":"bern","lat":1},"to":{"city":"rome","lat":2}}
 */
#include <rivulet.h>

typedef struct {
    riv_str city;
    double lat;
} place;
RIV_STRUCT(place, city, lat);

typedef struct {
    int64_t id;
    place from, to;
} trip;
RIV_STRUCT(trip, id, (place, from), (place, to));
RIV_PAIR(trips, trip, int64_t);

typedef struct {
    riv_str way;
    riv_str city;
} north;
RIV_STRUCT(north, way, city);

RIV_MAP(once, trip, trips);
static int once(const trip *in, trips *out, riv_task *t)
{
    (void)t;
    *out = (trips){ *in, 1 };
    return 0;
}

RIV_FLAT_MAP(northward, trip, north);
static int northward(const trip *in, northward_out *out, riv_task *t)
{
    (void)t;
    if (in->to.lat > in->from.lat && in->to.lat < 3)
        riv_emit(out, (north){ riv_cstr("north"), in->to.city });
    return 0;
}

/* JSON to standard output would be one file: it goes line by line. */
RIV_MAP(as_json, trip, riv_str);
static int as_json(const trip *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t,
                   "{\"id\":%lld,\"from\":{\"city\":\"" RIV_S
                   "\",\"lat\":%g},\"to\":{\"city\":\"" RIV_S "\",\"lat\":%g}}",
                   (long long)in->id, RIV_P(in->from.city), in->from.lat,
                   RIV_P(in->to.city), in->to.lat);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    const riv_str json[] = {
        riv_cstr("{\"id\":1,\"from\":{\"city\":\"oslo\",\"lat\":1.5},"
                 "\"to\":{\"lat\":2,\"city\":\"rome\"}}"),
        riv_cstr("{\"id\":1,\"to\":{\"city\":\"rome\",\"lat\":2},"
                 "\"from\":{\"city\":\"oslo\",\"lat\":1.5}}"),
        riv_cstr("{\"id\":1,\"from\":{\"city\":\"oslo\",\"lat\":1.5},"
                 "\"to\":{\"city\":\"rome\",\"lat\":3}}"),
    };
    const riv_str csv = riv_cstr("7,bern,1,rome,2");
    riv_ds *in =
        riv_decode(riv_parallelize(r, &riv_type_riv_str, json, 3, NULL),
                   &riv_type_trip, "json", NULL);
    riv_ds *one =
        riv_decode(riv_parallelize(r, &riv_type_riv_str, &csv, 1, NULL),
                   &riv_type_trip, "csv", NULL);
    riv_save_text(
        riv_reduce_by_key(riv_map(in, once_fn, NULL), riv_sum_i64, NULL), "-",
        RIV_OPT(.header = true));
    riv_save_text(riv_flat_map(in, northward_fn, NULL), "-", NULL);
    riv_save_text(riv_map(one, as_json_fn, NULL), "-", NULL);
    return 0;
}
