import Glibc
import NIOCore
import NIOPosix

extension HTTPClientError {
    /// Words what opening a connection failed with.
    init(connecting error: any Error, exchange: Exchange) {
        let (host, port) = (exchange.origin.host, exchange.origin.port)
        switch error {
        case let error as TLSError:
            self = .tls(error)
        case ChannelError.connectTimeout:
            self = .timeout(exchange.timeout)
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            self = .connectionRefused(host: host, port: port)
        case let error as NIOConnectionError:
            // One host name, many addresses: the last attempt's reason stands for all.
            guard let last = error.connectionErrors.last else {
                self = .cannotResolve(host: host)
                return
            }
            self.init(connecting: last.error, exchange: exchange)
        default:
            self = .connectFailed(host: host, port: port, reason: "\(error)")
        }
    }
}
