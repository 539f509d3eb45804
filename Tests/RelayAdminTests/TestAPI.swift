import Foundation
import RelayCore
import RelayHTTP
import RelayMetrics
import RelayOutbox
import Synchronization
import Testing

@testable import RelayAdmin

/// The admin API over an outbox in a folder of its own.
struct TestAPI {
    let outbox: SQLiteOutbox
    let api: OperationsAPI
    let readmitted: Readmitted

    final class Readmitted: Sendable {
        let entries = Mutex<[Int64]>([])
        let replays = Mutex(0)
        let rerouted = Mutex<[[String]]>([])
        let onItsWay = Mutex<Int64?>(nil)
    }

    /// What a request without a token must look like.
    static let plain: [(String, String)] = [("Host", "localhost:9090")]

    /// - Parameter stranded: users of whom a fact waits for the topic `wrong`, from before the present configuration.
    static func with(token: String? = nil, stranded: [String] = [], _ body: (TestAPI) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "argyle-relay-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        if !stranded.isEmpty {
            let before = try outbox(in: folder, topic: "wrong")
            async let storing: Void = before.run { _ in }
            for user in stranded { _ = try await append(user, to: before) }
            before.stop()
            await storing
        }
        let outbox = try outbox(in: folder, topic: "argyle.{event}")
        async let running: Void = outbox.run { _ in }
        let readmitted = Readmitted()
        let operations = LocalOperations(
            outbox: outbox,
            version: "1",
            relay: LocalOperations.Relay(
                rates: { StatusReport.Rates(accepted1m: 1, accepted5m: 2, published1m: 3, published5m: 4) },
                kafka: { (false, "transport: down") },
                readmit: { entry in readmitted.entries.withLock { $0.append(entry.sequence) } },
                replayAdded: { readmitted.replays.withLock { $0 += 1 } },
                reroute: { (topic, others, move) throws(OperationFault) in
                    readmitted.rerouted.withLock { $0.append([topic.text] + others.map(\.text)) }
                    do throws(OutboxError) { return try await move() } catch { throw OperationFault(error) }
                },
                withdraw: { (sequence, _, giveUp) throws(OperationFault) in
                    let isOnItsWay = readmitted.onItsWay.withLock { $0 == sequence }
                    if isOnItsWay { throw .unavailable("on its way") }
                    do throws(OutboxError) { return try await giveUp() } catch { throw OperationFault(error) }
                }
            )
        )
        let expected = token.map { Array($0.utf8)[...] }
        let access = AdminAccess(token: { expected.map { expected in { @Sendable candidate in candidate == expected } } })
        let api = OperationsAPI(operations: operations, access: access, reload: { .refused(["http.port: no"]) })
        let result: Result<Void, any Error>
        do { result = .success(try await body(TestAPI(outbox: outbox, api: api, readmitted: readmitted))) } catch {
            result = .failure(error)
        }
        outbox.stop()
        await running
        try result.get()
    }

    private static func outbox(in folder: String, topic: String) throws -> SQLiteOutbox {
        let moment = Timestamp(milliseconds: 1_795_425_175_123)
        return try SQLiteOutbox(
            path: folder + "/outbox.sqlite",
            settings: SQLiteOutbox.Settings(
                source: "s",
                includesRaw: false,
                routing: try #require(TopicRouting(template: topic, deadLetters: "argyle.dead-letter")),
                limits: limits()
            ),
            meters: OutboxMeters(MetricsRegistry()),
            time: TimeSource(now: { moment }, uptime: { .zero }),
            clock: ContinuousClock()
        )
    }

    /// The answer as the listener would give it.
    func answer(
        _ method: String,
        _ target: String,
        _ body: String = "",
        headers: [(String, String)] = plain
    ) async throws -> (status: Int, json: [String: Any], headers: [(String, String)]) {
        let parts = target.split(separator: "?", maxSplits: 1)
        var fields = HTTPHeaders()
        for (name, value) in headers { fields.add(name: name, value: value) }
        let head = HTTPRequestHead(
            method: method,
            path: "/v1/" + parts[0],
            query: parts.count > 1 ? String(parts[1]) : nil,
            headers: fields,
            peer: try #require(PeerAddress("127.0.0.1")),
            contentLength: body.isEmpty ? nil : body.utf8.count
        )
        let response: HTTPServerResponse
        switch api.admit(head) {
        case .answer(let answer): response = answer
        case .read(let maxBody):
            #expect(maxBody == (method != "POST" ? 0 : parts[0] == "reconcile/facts" ? 4 << 20 : 64 << 10))
            response = await api.respond(to: head, body: Array(body.utf8))
        }
        let json = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        return (response.status, json ?? [:], response.headers)
    }

    static let start = Timestamp(milliseconds: 1_795_425_175_123)

    static func limits(resent: ResentPolicy = .suppress) -> OutboxLimits {
        OutboxLimits(maxPending: 100_000, minFreeDisk: 0, entryRetention: .seconds(86_400), factRetention: nil, resent: resent)
    }

    /// - Parameter delay: received so long after ``start``.
    /// - Returns: the id that the sender is answered.
    func append(_ user: String, externalID: String = "", after delay: Duration = .zero) async throws -> EventID {
        try await Self.append(user, externalID, after: delay, to: outbox)
    }

    private static func append(
        _ user: String,
        _ externalID: String = "",
        after delay: Duration = .zero,
        to outbox: SQLiteOutbox
    ) async throws -> EventID {
        let resource = #""accounts_connected":["a"],"external_id":"\#(externalID)""#
        let body = #"{"event":"users.fully_synced","name":"n","data":{"user":"\#(user)","resource":{\#(resource)}}}"#
        let delivery = Delivery(body: Array(body.utf8), signature: nil, receivedAt: start.advanced(by: delay))
        let fact = Fact(recognising: try EventDecoder().decode(try SignatureVerifier(secrets: [], required: false).verify(delivery)))
        switch try await outbox.append(fact) {
        case .accepted(let id, _), .duplicate(let id), .quarantined(let id, _): return id
        }
    }

    func kill(_ sequence: Int64) async throws {
        let moment = Timestamp(milliseconds: 1_795_425_175_123)
        guard let topic = TopicName("argyle.users.fully-synced") else { return }
        outbox.settle([Settlement(topic: topic, sequence: sequence, at: moment, outcome: .dead(code: "c", detail: "d"))])
        while outbox.status.dead == 0 { _ = try await outbox.topicsPending() }
    }
}
