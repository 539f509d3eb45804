import RelayHTTP
import RelayTestSupport

extension TestServer {
    /// The same over TLS, with a certificate by its name.
    static func run(
        _ certificates: Certificates,
        _ name: String,
        clientCA: String? = nil,
        _ body: (Int) async throws -> Void
    ) async throws {
        let tls = TLSConfiguration(
            certificateFile: certificates.path("\(name).pem"),
            privateKeyFile: certificates.path("\(name).key"),
            clientCAFile: clientCA.map { certificates.path("\($0).pem") }
        )
        try await run(tls: tls) { _, port in try await body(port) }
    }
}
