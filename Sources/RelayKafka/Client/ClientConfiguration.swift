import CRdKafka

/// A librdkafka configuration in the making. It is destroyed with this object unless a client has taken it over; an unknown name or a bad
/// value throws at once.
final class ClientConfiguration {
    private let pointer: OpaquePointer
    private var owned = true
    private let redactor: Redactor

    /// For a throw-away check of names and values.
    init(redactor: Redactor = Redactor(secrets: [])) throws(KafkaError) {
        guard let pointer = rd_kafka_conf_new() else { throw .outOfMemory }
        self.pointer = pointer
        self.redactor = redactor
    }

    /// Everything that `role` needs, in the order defaults, the operator's properties, guarantees.
    convenience init(_ settings: KafkaSettings, role: Role) throws(KafkaError) {
        try self.init(redactor: settings.redactor)
        if let fault = KafkaSettings.forbiddenFaults(settings.properties).first {
            throw KafkaError(code: "property_refused", detail: "\(fault.name): \(fault.reason)")
        }
        let layers =
            switch role {
            case .producer:
                [
                    KafkaSettings.clientDefaults, KafkaSettings.producerDefaults, settings.properties, KafkaSettings.producerGuarantees,
                    settings.queueBounds,
                ]
            case .isolator:
                [
                    KafkaSettings.clientDefaults, KafkaSettings.producerDefaults, settings.properties, KafkaSettings.isolation,
                    KafkaSettings.producerGuarantees, settings.queueBounds,
                ]
            case .writeProbe: [KafkaSettings.clientDefaults, settings.properties, KafkaSettings.writeProbe]
            case .reader: [KafkaSettings.clientDefaults, KafkaSettings.readerDefaults, settings.properties, KafkaSettings.readerGuarantees]
            }
        if !settings.bootstrapServers.isEmpty {
            try set("bootstrap.servers", settings.bootstrapServers.joined(separator: ","))
        }
        try set("client.id", settings.clientID)
        for (name, value) in layers.joined() {
            try set(name, value)
        }
        rd_kafka_conf_set_events(pointer, role.events)
    }

    /// Sets one property; the error names it, and shows its value only where that is no secret.
    func set(_ name: String, _ value: String) throws(KafkaError) {
        var message = [CChar](repeating: 0, count: 512)
        let result = rd_kafka_conf_set(pointer, name, value, &message, message.count)
        guard result != RD_KAFKA_CONF_OK else { return }
        let detail = KafkaSettings.isSensitive(name) ? "bad value for \(name) (not shown)" : redactor(message.text)
        throw KafkaError(code: result == RD_KAFKA_CONF_UNKNOWN ? "property_unknown" : "property_invalid", detail: detail)
    }

    /// Makes the client, which takes the configuration over; only a failure leaves it ours.
    func makeClient(_ type: rd_kafka_type_t) throws(KafkaError) -> OpaquePointer {
        var message = [CChar](repeating: 0, count: 512)
        guard let client = rd_kafka_new(type, pointer, &message, message.count) else {
            throw KafkaError(code: "client_refused", detail: redactor(message.text))
        }
        owned = false
        return client
    }

    deinit {
        if owned { rd_kafka_conf_destroy(pointer) }
    }
}

extension ClientConfiguration {
    /// What a client is for.
    enum Role {
        /// Sends batches.
        case producer
        /// Sends records one by one.
        case isolator
        /// Asks whether records would be taken, with one that no broker takes.
        case writeProbe
        /// Reads records and asks about topics; never creates one by asking.
        case reader

        var events: Int32 {
            switch self {
            case .producer, .isolator, .writeProbe: RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG
            case .reader: RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG
            }
        }
    }
}

extension [CChar] {
    /// The text up to the terminating zero.
    var text: String {
        String(decoding: prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
