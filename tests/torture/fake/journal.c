/* journal.c - a line of text for each batch: its number and time, what was taken
 * of each source, the sums of all keys, a CRC. */
#include "fake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint32_t crc_of(const char *p, size_t n)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < n; i++) {
        crc ^= (unsigned char)p[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

/* One line of the journal: number, time, sources, keys. */
static void apply(char *line)
{
    char *rest = line, *word = strtok_r(rest, " ", &rest);
    w.nsource = 0; /* the line names all */
    w.batch = word ? strtoll(word, NULL, 10) : 0;
    word = strtok_r(rest, " ", &rest);
    w.time_ms = word ? strtoll(word, NULL, 10) : 0;
    while ((word = strtok_r(rest, " ", &rest))) {
        char *equal = strchr(word, '=');
        if (!equal)
            end(DAMAGED, "journal: no value in %s", word);
        long long value = strtoll(equal + 1, NULL, 10);
        if (*word == '@') {
            *equal = '\0';
            source_of(word + 1)->taken = value;
        } else if (!bug("no_state")) {
            struct key *key = key_of(word, (size_t)(equal - word));
            key->sum = bug("twice") ? key->sum + value : value;
        }
    }
}

/* Reads all lines; the last may be torn, and is cut off. */
void journal_read(const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    off_t good = 0;
    ssize_t n;
    while (file && (n = getline(&line, &room, file)) > 0) {
        char *mark = n > 10 ? line + n - 10 : line;
        const uint32_t crc = (uint32_t)strtoul(mark, NULL, 16);
        const bool whole = n > 10 && line[n - 1] == '\n' &&
                           crc == crc_of(line, (size_t)n - 10);
        if (!whole && fgetc(file) != EOF && !bug("fresh"))
            end(DAMAGED, "journal: the line at byte %lld is damaged",
                (long long)good);
        if (!whole)
            break;
        mark[0] = '\0';
        apply(line);
        good += n;
    }
    free(line);
    if (file) {
        must(!ferror(file), "read", path);
        fclose(file);
    }
    must(truncate(path, good) == 0 || errno == ENOENT, "truncate", path);
}

void journal_add(void)
{
    char head[NAME_ROOM * 2];
    size_t room = 128 + w.nkey * 96 + w.nsource * (NAME_ROOM + 32), n = 0;
    char *line = memory(NULL, room);
    n += (size_t)snprintf(line, room, "%lld %lld", w.batch, w.time_ms);
    for (size_t i = 0; i < w.nsource; i++)
        n += (size_t)snprintf(line + n, room - n, " @%s=%lld", w.source[i].name,
                              w.source[i].taken);
    for (size_t i = 0; i < w.nkey; i++)
        n += (size_t)snprintf(line + n, room - n, " %.64s=%lld", w.key[i].name,
                              w.key[i].sum);
    int m = snprintf(head, sizeof head, " %08x\n", crc_of(line, n));
    memcpy(line + n, head, (size_t)m);
    write_all(w.journal, line, n + (size_t)m, "journal");
    sync_fd(w.journal, "journal");
    free(line);
}
