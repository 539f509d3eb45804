import FoundationEssentials
import Glibc
import NIOCore
import RelayConfiguration
import RelayOutbox

/// What `serve` would refuse beyond the settings themselves, as far as it can be told without touching anything: the outbox's place and the
/// listeners' addresses. Whether a port is free or an outbox is in use it does not ask: a relay that runs has both.
enum ServeChecks {
    static func faults(_ configuration: RelayConfiguration) -> [ConfigurationFault] {
        [outbox(configuration.outbox.path), address("http.host", configuration.http.host), address("admin.host", configuration.admin.host)]
            .compactMap(\.self)
    }

    private static func outbox(_ path: String) -> ConfigurationFault? {
        let found: String? =
            switch OutboxGlance(path: path) {
            case .absent: place(of: path)
            case .unreadable(let reason): "\(path), which cannot be an outbox: \(reason)"
            case .inUse, .idle, .unclosed: access(path, W_OK) == 0 ? nil : "\(path), which cannot be written: \(reason())"
            }
        return found.map {
            ConfigurationFault(key: "outbox.path", found: $0, allowed: "an outbox of argyle-relay, or a path where one can be made")
        }
    }

    /// What keeps the file from being made; nil when it can be.
    private static func place(of path: String) -> String? {
        var link = stat()
        if lstat(path, &link) == 0 { return "\(path), which is a link to a file that does not exist" }
        var folder = path
        repeat {
            folder = folder.lastIndex(of: "/").map { $0 == folder.startIndex ? "/" : String(folder[..<$0]) } ?? "."
            var status = stat()
            guard stat(folder, &status) == 0 else { continue }
            guard status.st_mode & S_IFMT == S_IFDIR else { return "\(path), where \(folder) is no folder" }
            return access(folder, W_OK | X_OK) == 0 ? nil : "\(path), where \(folder) cannot be written: \(reason())"
        } while folder != "/" && folder != "."
        return nil
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    /// Binds a port that nobody uses, for a moment, and listens on none.
    private static func address(_ key: String, _ host: String) -> ConfigurationFault? {
        guard let address = try? SocketAddress.makeAddressResolvingHost(host, port: 0) else {
            return ConfigurationFault(key: key, found: host, allowed: "an address, or a name that resolves")
        }
        let family = address.protocol == .inet6 ? AF_INET6 : AF_INET
        let handle = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        // A machine that cannot make a socket has another trouble than this address.
        guard handle >= 0 else { return nil }
        defer { close(handle) }
        let isBound = address.withSockAddr { pointer, size in bind(handle, pointer, socklen_t(size)) == 0 }
        guard !isBound, errno == EADDRNOTAVAIL else { return nil }
        return ConfigurationFault(key: key, found: host, allowed: "an address of this machine, such as 127.0.0.1, 0.0.0.0 or ::")
    }
}
