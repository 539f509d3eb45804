/// One header of a record: a name and bytes. A value is always present (a null header value is never written).
package struct KafkaHeader: Sendable, Hashable {
    package let name: String
    package let value: [UInt8]

    package init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }

    /// A header whose value is `text` in UTF-8.
    package init(name: String, text: String) {
        self.init(name: name, value: Array(text.utf8))
    }
}

/// One record on its way to a topic, with the token under which its fate is reported. It names no partition: the key decides
/// (`murmur2_random`), and without a key chance does.
package struct KafkaMessage: Sendable, Hashable {
    package let topic: String
    package let key: [UInt8]?
    package let value: [UInt8]
    package let headers: [KafkaHeader]
    /// Milliseconds since 1970-01-01T00:00:00Z.
    package let timestamp: Int64
    /// The caller's number for this record; comes back in exactly one ``DeliveryReport``.
    package let token: Int64

    package init(topic: String, key: [UInt8]?, value: [UInt8], headers: [KafkaHeader] = [], timestamp: Int64, token: Int64) {
        self.topic = topic
        self.key = key
        self.value = value
        self.headers = headers
        self.timestamp = timestamp
        self.token = token
    }
}
