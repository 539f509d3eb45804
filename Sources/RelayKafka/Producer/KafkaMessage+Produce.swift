import CRdKafka

extension KafkaMessage {
    /// Copies the record into the client's queue; whatever is answered, nothing is left to be freed.
    func produce(with client: OpaquePointer) -> rd_kafka_resp_err_t {
        var owned: OpaquePointer?
        if !headers.isEmpty {
            guard let made = rd_kafka_headers_new(headers.count) else { return RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE }
            owned = made
            for header in headers {
                let code = header.value.withUnsafeBytes { bytes in
                    rd_kafka_header_add(made, header.name, -1, relay_bytes(bytes.baseAddress), bytes.count)
                }
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    rd_kafka_headers_destroy(made)
                    return code
                }
            }
        }
        let code = value.withUnsafeBytes { value in
            // A null key is "no key"; an empty one is a key, and both must stay what they are.
            guard let key else {
                return relay_rd_kafka_produce(
                    client,
                    topic,
                    nil,
                    0,
                    relay_bytes(value.baseAddress),
                    value.count,
                    timestamp,
                    token,
                    owned
                )
            }
            return key.withUnsafeBytes { key in
                relay_rd_kafka_produce(
                    client,
                    topic,
                    relay_bytes(key.baseAddress),
                    key.count,
                    relay_bytes(value.baseAddress),
                    value.count,
                    timestamp,
                    token,
                    owned
                )
            }
        }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR, let owned { rd_kafka_headers_destroy(owned) }
        return code
    }
}
