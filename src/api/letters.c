/* api/letters.c - the dead letters of a state directory, for people and their
 * tools: without a graph, and without the program that left them. */
#include "api/context.h"
#include "io/log_origin.h"

struct listing {
    riv_letter_fn *each;
    void *arg;
    int rc; /* of `each` */
};

/* What stood behind the URI. */
static void take_name(riv_letter *letter, const struct riv_log_name *name)
{
    letter->source = name->uri;
    letter->topic = name->topic;
    letter->partition = name->partition;
    letter->is_row = name->is_row;
    letter->number = (int64_t)name->message.number;
    letter->offset_first = name->message.offset;
    letter->offset_last = name->message.last;
}

static int see_letter(void *arg, const struct riv_letter_row *row,
                      struct riv_err *err)
{
    struct listing *list = arg;
    struct riv_log_name name;
    riv_letter letter = {
        .struct_size = sizeof letter,
        .id = row->id,
        .batch = row->batch,
        .time = row->time_ms,
        .uid = row->op,
        .reason = row->reason,
        .source = row->source,
        .offset = row->offset,
        .raw = row->raw,
        .offset_first = -1,
        .offset_last = -1,
    };
    if (riv__log_origin_read(row->source, &name))
        take_name(&letter, &name);
    list->rc = list->each(list->arg, &letter);
    return list->rc == 0 ? 0 : riv__err_set(err, RIV_ESTOPPED, "stopped");
}

/* Of any application. */
static struct riv_journal_spec spec_of(riv *r)
{
    return (struct riv_journal_spec){ .sys = r->sys,
                                      .conf = &r->conf.settings,
                                      .dir = r->conf.settings.state_dir };
}

static int refuse(riv *r, const char *name, int rc, const struct riv_err *err)
{
    return riv__graph_fail(&r->graph, rc, "%s: %s", name, err->text);
}

static int check_dir(riv *r, const char *name)
{
    RIV__TRY(r->graph.err.code);
    if (r->conf.settings.state_dir[0])
        return 0;
    return riv_invalid(r, "%s: there is no state directory (state.dir)", name);
}

int riv_letters(riv *r, riv_letter_fn *f, void *arg)
{
    struct listing list = { .each = f, .arg = arg };
    struct riv_err err = { 0 };
    struct riv_journal *journal = NULL;
    if (!f)
        return riv_invalid(r, "riv_letters: no place for the letters is given");
    RIV__TRY(check_dir(r, "riv_letters"));
    const struct riv_journal_spec spec = spec_of(r);
    int rc = riv__journal_open_to_read(&spec, &journal, &err);
    if (rc == 0)
        rc = riv__journal_each_letter(journal, 1, see_letter, &list, &err);
    riv__journal_abandon(journal);
    if (list.rc != 0)
        return list.rc;
    return rc < 0 ? refuse(r, "riv_letters", rc, &err) : RIV_OK;
}

static int drop(struct riv_journal *journal, uint64_t upto, struct riv_err *err)
{
    RIV__TRY(riv__journal_begin(journal, err));
    const int rc = riv__journal_drop_letters(journal, upto, err);
    return riv__journal_end(journal, rc, err);
}

/* Looked at first: opening it to write would make a journal where there is
 * none. */
static int open_and_drop(const struct riv_journal_spec *spec, uint64_t upto,
                         struct riv_err *err)
{
    struct riv_journal *journal = NULL;
    RIV__TRY(riv__journal_open_to_read(spec, &journal, err));
    riv__journal_abandon(RIV__TAKE(journal));
    RIV__TRY(riv__journal_open(spec, &journal, err));
    const int rc = drop(journal, upto, err);
    if (rc == 0)
        return riv__journal_close(journal, err);
    riv__journal_abandon(journal);
    return rc;
}

int riv_letters_drop(riv *r, uint64_t upto)
{
    struct riv_err err = { 0 };
    RIV__TRY(check_dir(r, "riv_letters_drop"));
    const struct riv_journal_spec spec = spec_of(r);
    int rc = open_and_drop(&spec, upto, &err);
    return rc < 0 ? refuse(r, "riv_letters_drop", rc, &err) : RIV_OK;
}
