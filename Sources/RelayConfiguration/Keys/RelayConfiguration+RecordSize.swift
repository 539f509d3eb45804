import RelayCore

/// What `http.max_body` means for records.
extension RelayConfiguration {
    /// librdkafka's property that says how large a record may be.
    package static let recordLimitProperty = "message.max.bytes"

    /// Bytes of the largest record that a delivery of `http.max_body` makes, before compression. A delivery that is nothing but accounts, all of
    /// them new, makes a larger one: they are listed twice.
    package var largestRecord: Int {
        http.maxBody * (envelope.includeRaw ? 2 : 1) + RecordLimits.envelope
    }

    /// Bytes that librdkafka takes; a larger record is refused without Kafka having been asked.
    package var libraryRecordLimit: Int {
        kafka.properties.last { $0.name == Self.recordLimitProperty }.flatMap { Int($0.value) } ?? RecordLimits.library
    }
}
