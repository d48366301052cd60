/* api/cli_log.c - lines of the log onto standard error: of the job, and of the
 * process that watches it, which knows the form from the page that both share. */
#include "api/cli_log.h"

#include <stdio.h>

#include "exec/watch.h"
#include "obs/line.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

static void put(int form, const char *job, int level, const char *text)
{
    struct riv_sys *sys = riv__sys_real();
    const struct riv_line line = {
        .level = level, .wall_ms = sys->wall_ms(sys), .job = job, .text = text
    };
    struct riv_buf buf;
    riv__buf_init(&buf, LINE_MAX_BYTES);
    riv__line_put(&buf, (enum riv_line_form)form, &line);
    if (buf.failed)
        fprintf(stderr, "rivulet: %s\n", text);
    else
        fwrite(buf.p, 1, buf.n, stderr);
    riv__buf_fini(&buf);
}

void riv__cli_log(const riv *r, int level, const char *text)
{
    const struct riv_settings *conf = &r->conf.settings;
    put((int)conf->log_format, conf->name, level, text);
}

void riv__cli_log_share(const riv *r)
{
    struct riv_watch *watch = r->watch;
    if (!watch)
        return;
    snprintf(watch->job, sizeof watch->job, "%s", r->conf.settings.name);
    atomic_store(&watch->log_format, (int)r->conf.settings.log_format);
}

void riv_watch_log(const riv_watch *watch, int level, const char *text)
{
    put(atomic_load(&watch->log_format), watch->job, level, text);
}
