/* connect/kafka_cluster.c - which cluster an input stands in. Offsets are of one
 * cluster: a job that is pointed at another by mistake, with the same names of
 * topics, would go on there in the middle. So the cluster's id is written down with
 * where the input stands, and another one is refused before the first record. For
 * kafka_start.c and kafka_stand.c. */
#include <string.h>

#include "connect/kafka_input.h"
#include "connect/kafka_library.h"

/* One word, whatever a broker calls itself. */
static void keep(char dst[RIV__KAFKA_CLUSTER_BYTES], const char *p, size_t n)
{
    const size_t most = RIV__MIN(n, (size_t)RIV__KAFKA_CLUSTER_BYTES - 1);
    for (size_t i = 0; i < most; i++)
        dst[i] = p[i] > ' ' && p[i] <= '~' ? p[i] : '_';
    dst[most] = '\0';
}

static int another(const struct riv_kafka_input *self, const char *topic,
                   struct riv_err *err)
{
    return riv__err_set(
        err, RIV_ECHECKPOINT,
        "topic %.100s: the brokers %.100s are of cluster %s, and where it stands "
        "is of cluster %s. Go back to the brokers of that one; or begin in this "
        "one with -c source.reset=UID, the uid of the input, or with another uid",
        topic, self->uri.brokers, self->cluster, self->cluster_was);
}

int riv__kafka_cluster_check(struct riv_kafka_input *self, const char *topic,
                             struct riv_err *err)
{
    if (atomic_load(&self->cluster_known))
        return 0;
    char *id = riv__rdk->clusterid(self->rk, RIV__KAFKA_ASK_MS);
    if (!id && self->cluster_was[0])
        return riv__kafka_unanswered(self, RD_KAFKA_RESP_ERR__TIMED_OUT,
                                     "the id of the cluster", err);
    keep(self->cluster, id ? id : "", id ? strlen(id) : 0);
    if (id)
        riv__rdk->mem_free(self->rk, id);
    if (self->cluster_was[0] && strcmp(self->cluster, self->cluster_was) != 0)
        return another(self, topic, err);
    atomic_store(&self->cluster_known, true);
    return 0;
}

void riv__kafka_cluster_was(struct riv_kafka_input *self, riv_str id)
{
    keep(self->cluster_was, id.p, id.n);
}

const char *riv__kafka_cluster(struct riv_kafka_input *self)
{
    return atomic_load(&self->cluster_known) ? self->cluster
                                             : self->cluster_was;
}
