import Foundation

/// Throw-away certificates for the TLS tests, made once by the openssl command line.
/// A CA signs `server` (localhost, 127.0.0.1), `other` (other.example) and `client`; `stranger` is signed by nobody that is trusted.
struct Certificates: Sendable {
    let folder: String

    func path(_ name: String) -> String { "\(folder)/\(name).pem" }

    /// Made by whoever asks first; the others wait without holding a thread.
    static let shared = Task { try await make() }

    private static func make() async throws -> Certificates {
        let folder = "\(NSTemporaryDirectory())/relay-http-tests-\(UUID().uuidString)"
        let script = """
            set -e; umask 077; mkdir -p "$0"; cd "$0"
            ca() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" -keyout $1-key.pem -out $1.pem; }
            leaf() {
              openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout $1-key.pem -out $1.csr
              printf 'subjectAltName=%s' "$2" > $1.ext
              openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile $1.ext -out $1.pem
            }
            ca ca; ca stranger
            leaf server DNS:localhost,IP:127.0.0.1; leaf other DNS:other.example; leaf client DNS:client.example
            openssl pkey -in server-key.pem -aes256 -passout pass:x -out encrypted-key.pem
            openssl genrsa -out rsa-key.pem 2048
            openssl req -x509 -key rsa-key.pem -subj /CN=rsa -days 2 -out rsa.pem
            openssl req -x509 -key rsa-key.pem -subj /CN=short -days 1 -out short.pem
            cat server.pem short.pem > chain.pem
            : > empty.pem
            cat client-key.pem >> client.pem
            echo 'no certificate' > text.pem
            openssl x509 -in server.pem -outform DER -out der.pem
            """
        let outcome = try await Command.run("/bin/sh", ["-c", script, folder])
        guard outcome.status == 0 else { throw CommandFailure(reason: outcome.errors) }
        return Certificates(folder: folder)
    }
}

struct CommandFailure: Error {
    var reason: String
}

/// Another program, run to its end.
enum Command {
    struct Outcome: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    static func run(_ path: String, _ arguments: [String], input: String = "") async throws -> Outcome {
        // On a thread of its own: waiting for a process must not hold one of the few that run tests.
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try runBlocking(path, arguments, input: input) }) }.start()
        }
    }

    private static func runBlocking(_ path: String, _ arguments: [String], input: String = "") throws(CommandFailure) -> Outcome {
        let process = Process()
        let (inPipe, outPipe, errorFile) = (Pipe(), Pipe(), "\(NSTemporaryDirectory())/\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: errorFile, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: errorFile) }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = inPipe
        process.standardOutput = outPipe
        process.standardError = FileHandle(forWritingAtPath: errorFile)
        do {
            try process.run()
            try inPipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try inPipe.fileHandleForWriting.close()
            let output = try outPipe.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            let errors = FileManager.default.contents(atPath: errorFile) ?? Data()
            return Outcome(
                status: process.terminationStatus,
                output: String(decoding: output, as: UTF8.self),
                errors: String(decoding: errors, as: UTF8.self)
            )
        } catch {
            throw CommandFailure(reason: "\(error)")
        }
    }
}
