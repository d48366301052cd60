/* connect/kafka_library.h - Kafka's client library, loaded when a kafka:// is opened
 * and not before: it brings TLS, SASL and compression with it, which would cost every
 * process a third of its start and 2 MiB, also those without Kafka. Only in builds
 * that have its headers. */
#ifndef RIV_CONNECT_KAFKA_LIBRARY_H
#define RIV_CONNECT_KAFKA_LIBRARY_H

#include <librdkafka/rdkafka.h>

#include "base/err.h"

/* The functions that are used, by their names without rd_kafka_. */
#define RIV__RDK(X) \
    X(abort_transaction) \
    X(begin_transaction) \
    X(clusterid) \
    X(commit) \
    X(commit_transaction) \
    X(committed) \
    X(conf) \
    X(conf_destroy) \
    X(conf_get) \
    X(conf_new) \
    X(conf_set) \
    X(conf_set_dr_msg_cb) \
    X(conf_set_error_cb) \
    X(conf_set_log_cb) \
    X(conf_set_offset_commit_cb) \
    X(conf_set_opaque) \
    X(consume_batch_queue) \
    X(consumer_group_metadata_destroy) \
    X(consumer_group_metadata_new) \
    X(consumer_poll) \
    X(destroy_flags) \
    X(err2str) \
    X(error_code) \
    X(error_destroy) \
    X(error_is_retriable) \
    X(error_string) \
    X(error_txn_requires_abort) \
    X(fatal_error) \
    X(flush) \
    X(get_watermark_offsets) \
    X(header_add) \
    X(header_get_all) \
    X(headers_destroy) \
    X(headers_new) \
    X(incremental_assign) \
    X(init_transactions) \
    X(last_error) \
    X(mem_free) \
    X(message_destroy) \
    X(message_errstr) \
    X(message_headers) \
    X(message_timestamp) \
    X(metadata) \
    X(metadata_destroy) \
    X(new) \
    X(offsets_for_times) \
    X(outq_len) \
    X(poll) \
    X(poll_set_consumer) \
    X(produceva) \
    X(query_watermark_offsets) \
    X(queue_destroy) \
    X(queue_forward) \
    X(queue_get_partition) \
    X(queue_io_event_enable) \
    X(seek_partitions) \
    X(send_offsets_to_transaction) \
    X(topic_destroy) \
    X(topic_name) \
    X(topic_new) \
    X(topic_partition_list_add) \
    X(topic_partition_list_destroy) \
    X(topic_partition_list_new) \
    X(version) \
    X(version_str)

struct riv_rdk {
#define RIV__RDK_MEMBER(name) __typeof__(&rd_kafka_##name) name;
    RIV__RDK(RIV__RDK_MEMBER)
#undef RIV__RDK_MEMBER
};

/* NULL until riv__rdk_load() has been called, which riv__kafka_conf() does: without
 * a configuration there is no client, and without a client nothing to call. */
extern const struct riv_rdk *riv__rdk;

/* Once a process, never unloaded. RIV_EINVAL: it is not there, and err says why,
 * and which package has it. @thread any */
int riv__rdk_load(struct riv_err *err) RIV__MUST_USE;

#endif
