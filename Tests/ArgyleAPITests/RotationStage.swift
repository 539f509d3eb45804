import ArgyleAPI
import Foundation
import RelayClient
import RelayCore
import RelayTestSupport
import Synchronization
import Testing

/// Deliveries as Argyle would send them at this moment: each event by every subscription, signed with what that one signs with.
final class SubscribedLoad: Sendable {
    struct Report: Sendable {
        var statuses: [Int: Int] = [:]
        var failures: [String] = []
        var events = 0
        var seconds = 0.0
    }

    private let argyle: ArgyleDouble
    private let deliveries: String
    private let isOver = Atomic<Bool>(false)

    init(_ argyle: ArgyleDouble, to deliveries: String) { (self.argyle, self.deliveries) = (argyle, deliveries) }

    func end() { isOver.store(true, ordering: .releasing) }

    /// Five events every twentieth of a second, two hundred deliveries a second by two subscriptions; one of the events is delivered by the
    /// subscriptions of a second before, as a second try is.
    func run() async throws -> Report {
        let client = try HTTPClient(configuration: .init(maxConnections: 32))
        let clock = ContinuousClock()
        let began = clock.now
        var report = Report()
        var earlier: [[String]] = []
        while !isOver.load(ordering: .acquiring) {
            let secrets = argyle.stored.compactMap(\.secret)
            earlier.append(secrets)
            if earlier.count > 20 { earlier.removeFirst() }
            let begun = clock.now
            var deliveries: [(body: [UInt8], secret: String)] = []
            for number in 0..<5 {
                report.events += 1
                let body = SampleUser(report.events).body(revision: 1)
                deliveries += (number == 0 ? earlier[0] : secrets).map { (body, $0) }
            }
            for answer in await deliver(deliveries, by: client) {
                switch answer {
                case .success(let status): report.statuses[status, default: 0] += 1
                case .failure(let error): report.failures.append("\(error)")
                }
            }
            try await clock.sleep(until: begun + .milliseconds(50))
        }
        await client.shutdown()
        report.seconds = (clock.now - began) / .seconds(1)
        return report
    }

    private func deliver(_ all: [(body: [UInt8], secret: String)], by client: HTTPClient) async -> [Result<Int, HTTPClientError>] {
        await withTaskGroup(of: Result<Int, HTTPClientError>.self) { group in
            for (body, secret) in all {
                group.addTask { [deliveries] in
                    let headers = [("X-Argyle-Signature", String(signing: body, with: secret)), ("content-type", "application/json")]
                    do throws(HTTPClientError) {
                        return .success(try await client.execute(method: "POST", url: deliveries, headers: headers, body: body).status)
                    } catch { return .failure(error) }
                }
            }
            var answers: [Result<Int, HTTPClientError>] = []
            for await answer in group { answers.append(answer) }
            return answers
        }
    }
}

/// A relay whose secrets lie in a file, and what its commands have to be told.
struct RotationStage {
    static let url = "https://relay.example.com/webhooks/argyle"
    static let first = "first-secret-4f1c2d"

    let place: RelayPlace
    let secrets: String
    let environment: [String: String]

    init(_ argyle: ArgyleClient) throws {
        let port = try #require(try FreePorts.take(1).first)
        place = try RelayPlace([
            "admin.port": "\(port)", "argyle.api_url": argyle.baseURL, "argyle.api_key_id": "key-id", "argyle.api_key_secret": "key-secret",
        ])
        try FileManager.default.createDirectory(atPath: place.folder.path + "/secrets", withIntermediateDirectories: false)
        secrets = place.folder.path + "/secrets/signature"
        try (Self.first + "\n").write(toFile: secrets, atomically: false, encoding: .utf8)
        try #require(chmod(secrets, 0o600) == 0)
        environment = ["RELAY_SIGNATURE_SECRETS_FILE": secrets]
    }

    private var arguments: [String] {
        ["subscription", "rotate", "--url", Self.url, "--config", place.configurationFile, "--wait", "60", "--quiet", "5"]
    }

    func rotate() async throws -> Command.Outcome {
        try await Command.run(RelayPlace.binary.path, arguments, environment: environment, in: place.folder.url)
    }

    /// Ends it by SIGKILL as soon as `condition` holds, which is asked with what it has printed.
    /// - Returns: what it has printed.
    func rotateKilled(when condition: (String) throws -> Bool) async throws -> String {
        let output = place.folder.path + "/rotate.out"
        try #require(FileManager.default.createFile(atPath: output, contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: output))
        let process = Process()
        process.executableURL = RelayPlace.binary
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        let isThere = try await eventually(every: .milliseconds(2)) {
            let printed = try String(contentsOfFile: output, encoding: .utf8)
            return try condition(printed) || !process.isRunning
        }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        let printed = try String(contentsOfFile: output, encoding: .utf8)
        #expect(isThere && process.terminationReason == .uncaughtSignal, "\(printed)")
        return printed
    }

    func fileLines() throws -> [String] { try String(contentsOfFile: secrets, encoding: .utf8).split(separator: "\n").map(String.init) }

    /// What a rotation has written down; nil where none is under way.
    func record() -> String? { FileManager.default.contents(atPath: secrets + ".rotation").map { String(decoding: $0, as: UTF8.self) } }

    /// What lies beside the secrets, them included.
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: place.folder.path + "/secrets").sorted() }
}
