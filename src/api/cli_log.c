/* api/cli_log.c - lines of the log onto standard error: of the job, and of the
 * process that watches it, which knows the form from the page that both share. */
#include "api/cli_log.h"

#include <stdio.h>

#include "exec/watch.h"
#include "obs/line.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

static void put(enum riv_line_form form, const struct riv_line *line)
{
    struct riv_buf buf;
    riv__buf_init(&buf, LINE_MAX_BYTES);
    riv__line_put(&buf, form, line);
    if (buf.failed)
        fprintf(stderr, "rivulet: %s\n", line->text);
    else
        fwrite(buf.p, 1, buf.n, stderr);
    riv__buf_fini(&buf);
}

static int64_t wall_ms(void)
{
    struct riv_sys *sys = riv__sys_real();
    return sys->wall_ms(sys);
}

void riv__cli_log(const riv *r, int level, const char *text)
{
    const struct riv_settings *conf = &r->conf.settings;
    const struct riv_line line = {
        .level = level, .wall_ms = wall_ms(), .job = conf->name, .text = text
    };
    put((enum riv_line_form)conf->log_format, &line);
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
    const struct riv_line line = {
        .level = level, .wall_ms = wall_ms(), .job = watch->job, .text = text
    };
    put((enum riv_line_form)atomic_load(&watch->log_format), &line);
}
