/* sim/history.c - folders of files, read as anybody would: by name, those
 * without a dot. */
#include "sim/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/check_parts.h"

enum { NAMES_MAX = 1 << 14, NAME_BYTES = 192 };

/* ---------------------------------------------------------------- folders */

struct names {
    char (*name)[NAME_BYTES];
    size_t n;
};

static int add_name(void *arg, const char *name)
{
    struct names *names = arg;
    if (names->n == NAMES_MAX) {
        fprintf(stderr, "sim: more than %d files in a folder\n", NAMES_MAX);
        abort();
    }
    snprintf(names->name[names->n++], NAME_BYTES, "%s", name);
    return 0;
}

/* A file that is not complete has a dot in front of its name. */
static int by_name(const void *a, const void *b)
{
    const char *x = a, *y = b;
    return strcmp(x + (*x == '.'), y + (*y == '.'));
}

static void names_read(const struct world *w, const char *folder,
                       struct names *ret)
{
    *ret = (struct names){ .name = malloc(NAMES_MAX * NAME_BYTES) };
    if (!ret->name)
        abort();
    disk_list(w->disk, folder, add_name, ret); /* none: nothing was written */
    qsort(ret->name, ret->n, NAME_BYTES, by_name);
}

struct text {
    char *p;
    size_t n, cap, at;
};

/* Whole lines only: more may be under way. */
static void text_add(struct text *text, const char *p, size_t n)
{
    const char *last = n > 0 ? memrchr(p, '\n', n) : NULL;
    n = last ? (size_t)(last + 1 - p) : 0;
    if (text->n + n > text->cap) {
        text->cap = 2 * (text->n + n);
        text->p = realloc(text->p, text->cap);
        if (!text->p)
            abort();
    }
    if (n > 0)
        memcpy(text->p + text->n, p, n);
    text->n += n;
}

static void folder_read(struct check *c, const char *folder, bool hidden,
                        struct text *text)
{
    struct names names;
    names_read(c->w, folder, &names);
    text->n = text->at = 0;
    for (size_t i = 0; i < names.n; i++) {
        char path[2 * NAME_BYTES];
        size_t n = 0;
        if (names.name[i][0] == '.' && !hidden)
            continue;
        snprintf(path, sizeof path, "%s%s", folder, names.name[i]);
        const char *p = disk_look(c->w->disk, path, &n);
        if (n == 0 && names.name[i][0] != '.')
            sched_fail("%s is shown, and empty", path);
        text_add(text, p, n);
    }
    free(names.name);
}

/* The next line and the time it begins with; false: there is none. */
static bool line_next(struct text *text, const char **ret, const char **ret_end,
                      int64_t *ret_time)
{
    if (text->at == text->n)
        return false;
    const char *p = text->p + text->at;
    const char *end = memchr(p, '\n', text->n - text->at);
    *ret = p;
    *ret_end = end;
    if (!check_number(ret, end, ret_time) || **ret != ',')
        sched_fail("a line has no time: \"%.*s\"", (int)(end - p), p);
    ++*ret;
    return true;
}

/* Behind the lines of the batch at `time` nothing may be left of it, or of one
 * before it: batches are in the order of their times, in every folder. */
static void time_is_next(const struct text *text, const char *folder,
                         int64_t time)
{
    struct text peek = *text;
    const char *p, *end;
    int64_t at;
    if (line_next(&peek, &p, &end, &at) && at <= time)
        sched_fail("%s has a batch of %" PRId64 " behind that of %" PRId64
                   ", or one that /out/count/ has not",
                   folder, at, time);
}

static void line_done(struct text *text, const char *end)
{
    text->at = (size_t)(end + 1 - text->p);
}

/* ---------------------------------------------------------------- records */

static void streams_forget(struct check *c)
{
    for (size_t i = 0; i < c->w->nstream; i++)
        c->w->stream[i]->seen = 0;
}

/* Of the batch at `time`; INT64_MAX: all. */
static void records_take(struct check *c, struct text *text, int64_t time)
{
    const char *p, *end;
    int64_t at;
    struct record rec;
    while (line_next(text, &p, &end, &at) &&
           (at == time || time == INT64_MAX)) {
        if (!check_record_read(p, end, &rec))
            sched_fail("/out/all/ has the line \"%.*s\"", (int)(end - p), p);
        check_record(c, &rec);
        line_done(text, end);
    }
}

