import RelayAdmin
import RelayConfiguration
import RelayOutbox

/// Whether entries wait for a topic that nothing is routed to any more: they would wait for ever.
enum StrandedCheck {
    /// - Parameter relay: what runs on the outbox; without one the file is looked at.
    static func findings(_ configuration: RelayConfiguration, _ relay: StatusReport?) -> [Finding] {
        let stranded = relay?.stranded ?? OutboxGlance.strandedTopics(path: configuration.outbox.path, inForce: configuration.routing)
        return stranded.map { topic in
            .failed(
                "stranded",
                "\(topic.isMore ? "more than " : "")\(topic.waiting) entries wait for topic \(topic.topic), which nothing is routed to any more",
                "argyle-relay outbox reroute --topic \(topic.topic)"
            )
        }
    }
}
