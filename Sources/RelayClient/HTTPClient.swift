import Glibc

/// An HTTP client on libcurl: kept connections, proxies as the environment names them, HTTP/2 where TLS negotiates it.
/// It follows no redirects, stores no cookies and undoes no compression; it bounds its connections, each response's size and each request's
/// time.
package final class HTTPClient: Sendable {
    /// What a client puts up with, and whom it trusts.
    package struct Configuration: Sendable {
        /// Requests under way at once, and so connections, to all hosts together; further requests wait in order.
        package var maxConnections: Int
        /// In bytes; a larger response is an error.
        package var maxResponseBody: Int
        package var tls: TLSClientConfiguration
        /// Whether the environment's proxies are for this client; without, every request goes straight to its host.
        package var usesProxies: Bool

        package init(
            maxConnections: Int = 8,
            maxResponseBody: Int = 16 << 20,
            tls: TLSClientConfiguration = TLSClientConfiguration(),
            usesProxies: Bool = true
        ) {
            self.maxConnections = max(1, maxConnections)
            self.maxResponseBody = maxResponseBody
            self.tls = tls
            self.usesProxies = usesProxies
        }
    }

    let thread: TransferThread
    private let proxies: ProxySettings
    /// What is wrong with the authorities that the environment names.
    private let tlsFault: HTTPClientError?

    /// Reads the environment. Fails when a TLS file of the configuration cannot be read.
    package convenience init(configuration: Configuration = Configuration()) throws(HTTPClientError) {
        try self.init(configuration: configuration) { getenv($0).map { String(cString: $0) } }
    }

    /// - Parameter environment: a variable's value.
    init(configuration: Configuration, environment: (String) -> String?) throws(HTTPClientError) {
        var configuration = configuration
        try configuration.tls.check()
        tlsFault = configuration.tls.complete(from: environment)
        proxies = configuration.usesProxies ? ProxySettings(environment: environment) : .none
        thread = try TransferThread(configuration: configuration)
    }

    deinit {
        thread.close()
    }

    /// Sends a request and returns its whole response, of whatever status.
    /// `timeout` covers everything from waiting for a connection to the body's last byte. A request that a dead kept connection swallowed is
    /// sent once more on another only when its method is idempotent (RFC 9110 9.2.2). A cancelled task's request ends at once.
    package func execute(
        method: String = "GET",
        url: String,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil,
        timeout: Duration = .seconds(30)
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        try await execute(method: method, url: HTTPURL(url), headers: headers, body: body, timeout: timeout)
    }

    /// The same for a URL that was read before.
    package func execute(
        method: String = "GET",
        url: HTTPURL,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil,
        timeout: Duration = .seconds(30)
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        if url.origin.isSecure, let tlsFault { throw tlsFault }
        let request = try HTTPClientRequest(method: method, url: url, headers: headers, body: body)
        let exchange = Exchange(request: request, proxy: try proxies.proxy(for: url.origin), timeout: timeout)
        thread.submit(exchange)
        return try await exchange.outcome { [thread] in thread.abandon($0) }.get()
    }

    /// Ends what is under way, closes every connection and waits for the client's thread.
    package func shutdown() async {
        thread.close()
        await thread.ended()
    }
}
