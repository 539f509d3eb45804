/// How large a record may be before anybody asks Kafka.
package enum RecordLimits {
    /// Bytes that librdkafka takes, unless kafka.properties say otherwise. Brokers say themselves what is too large, but not beyond
    /// `socket.request.max.bytes`, 100 MiB unless set: they close the connection on a larger request, and would at each try.
    package static let library = 99 << 20

    /// What an envelope adds to its data, and a record's headers; bytes.
    package static let envelope = 4096
}
