/* EXPECT compile: conflicting types for .track.
 *
 * The state function takes another struct than the one that is kept. */
#include <rivulet.h>

RIV_PAIR(view, riv_str, riv_str); /* user -> page */
typedef struct {
    int64_t pages;
} session;
RIV_STRUCT(session, pages);
typedef struct {
    int64_t pages, idle;
} visit;
RIV_STRUCT(visit, pages, idle);
RIV_PAIR(user_session, riv_str, session);
RIV_PAIR(user_visit, riv_str, visit);

#ifdef FIXED
RIV_UPDATE_STATE(track, view, user_visit);
#else
RIV_UPDATE_STATE(track, view, user_session);
#endif
static int track(const riv_str *user, const riv_str *pages, size_t n, visit *s,
                 riv_task *t)
{
    (void)user, (void)pages, (void)t;
    s->pages += (int64_t)n;
    s->idle = n > 0 ? 0 : s->idle + 1;
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *views = riv_queue(r, &riv_type_view, NULL);
    riv_print(riv_update_state_by_key(views, track_fn, NULL), 10);
    return 0;
}
