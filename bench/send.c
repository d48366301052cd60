/* send.c - the other end of a socket for bench/run: sends a file, which it has in
 * memory, to whoever connects first, as fast as it is taken; says the port before,
 * and ends when the other side has read all of it and closes.
 *   send FILE */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_BYTES = 1 << 18 };

static void die(const char *what)
{
    perror(what);
    exit(71);
}

/* The whole file, read before anybody is let in. */
static char *load(const char *path, size_t *ret_n)
{
    struct stat st;
    const int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) < 0)
        die(path);
    char *p = mmap(NULL, (size_t)st.st_size + 1, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        die("memory");
    ssize_t got = 1;
    for (*ret_n = 0; *ret_n < (size_t)st.st_size && got > 0;
         *ret_n += (size_t)got) {
        got = read(fd, p + *ret_n, (size_t)st.st_size - *ret_n);
        if (got < 0)
            die(path);
    }
    close(fd);
    return p;
}

static int peer_wait(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t n = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) < 0 ||
        listen(fd, 1) < 0 || getsockname(fd, (struct sockaddr *)&at, &n) < 0)
        die("socket");
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    const int peer = accept(fd, NULL, NULL);
    if (peer < 0)
        die("accept");
    close(fd);
    return peer;
}

int main(int argc, char **argv)
{
    size_t n;
    if (argc != 2) {
        fprintf(stderr, "usage: send FILE\n");
        return 64;
    }
    const char *p = load(argv[1], &n);
    const int peer = peer_wait();
    for (size_t at = 0; at < n;) {
        const size_t want = n - at < WRITE_BYTES ? n - at : WRITE_BYTES;
        const ssize_t got = write(peer, p + at, want);
        if (got <= 0)
            die("write");
        at += (size_t)got;
    }
    char end;
    shutdown(peer, SHUT_WR);
    return read(peer, &end, 1) < 0 ? 71 : 0;
}
