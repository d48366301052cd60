/* connect/kafka_client.c - a client of the library: its settings, its end. A value
 * of a setting may be a secret: no message shows one. */
#include "connect/kafka_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "conf/pass.h"
#include "connect/kafka_library.h"
#include "connect/kafka_name.h"
#include "sys/file.h"
#include "sys/thread.h"

enum {
    VALUE_BYTES_MAX = 64 * 1024,
    NAME_BYTES = 128,
    END_MS = 3000,
};

/* The library's own messages reach people as errors of the calls. */
static void no_log(const rd_kafka_t *rk, int level, const char *facility,
                   const char *text)
{
    (void)rk, (void)level, (void)facility, (void)text;
}

static const char *without(const char *name)
{
    if (strncmp(name, "ssl.", 4) == 0 || strncmp(name, "sasl.", 5) == 0 ||
        strcmp(name, "security.protocol") == 0)
        return "; a library built with TLS and SASL is in Debian's package "
               "librdkafka1";
    return "";
}

/* The library says what is wrong, and puts the value into it: not for secrets.
 */
static int refused(const char *name, rd_kafka_conf_res_t rc, const char *text,
                   struct riv_err *err)
{
    const bool secret = strstr(name, "password") || strstr(name, "pem") ||
                        strstr(name, "oauth") || strstr(name, "secret");
    if (rc == RD_KAFKA_CONF_UNKNOWN)
        return riv__err_set(err, RIV_EINVAL,
                            "setting kafka.%s: librdkafka %s has no such "
                            "setting%s",
                            name, riv__rdk->version_str(), without(name));
    return riv__err_set(err, RIV_EINVAL, "setting kafka.%s: %s%s", name,
                        secret ? "that is no value for it" : text,
                        without(name));
}

static int set(rd_kafka_conf_t *conf, const char *name, const char *value,
               struct riv_err *err)
{
    char text[256] = "";
    const rd_kafka_conf_res_t rc =
        riv__rdk->conf_set(conf, name, value, text, sizeof text);
    text[strcspn(text, "\n")] = '\0'; /* the library's end of some */
    return rc == RD_KAFKA_CONF_OK ? 0 : refused(name, rc, text, err);
}

