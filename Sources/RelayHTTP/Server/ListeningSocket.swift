import Glibc
import NIOCore

/// A bound, listening TCP socket that outlives the channels which accept from it; made here, or the parent process's.
///
/// NIO closes its listener on a failed `accept`, and with the last descriptor the connections in the backlog would be reset. So the original stays
/// here and each channel gets a duplicate; it never accepts by itself.
struct ListeningSocket: Sendable {
    /// With the port that the kernel chose, where none was asked for.
    let address: SocketAddress
    private let descriptor: CInt
    private let backlog: CInt
    /// Whether others hold it as well: it cannot be bound again, and stays when it is closed here.
    let isInherited: Bool

    /// Takes both IPv4 and IPv6 on `::`. Throws what socket(2), bind(2) or listen(2) failed with.
    init(binding address: SocketAddress, backlog: Int) throws(IOError) {
        let (domain, isIPv6) =
            switch address {
            case .v6: (AF_INET6, true)
            case .v4, .unixDomainSocket: (AF_INET, false)
            }
        let flags = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(domain, flags, 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        do throws(IOError) {
            try Self.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            // Where the kernel has no dual stack, IPv6 alone is taken.
            if isIPv6 { try? Self.set(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
            let bound = address.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
            guard bound == 0 else { throw IOError(errnoCode: errno, reason: "bind") }
            guard listen(descriptor, CInt(clamping: backlog)) == 0 else { throw IOError(errnoCode: errno, reason: "listen") }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.backlog = CInt(clamping: backlog)
        isInherited = false
        var bound = address
        if let port = Self.port(of: descriptor) { bound.port = port }
        self.address = bound
    }

    /// - Parameter backlog: where the kernel does not tell the one that the parent set.
    init(inheriting socket: InheritedSocket, backlog: Int) throws(IOError) {
        // Holds for everyone who shares the socket; an accept that waits would hold an event loop.
        let flags = fcntl(socket.descriptor, F_GETFL)
        guard flags >= 0, fcntl(socket.descriptor, F_SETFL, flags | O_NONBLOCK) == 0 else {
            throw IOError(errnoCode: errno, reason: "fcntl")
        }
        descriptor = socket.descriptor
        address = socket.address
        self.backlog = socket.backlog ?? CInt(clamping: backlog)
        isInherited = true
    }

    /// A duplicate, to be closed by whoever gets it.
    func lend() throws(IOError) -> CInt {
        let lent = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard lent >= 0 else { throw IOError(errnoCode: errno, reason: "fcntl") }
        return lent
    }

    /// Sets the backlog again: NIO sets one of its own when it takes a socket over.
    func restoreBacklog() { listen(descriptor, backlog) }

    /// Of an inherited one this process's share alone, so that its backlog waits for the successor: nothing may be shut down.
    func close() { Glibc.close(descriptor) }

    private static func set(_ descriptor: CInt, _ level: CInt, _ option: CInt, _ value: CInt) throws(IOError) {
        var value = value
        guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size)) == 0 else {
            throw IOError(errnoCode: errno, reason: "setsockopt")
        }
    }

    /// `sin_port` and `sin6_port` lie at the same place.
    private static func port(of descriptor: CInt) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &storage) { bytes in
            guard let address = bytes.bindMemory(to: sockaddr.self).baseAddress, getsockname(descriptor, address, &length) == 0 else {
                return nil
            }
            return Int(bytes[2]) << 8 | Int(bytes[3])
        }
    }
}
