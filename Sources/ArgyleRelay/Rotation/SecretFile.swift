import FoundationEssentials
import Glibc

/// The file that `signature.secrets_file` names, one secret a line. It is replaced whole or not at all, keeps mode and owner, and is on disk before
/// anybody is told that it was written.
///
/// It refuses to write where it could not keep the owner: a relay that cannot read its secrets refuses every delivery after the next start.
struct SecretFile {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// Without links, so that a link to the file stays one.
    let path: String
    private let folder: String

    init(_ named: String) throws(Fault) {
        guard let resolved = realpath(named, nil) else { throw Self.fault("cannot be found", named) }
        defer { free(resolved) }
        let path = String(cString: resolved)
        self.path = path
        folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// Beside it, with the mode that it has.
    func beside(_ suffix: String) -> String { path + suffix }

    /// Puts `lines` in its place.
    func write(_ lines: [String]) throws(Fault) { try Self.replace(path, by: lines.map { $0 + "\n" }.joined(), like: path, in: folder) }

    /// Writes another file in its folder, for the same eyes.
    func write(_ text: String, beside suffix: String) throws(Fault) {
        try Self.replace(beside(suffix), by: text, like: path, in: folder)
    }

    func remove(beside suffix: String) throws(Fault) {
        guard unlink(beside(suffix)) == 0 || errno == ENOENT else { throw Self.fault("cannot be removed", beside(suffix)) }
        try Self.sync(folder)
    }

    /// Nil where there is no such file.
    func read(beside suffix: String) throws(Fault) -> [UInt8]? {
        let path = beside(suffix)
        guard access(path, F_OK) == 0 else { return nil }
        guard let bytes = FileManager.default.contents(atPath: path) else { throw Self.fault("cannot be read", path) }
        return Array(bytes)
    }

    /// Runs `body` while no other process does the same in this folder. The lock goes with the process, whatever ends it.
    func locked(isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Void) async throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.fault("cannot be opened", folder) }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw errno == EWOULDBLOCK
                ? Fault(description: "another rotation of \(path) is under way") : Self.fault("cannot be locked", folder)
        }
        try await body()
    }

    /// Writes a file of its own, syncs it, renames it over `path` and syncs the folder: after a crash there is the old one or the new one.
    private static func replace(_ path: String, by text: String, like model: String, in folder: String) throws(Fault) {
        var status = stat()
        guard stat(model, &status) == 0 else { throw fault("cannot be looked at", model) }
        let draft = path + ".draft"
        // Left by a run that was interrupted here.
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw fault("cannot be written", draft) }
        do throws(Fault) {
            defer { close(descriptor) }
            if status.st_uid != geteuid() || status.st_gid != getegid() {
                guard fchown(descriptor, status.st_uid, status.st_gid) == 0 else {
                    throw fault("belongs to another user, to whom it cannot be given back", model)
                }
            }
            guard fchmod(descriptor, status.st_mode & 0o7777) == 0 else { throw fault("cannot be given its mode", draft) }
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw fault("cannot be written", draft) }
                rest = rest.dropFirst(count)
            }
            guard fsync(descriptor) == 0 else { throw fault("cannot be synced", draft) }
            guard rename(draft, path) == 0 else { throw fault("cannot be replaced", path) }
        } catch {
            unlink(draft)
            throw error
        }
        try sync(folder)
    }

    private static func sync(_ folder: String) throws(Fault) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault("cannot be opened", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fault("cannot be synced", folder) }
    }

    private static func fault(_ what: String, _ path: String) -> Fault {
        Fault(description: "\(path) \(what): \(String(cString: strerror(errno)))")
    }
}
