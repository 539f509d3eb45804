import NIOCore
package import NIOPosix
import Synchronization

/// A small HTTP/1.1 client with kept connections, for the command line and for driving load.
/// It follows no redirects and stores no cookies; it bounds its connections, each response's size and each request's time.
package final class HTTPClient: Sendable {
    /// What a client puts up with, and whom it trusts.
    package struct Configuration: Sendable {
        /// Per origin (scheme, host, port); further requests wait for one.
        package var maxConnections: Int
        /// In bytes; a larger response is an error.
        package var maxResponseBody: Int
        package var tls: TLSClientConfiguration

        package init(maxConnections: Int = 8, maxResponseBody: Int = 16 << 20, tls: TLSClientConfiguration = TLSClientConfiguration()) {
            self.maxConnections = maxConnections
            self.maxResponseBody = maxResponseBody
            self.tls = tls
        }
    }

    private let pool: ConnectionPool

    /// `group` must outlive the client. Fails when a TLS file of the configuration is unusable.
    package init(configuration: Configuration = Configuration(), group: MultiThreadedEventLoopGroup) throws(HTTPClientError) {
        let tls: TLSContext
        do throws(TLSError) {
            tls = try TLSContext(client: configuration.tls)
        } catch {
            throw .tls(error)
        }
        pool = ConnectionPool(maxPerOrigin: configuration.maxConnections, group: group) { exchange, pool in
            Self.connect(exchange, pool: pool, tls: tls, group: group, maxBody: configuration.maxResponseBody)
        }
    }

    /// Sends a request and returns its whole response, of whatever status.
    /// `timeout` covers everything from waiting for a connection to the body's last byte. A request that a dead kept connection swallowed is
    /// sent once more on another only when its method is idempotent (RFC 9110 9.2.2).
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
        let exchange = Exchange(
            origin: url.origin,
            request: try Self.encode(method: method, url: url, headers: headers, body: body),
            isHeadRequest: method == "HEAD",
            isRepeatable: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"].contains(method),
            timeout: timeout,
            deadline: .now() + TimeAmount(timeout)
        )
        pool.submit(exchange)
        return try await exchange.outcome().get()
    }

    /// Closes every connection; requests under way fail.
    package func shutdown() async {
        await pool.shutDown()
    }

    private static func connect(
        _ exchange: Exchange,
        pool: ConnectionPool,
        tls: TLSContext,
        group: MultiThreadedEventLoopGroup,
        maxBody: Int
    ) -> EventLoopFuture<PooledConnection> {
        let origin = exchange.origin
        // One for each address that is tried. Kept here, because a peer that closes at once empties the pipeline before anyone asks it.
        let made = Mutex<[ObjectIdentifier: PooledConnection]>([:])
        return ClientBootstrap(group: group)
            .connectTimeout(max(.nanoseconds(1), exchange.deadline - .now()))
            .channelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if origin.isSecure {
                        let session = try TLSSession(context: tls, peerName: origin.host)
                        try channel.pipeline.syncOperations.addHandler(TLSHandler(session: session, role: .client))
                    }
                    let connection = HTTPClientConnection(pool: pool, maxBody: maxBody)
                    try channel.pipeline.syncOperations.addHandler(connection)
                    made.withLock { $0[ObjectIdentifier(channel)] = PooledConnection(connection, channel: channel) }
                }
            }
            .connect(host: origin.host, port: origin.port)
            .flatMapThrowing { channel in
                guard let connection = made.withLock({ $0[ObjectIdentifier(channel)] }) else { throw ChannelError.eof }
                return connection
            }
    }
}
