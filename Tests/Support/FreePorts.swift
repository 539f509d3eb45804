import Foundation

/// Ports on loopback that nobody listens on. They are free when told, and another program may be quicker to take them.
package enum FreePorts {
    package struct NonePort: Error {}

    /// `count` different ports, all held until the last is found.
    package static func take(_ count: Int) throws -> [UInt16] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard handle >= 0 else { throw NonePort() }
            sockets.append(handle)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let bound = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    bind(handle, address, length) == 0 && getsockname(handle, address, &length) == 0
                }
            }
            guard bound else { throw NonePort() }
            return UInt16(bigEndian: address.sin_port)
        }
    }
}
