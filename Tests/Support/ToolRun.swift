import Foundation

/// One run of the built `argyle-relay` to its end: what it printed, what it said beside, and its exit code.
package struct ToolRun: Sendable {
    package let output: String
    package let errors: String
    package let code: Int32

    package var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// The program that this package's build has made.
    package static var program: String {
        // Tests/Support/ToolRun.swift
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return root.appendingPathComponent(".build/debug/argyle-relay").path
    }

    /// Runs it in a fresh, empty folder's surroundings: no `RELAY_…` variable but those given, no `relay.yaml`.
    package init(_ arguments: String..., environment: [String: String] = [:]) async throws {
        try await self.init(arguments: arguments, environment: environment)
    }

    package init(arguments: [String], environment: [String: String] = [:]) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tool-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("RELAY_") }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        // Files, because a pipe that nobody reads would stop the program.
        let files = ["output", "errors"].map { folder.appendingPathComponent($0) }
        for file in files { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        output = String(decoding: try Data(contentsOf: files[0]), as: UTF8.self)
        errors = String(decoding: try Data(contentsOf: files[1]), as: UTF8.self)
        code = process.terminationStatus
    }
}
