import Foundation
import RelayClient
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("certificates", .timeLimit(.minutes(5)))
    struct CertificateTests {
        /// A folder of certificates and a relay's place whose TLS files are copies of some of them.
        private struct Scene {
            let certificates: Certificates
            let place: RelayPlace

            init(_ settings: [String: String] = [:]) async throws {
                certificates = try await Certificates()
                place = try RelayPlace()
                try use("server", "server.key")
                try configure(settings)
            }

            var settings: [String: String] {
                ["http.tls.certificate_file": file("tls.crt"), "http.tls.private_key_file": file("tls.key")]
            }

            func configure(_ settings: [String: String] = [:]) throws { try place.configure(self.settings.merging(settings) { $1 }) }

            func file(_ name: String) -> String { place.folder.path + "/" + name }

            func copy(_ name: String, to file: String) throws {
                try Data(contentsOf: URL(fileURLWithPath: certificates.path(name))).write(to: URL(fileURLWithPath: self.file(file)))
            }

            func use(_ certificate: String, _ key: String) throws {
                try copy(certificate + ".pem", to: "tls.crt")
                try copy(key, to: "tls.key")
            }

            /// What a new connection is shown, by its subject.
            func served(by relay: RelayProcess) async throws -> String {
                let address = relay.deliveries.dropFirst("https://".count).prefix { $0 != "/" }
                let script = "openssl s_client -connect \"$0\" </dev/null 2>/dev/null | openssl x509 -noout -subject"
                return try await Command.run("bash", ["-c", script, String(address)]).output.filter { !$0.isWhitespace }
            }

            func remove() {
                certificates.folder.remove()
                place.folder.remove()
            }
        }

        private func reload(_ relay: RelayProcess) async throws -> (status: Int, body: String, changed: [String], restart: [String]) {
            let answer = try await Curl.request(["-X", "POST", relay.admin + "/v1/reload"])
            let told = try members(answer)
            return (answer.status, answer.body, told["changed"] as? [String] ?? [], told["restart"] as? [String] ?? [])
        }

        @Test("renewed files and other paths are taken by a reload for new connections, and a kept one lives on")
        func renewed() async throws {
            let scene = try await Scene()
            defer { scene.certificates.folder.remove() }
            try await withRelay(scene.place) { relay in
                #expect(try await scene.served(by: relay) == "subject=CN=server")
                let client = try HTTPClient(
                    configuration: .init(maxConnections: 1, tls: TLSClientConfiguration(caFile: scene.certificates.path("ca.pem")))
                )
                func deliver(_ number: Int) async throws -> Int {
                    let body = SampleUser(number).body(revision: 1)
                    let headers = [("X-Argyle-Signature", String(signing: body, with: RelayPlace.secret))]
                    return try await client.execute(method: "POST", url: relay.deliveries, headers: headers, body: body).status
                }
                #expect(try await deliver(1) == 200)

                // The stranger's is none that the client trusts: only the connection that it has can carry what follows.
                try scene.use("stranger", "stranger.key")
                relay.signal(SIGHUP)
                #expect(try await eventually { relay.log.contains("configuration reloaded") })
                #expect(try await scene.served(by: relay) == "subject=CN=stranger")
                #expect(try await deliver(2) == 200)
                await client.shutdown()

                try scene.copy("client.pem", to: "other.crt")
                try scene.copy("client.key", to: "other.key")
                try scene.configure([
                    "http.tls.certificate_file": scene.file("other.crt"), "http.tls.private_key_file": scene.file("other.key"),
                ])
                let renamed = try await reload(relay)
                #expect(renamed.changed == ["http.tls.certificate_file", "http.tls.private_key_file"])
                #expect(renamed.restart == [])
                #expect(try await scene.served(by: relay) == "subject=CN=client")
                #expect(try await reload(relay).changed == [])

                try scene.place.configure([:])
                let plain = try await reload(relay)
                #expect(plain.changed == [])
                #expect(plain.restart == ["http.tls.certificate_file", "http.tls.private_key_file"])
                #expect(try await scene.served(by: relay) == "subject=CN=client")
            }
        }

        @Test("another clients' CA is taken for new connections")
        func clientCA() async throws {
            let scene = try await Scene()
            defer { scene.certificates.folder.remove() }
            try scene.copy("ca.pem", to: "clients.crt")
            try scene.configure(["http.tls.client_ca_file": scene.file("clients.crt")])
            try await withRelay(scene.place) { relay in
                func isLetIn(_ name: String) async -> Bool {
                    let path = scene.certificates.path
                    let arguments = ["--cacert", path("ca.pem"), "--cert", path(name + ".pem"), "--key", path(name + ".key")]
                    let body = SampleUser(1).body(revision: 1)
                    return (try? await Curl.deliver(body, to: relay.deliveries, arguments))?.status == 200
                }
                #expect(await isLetIn("client"))
                #expect(await !isLetIn("stranger"))
                try scene.copy("stranger.pem", to: "clients.crt")
                #expect(try await reload(relay).changed == ["http.tls.client_ca_file"])
                #expect(await isLetIn("stranger"))
                #expect(await !isLetIn("client"))
            }
        }

        @Test("broken files change nothing of a reload, and the log and the answer say which", arguments: Break.allCases)
        func broken(how: Break) async throws {
            let scene = try await Scene(["http.max_body": "1MiB"])
            defer { scene.certificates.folder.remove() }
            try await withRelay(scene.place) { relay in
                try scene.configure(["http.max_body": "1KiB"])
                try await how.apply(to: scene.file)
                let refused = try await reload(relay)
                #expect(refused.status == 422)
                #expect(refused.body.contains(how.setting), "\(refused.body)")
                relay.signal(SIGHUP)
                let line = "the configuration was not reloaded: \(how.setting): found"
                #expect(try await eventually { relay.log.components(separatedBy: line).count == 3 }, "\(relay.log)")
                #expect(try await scene.served(by: relay) == "subject=CN=server")
                let large = Array(#"{"event":"users.created","x":"\#(String(repeating: "x", count: 4000))"}"#.utf8)
                let path = scene.certificates.path("ca.pem")
                #expect(try await Curl.deliver(large, to: relay.deliveries, ["--cacert", path]).status == 200)
                #expect(!relay.log.contains("configuration reloaded"))
            }
        }

        @Test("config check and the start refuse them with 78", arguments: Break.allCases)
        func refused(how: Break) async throws {
            let scene = try await Scene()
            defer { scene.remove() }
            try await how.apply(to: scene.file)
            for outcome in [
                try await scene.place.run("config", "check", "--config", scene.place.configurationFile),
                try await scene.place.serveToItsEnd(),
            ] {
                #expect(outcome.status == 78)
                #expect(outcome.errors.contains("argyle-relay: \(how.setting): found"), "\(outcome.errors)")
                #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            }
            let doctor = try await scene.place.run("doctor", "--config", scene.place.configurationFile)
            #expect(doctor.status == 1)
            #expect(
                doctor.output.split(separator: "\n").contains { $0.hasPrefix("failed") && $0.contains(how.setting) },
                "\(doctor.output)"
            )
        }

        /// How a TLS file can be wrong.
        enum Break: CaseIterable {
            case missing, text, halfWritten, empty, anothersKey, encryptedKey

            var setting: String {
                switch self {
                case .missing, .text, .halfWritten: "http.tls.certificate_file"
                case .empty, .anothersKey, .encryptedKey: "http.tls.private_key_file"
                }
            }

            func apply(to file: (String) -> String) async throws {
                let script =
                    switch self {
                    case .missing: "rm $0"
                    case .text: "echo 'no certificate' > $0"
                    case .halfWritten: "head -c 300 $0 > $0.half; mv $0.half $0"
                    case .empty: ": > $1"
                    case .anothersKey: "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $1"
                    case .encryptedKey: "openssl pkey -in $1 -aes256 -passout pass:x -out $1.new; mv $1.new $1"
                    }
                let outcome = try await Command.run("bash", ["-ec", script, file("tls.crt"), file("tls.key")])
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
        }

        @Test(
            "the end of one is a metric; two weeks ahead the log and doctor warn, and when it is over they say so",
            arguments: [false, true]
        )
        func expiry(isOver: Bool) async throws {
            let shim = try await FaultShim()
            // They hold for two days.
            shim.wallClockOffset = isOver ? .seconds(3 * 86_400) : .zero
            let scene = try await Scene()
            defer { scene.remove() }
            let doctor = try await Command.run(
                RelayPlace.binary.path,
                ["doctor", "--config", scene.place.configurationFile],
                environment: shim.environment,
                in: scene.place.folder.url
            )
            #expect(doctor.status == (isOver ? 1 : 0), "\(doctor.output)")
            let finding = doctor.output.split(separator: "\n").first { $0.contains("http.tls") }
            #expect(finding?.hasPrefix(isOver ? "failed" : "warning") == true, "\(doctor.output)")

            let relay = try await RelayProcess(scene.place, environment: shim.environment)
            let said = isOver ? "ERROR    the TLS certificate has expired" : "WARNING  the TLS certificate expires in 1 days"
            #expect(try await eventually { relay.log.contains(said) }, "\(relay.log)")
            relay.signal(SIGHUP)
            #expect(try await eventually { relay.log.components(separatedBy: said).count == 3 }, "\(relay.log)")
            let end = try #require(try await relay.metric("tls_certificate_expiry_timestamp_seconds"))
            #expect(abs(end - Date().timeIntervalSince1970 - 2 * 86_400) < 600)
            #expect(await relay.end() == 0)
        }
    }
}
