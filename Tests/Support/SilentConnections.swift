import Glibc

/// Connections to a server that send nothing until told to. Closed with ``close()``; those that cannot be made are left out.
package struct SilentConnections: Sendable {
    private let sockets: [Int32]

    package var count: Int { sockets.count }

    /// - Parameter url: `http://127.0.0.1:port/…`.
    package init(_ count: Int, to url: String) {
        let authority = url.split(separator: "/").dropFirst().first ?? ""
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = (authority.split(separator: ":").last.flatMap { UInt16($0) } ?? 0).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var sockets: [Int32] = []
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { break }
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isConnected { sockets.append(descriptor) } else { Glibc.close(descriptor) }
        }
        self.sockets = sockets
    }

    /// Sends `text` on each; what the other end has closed is passed over.
    package func send(_ text: String) {
        for descriptor in sockets { _ = text.withCString { Glibc.send(descriptor, $0, text.utf8.count, Int32(MSG_NOSIGNAL)) } }
    }

    /// How many the other end has closed.
    package var closed: Int {
        sockets.filter { descriptor in
            var byte: UInt8 = 0
            let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
            return count == 0 || count < 0 && errno != EAGAIN
        }.count
    }

    package func close() { for descriptor in sockets { Glibc.close(descriptor) } }
}
