/* kept.c - what stands: sources, keys, and the text of the batch. */
#include "fake.h"

#include <stdio.h>
#include <string.h>

struct fake w = { .interval_ms = 10, .listener = -1 };
const char *const output[2] = { "echo", "sums" };

struct source *source_of(const char *name)
{
    for (size_t i = 0; i < w.nsource; i++)
        if (strcmp(w.source[i].name, name) == 0)
            return &w.source[i];
    w.source = memory(w.source, (w.nsource + 1) * sizeof *w.source);
    struct source *source = &w.source[w.nsource++];
    *source = (struct source){ .taken = 0 };
    snprintf(source->name, sizeof source->name, "%s", name);
    return source;
}

struct key *key_of(const char *name, size_t n)
{
    for (size_t i = 0; i < w.nkey; i++)
        if (strlen(w.key[i].name) == n && memcmp(w.key[i].name, name, n) == 0)
            return &w.key[i];
    w.key = memory(w.key, (w.nkey + 1) * sizeof *w.key);
    struct key *key = &w.key[w.nkey++];
    *key = (struct key){ .name = memory(NULL, n + 1) };
    memcpy(key->name, name, n);
    key->name[n] = '\0';
    return key;
}

void add_text(int which, const char *p, size_t n)
{
    w.text[which] = memory(w.text[which], w.used[which] + n + 1);
    memcpy(w.text[which] + w.used[which], p, n);
    w.used[which] += n;
}
