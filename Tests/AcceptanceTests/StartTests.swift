import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("starting", .timeLimit(.minutes(5)))
    struct StartTests {
        @Test("a second relay on the same outbox ends with 75 and says who has it; the first goes on")
        func second() async throws {
            let place = try RelayPlace()
            try await withRelay(place) { relay in
                let other = try RelayPlace(["outbox.path": place.outbox])
                defer { other.folder.remove() }
                let outcome = try await other.serveToItsEnd()
                #expect(outcome.status == 75)
                #expect(outcome.errors.contains("\(place.outbox) is in use by another process"))
                #expect(try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries).status == 200)
            }
        }

        @Test("a file that is no outbox, or a newer one, is refused with 78 and left as it was", arguments: Outbox.allCases)
        func refused(outbox: Outbox) async throws {
            let place = try RelayPlace(["kafka.bootstrap_servers": "[\"127.0.0.1:1\"]"])
            defer { place.folder.remove() }
            try FileManager.default.createDirectory(atPath: place.folder.path + "/data", withIntermediateDirectories: true)
            switch outbox {
            case .text:
                try "just text, and long enough for a header of 100 bytes ".write(toFile: place.outbox, atomically: true, encoding: .utf8)
            case .foreign: _ = try await place.rows("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1);")
            case .newer:
                try await RelayProcess(place).end()
                _ = try await place.rows("PRAGMA user_version = 99")
            }
            let before = try Data(contentsOf: URL(fileURLWithPath: place.outbox))
            let outcome = try await place.serveToItsEnd()
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains(place.outbox))
            #expect(outcome.errors.contains(outbox.reason), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: place.outbox)) == before)
        }

        enum Outbox: CaseIterable {
            case text
            case foreign
            case newer

            var reason: String {
                switch self {
                case .text, .foreign: "is not an outbox of argyle-relay"
                case .newer: "has schema 99"
                }
            }
        }

        @Test("an outbox that may only be read is refused with 78 and the reason")
        func readOnly() async throws {
            let place = try RelayPlace()
            defer { place.folder.remove() }
            try await RelayProcess(place).end()
            // Root may write whatever the mode says, so it becomes nobody.
            let lowers = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
            let mode = try await Command.run("chmod", ["-R", "a+rX,a-w", place.folder.path])
            #expect(mode.status == 0)
            let arguments = ["20"] + lowers + [RelayPlace.binary.path, "serve", "--config", place.configurationFile]
            let outcome = try await Command.run("timeout", arguments, in: place.folder.url)
            try await Command.run("chmod", ["-R", "u+w", place.folder.path])
            #expect(outcome.status == 78, "\(outcome.errors)")
            #expect(outcome.errors.contains("\(place.outbox) cannot be opened for writing"), "\(outcome.errors)")
        }

        @Test("every fault of the configuration is told at once, each on its line, with 78")
        func faults() async throws {
            let place = try RelayPlace([
                "http.prot": "80", "http.max_body": "12 parsecs", "signature.secrets": "[]", "kafka.partitions": "0",
                "kafka.properties": "[\"acks=1\"]",
            ])
            defer { place.folder.remove() }
            let outcome = try await place.serveToItsEnd()
            #expect(outcome.status == 78)
            let lines = outcome.errors.split(separator: "\n")
            for key in ["http.prot", "http.max_body", "signature.secrets", "kafka.partitions", "kafka.properties"] {
                #expect(lines.filter { $0.contains(key) }.count >= 1, "\(key): \(outcome.errors)")
            }
            #expect(lines.contains { $0.contains("http.prot") && $0.contains("http.port") })
            #expect(lines.count == 5, "\(outcome.errors)")
            #expect(try await place.run("config", "check", "--config", place.configurationFile).status == 78)
        }
    }
}