/* "X.file" is X, from a file, without the newline at its end. */
static int set_from_file(const struct riv_kafka_conf_spec *spec,
                         rd_kafka_conf_t *conf, const char *name,
                         const char *path, struct riv_err *err)
{
    char plain[NAME_BYTES];
    struct riv_buf text;
    snprintf(plain, sizeof plain, "%.*s", (int)(strlen(name) - 5), name);
    riv__buf_init(&text, VALUE_BYTES_MAX);
    int rc = riv__file_read_all(spec->sys, path, &text, err);
    while (text.n > 0 &&
           (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
        text.n--;
    if (rc == 0) {
        riv__buf_char(&text, '\0');
        rc = text.failed ? riv__err_set(err, RIV_EINVAL, "more than 64 KiB")
                         : set(conf, plain, text.p, err);
    }
    riv__buf_fini(&text);
    return rc < 0 ? riv__err_prefix(err, "kafka.%s", name) : 0;
}

/* "X.location" is a path of the TLS library, whose words for one that is not there
 * are "x509 certificate routines::system lib". */
static int set_path(const struct riv_kafka_conf_spec *spec,
                    rd_kafka_conf_t *conf, const char *name, const char *path,
                    struct riv_err *err)
{
    struct riv_stat found;
    RIV__TRY(set(conf, name, path, err));
    if (!path[0] || strcmp(path, "probe") == 0) /* the library looks for one */
        return 0;
    const int rc = spec->sys->stat(spec->sys, path, &found);
    if (rc >= 0)
        return 0;
    riv__err_sys(err, -rc, "open", path);
    return riv__err_prefix(err, "kafka.%s", name);
}

/* One setting of the user's. */
static int set_one(const struct riv_kafka_conf_spec *spec,
                   rd_kafka_conf_t *conf, const struct riv_pass *pass,
                   struct riv_err *err)
{
    const riv_str name = riv_cstr(pass->name);
    if (name.n > 5 && riv__str_ends(name, ".file"))
        return set_from_file(spec, conf, pass->name, pass->value, err);
    if (riv__str_ends(name, ".location"))
        return set_path(spec, conf, pass->name, pass->value, err);
    return set(conf, pass->name, pass->value, err);
}

static const struct riv_kafka_fixed *find(const struct riv_kafka_fixed *list,
                                          const char *name)
{
    for (; list->name; list++)
        if (strcmp(list->name, name) == 0)
            return list;
    return NULL;
}

static bool is_of_connection(const char *name)
{
    static const char *const begin[] = { "ssl.", "sasl.", "security.",
                                         "socket.", "broker." };
    for (size_t i = 0; i < RIV__LEN(begin); i++)
        if (strncmp(name, begin[i], strlen(begin[i])) == 0)
            return true;
    return false;
}

static int set_user(const struct riv_kafka_conf_spec *spec,
                    rd_kafka_conf_t *conf, struct riv_err *err)
{
    struct riv_pass pass;
    for (size_t at = 0; riv__pass_next(spec->conf, &at, &pass);) {
        if (spec->only_connects && !is_of_connection(pass.name))
            continue;
        const struct riv_kafka_fixed *fixed = find(spec->fixed, pass.name);
        if (fixed && (!fixed->value || strcmp(fixed->value, pass.value) != 0))
            return riv__err_set(err, RIV_EINVAL,
                                "setting kafka.%s: is Rivulet's own to choose; "
                                "leave it out",
                                pass.name);
        RIV__TRY(set_one(spec, conf, &pass, err));
    }
    return 0;
}

/* A password in clear text goes to whoever answers. */
static int check_secrecy(rd_kafka_conf_t *conf, struct riv_err *err)
{
    char protocol[32] = "", mechanism[32] = "";
    size_t n = sizeof protocol, m = sizeof mechanism;
    if (riv__rdk->conf_get(conf, "security.protocol", protocol, &n) !=
            RD_KAFKA_CONF_OK ||
        riv__rdk->conf_get(conf, "sasl.mechanisms", mechanism, &m) !=
            RD_KAFKA_CONF_OK)
        return 0;
    if (strcasecmp(protocol, "sasl_plaintext") == 0 &&
        strcasecmp(mechanism, "PLAIN") == 0)
        return riv__err_set(err, RIV_EINVAL,
                            "setting kafka.sasl.mechanisms: PLAIN sends the "
                            "password as it is, so it needs "
                            "kafka.security.protocol = sasl_ssl; or take "
                            "SCRAM-SHA-512");
    return 0;
}

static void want(rd_kafka_conf_t *conf, const struct riv_kafka_fixed *list)
{
    for (; list && list->name; list++)
        (void)riv__rdk->conf_set(conf, list->name, list->value, NULL, 0);
}

static int fill(const struct riv_kafka_conf_spec *spec, rd_kafka_conf_t *conf,
                struct riv_err *err)
{
    static const struct riv_kafka_fixed common[] = {
        { "client.id", "rivulet" },
        { "reconnect.backoff.ms", "20" },
        { "reconnect.backoff.max.ms", "2000" },
        { NULL, NULL },
    };
    riv__rdk->conf_set_log_cb(conf, no_log);
    riv__rdk->conf_set_opaque(conf, spec->opaque);
    if (spec->on_error)
        riv__rdk->conf_set_error_cb(conf, spec->on_error);
    RIV__TRY(set(conf, "bootstrap.servers", spec->brokers, err));
    want(conf, common);
    want(conf, spec->wanted);
    for (const struct riv_kafka_fixed *f = spec->fixed; f->name; f++)
        if (f->value)
            RIV__TRY(set(conf, f->name, f->value, err));
    RIV__TRY(set_user(spec, conf, err));
    return check_secrecy(conf, err);
}

int riv__kafka_conf(const struct riv_kafka_conf_spec *spec,
                    rd_kafka_conf_t **ret, struct riv_err *err)
{
    RIV__TRY(riv__rdk_load(err));
    rd_kafka_conf_t *conf = riv__rdk->conf_new();
    int rc = fill(spec, conf, err);
    if (rc < 0)
        riv__rdk->conf_destroy(conf);
    else
        *ret = conf;
    return rc;
}

int riv__kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf,
                   rd_kafka_t **ret, struct riv_err *err)
{
    char text[256] = "";
    rd_kafka_t *rk = riv__rdk->new (type, conf, text, sizeof text);
    if (!rk) { /* for its settings; else for threads, or a clock that was set */
        const int rc = riv__rdk->last_error() == RD_KAFKA_RESP_ERR__INVALID_ARG
                           ? RIV_EINVAL
                           : RIV_EUNAVAIL;
        riv__rdk->conf_destroy(conf);
        return riv__err_set(err, rc, "the Kafka client: %s", text);
    }
    *ret = rk;
    return 0;
}

/* ----------------------------------------------------------------- its end */

/* Shared by who ends it and who waits for that; the last frees it. */
struct ending {
    rd_kafka_t *rk;
    struct riv_lock lock;
    struct riv_cond cond;
    bool done, left; /* @locks lock */
};

static void ending_free(struct ending *ending)
{
    riv__cond_fini(&ending->cond);
    riv__lock_fini(&ending->lock);
    free(ending);
}

static void ending_run(void *arg)
{
    struct ending *ending = arg;
    riv__rdk->destroy_flags(ending->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    riv__lock(&ending->lock);
    ending->done = true;
    const bool left = ending->left;
    riv__cond_signal(&ending->cond);
    riv__unlock(&ending->lock);
    if (left)
        ending_free(ending);
}

/* False: it does not end in time, which is the library's, so the real one. */
static bool ending_wait(struct ending *ending)
{
    struct riv_sys *sys = riv__sys_real();
    const int64_t until_ns = sys->mono_ns(sys) + END_MS * INT64_C(1000000);
    riv__lock(&ending->lock);
    while (!ending->done &&
           riv__cond_wait_until(&ending->cond, &ending->lock, until_ns))
        ;
    const bool done = ending->done;
    ending->left = !done;
    riv__unlock(&ending->lock);
    return done;
}

void riv__kafka_end(rd_kafka_t *rk)
{
    struct riv_thread thread;
    struct riv_err err = { .code = 0 };
    struct ending *ending = calloc(1, sizeof *ending);
    if (ending) {
        ending->rk = rk;
        riv__lock_init(&ending->lock);
        riv__cond_init(&ending->cond);
    }
    if (!ending || riv__thread_start(&thread, "riv-kafka-end", ending_run,
                                     ending, &err) < 0) {
        if (ending)
            ending_free(ending);
        riv__rdk->destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        return;
    }
    if (!ending_wait(ending))
        return;
    riv__thread_join(&thread);
    ending_free(ending);
}

bool riv__kafka_name(char *dst, size_t room)
{
    char features[128] = "";
    size_t n = sizeof features;
    if (riv__rdk_load(NULL) < 0) {
        snprintf(dst, room, "librdkafka is not installed");
        return true;
    }
    rd_kafka_conf_t *conf = riv__rdk->conf_new();
    (void)riv__rdk->conf_get(conf, "builtin.features", features, &n);
    riv__rdk->conf_destroy(conf);
    snprintf(dst, room, "librdkafka %s: %s", riv__rdk->version_str(), features);
    return true;
}
