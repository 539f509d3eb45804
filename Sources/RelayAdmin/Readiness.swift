package import RelayOutbox

/// Whether the relay can do its work now, part by part: what a load balancer asks and what an operator reads.
///
/// The listener and the store decide whether deliveries can be taken; Kafka does not, for what is taken waits on disk. All must be well for `ready`.
package struct Readiness: Sendable, Equatable {
    package enum Part: Sendable, Equatable {
        case ok
        /// It works, but for what `detail` names.
        case degraded(code: String, detail: String)
        case failing(code: String, detail: String)

        var isOK: Bool { if case .failing = self { false } else { true } }
    }

    package let listener: Part
    package let store: Part
    package let kafka: Part
    package let isStopping: Bool

    package init(listener: Part = .ok, store: Part, kafka: Part, isStopping: Bool) {
        self.listener = listener
        self.store = store
        self.kafka = kafka
        self.isStopping = isStopping
    }

    /// - Parameters:
    ///   - fault: what is known of the connection's trouble, if there is any.
    ///   - listenerFault: why nothing can be accepted, with the listener's address; nil while it can.
    ///   - stalled: partitions that take nothing while others do.
    package init(
        outbox: OutboxStatus,
        isConnected: Bool,
        fault: (code: String, detail: String)?,
        listenerFault: String? = nil,
        stalled: [String] = [],
        isStopping: Bool
    ) {
        listener = listenerFault.map { .failing(code: "not_listening", detail: $0) } ?? .ok
        if let trouble = outbox.trouble {
            store = .failing(code: trouble == .slow ? "store_slow" : "store_failed", detail: trouble.description)
        } else if let shedding = outbox.shedding {
            store = .failing(code: shedding == .diskLow ? "disk_low" : "outbox_full", detail: shedding.description)
        } else {
            store = .ok
        }
        if isConnected, let first = stalled.first {
            let rest = stalled.count > 1 ? " and \(stalled.count - 1) more" : ""
            kafka = .degraded(code: "partition_stalled", detail: "\(first)\(rest): the users whose keys lie there wait, all others go on")
        } else if isConnected {
            kafka = .ok
        } else if let fault {
            kafka = .failing(code: fault.code, detail: fault.detail)
        } else {
            kafka = .failing(code: "unreachable", detail: "no broker has answered within the last 30 s")
        }
        self.isStopping = isStopping
    }

    package var isReady: Bool { listener.isOK && store.isOK && kafka.isOK && !isStopping }
}
