/* input.c - whole lines of files: a tail, a replayed file, a folder. */
#include "fake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Takes whole lines of a file from where its source stands. */
bool take_file(const char *path, struct source *source, bool to_end)
{
    const size_t room = TAKE_MAX;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return false;
    if (fd < 0)
        end(errno == EIO ? IO : NO_INPUT, "open %s", path);
    char *data = memory(NULL, room);
    ssize_t n = pread(fd, data, room, (off_t)source->taken);
    if (n < 0)
        end(IO, "read %s", path);
    close(fd);
    long lines = 0, limit = w.replay_lines ? w.replay_lines : 1000000;
    size_t at = 0;
    for (char *nl;
         lines < limit && (nl = memchr(data + at, '\n', (size_t)n - at));
         lines++) {
        take_line(data + at, (size_t)(nl - data) - at);
        at = (size_t)(nl - data) + 1;
    }
    source->taken += (long long)at;
    if (bug("offset_early") && at > 0)
        source->taken += n - (ssize_t)at;
    free(data);
    w.ended = to_end && at == 0;
    return at > 0;
}

/* Files are named by number (f-000001.csv). They are asked for by name: who
 * lists a folder while files come may see a later one and not an earlier. */
bool take_folder(const char *folder)
{
    struct source *next = source_of("files");
    char path[PATH_ROOM];
    bool any = false;
    for (;; next->taken++) {
        struct source whole = { .taken = 0 };
        snprintf(path, sizeof path, "%s/f-%06lld.csv", folder, next->taken);
        if (access(path, F_OK) < 0)
            return any;
        while (take_file(path, &whole, false))
            any = true;
    }
}
