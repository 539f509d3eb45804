import ArgyleAPI
import Foundation
import RelayAdmin
import RelayCore
import RelayTestSupport
import Synchronization
import Testing

@testable import ArgyleRelay

/// A rotation against Argyle's double and a stand-in for the relay, interrupted after each of its steps.
@Suite("The rotation of a secret", .timeLimit(.minutes(2)))
struct RotationTests {
    private static let url = "https://relay.example.com/webhooks/argyle"

    /// What is there: Argyle, the file, and a relay that knows what it read last. Argyle delivers by every subscription whenever the relay is looked at.
    private final class World: Sendable {
        private struct State {
            var secrets: [String] = []
            var counts: [Int: Int] = [:]
            var refused = 0
            var lines: [String] = []
            var delivers = true
        }

        let argyle: ArgyleDouble
        let client: ArgyleClient
        let folder: TemporaryFolder
        let clock = PauseLog()
        private let state = Mutex(State())

        init(_ argyle: ArgyleDouble, _ client: ArgyleClient, secrets: [String]) throws {
            (self.argyle, self.client) = (argyle, client)
            folder = try TemporaryFolder()
            try (secrets.joined(separator: "\n") + "\n").write(toFile: folder.path + "/secrets", atomically: false, encoding: .utf8)
            try #require(chmod(folder.path + "/secrets", 0o600) == 0)
            state.withLock { $0.secrets = secrets }
        }

        var refused: Int { state.withLock { $0.refused } }
        var lines: [String] { state.withLock { $0.lines } }
        func setDelivers(_ delivers: Bool) { state.withLock { $0.delivers = delivers } }

        func file() throws -> [String] {
            try String(contentsOfFile: folder.path + "/secrets", encoding: .utf8).split(separator: "\n").map(String.init)
        }

        func deliver() {
            let signed = argyle.stored.filter { $0.url == RotationTests.url }.map { $0.secret ?? "" }
            state.withLock { state in
                for secret in signed {
                    if let position = state.secrets.firstIndex(of: secret) {
                        state.counts[position + 1, default: 0] += 1
                    } else {
                        state.refused += 1
                    }
                }
            }
        }

        func rotation(
            patience: Rotation.Patience = .init(wait: .seconds(20), quiet: .seconds(5)),
            performed: @escaping (RotationStep.Action) throws -> Void = { _ in }
        ) throws -> Rotation {
            Rotation(
                url: RotationTests.url,
                file: try SecretFile(folder.path + "/secrets"),
                argyle: client,
                relay: RotatingRelay(
                    reload: { () throws(OperationFault) in
                        guard let secrets = try? self.file() else { throw .unavailable("no file") }
                        self.state.withLock { $0.secrets = secrets }
                        return RotatingRelay.Reloaded(changed: [], fingerprint: "f")
                    },
                    matches: { () throws(OperationFault) in
                        if self.state.withLock({ $0.delivers }) { self.deliver() }
                        return self.state.withLock { $0.counts }
                    }
                ),
                configured: { (try self.file(), "f") },
                clock: clock,
                patience: patience,
                tell: { line in self.state.withLock { $0.lines.append(line) } },
                performed: performed
            )
        }
    }

    private struct Interrupted: Error {}

