import Logging
import NIOPosix
import RelayHTTP
import RelayTestSupport

/// Runs `body` with the double listening on loopback over TLS, with a certificate by its name, and its port.
func withSecureArgyle(_ certificates: Certificates, _ name: String, _ body: (ArgyleDouble, Int) async throws -> Void) async throws {
    let double = ArgyleDouble()
    var configuration = HTTPServer.Configuration(host: "127.0.0.1", port: 0)
    configuration.tls = TLSConfiguration(
        certificateFile: certificates.path("\(name).pem"),
        privateKeyFile: certificates.path("\(name).key"),
        clientCAFile: nil
    )
    let server = HTTPServer(
        configuration: configuration,
        route: double,
        group: MultiThreadedEventLoopGroup.singleton,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    try await server.start()
    let result: Result<Void, any Error>
    do { result = .success(try await body(double, server.boundPort ?? 0)) } catch { result = .failure(error) }
    await server.shutdown(grace: .seconds(1))
    try result.get()
}
