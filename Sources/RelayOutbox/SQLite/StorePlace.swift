import FoundationEssentials
import Glibc

/// Where the files of an open outbox must be, and which files those are.
///
/// A file that is renamed, removed or replaced under an open connection takes writes without an error, and all of them are gone with the
/// next start: so device and inode at its path are compared with what was opened. Opens nothing, because closing would drop the locks.
struct StorePlace {
    /// Which file: the same as long as these are.
    private struct Identity: Equatable {
        let device: UInt
        let inode: UInt

        /// Nil with `errno` set where there is none.
        init?(_ path: String) {
            var information = stat()
            guard stat(path, &information) == 0 else { return nil }
            device = UInt(information.st_dev)
            inode = UInt(information.st_ino)
        }
    }

    /// Absolute, as it was configured; may lead over links.
    let path: String
    /// The write-ahead log lies beside the file itself.
    private let log: String
    private let folder: String
    private let file: Identity
    private let logFile: Identity

    /// - Parameter connection: has the file at `path` open, and its log.
    init(of connection: SQLiteConnection, path: String) throws(SQLiteError) {
        let path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        self.path = path
        folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "/"
        log = connection.file + "-wal"
        guard let file = Identity(path), let logFile = Identity(log) else {
            throw SQLiteError(extendedCode: 14, message: "the file or its log cannot be looked at: \(String(cString: strerror(errno)))")
        }
        self.file = file
        self.logFile = logFile
    }

    /// What is wrong, for the operator; nil while both files are where they were. Costs two system calls.
    func fault() -> String? { fault(path, file) ?? fault(log, logFile) }

    private func fault(_ path: String, _ opened: Identity) -> String? {
        guard let found = Identity(path) else {
            let code = errno
            guard code == ENOENT || code == ENOTDIR else { return "\(path) cannot be looked at: \(String(cString: strerror(code)))" }
            return "there is nothing at \(path) any more\(whereabouts(of: opened))"
        }
        return found == opened ? nil : "the file at \(path) is another than the one that was opened\(whereabouts(of: opened))"
    }

    /// Where the opened file is by now, as proc(5) tells; empty where it does not.
    private func whereabouts(of opened: Identity) -> String {
        let descriptors = "/proc/self/fd/"
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: descriptors),
            let ours = names.first(where: { Identity(descriptors + $0) == opened }),
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: descriptors + ours)
        else { return "" }
        return target.hasSuffix(" (deleted)") ? ": it was removed" : ": it is at \(target) now"
    }

    /// Bytes that are free where the file is, or why that cannot be told: what cannot be asked cannot be relied upon either.
    func freeDisk() -> (bytes: Int?, fault: String?) {
        var information = statvfs()
        guard statvfs(folder, &information) == 0 else {
            return (nil, "\(folder) cannot be looked at: \(String(cString: strerror(errno)))")
        }
        if information.f_flag & 1 != 0 {
            return (nil, "the file system of \(folder) can only be read (it was mounted so, or found a fault)")
        }
        let (bytes, overflow) = Int(clamping: information.f_bavail).multipliedReportingOverflow(by: Int(information.f_frsize))
        return (overflow ? Int.max : bytes, nil)
    }
}
