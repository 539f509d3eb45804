import Foundation

/// Faults of the kernel that a test can switch on and off in a running program (`Tests/Shims/faults.c`, brought in by `LD_PRELOAD`).
/// It must be made before the program starts, which is then given ``environment``.
// Unchecked: the memory is shared with another process, so its fields are single words that are stored and loaded whole.
package final class FaultShim: @unchecked Sendable {
    /// Where each value lies in the shared file, in words of eight bytes; `struct faults` in C.
    private enum Field: Int {
        case acceptErrno, acceptTimes, acceptFailed, syncHeld, syncWaiting, syncErrno, wallOffset, bindErrno, bindFailed
    }

    package struct CannotBuild: Error, CustomStringConvertible {
        package let description: String
    }

    private static let size = 4096
    private let folder: TemporaryFolder
    private let memory: UnsafeMutableRawPointer
    /// For the program that is to have the faults.
    package let environment: [String: String]

    /// Compiles the shim with the machine's `cc`.
    package init() async throws {
        folder = try TemporaryFolder()
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Shims/faults.c").path
        let library = folder.path + "/faults.so"
        let built = try await Command.run("cc", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source, "-ldl"])
        guard built.status == 0 else { throw CannotBuild(description: built.errors) }
        let file = folder.path + "/faults"
        try Data(count: Self.size).write(to: URL(fileURLWithPath: file))
        let descriptor = open(file, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0, let memory = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
        else { throw CannotBuild(description: "\(file): \(String(cString: strerror(errno)))") }
        close(descriptor)
        self.memory = memory
        environment = ["LD_PRELOAD": library, "ARGYLE_RELAY_FAULTS": file]
    }

    deinit {
        munmap(memory, Self.size)
        folder.remove()
    }

    /// The next `times` calls of `accept` fail with `code`, an errno.
    package func failAccept(_ code: Int32, times: Int) {
        self[.acceptErrno] = 0
        self[.acceptTimes] = times
        self[.acceptErrno] = Int(code)
    }

    /// Calls of `accept` that have failed by this shim.
    package var failedAccepts: Int { self[.acceptFailed] }

    /// With what `bind` fails on Internet sockets, an errno; nil: it works.
    package var bindError: Int32? {
        get { self[.bindErrno] == 0 ? nil : Int32(self[.bindErrno]) }
        set { self[.bindErrno] = Int(newValue ?? 0) }
    }

    /// Calls of `bind` that have failed by this shim.
    package var failedBinds: Int { self[.bindFailed] }

    /// Whether `fsync` and `fdatasync` wait; those that wait go on when it is false again.
    package var isSyncHeld: Bool {
        get { self[.syncHeld] != 0 }
        set { self[.syncHeld] = newValue ? 1 : 0 }
    }

    /// Calls that wait in `fsync` or `fdatasync` now.
    package var waitingSyncs: Int { self[.syncWaiting] }

    /// With what `fsync` and `fdatasync` fail, an errno; nil: they work.
    package var syncError: Int32? {
        get { self[.syncErrno] == 0 ? nil : Int32(self[.syncErrno]) }
        set { self[.syncErrno] = Int(newValue ?? 0) }
    }

    /// How far the program's wall clock is ahead of the machine's.
    package var wallClockOffset: Duration {
        get { .milliseconds(self[.wallOffset]) }
        set { self[.wallOffset] = Int(newValue.components.seconds) * 1000 }
    }

    private subscript(_ field: Field) -> Int {
        get { memory.load(fromByteOffset: field.rawValue * 8, as: Int.self) }
        set { memory.storeBytes(of: newValue, toByteOffset: field.rawValue * 8, as: Int.self) }
    }
}
