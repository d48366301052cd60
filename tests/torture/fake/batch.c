/* batch.c - lines become the batch's text and sums, and the batch is committed. */
#include "fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void take_line(const char *line, size_t n)
{
    const char *comma[3], *p = line;
    add_text(0, line, n + 1);
    for (int i = 0; i < 3; i++) {
        comma[i] = p ? memchr(p, ',', (size_t)(line + n - p)) : NULL;
        p = comma[i] ? comma[i] + 1 : NULL;
    }
    if (!p)
        return;
    struct key *key = key_of(comma[1] + 1, (size_t)(comma[2] - comma[1] - 1));
    key->sum += strtoll(comma[2] + 1, NULL, 10);
    key->changed = true;
}

static void make_sums(void)
{
    for (size_t i = 0; i < w.nkey; i++) {
        char row[256];
        if (!w.key[i].changed)
            continue;
        w.key[i].changed = false;
        int n = snprintf(row, sizeof row, "%lld,%s,%lld\n", w.time_ms,
                         w.key[i].name, w.key[i].sum);
        add_text(1, row, (size_t)n);
    }
}

static void swap_two_lines(void)
{
    char *end_1 = memchr(w.text[0], '\n', w.used[0]);
    size_t n = end_1 ? (size_t)(end_1 - w.text[0]) + 1 : 0;
    char *end_2 = n ? memchr(w.text[0] + n, '\n', w.used[0] - n) : NULL;
    if (!end_2)
        return;
    size_t m = (size_t)(end_2 - w.text[0]) + 1 - n;
    char *copy = memory(NULL, n + m);
    memcpy(copy, w.text[0] + n, m);
    memcpy(copy + m, w.text[0], n);
    memcpy(w.text[0], copy, n + m);
    free(copy);
}

void commit(void)
{
    static long long before; /* taken of source 0 by the batch before */
    struct source *first = &w.source[0];
    const long long taken = first->taken;
    const long long wall = now_ms(CLOCK_REALTIME) / w.interval_ms;
    w.batch++;
    if ((wall + 1) * w.interval_ms > w.time_ms || bug("wall"))
        w.time_ms = (wall + 1) * w.interval_ms;
    else
        w.time_ms += w.interval_ms;
    make_sums();
    if (bug("swap") && w.batch % 3 == 0)
        swap_two_lines();
    for (int i = 0; i < 2; i++)
        out_write(i);
    for (int i = 0; i < 2 && bug("publish_early"); i++)
        out_publish(i);
    if (bug("offset_late"))
        first->taken = before;
    journal_add();
    first->taken = before = taken;
    for (int i = 0; i < 2; i++)
        out_publish(i);
    w.used[0] = w.used[1] = 0;
}
