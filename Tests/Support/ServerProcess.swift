import Foundation
import Synchronization

/// A program whose output can be awaited line by line. It is never left to wait on a full pipe: everything that it writes is read. It never
/// outlives this process, however that ends.
package final class ServerProcess: Sendable {
    /// The program ended before it said what was awaited; `output` is the end of what it said.
    package struct Ended: Error, CustomStringConvertible {
        package let program: String
        package let output: String
        package var description: String { "\(program) ended: \(output)" }
    }

    private struct State {
        var text = ""
        var ended = false
        var waiters: [(awaited: String?, continuation: CheckedContinuation<Bool, Never>)] = []

        func answer(to awaited: String?) -> Bool? {
            if let awaited, text.contains(awaited) { return true }
            return ended ? false : nil
        }
    }

    /// Becomes the program, and leaves a guard beside it that waits for the end of a pipe from this process: the kernel closes it with the process.
    /// The guard ends the group and not the number, which might be another program's by then; a group's is not given away while it has members.
    /// It keeps nothing else open, because Foundation knows a program's end by what that had inherited.
    private static let guarded = """
        exec 3<&0 </dev/null
        {
            for file in /proc/self/fd/*; do ((${file##*/} > 3)) && eval "exec ${file##*/}>&-"; done
            read -r _ <&3
            kill -s KILL -- -$$
        } >/dev/null 2>&1 &
        exec "$0" "$@" 3<&-
        """

    private let program: String
    private let process = Process()
    /// Its writing end is open in this process alone.
    let lifeline = Pipe()
    private let state = Mutex(State())

    /// Starts `program`; its standard output and error are read together.
    package init(_ program: String, _ arguments: [String], environment: [String: String]) throws {
        self.program = program
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", Self.guarded, program] + arguments
        process.environment = environment
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = lifeline
        process.terminationHandler = { [self] _ in
            try? lifeline.fileHandleForWriting.close()
            change { $0.ended = true }
        }
        try process.run()
        // A thread, because Foundation's readability handler can be freed while it runs.
        Thread.detachNewThread {
            while true {
                let data = pipe.fileHandleForReading.availableData
                if data.isEmpty { return }
                self.change { $0.text = String(($0.text + String(decoding: data, as: UTF8.self)).suffix(100_000)) }
            }
        }
    }

    package var processIdentifier: Int32 { process.processIdentifier }

    /// Waits until the program has written `text`. Throws ``Ended`` when it ends without.
    package func line(containing text: String) async throws {
        guard await wait(for: text) else { throw ended }
    }

    /// Waits for the program's end. Throws ``Ended`` unless its status is 0.
    package func success() async throws {
        _ = await wait(for: nil)
        guard process.terminationStatus == 0 else { throw ended }
    }

    /// Sends `signal` and waits for the end.
    package func end(_ signal: Int32) async {
        if !state.withLock({ $0.ended }) { kill(process.processIdentifier, signal) }
        _ = await wait(for: nil)
    }

    private var ended: Ended {
        Ended(program: String(program.split(separator: "/").last ?? ""), output: state.withLock { String($0.text.suffix(2000)) })
    }

    /// True when `awaited` was written; false when the program ended first. With nil waits for the end.
    private func wait(for awaited: String?) async -> Bool {
        await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if let answer = state.answer(to: awaited) { return answer }
                state.waiters.append((awaited, continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let answered = state.withLock { state in
            body(&state)
            let waiting = state.waiters.map { (continuation: $0.continuation, answer: state.answer(to: $0.awaited), awaited: $0.awaited) }
            state.waiters = waiting.filter { $0.answer == nil }.map { ($0.awaited, $0.continuation) }
            return waiting.compactMap { waiter in waiter.answer.map { (waiter.continuation, $0) } }
        }
        for (continuation, answer) in answered { continuation.resume(returning: answer) }
    }
}
