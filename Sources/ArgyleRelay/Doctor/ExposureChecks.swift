import Glibc
import RelayConfiguration

/// Who can read, reach or forge what they should not. It names files and settings, never what is in them.
struct ExposureChecks {
    let loaded: LoadedConfiguration
    /// The configuration's file, where there is one.
    let file: String?
    private static let shortToken = 16

    func run(_ report: (Finding) -> Void) {
        modes(report)
        admin(report)
        let configuration = loaded.configuration
        if !configuration.signature.required {
            report(
                .warning(
                    "signature",
                    "signature.required is false: anyone who reaches the listener can deliver",
                    "set it to true and give signature.secrets"
                )
            )
        } else {
            let count = configuration.signature.secrets.count
            let short = configuration.signature.secrets.filter { $0.count < Self.shortToken }.count
            report(
                short > 0
                    ? .warning(
                        "signature",
                        "\(short) of \(count) secrets are shorter than \(Self.shortToken) bytes",
                        "use 32 random bytes or more"
                    )
                    : .ok("signature", "required, \(count) secret\(count == 1 ? "" : "s")")
            )
        }
    }

    private func modes(_ report: (Finding) -> Void) {
        let path = loaded.configuration.outbox.path
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var open: [String] = []
        // The folder of a bare file name is the working directory, which has other uses.
        if path.contains("/"), Self.isOpen(folder) { open.append(folder) }
        let holdsSecrets = loaded.effective().contains { row in
            if case .file = row.origin { return Self.secretKeys.contains(row.key) }
            return false
        }
        let files = [path, path + "-wal", path + "-shm"] + secretFiles + (holdsSecrets ? [file].compactMap(\.self) : [])
        open += files.filter(Self.isOpen)
        report(
            open.isEmpty
                ? .ok("file.modes", "outbox and secrets are for this user alone")
                : .warning(
                    "file.modes",
                    "others can read \(open.joined(separator: ", "))",
                    "chmod go-rwx; bodies hold personal data, secrets open the door"
                )
        )
    }

    private static let secretKeys: Set<String> = [
        "signature.secrets", "admin.token", "argyle.api_key_id", "argyle.api_key_secret", "kafka.properties",
    ]

    private var secretFiles: [String] {
        let named = loaded.effective().compactMap { row in
            if case .secretFile(let path, _) = row.origin { path } else { nil as String? }
        }
        let configuration = loaded.configuration
        let keys = ["ssl.key.location", "ssl.keystore.location"]
        return named + [configuration.http.tlsFiles.privateKey].compactMap(\.self)
            + configuration.kafka.properties.filter { keys.contains($0.name) }.map(\.value)
    }

    /// Whether group or others may read it; what is not there is no exposure.
    private static func isOpen(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & (S_IRGRP | S_IROTH) != 0
    }

    private func admin(_ report: (Finding) -> Void) {
        let admin = loaded.configuration.admin
        let length = admin.token?.count
        if !admin.isLoopback {
            report(
                length ?? 0 < Self.shortToken
                    ? .failed(
                        "admin",
                        "\(admin.host) can be reached from elsewhere, and the token has \(length ?? 0) bytes",
                        "use 32 random bytes"
                    )
                    : .warning(
                        "admin",
                        "\(admin.host) can be reached from elsewhere, over plain HTTP; health and metrics need no token",
                        "keep it within a network that you trust"
                    )
            )
        } else if let length, length < Self.shortToken {
            report(.warning("admin", "the token has \(length) bytes", "use 32 random bytes"))
        } else {
            report(.ok("admin", "\(admin.host), from this machine only\(length == nil ? ", without a token" : ", with a token")"))
        }
    }
}
