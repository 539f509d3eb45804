import Foundation
import Testing

@testable import RelayTestSupport

@Suite("A program beside the tests", .timeLimit(.minutes(1)))
struct ServerProcessTests {
    @Test("ends, and its children with it, as soon as nobody holds its lifeline any more; no other program does")
    func lifeline() async throws {
        let environment = ProcessInfo.processInfo.environment
        let server = try ServerProcess("/bin/sh", ["-c", "sleep 600 & echo child $! is up; wait"], environment: environment)
        try await server.line(containing: "is up")
        // Would hold the lifeline as well, had it come to inherit it.
        let later = try ServerProcess("/bin/sh", ["-c", "echo later; exec sleep 600"], environment: environment)
        try await later.line(containing: "later")
        try server.lifeline.fileHandleForWriting.close()
        // Throws, because its status is that of SIGKILL.
        await #expect(throws: ServerProcess.Ended.self) { try await server.success() }
        let group = -server.processIdentifier
        #expect(try await eventually { kill(group, 0) != 0 })
        #expect(kill(later.processIdentifier, 0) == 0)
        await later.end(SIGKILL)
    }

    @Test("is the program itself: its process is the one that gets the signals, and its status is told")
    func itself() async throws {
        let environment = ProcessInfo.processInfo.environment
        let server = try ServerProcess("/bin/sh", ["-c", "echo $$ is up; exec sleep 600"], environment: environment)
        try await server.line(containing: "\(server.processIdentifier) is up")
        await server.end(SIGKILL)
        try await ServerProcess("/bin/sh", ["-c", "exit 0"], environment: environment).success()
        await #expect(throws: ServerProcess.Ended.self) {
            try await ServerProcess("/bin/sh", ["-c", "exit 3"], environment: environment).success()
        }
    }
}
