import Foundation
import Synchronization

/// The service manager's end of sd_notify(3): a datagram socket on a path, and what has come to it.
package final class NotifyListener: Sendable {
    package struct CannotBind: Error {}

    private let descriptor: Int32
    private let path: String
    private let received = Mutex<[String]>([])

    package init(in folder: String) throws {
        path = folder + "/notify"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { throw CannotBind() }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 }
        }
        guard isBound else { throw CannotBind() }
    }

    deinit { close(descriptor) }

    package var environment: [String: String] { ["NOTIFY_SOCKET": path] }

    /// All lines so far but those that feed the watchdog, in order.
    package var lines: [String] { all.filter { $0 != "WATCHDOG=1" } }
    package var feeds: Int { all.count(where: { $0 == "WATCHDOG=1" }) }

    private var all: [String] {
        received.withLock { received in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                if count <= 0 { return received }
                received += String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init)
            }
        }
    }
}
