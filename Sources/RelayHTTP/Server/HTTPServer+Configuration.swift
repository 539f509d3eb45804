import NIOCore

extension HTTPServer {
    /// Where a listener listens and what it puts up with.
    /// Every bound is per connection except `maxConnections`; memory is at most `maxConnections` times a body, a header block and 128 KiB.
    package struct Configuration: Sendable {
        /// A name or an address; names are resolved once, at the start.
        package var host: String
        /// 0 takes any free port; see `HTTPServer.boundPort`.
        package var port: Int
        /// When all have places, the longest idle gives way to a newcomer; while none is idle, newcomers wait in the backlog.
        package var maxConnections: Int
        /// A connection that has been idle for less than this gives way to nobody.
        package var leastIdle: Duration
        /// Whether one connection at a time is taken even when the process has no descriptors left.
        package var keepsSpareDescriptor: Bool
        /// From a request's first byte, or from the accept for the first request, to its last byte. A TLS handshake counts.
        package var requestTimeout: Duration
        /// How long a kept connection may be silent, and how long a response may wait for its reader.
        package var idleTimeout: Duration
        package var maxHeaderBytes: Int
        package var maxHeaderCount: Int
        /// Connections the kernel holds before they are accepted; bounded by `net.core.somaxconn`.
        package var backlog: Int
        /// How long a stop waits for the next request of a connection that is idle: one that is under way then is answered, and its sender told that
        /// the connection closes. Zero closes idle connections at once.
        package var lingering: Duration
        /// From the parent process: then `host`, `port` and `backlog` are of no account.
        package var socket: InheritedSocket?
        package var tls: TLSConfiguration?

        package init(
            host: String,
            port: Int,
            maxConnections: Int = 1024,
            leastIdle: Duration = .seconds(1),
            keepsSpareDescriptor: Bool = false,
            requestTimeout: Duration = .seconds(10),
            idleTimeout: Duration = .seconds(75),
            maxHeaderBytes: Int = 16 << 10,
            maxHeaderCount: Int = 100,
            backlog: Int = 4096,
            lingering: Duration = .milliseconds(100),
            socket: InheritedSocket? = nil,
            tls: TLSConfiguration? = nil
        ) {
            self.host = host
            self.port = port
            self.maxConnections = maxConnections
            self.leastIdle = leastIdle
            self.keepsSpareDescriptor = keepsSpareDescriptor
            self.requestTimeout = requestTimeout
            self.idleTimeout = idleTimeout
            self.maxHeaderBytes = maxHeaderBytes
            self.maxHeaderCount = maxHeaderCount
            self.backlog = backlog
            self.lingering = lingering
            self.socket = socket
            self.tls = tls
        }

        var gate: AcceptGate.Settings {
            AcceptGate.Settings(maximum: max(1, maxConnections), leastIdle: TimeAmount(leastIdle), keepsSpare: keepsSpareDescriptor)
        }

        /// As it stands in the log.
        func name(port: Int) -> String {
            let host = socket?.host ?? host
            return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }

        var limits: HTTPLimits { HTTPLimits(maxHeaderBytes: maxHeaderBytes, maxHeaderCount: maxHeaderCount) }
    }
}
