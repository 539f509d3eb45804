#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

/* Swift gives the address of zero bytes as null, which librdkafka takes for "no key", "no value". */
static inline const void *relay_bytes(const void *bytes) { return bytes ? bytes : ""; }

/*
 * rd_kafka_producev takes variable arguments, which Swift cannot pass. The record is copied. No partition is ever named: librdkafka
 * before 2.12.0 frees the headers twice when a named partition does not exist.
 * Headers belong to librdkafka after success and stay the caller's after an error.
 */
static inline rd_kafka_resp_err_t relay_rd_kafka_produce(rd_kafka_t *rk, const char *topic, const void *key, size_t key_length,
                                                         const void *value, size_t value_length, int64_t timestamp, int64_t token,
                                                         rd_kafka_headers_t *headers) {
    return rd_kafka_producev(rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_KEY((void *)key, key_length),
                             RD_KAFKA_V_VALUE((void *)value, value_length), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_OPAQUE((void *)(intptr_t)token), RD_KAFKA_V_HEADERS(headers),
                             RD_KAFKA_V_END);
}
