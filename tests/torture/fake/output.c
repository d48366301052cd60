/* output.c - a file for each batch and output, that appears whole: written under a
 * temporary name, synced, renamed, its folder synced. */
#include "fake.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void out_name(char dst[NAME_ROOM], long long batch, bool final)
{
    snprintf(dst, NAME_ROOM, final ? "%010lld.csv" : ".%010lld.fake.part",
             batch);
}

void out_write(int which)
{
    char name[NAME_ROOM];
    out_name(name, w.batch, bug("no_tmp"));
    int fd = openat(w.out_fd[which], name,
                    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    must(fd >= 0, "open", name);
    if (fd < 0)
        return;
    write_all(fd, w.text[which], w.used[which], name);
    sync_fd(fd, name);
    close(fd);
    sync_fd(w.out_fd[which], output[which]);
}

/* May have been done before the crash. */
void out_publish(int which)
{
    char temporary[NAME_ROOM], final[NAME_ROOM];
    const int fd = w.out_fd[which];
    out_name(temporary, w.batch, false);
    out_name(final, w.batch, true);
    if (renameat(fd, temporary, fd, final) < 0 && errno != ENOENT)
        must(false, "rename", temporary);
    sync_fd(fd, output[which]);
}

/* What a crash left: files of batches that never were. */
void out_tidy(int which)
{
    DIR *dir = fdopendir(dup(w.out_fd[which]));
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (strstr(e->d_name, ".fake.part"))
            unlinkat(w.out_fd[which], e->d_name, 0);
    if (dir)
        closedir(dir);
}

void out_open(int which)
{
    char path[PATH_ROOM];
    path_of(path, w.outdir, output[which]);
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        end(IO, "mkdir %s", path);
    w.out_fd[which] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w.out_fd[which] < 0)
        end(IO, "open %s", path);
}
