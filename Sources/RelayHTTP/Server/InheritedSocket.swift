import Glibc
import NIOCore

/// A TCP socket that the parent process has bound and listens on, and that outlives this process: while nobody accepts, connections wait in its
/// backlog. It refuses what is no such socket.
package struct InheritedSocket: Sendable, Equatable {
    /// What a descriptor is found to be that cannot be accepted from.
    package enum Fault: Error, Sendable, Equatable {
        case notOpen
        case notASocket
        case notAStream
        case notInternet
        case notListening
    }

    package let descriptor: CInt
    let address: SocketAddress
    /// As the parent set it; nil where the kernel does not tell.
    let backlog: CInt?

    /// The address in numbers, without brackets.
    package var host: String { address.ipAddress ?? "" }
    package var port: Int { address.port ?? 0 }

    /// Changes nothing of it but that programs started by this one do not get it.
    package init(_ descriptor: CInt) throws(Fault) {
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw .notOpen }
        guard let type = Self.option(SO_TYPE, of: descriptor) else { throw .notASocket }
        guard type == CInt(SOCK_STREAM.rawValue) else { throw .notAStream }
        guard let address = Self.address(of: descriptor) else { throw .notInternet }
        guard Self.option(SO_ACCEPTCONN, of: descriptor) == 1 else { throw .notListening }
        self.descriptor = descriptor
        self.address = address
        backlog = Self.backlog(of: descriptor)
    }

    private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
        var value: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
    }

    private static func address(of descriptor: CInt) -> SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isKnown = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) == 0 }
        }
        guard isKnown else { return nil }
        return withUnsafeBytes(of: storage) { bytes in
            switch CInt(bytes.loadUnaligned(as: sa_family_t.self)) {
            case AF_INET: SocketAddress(bytes.loadUnaligned(as: sockaddr_in.self))
            case AF_INET6: SocketAddress(bytes.loadUnaligned(as: sockaddr_in6.self))
            default: nil
            }
        }
    }

    /// A socket that listens tells of its backlog where others tell of segments (`tcp_get_info` in the kernel).
    private static func backlog(of descriptor: CInt) -> CInt? {
        var information = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        guard getsockopt(descriptor, CInt(IPPROTO_TCP), TCP_INFO, &information, &size) == 0 else { return nil }
        return information.tcpi_sacked > 0 ? CInt(clamping: information.tcpi_sacked) : nil
    }
}
