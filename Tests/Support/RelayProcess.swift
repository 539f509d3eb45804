import Foundation
import Synchronization

/// The built `argyle-relay serve` as a process of its own, on free ports, with its folder's configuration and outbox.
/// What it logs goes to a file, so that it never waits for its reader, unless a pipe is given.
package final class RelayProcess: Sendable {
    package struct NotListening: Error, CustomStringConvertible {
        package let log: String
        package var description: String { "the relay does not listen: \(log.suffix(3000))" }
    }

    package let place: RelayPlace
    /// Where deliveries go, and the admin listener's origin.
    package let deliveries: String
    package let admin: String
    private let process: Process
    private let logFile: URL
    private let status = Mutex<Int32?>(nil)

    /// Starts the relay of `place` and waits until it listens. Throws ``NotListening`` when it ends before, or does not within 20 s.
    /// - Parameters:
    ///   - pipe: takes the log instead of a file; the relay is then told which ports to listen on.
    ///   - wrapper: a command that becomes the relay, such as `prlimit --nofile=300`.
    ///   - socket: handed over under its name, in the way of sd_listen_fds(3).
    package init(
        _ place: RelayPlace,
        environment: [String: String] = [:],
        log pipe: LogPipe? = nil,
        under wrapper: [String] = [],
        handing socket: HeldSocket? = nil
    ) async throws {
        self.place = place
        logFile = place.folder.url.appendingPathComponent("log-\(UUID().uuidString)")
        try Data().write(to: logFile)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let ports = pipe == nil ? [] : try FreePorts.take(2)
        let told = zip(["http.port", "admin.port"], ports).flatMap { ["--set", "\($0)=\($1)"] }
        process.arguments =
            (socket?.wrapper ?? []) + wrapper + [RelayPlace.binary.path, "serve", "--config", place.configurationFile] + told
        process.currentDirectoryURL = place.folder.url
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = socket.map { FileHandle(fileDescriptor: $0.descriptor, closeOnDealloc: false) } ?? FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError =
            if let pipe { FileHandle(fileDescriptor: pipe.writingEnd, closeOnDealloc: false) } else {
                try FileHandle(forWritingTo: logFile)
            }
        self.process = process
        try process.run()
        let file = logFile
        if let pipe {
            pipe.closeWriting()
            deliveries = "http://127.0.0.1:\(ports[0])/webhooks/argyle"
            admin = "http://127.0.0.1:\(ports[1])"
            let isUp = try await eventually { (try? await readiness()) != nil || !process.isRunning }
            guard isUp, process.isRunning else {
                if process.isRunning { kill(process.processIdentifier, SIGKILL) }
                throw NotListening(log: "(in a pipe)")
            }
            return
        }
        var addresses: [String] = []
        let isUp = try await eventually {
            let log = try Self.read(file)
            addresses = ["deliveries", "admin"].compactMap {
                Self.word(after: "\($0)=", in: log) ?? Self.word(after: "\"\($0)\":\"", in: log, before: "\"")
            }
            return addresses.count == 2 || !process.isRunning
        }
        guard isUp, addresses.count == 2 else {
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            throw NotListening(log: try Self.read(file))
        }
        (deliveries, admin) = (addresses[0], addresses[1])
    }

    /// Everything that this process has logged so far.
    package var log: String { (try? Self.read(logFile)) ?? "" }

    package var processIdentifier: Int32 { process.processIdentifier }
    package var isRunning: Bool { process.isRunning }

    /// The largest resident size so far, in MB (`VmHWM` of proc(5)); nil once the process has ended.
    package var peakMemory: Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8) else { return nil }
        return Self.word(after: "VmHWM:", in: text).flatMap { Int($0) }.map { $0 * 1024 / 1_000_000 }
    }

    /// What it has used of processors so far, in all its threads; nil once the process has ended.
    package var processorTime: Duration? {
        guard let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8) else { return nil }
        // proc_pid_stat(5): utime and stime are the 14th and 15th; the name in parentheses may hold spaces.
        let fields = text.drop { $0 != ")" }.split(separator: " ").dropFirst()
        let ticks = fields.dropFirst(11).prefix(2).compactMap { Int($0) }.reduce(0, +)
        return .milliseconds(ticks * 1000 / Int(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// Numbers of the descriptors that it has open.
    package var descriptors: [Int] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.processIdentifier)/fd")
        return (names ?? []).compactMap { Int($0) }
    }

    package func signal(_ number: Int32) { if process.isRunning { kill(process.processIdentifier, number) } }

    /// Sends `signal` and waits for the end: the exit status, or 128 and the number of the signal that ended it.
    @discardableResult
    package func end(_ number: Int32 = SIGTERM) async -> Int32 {
        signal(number)
        return await ended()
    }

    /// Waits for the end.
    package func ended() async -> Int32 {
        let process = process
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                process.waitUntilExit()
                let isExit = process.terminationReason == .exit
                continuation.resume(returning: isExit ? process.terminationStatus : 128 + process.terminationStatus)
            }
        }
    }

    private static func read(_ file: URL) throws -> String { String(decoding: try Data(contentsOf: file), as: UTF8.self) }

    private static func word(after label: String, in text: String, before ending: Character = " ") -> String? {
        guard let found = text.range(of: label) else { return nil }
        let rest = text[found.upperBound...].drop { $0 == " " || $0 == "\t" }
        guard let end = rest.firstIndex(where: { $0.isWhitespace || $0 == ending }) else { return nil }
        return String(rest[..<end])
    }
}
