/* The sessions of a site's users, with a struct as the state of each user; a
 * session is over after 30 batches without a page.
 *
 *   rivulet run examples/sessions.c replay:10:examples/data/views.csv
 *
 * reads lines "user,page" and prints lines "user,pages,idle,last page" after
 * each batch, for all users that have a session. */
#include <rivulet.h>

RIV_PAIR(view, riv_str, riv_str); /* user -> page */
typedef struct {
    int64_t pages, idle;
    riv_str last;
} session;
RIV_STRUCT(session, pages, idle, last);
RIV_PAIR(user_session, riv_str, session);

RIV_MAP(by_user, riv_str, view);
static int by_user(const riv_str *line, view *out, riv_task *t)
{
    riv_str rest = *line;
    if (!riv_cut(&rest, ',', &out->key) || !riv_cut(&rest, ',', &out->val))
        return riv_fail(t, "expected user,page");
    return 0;
}

RIV_UPDATE_STATE(track, view, user_session);
static int track(const riv_str *user, const riv_str *pages, size_t n,
                 session *s, riv_task *t)
{
    (void)user;
    const int64_t *limit = riv_arg(t, int64_t);
    if (n == 0)
        return ++s->idle > *limit ? RIV_REMOVE : 0;
    s->pages += (int64_t)n;
    s->idle = 0;
    s->last = pages[n - 1]; /* the engine copies what a state points to */
    return 0;
}

RIV_JOB(r, argc, argv)
{
    int64_t idle_batches = 30;
    riv_ds *lines =
        riv_text(r, argc > 1 ? argv[1] : "-", RIV_OPT(.uid = "views"));
    riv_ds *views = riv_map(lines, by_user_fn, RIV_OPT(.on_error = RIV_SKIP));
    riv_ds *sessions = riv_update_state_by_key(
        views, track_fn,
        RIV_OPT(.uid = "sessions", .arg = RIV_COPY(idle_batches)));
    riv_save_text(sessions, "-", NULL);
    return 0;
}
