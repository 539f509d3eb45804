/// One property that cannot be used, and why. The reason never holds the value of a sensitive property.
package struct KafkaPropertyFault: Sendable, Hashable {
    package let name: String
    package let reason: String

    package init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }
}

extension KafkaSettings {
    /// Every property that the relay refuses, that this librdkafka does not know, or whose value it cannot read; then whether they go
    /// together. Nothing is connected to.
    package static func check(_ properties: [(String, String)]) -> [KafkaPropertyFault] {
        let faults = forbiddenFaults(properties) + unreadableFaults(properties)
        return faults.isEmpty ? clashes(properties) : faults
    }

    static func forbiddenFaults(_ properties: [(String, String)]) -> [KafkaPropertyFault] {
        properties.compactMap { name, value in
            if let reason = reasonForbidden(name) { return KafkaPropertyFault(name: name, reason: reason) }
            if ["max.in.flight", "max.in.flight.requests.per.connection"].contains(name), let count = Int(value), count > 5 {
                return KafkaPropertyFault(name: name, reason: "more than 5 requests in flight lose the order; allowed are 1 to 5")
            }
            if name == "allow.auto.create.topics", ["true", "t", "1"].contains(value.lowercased()) {
                return KafkaPropertyFault(name: name, reason: "use kafka.create_topics: a topic is never made by the way")
            }
            return nil
        }
    }

    private static func unreadableFaults(_ properties: [(String, String)]) -> [KafkaPropertyFault] {
        properties.compactMap { name, value in
            if reasonForbidden(name) != nil { return nil }
            do throws(KafkaError) {
                // One configuration each: what is set before must not decide.
                try ClientConfiguration(redactor: KafkaSettings(bootstrapServers: [], properties: properties).redactor).set(name, value)
                return nil
            } catch {
                return KafkaPropertyFault(name: name, reason: error.detail)
            }
        }
    }

    /// Faults that show only in company: a CA file that is missing, a mechanism without a user name.
    private static func clashes(_ properties: [(String, String)]) -> [KafkaPropertyFault] {
        let settings = KafkaSettings(bootstrapServers: [], properties: properties)
        do throws(KafkaError) {
            try ClientHandle(settings, role: .producer).destroy()
            return []
        } catch {
            return [KafkaPropertyFault(name: "", reason: error.detail)]
        }
    }
}
