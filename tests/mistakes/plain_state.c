/* EXPECT compile: int64_t_must_be_a_RIV_PAIR
 *
 * What update_state keeps is named as a plain value, not as the pair of key and
 * value that it is. */
#include <rivulet.h>

RIV_PAIR(view, riv_str, int64_t); /* user -> pages */

#ifdef FIXED
RIV_UPDATE_STATE(track, view, view);
#else
RIV_UPDATE_STATE(track, view, int64_t);
#endif
static int track(const riv_str *user, const int64_t *pages, size_t n,
                 int64_t *seen, riv_task *t)
{
    (void)user, (void)t;
    for (size_t i = 0; i < n; i++)
        *seen += pages[i];
    return 0;
}

RIV_MAP(fields, riv_str, view);
static int fields(const riv_str *line, view *out, riv_task *t)
{
    (void)t;
    riv_str rest = *line;
    riv_cut(&rest, ',', &out->key);
    out->val = 1;
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *views = riv_map(lines, fields_fn, NULL);
    riv_print(riv_update_state_by_key(views, track_fn, NULL), 10);
    return 0;
}
