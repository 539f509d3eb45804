package import Foundation

/// Another program, run to its end; found on PATH unless it is a path. It is never left to wait on a full pipe.
package enum Command {
    package struct Outcome: Sendable {
        package let status: Int32
        package let output: String
        package let errors: String
    }

    package struct CannotRun: Error {
        package let program: String
        package let reason: String

        package init(program: String, reason: String) { (self.program, self.reason) = (program, reason) }
    }

    /// - Parameter environment: added to this process's own.
    @discardableResult
    package static func run(
        _ program: String,
        _ arguments: [String],
        input: [UInt8] = [],
        environment: [String: String] = [:],
        in folder: URL? = nil
    ) async throws -> Outcome {
        // A thread of its own: waiting for a process must not hold one of the few that run tests.
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runBlocking(program, arguments, input, environment, folder) })
            }
        }
    }

    private static func runBlocking(
        _ program: String,
        _ arguments: [String],
        _ input: [UInt8],
        _ environment: [String: String],
        _ folder: URL?
    ) throws -> Outcome {
        let scratch = try TemporaryFolder()
        defer { scratch.remove() }
        let files = ["in", "out", "err"].map { scratch.url.appendingPathComponent($0) }
        try Data(input).write(to: files[0])
        for file in files[1...] { try Data().write(to: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        if let folder { process.currentDirectoryURL = folder }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        do { try process.run() } catch { throw CannotRun(program: program, reason: "\(error)") }
        process.waitUntilExit()
        return Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
            output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
        )
    }
}
