import Glibc
import RelayConfiguration
import RelayOutbox

/// What `doctor` asks of the outbox's disk and files. It takes no lock, and the one file that it writes it removes.
struct DiskChecks {
    let configuration: RelayConfiguration
    private static let rounds = 20
    /// Slower than this, every delivery feels it.
    private static let slowSync = Duration.milliseconds(20)

    func run(_ report: (Finding) -> Void) {
        let path = configuration.outbox.path
        let folder = Self.existing(path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
        report(free(in: folder))
        report(syncTime(in: folder))
        report(contents(of: path))
    }

    /// The folder, or where it will be made.
    private static func existing(_ folder: String) -> String {
        var folder = folder
        var status = stat()
        while stat(folder, &status) != 0, folder != "/", folder != "." {
            folder = folder.lastIndex(of: "/").map { $0 == folder.startIndex ? "/" : String(folder[..<$0]) } ?? "."
        }
        return folder
    }

    private func free(in folder: String) -> Finding {
        var disk = statvfs()
        guard statvfs(folder, &disk) == 0 else {
            return .failed("disk.free", "\(folder): \(String(cString: strerror(errno)))", "look at outbox.path")
        }
        let free = Int(clamping: UInt64(disk.f_bavail) &* UInt64(disk.f_frsize))
        let least = configuration.outbox.minFreeDisk
        let found = "\(free >> 20) MiB free in \(folder), outbox.min_free_disk is \(least >> 20) MiB"
        if free < least { return .failed("disk.free", found, "free space: the relay answers 503 like this") }
        if free / 2 < least { return .warning("disk.free", found, "there is less than twice of it left") }
        return .ok("disk.free", found)
    }

    /// The median of twenty writes of 4 KiB, each with its fsync: what a commit of the outbox costs at least.
    private func syncTime(in folder: String) -> Finding {
        let check = "disk.fsync"
        var name = Array("\(folder)/.argyle-relay-doctor-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else {
            return .failed(
                check,
                "nothing can be written in \(folder): \(String(cString: strerror(errno)))",
                "make it writable for this user"
            )
        }
        unlink(name)
        defer { close(file) }
        let page = [UInt8](repeating: 0x2E, count: 4096)
        let clock = ContinuousClock()
        var times: [Duration] = []
        for _ in 0..<Self.rounds {
            let started = clock.now
            guard write(file, page, page.count) == page.count, fsync(file) == 0 else {
                return .failed(check, "writing in \(folder) fails: \(String(cString: strerror(errno)))", "look at the disk")
            }
            times.append(clock.now - started)
        }
        times.sort()
        let median = times[times.count / 2]
        let shown = { (time: Duration) in
            let microseconds = time.components.seconds * 1_000_000 + time.components.attoseconds / 1_000_000_000_000
            return "\(microseconds / 1000).\(microseconds % 1000 / 100) ms"
        }
        let found = "median \(shown(median)), worst \(shown(times[times.count - 1])) of \(Self.rounds) in \(folder)"
        return median > Self.slowSync
            ? .warning(check, found, "each delivery waits for one: put the outbox on a faster disk") : .ok(check, found)
    }

    private func contents(of path: String) -> Finding {
        switch OutboxGlance(path: path) {
        case .absent: .ok("outbox", "\(path) is not there yet; the relay makes it at its start")
        case .inUse(let process): .ok("outbox", "in use by process \(process); `argyle-relay status` tells what it holds")
        case .unclosed: .warning("outbox", "\(path) was not closed properly", "the relay recovers it at its next start; nothing is lost")
        case .unreadable(let why): .failed("outbox", "\(path): \(why)", "look at outbox.path, and at the rights of this user")
        case .idle(let pending, let dead, _) where dead > 0:
            .warning("outbox", "\(pending) entries wait for Kafka, \(dead) are dead", "`argyle-relay outbox list --state dead` shows those")
        case .idle(let pending, _, _) where pending > 0:
            .warning("outbox", "\(pending) entries wait for Kafka, and no relay runs here", "start the relay; it publishes them")
        case .idle: .ok("outbox", "nothing waits, nothing is dead; no relay has it open")
        }
    }
}
