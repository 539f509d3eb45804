import Glibc

/// A listening socket on a free port of loopback that a relay is started with again and again, as a service manager holds it.
package final class HeldSocket: Sendable {
    package struct CannotListen: Error {}

    package let descriptor: Int32
    package let port: UInt16

    private let name: String

    /// - Parameter name: as which the relay is given it, `ingress` or `admin`.
    package init(as name: String = "ingress") throws {
        self.name = name
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard descriptor >= 0, isBound, listen(descriptor, 4096) == 0 else { throw CannotListen() }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Becomes the program after it, which then has standard input as descriptor 3; the number of the process stays the same.
    package var wrapper: [String] { Self.wrapper(names: name) }

    package static func wrapper(names: String = "ingress", count: String = "1") -> [String] {
        ["LISTEN_FDS=\(count)", "LISTEN_FDNAMES=\(names)", "sh", "-c", "export LISTEN_PID=$$; exec \"$@\" 3<&0 </dev/null", "sh"]
    }
}
