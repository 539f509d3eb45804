import Foundation

/// Signed deliveries of as many users over a fixed number of connections, driven by `RelayLoad` in a process of its own.
enum Load {
    static let secret = "benchmark-secret"

    struct Result: CustomStringConvertible {
        var rate = 0.0
        var p50 = 0.0
        var p99 = 0.0
        /// Of this process, which only serves, for one delivery: hardly moved by what else the machine is doing.
        var cpu = 0.0

        var description: String {
            "\(Int(rate))/s p50 \(Self.milliseconds(p50)) p99 \(Self.milliseconds(p99)) cpu \(Int(cpu * 1e6)) µs"
        }

        private static func milliseconds(_ seconds: Double) -> String { "\((seconds * 10_000).rounded() / 10) ms" }
    }

    static func run(port: Int, connections: Int, count: Int, label: String) async throws -> Result {
        let process = Process()
        process.executableURL = try program
        process.arguments = ["\(port)", "\(connections)", "\(count)", label, secret]
        let output = Pipe()
        process.standardOutput = output
        let startedCPU = clock()
        let status = try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let cpu = Double(clock() - startedCPU) / Double(CLOCKS_PER_SEC) / Double(count)
        // One short line, which the pipe holds.
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        let figures = text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard status == 0, figures.count == 3 else { throw Failure(reason: "RelayLoad ended with \(status): \(text)") }
        return Result(rate: figures[0], p50: figures[1], p99: figures[2], cpu: cpu)
    }

    /// What was built beside this program.
    private static var program: URL {
        get throws {
            let url = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
                .deletingLastPathComponent().appendingPathComponent("RelayLoad")
            guard FileManager.default.isExecutableFile(atPath: url.path) else {
                throw Failure(reason: "\(url.path) is missing: swift build -c release --product RelayLoad")
            }
            return url
        }
    }

    struct Failure: Error {
        let reason: String
    }
}
