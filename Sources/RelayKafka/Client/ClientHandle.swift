import CRdKafka
import Dispatch

/// A librdkafka client and its main queue. No call reaches it after ``destroy()``, and no C callback ever reaches Swift: everything that
/// librdkafka has to say is polled from the main queue.
final class ClientHandle: Sendable {
    private let client: CObject
    private let mainQueue: CObject?
    private let gate = UseGate()
    let redactor: Redactor

    /// Takes `pointer` over.
    init(_ pointer: OpaquePointer, redactor: Redactor) {
        client = CObject(pointer)
        self.redactor = redactor
        mainQueue = rd_kafka_queue_get_main(pointer).map { CObject($0) }
        // Only with `log.queue`; without, librdkafka answers that it is not configured and logs nowhere that matters.
        _ = rd_kafka_set_log_queue(pointer, nil)
    }

    convenience init(_ settings: KafkaSettings, role: ClientConfiguration.Role) throws(KafkaError) {
        let type = role == .reader ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER
        self.init(try ClientConfiguration(settings, role: role).makeClient(type), redactor: settings.redactor)
    }

    /// Lends the client to `body`. Throws `closed` after ``destroy()`` or ``shut(interrupting:)``.
    func use<Result>(_ body: (OpaquePointer) throws(KafkaError) -> Result) throws(KafkaError) -> Result {
        guard gate.enter() else { throw .closed }
        defer { gate.leave() }
        return try body(client.pointer)
    }

    /// Lends the client to its owner's poll thread, which runs on after ``shut(interrupting:)`` and ends before ``destroy()``.
    func serve<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        body(client.pointer)
    }

    var isShut: Bool { gate.isClosed }

    /// The next event, to be freed with `rd_kafka_event_destroy`; nil when none came within `timeout` milliseconds.
    func nextEvent(timeout: Int32) -> OpaquePointer? {
        mainQueue.flatMap { rd_kafka_queue_poll($0.pointer, timeout) }
    }

    /// Hands over what the client has said so far, and nothing once it is shut. `body` must not shut it.
    func drain(_ body: (KafkaClientEvent) -> Void) {
        try? use { pointer throws(KafkaError) in
            while let event = nextEvent(timeout: 0) {
                if let said = KafkaClientEvent(event, client: pointer, redactor: redactor) { body(said) }
                rd_kafka_event_destroy(event)
            }
        }
    }

    /// Ends a wait in ``nextEvent(timeout:)``.
    func wake() {
        if let mainQueue { rd_kafka_queue_yield(mainQueue.pointer) }
    }

    /// Lets nobody in any more and waits until all are out; `interrupting` may hurry them. False when that was done already.
    func shut(interrupting: (OpaquePointer) -> Void = { _ in }) -> Bool {
        gate.close { interrupting(client.pointer) }
    }

    /// Frees the client. To be called once, after ``shut(interrupting:)`` returned true. librdkafka waits for its own threads, one of which may
    /// be asking for a broker's address: past ``patience`` that is waited for no longer.
    func destroy() {
        if let mainQueue { rd_kafka_queue_destroy(mainQueue.pointer) }
        let freed = DispatchSemaphore(value: 0)
        DispatchQueue(label: "argyle-relay.free").async { [client] in
            rd_kafka_destroy_flags(client.pointer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
            freed.signal()
        }
        _ = freed.wait(timeout: .now() + Self.patience)
    }

    private static let patience = DispatchTimeInterval.milliseconds(1500)
}