void history_records(struct check *c, bool hidden)
{
    struct text text = { .n = 0 };
    streams_forget(c);
    folder_read(c, "/out/all/", hidden, &text);
    records_take(c, &text, INT64_MAX);
    free(text.p);
}

/* ---------------------------------------------------------------- batches */

static void rows_take(struct check *c, unsigned op, struct text *text,
                      int64_t time)
{
    const char *p, *end;
    int64_t at, val;
    while (line_next(text, &p, &end, &at) && at == time) {
        const char *comma = memchr(p, ',', (size_t)(end - p));
        const int key = comma ? stream_key_of(p, (size_t)(comma - p)) : -1;
        if (key < 0)
            sched_fail("%s has the row \"%.*s\"", check_folder(op),
                       (int)(end - p), p);
        p = comma + 1;
        if (!check_number(&p, end, &val))
            sched_fail("%s has a row without a number", check_folder(op));
        rows_add(&c->rows[op], key, val);
        line_done(text, end);
    }
}

/* One of all files, in each of which is a row for every batch. */
static void batch_take(struct check *c, struct text *all, struct text *op,
                       int64_t time)
{
    check_begin(c, time);
    records_take(c, all, time);
    time_is_next(all, "/out/all/", time);
    for (unsigned k = 0; k < OPS; k++) {
        rows_take(c, k, &op[k], time);
        time_is_next(&op[k], check_folder(k), time);
    }
    check_ops(c);
    c->batches++;
}

static void nothing_is_left(const struct text *text, const char *folder)
{
    if (text->at < text->n)
        sched_fail("%s goes on behind the last batch: %.*s", folder, 60,
                   text->p + text->at);
}

static void nothing_is_hidden(struct check *c, const char *folder)
{
    struct names names;
    names_read(c->w, folder, &names);
    for (size_t i = 0; i < names.n; i++)
        if (names.name[i][0] == '.')
            sched_fail("%s%s is left behind", folder, names.name[i]);
    free(names.name);
}

void history_check(struct check *c)
{
    struct text all = { .n = 0 }, op[OPS] = { { .n = 0 } };
    const unsigned count = (unsigned)__builtin_ctz(OP_COUNT);
    const char *p, *end;
    int64_t time;
    streams_forget(c);
    c->batches = c->records = 0;
    nothing_is_hidden(c, "/out/all/");
    folder_read(c, "/out/all/", false, &all);
    for (unsigned k = 0; k < OPS; k++) {
        nothing_is_hidden(c, check_folder(k));
        folder_read(c, check_folder(k), false, &op[k]);
    }
    while (line_next(&op[count], &p, &end, &time))
        batch_take(c, &all, op, time);
    nothing_is_left(&all, "/out/all/");
    for (unsigned k = 0; k < OPS; k++) {
        nothing_is_left(&op[k], check_folder(k));
        free(op[k].p);
    }
    free(all.p);
}

/* ------------------------------------------------------------ what was seen */

static uint64_t hash_of(const char *p, size_t n)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)p[i]) * 0x100000001b3u;
    return hash;
}

static void note_file(struct world *w, const char *path)
{
    size_t n = 0, i = 0;
    const char *p = disk_look(w->disk, path, &n);
    const struct shown now = { hash_of(path, strlen(path)), hash_of(p, n) };
    while (i < w->nshown && w->shown[i].name != now.name)
        i++;
    if (i == w->nshown) {
        HEAP_ROOM(w->heap, w->shown, w->nshown, w->shown_cap);
        w->shown[w->nshown++] = now;
    } else if (w->shown[i].content != now.content)
        snprintf(w->failure, sizeof w->failure,
                 "%s was shown with other bytes before", path);
}

static void note_folder(struct world *w, const char *folder)
{
    struct names names;
    names_read(w, folder, &names);
    for (size_t i = 0; i < names.n; i++) {
        char path[2 * NAME_BYTES];
        snprintf(path, sizeof path, "%s%s", folder, names.name[i]);
        if (names.name[i][0] != '.')
            note_file(w, path);
    }
    free(names.name);
}

void history_note(struct world *w)
{
    note_folder(w, "/out/all/");
    for (unsigned k = 0; k < OPS; k++)
        note_folder(w, check_folder(k));
}