    private func with(secrets: [String], _ stored: [ArgyleDouble.Stored], _ body: (World) async throws -> Void) async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = stored
            let world = try World(argyle, client, secrets: secrets)
            defer { world.folder.remove() }
            try await body(world)
        }
    }

    private func stored(_ id: String, _ secret: String, _ config: SubscriptionConfig? = nil, url: String = url) -> ArgyleDouble.Stored {
        .init(id: id, events: ["users.fully_synced"], name: "relay", url: url, config: config, secret: secret)
    }

    private let two = SubscriptionConfig(daysSynced: 30)

    /// Every subscription of ours signs with the one new secret, and the file holds that and what was not ours to remove.
    private func expectDone(_ world: World, others: [String], at location: SourceLocation = #_sourceLocation) throws {
        let file = try world.file()
        #expect(Array(file.dropFirst()) == others, sourceLocation: location)
        let own = world.argyle.stored.filter { $0.url == Self.url }
        #expect(own.map(\.secret) == own.map { _ in file.first }, sourceLocation: location)
        #expect(Set(own.map { "\($0.config ?? .none)" }) == ["", "days_synced=30"] && own.count == 2, sourceLocation: location)
        #expect(world.refused == 0, sourceLocation: location)
        world.deliver()
        #expect(world.refused == 0, sourceLocation: location)
        #expect(try FileManager.default.contentsOfDirectory(atPath: world.folder.path) == ["secrets"], sourceLocation: location)
        let secrets = Set(file + ["old-1", "old-2", "sandbox"])
        for line in world.lines { #expect(secrets.allSatisfy { !line.contains($0) }, "\(line)", sourceLocation: location) }
    }

    private var subscriptions: [ArgyleDouble.Stored] {
        [stored("id-1", "old-1"), stored("id-2", "old-2", two), stored("else", "old-3", url: "https://else.example/")]
    }

    /// `sandbox` belongs to subscriptions of another API key, `old-3` to one at another address.
    private let secrets = ["old-1", "sandbox", "old-2", "old-3"]

    @Test("replaces each subscription by a twin with the new secret, removes what nobody needs, and leaves other secrets alone")
    func whole() async throws {
        try await with(secrets: secrets, subscriptions) { world in
            var actions: [RotationStep.Action] = []
            try await world.rotation { actions.append($0) }.run()
            try expectDone(world, others: ["sandbox", "old-3"])
            #expect(actions.count == 11, "\(actions)")
            #expect(world.lines.last == "done")
            // The next one is another one.
            let first = try world.file().first
            try await world.rotation().run()
            try expectDone(world, others: ["sandbox", "old-3"])
            let second = try world.file().first
            #expect(second != first)
        }
    }

    @Test("interrupted after any step, and run again, comes to the same end; nothing is refused on the way", arguments: 1...11)
    func interrupted(after steps: Int) async throws {
        try await with(secrets: secrets, subscriptions) { world in
            var done = 0
            await #expect(throws: Interrupted.self) {
                try await world.rotation { _ in
                    done += 1
                    if done == steps { throw Interrupted() }
                }.run()
            }
            world.deliver()
            if steps < 11 { try await world.rotation().run() }
            try expectDone(world, others: ["sandbox", "old-3"])
        }
    }

    @Test("interrupted after every step, once each, comes to the same end")
    func stepByStep() async throws {
        try await with(secrets: secrets, subscriptions) { world in
            var runs = 0
            var isDone = false
            while !isDone, runs < 100 {
                runs += 1
                var progress = 0
                // A run has to wait and to reload anew each time: it is let go on to the first step that leaves something behind.
                do {
                    try await world.rotation { action in
                        switch action {
                        case .makeSecret, .create, .delete, .removeOld: throw Interrupted()
                        default: progress += 1
                        }
                    }.run()
                    isDone = true
                } catch is Interrupted {}
                world.deliver()
            }
            #expect(runs == 7)
            try expectDone(world, others: ["sandbox", "old-3"])
        }
    }

    @Test("without a delivery the old ones stay, and it is said that the same later goes on; then it does")
    func silence() async throws {
        try await with(secrets: secrets, subscriptions) { world in
            world.setDelivers(false)
            let fault = await caught(Rotation.Fault.self) { try await world.rotation().run() }
            #expect(fault?.isTemporary == true)
            #expect(world.argyle.stored.filter { $0.url == Self.url }.count == 4)
            world.setDelivers(true)
            try await world.rotation().run()
            try expectDone(world, others: ["sandbox", "old-3"])
        }
    }

    @Test(
        "a secret of which the relay knows nothing is replaced as well; a relay that reads another file is found out before anything is made"
    )
    func foreign() async throws {
        try await with(secrets: ["old-1"], [stored("id-1", "old-1"), stored("id-2", "foreign", two)]) { world in
            var rotation = try world.rotation()
            rotation = Rotation(
                url: rotation.url,
                file: rotation.file,
                argyle: rotation.argyle,
                relay: rotation.relay,
                configured: { (try world.file(), "another") },
                clock: rotation.clock,
                tell: rotation.tell
            )
            let fault = await caught(Rotation.Fault.self) { try await rotation.run() }
            #expect(fault?.description.contains("does not show that it reads") == true)
            #expect(world.argyle.requests.allSatisfy { $0.hasPrefix("GET") })
            world.setDelivers(false)
            _ = await caught(Rotation.Fault.self) { try await world.rotation().run() }
            #expect(world.argyle.stored.count == 4)
        }
    }

    @Test("an address to which nothing delivers, and an API that shows no secrets, are told before the file is touched")
    func refusals() async throws {
        try await with(secrets: ["old-1"], [stored("id-1", "old-1", url: "https://else.example/")]) { world in
            let fault = await caught(Rotation.Fault.self) { try await world.rotation().run() }
            #expect(fault?.description.contains("no subscription of this API key delivers") == true)
            let file = try world.file()
            #expect(file == ["old-1"])
        }
    }
}
