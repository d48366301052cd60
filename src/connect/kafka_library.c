/* connect/kafka_library.c - finds librdkafka and its functions. */
#include "connect/kafka_library.h"

#include <string.h>

#include "base/macro.h"
#include "sys/library.h"
#include "sys/thread.h"

/* The binary interface of all its versions since 2015. */
static const char file[] = "librdkafka.so.1";

static const char *const names[] = {
#define NAME(name) "rd_kafka_" #name,
    RIV__RDK(NAME)
#undef NAME
};

_Static_assert(sizeof(struct riv_rdk) == sizeof names,
               "a pointer for each name");

const struct riv_rdk *riv__rdk;

static int load(void **at, struct riv_err *err)
{
    const struct riv_library library = { file, names, RIV__LEN(names) };
    const char *missing, *why = riv__library_load(&library, at, &missing);
    if (missing)
        return riv__err_set(err, RIV_EINVAL,
                            "%s has no %s: kafka:// needs librdkafka 2.0 or "
                            "newer",
                            file, missing);
    if (why)
        return riv__err_set(err, RIV_EINVAL,
                            "kafka:// needs librdkafka (Debian: librdkafka1), "
                            "which does not load: %s",
                            why);
    return 0;
}

int riv__rdk_load(struct riv_err *err)
{
    static struct riv_lock lock = { PTHREAD_MUTEX_INITIALIZER };
    static struct riv_rdk rdk; /* protected by lock, until it is loaded */
    void *at[RIV__LEN(names)];
    riv__lock(&lock);
    int rc = riv__rdk ? 0 : load(at, err);
    if (!riv__rdk && rc == 0) {
        memcpy(&rdk, at, sizeof rdk);
        riv__rdk = &rdk;
    }
    riv__unlock(&lock);
    return rc;
}
