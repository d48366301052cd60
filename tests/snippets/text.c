/* Over lines of text, without or with a function of one's own.
 * prints
 * word,get
 * word,/a
 * word,200
 * word,post
 * word,/b
 * word,500
 * field,get
 * field,/a
 * field,200
 * field,post
 * field,/b
 * field,500
 * third,200
 * third,500
 * holds,post /b 500
 * begins,get /a 200
 * matches,post /b 500
 * get,get /a 200
 * post,post /b 500
 * reading,oslo,21.5
 * reading,rome,30
 * half,2.25
 */
#include <rivulet.h>

RIV_PAIR(keyed, riv_str, riv_str);
typedef struct {
    riv_str city;
    double temp;
} reading;
RIV_STRUCT(reading, city, temp);
typedef struct {
    riv_str what, text;
} line;
RIV_STRUCT(line, what, text);

RIV_MAP(named, riv_str, line);
static int named(const riv_str *text, line *out, riv_task *t)
{
    *out = (line){ riv_cstr(riv_arg(t, char)), *text };
    return 0;
}

/* Lines of two forms: the first byte tells which. */
RIV_MAP(read_any, riv_str, reading);
static int read_any(const riv_str *text, reading *out, riv_task *t)
{
    bool read = text->n > 0 && text->p[0] == '{'
                    ? riv_from_json(*text, &riv_type_reading, out, t)
                    : riv_from_csv(*text, ';', &riv_type_reading, out, t);
    return read ? 0 : RIV_ERECORD; /* the reason is there already */
}

RIV_MAP(told, reading, riv_str);
static int told(const reading *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "reading," RIV_S ",%g", RIV_P(in->city), in->temp);
    return 0;
}

RIV_MAP(halved, riv_str, riv_str);
static int halved(const riv_str *text, riv_str *out, riv_task *t)
{
    char room[32];
    double x;
    if (!riv_to_f64(*text, &x))
        return riv_fail(t, "no number");
    if (x < 0)
        return riv_die(t, "numbers below 0 end the job");
    for (size_t i = 0; i < sizeof room; i++)
        room[i] = ' ';
    riv_str text_out = riv_fmt(t, "half,%g", x / 2);
    memcpy(room, text_out.p, text_out.n);
    *out = riv_dup(t, room, text_out.n); /* never a pointer to `room` */
    return 0;
}

static void show(riv_ds *in, const char *what)
{
    riv_save_text(riv_map(in, named_fn, RIV_OPT(.arg = RIV_BORROW(what))), "-",
                  NULL);
}

RIV_JOB(r, argc, argv)
{
    const riv_str log[] = { riv_cstr("get /a 200"), riv_cstr("post /b 500") };
    const riv_str mixed[] = { riv_cstr("{\"temp\": 21.5, \"city\": \"oslo\"}"),
                              riv_cstr("rome;30"), riv_cstr("neither") };
    const riv_str number = riv_cstr("4.5");
    riv_ds *in = riv_parallelize(r, &riv_type_riv_str, log, 2, NULL);
    riv_ds *any = riv_parallelize(r, &riv_type_riv_str, mixed, 3, NULL);
    show(riv_words(in, NULL), "word");
    show(riv_split(in, ' ', NULL), "field");
    show(riv_nth_field(in, ' ', 3, NULL), "third");
    show(riv_contains(in, "/b", NULL), "holds");
    show(riv_starts_with(in, "get", NULL), "begins");
    show(riv_matches(in, " 5\\d\\d$", NULL), "matches");
    riv_save_text(riv_key_by_field(in, ' ', 1, NULL), "-", NULL);
    riv_save_text(
        riv_map(riv_map(any, read_any_fn, RIV_OPT(.on_error = RIV_SKIP)),
                told_fn, NULL),
        "-", NULL);
    riv_save_text(
        riv_map(riv_parallelize(r, &riv_type_riv_str, &number, 1, NULL),
                halved_fn, NULL),
        "-", NULL);
    return 0;
}
