import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("health, as a container asks for it", .timeLimit(.minutes(5)))
    struct HealthTests {
        @Test("0 while the relay lives, without its token and its outbox; 1 and one line once it hangs or is gone")
        func lives() async throws {
            let operated = try OperatedPlace(["admin.token": "of-the-test"])
            try await withRelay(operated.place) { relay in
                let living = try await operated.command("health", "--set", "outbox.path=elsewhere/outbox.sqlite")
                #expect(living.status == 0, "\(living.errors)")
                #expect(living.output == "ok\n")
                #expect(!FileManager.default.fileExists(atPath: operated.place.folder.path + "/elsewhere"))
                relay.signal(SIGSTOP)
                let hanging = try await operated.command("health", "--timeout", "1")
                relay.signal(SIGCONT)
                #expect(hanging.status == 1)
                #expect(hanging.output == "")
                #expect(hanging.errors.split(separator: "\n").count == 1, "\(hanging.errors)")
                #expect(await relay.end() == 0)
                let gone = try await operated.command("health")
                #expect(gone.status == 1)
                #expect(gone.errors.contains("/livez"), "\(gone.errors)")
            }
        }

        @Test("with --ready it is 1 while Kafka is away, though the relay lives")
        func ready() async throws {
            let nobody = try #require(try FreePorts.take(1).first)
            let operated = try OperatedPlace(["kafka.bootstrap_servers": "[\"127.0.0.1:\(nobody)\"]"])
            try await withRelay(operated.place) { _ in
                #expect(try await operated.command("health").status == 0)
                let outcome = try await operated.command("health", "--ready")
                #expect(outcome.status == 1)
                #expect(outcome.errors.contains("/readyz answers 503"), "\(outcome.errors)")
            }
        }

        @Test("64 for a time that is none")
        func usage() async throws {
            let operated = try OperatedPlace()
            defer { operated.place.folder.remove() }
            #expect(try await operated.command("health", "--timeout", "0").status == 64)
        }
    }
}
