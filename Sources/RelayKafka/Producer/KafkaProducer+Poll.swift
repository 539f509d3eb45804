import CRdKafka
import Synchronization

extension KafkaProducer {
    /// The poll thread: gathers what has come and reports it in one call, until stopped and nothing is left.
    func poll() {
        var batch = ReportBatch()
        var alone: ClientHandle?
        while true {
            rounds.add(1, ordering: .relaxed)
            let last = stopped.load(ordering: .acquiring)
            // Two clients, one thread: while the isolator has work the main queue is waited on only briefly.
            let busy = alone.map { $0.serve(rd_kafka_outq_len) > 0 } ?? false
            var emptied = drain(client, wait: last ? 0 : busy ? 5 : 250, into: &batch)
            alone = isolator.withLock { $0 }
            if let alone { emptied = drain(alone, wait: 0, into: &batch) && emptied }
            sendAlone(&batch)
            if !batch.reports.isEmpty { onReports(batch.take()) }
            if last, emptied { return }
        }
    }

    /// Takes events until there is none (true), or so many reports that the owner should hear of them (false).
    private func drain(_ source: ClientHandle, wait: Int32, into batch: inout ReportBatch) -> Bool {
        var wait = wait
        while let event = source.nextEvent(timeout: wait) {
            defer { rd_kafka_event_destroy(event) }
            wait = 0
            if rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR {
                collect(event, of: source, into: &batch)
                if batch.reports.count >= ReportBatch.limit { return false }
            } else if let said = source.serve({ KafkaClientEvent(event, client: $0, redactor: source.redactor) }) {
                faults.note(said)
                onEvent(said)
            }
        }
        return true
    }

    /// Turns one batch of delivery reports into ours.
    private func collect(_ event: OpaquePointer, of source: ClientHandle, into batch: inout ReportBatch) {
        withUnsafeTemporaryAllocation(of: UnsafePointer<rd_kafka_message_t>?.self, capacity: 256) { messages in
            messages.initialize(repeating: nil)
            while true {
                let count = rd_kafka_event_message_array(event, messages.baseAddress, messages.count)
                if count == 0 { return }
                for case let message? in messages.prefix(count) {
                    settle(message, of: source, into: &batch)
                }
            }
        }
    }

    private func settle(_ message: UnsafePointer<rd_kafka_message_t>, of source: ClientHandle, into batch: inout ReportBatch) {
        let token = Int64(Int(bitPattern: message.pointee._private))
        let code = message.pointee.err
        if code == RD_KAFKA_RESP_ERR_NO_ERROR {
            let offset = max(message.pointee.offset, -1)
            batch.reports.append(DeliveryReport(token: token, outcome: .published(partition: message.pointee.partition, offset: offset)))
            return
        }
        let outcome = batch.failure(code, of: source)
        if source === client, outcome.mayBeForTheCompany(code) {
            batch.refused.append(DeliveryReport(token: token, outcome: outcome))
        } else {
            batch.reports.append(DeliveryReport(token: token, outcome: outcome))
        }
    }

    /// Has each record that was refused in company sent again by itself.
    private func sendAlone(_ batch: inout ReportBatch) {
        let refused = batch.takeRefused()
        guard !refused.isEmpty else { return }
        let alone = client.isShut ? nil : isolating()
        let messages = alone == nil ? [] : recall(refused.map(\.token))
        let recalled = Dictionary(messages.map { ($0.token, $0) }) { first, _ in first }
        for report in refused {
            if let alone, let message = recalled[report.token] {
                let sent = message.produce(with: alone)
                if sent == RD_KAFKA_RESP_ERR_NO_ERROR { continue }
                batch.reports.append(DeliveryReport(token: report.token, outcome: .failed(code: sent.rawValue)))
            } else {
                // Not tried alone, so not known to be at fault.
                batch.reports.append(DeliveryReport(token: report.token, outcome: report.outcome.triedAgain))
            }
        }
    }

    /// The client that sends single records. Only the poll thread makes it; it stays until ``close()``.
    private func isolating() -> OpaquePointer? {
        isolator.withLock { isolator in
            if isolator == nil { isolator = try? ClientHandle(settings, role: .isolator) }
            return isolator
        }?.serve { $0 }
    }
}

/// Delivery reports of one turn of the poll thread. It keeps the last failure, because failures come by the batch and alike.
struct ReportBatch {
    static let limit = 8192
    var reports: [DeliveryReport] = []
    /// Of records that were refused in company.
    var refused: [DeliveryReport] = []
    private var lastFailure: (code: rd_kafka_resp_err_t, source: ObjectIdentifier, outcome: PublishOutcome)?

    mutating func take() -> [DeliveryReport] {
        let taken = reports
        reports = []
        lastFailure = nil
        return taken
    }

    mutating func takeRefused() -> [DeliveryReport] {
        defer { refused = [] }
        return refused
    }

    mutating func failure(_ code: rd_kafka_resp_err_t, of source: ClientHandle) -> PublishOutcome {
        if let lastFailure, lastFailure.code == code, lastFailure.source == ObjectIdentifier(source) { return lastFailure.outcome }
        let fatal = source.serve { rd_kafka_fatal_error($0, nil, 0) } != RD_KAFKA_RESP_ERR_NO_ERROR
        let outcome = PublishOutcome.failed(code: code.rawValue, producerIsFatal: fatal)
        lastFailure = (code, ObjectIdentifier(source), outcome)
        return outcome
    }
}

extension PublishOutcome {
    /// Whether the record may be sound and only another of its batch at fault: a broker refuses them together.
    fileprivate func mayBeForTheCompany(_ code: rd_kafka_resp_err_t) -> Bool {
        switch self {
        case .dead: true
        case .retry: FaultScope(code: code.rawValue) == .timestamp
        case .published, .fatal: false
        }
    }

    fileprivate var triedAgain: PublishOutcome {
        if case .dead(let code, let detail) = self { .retry(code: code, detail: detail) } else { self }
    }
}

extension KafkaHeader {
    /// Copies of the headers of a record; a null value becomes an empty one.
    static func all(of message: UnsafePointer<rd_kafka_message_t>) -> [KafkaHeader] {
        var headers: OpaquePointer?
        guard rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR, let headers else { return [] }
        return (0..<rd_kafka_header_cnt(headers)).compactMap { index in
            var name: UnsafePointer<CChar>?
            var value: UnsafeRawPointer?
            var size = 0
            guard rd_kafka_header_get_all(headers, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name else { return nil }
            return KafkaHeader(
                name: String(cString: name),
                value: Array(UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))
            )
        }
    }
}
