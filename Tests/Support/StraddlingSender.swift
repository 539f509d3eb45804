import Foundation

/// One connection whose every write is the second half of one request and the first half of the next, each sent once the last one is answered.
/// Throws when the connection breaks or an answer is no HTTP.
package enum StraddlingSender {
    package struct Broken: Error, CustomStringConvertible {
        package let description: String
    }

    /// Sends `request` `times` times to `port` of 127.0.0.1. Returns how often each status was answered.
    /// - Parameter authority: PEM file of who signed the server's certificate; with it the connection is `openssl s_client`'s.
    package static func send(_ request: [UInt8], times: Int, port: Int, authority: String? = nil) async throws -> [Int: Int] {
        // A thread of its own: it waits for a socket.
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        guard let authority else {
                            let descriptor = try connect(port)
                            defer { close(descriptor) }
                            return try straddle(request, times, Pipes(input: descriptor, output: descriptor))
                        }
                        return try throughOpenSSL(request, times, port, authority)
                    }
                )
            }
        }
    }

    private struct Pipes {
        let input: Int32
        let output: Int32
        var received: [UInt8] = []

        init(input: Int32, output: Int32) { (self.input, self.output) = (input, output) }

        func write(_ bytes: ArraySlice<UInt8>) throws {
            var rest = bytes
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
                guard count > 0 else { throw Broken(description: "write: \(String(cString: strerror(errno)))") }
                rest = rest.dropFirst(count)
            }
        }

        /// The status of the next answer, once all of it is there.
        mutating func readStatus() throws -> Int {
            while true {
                let text = String(decoding: received, as: UTF8.self)
                if let end = text.range(of: "\r\n\r\n") {
                    let head = text[..<end.lowerBound]
                    let length = head.range(of: "content-length: ").flatMap { Int(head[$0.upperBound...].prefix { $0.isNumber }) } ?? 0
                    let whole = head.utf8.count + 4 + length
                    guard let status = Int(head.dropFirst(9).prefix(3)) else { throw Broken(description: text) }
                    if received.count >= whole {
                        received.removeFirst(whole)
                        return status
                    }
                }
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = Glibc.read(output, &buffer, buffer.count)
                guard count > 0 else { throw Broken(description: "the connection ended after \(text.suffix(500))") }
                received += buffer[..<count]
            }
        }
    }

    private static func straddle(_ request: [UInt8], _ times: Int, _ pipes: Pipes) throws -> [Int: Int] {
        var pipes = pipes
        var statuses: [Int: Int] = [:]
        let cut = request.count / 2
        let straddling = request[cut...] + request[..<cut]
        try pipes.write(request[..<cut])
        for number in 1...times {
            try pipes.write(number == times ? request[cut...] : straddling)
            statuses[try pipes.readStatus(), default: 0] += 1
        }
        return statuses
    }

    private static func connect(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(descriptor)
            throw Broken(description: "connect: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    private static func throughOpenSSL(_ request: [UInt8], _ times: Int, _ port: Int, _ authority: String) throws -> [Int: Int] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl", "s_client", "-quiet", "-verify_quiet", "-CAfile", authority, "-connect", "127.0.0.1:\(port)"]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (input, output, FileHandle.nullDevice)
        try process.run()
        defer {
            // Not by SIGTERM, which threads of a test process may block and their children inherit.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let pipes = Pipes(input: input.fileHandleForWriting.fileDescriptor, output: output.fileHandleForReading.fileDescriptor)
        return try straddle(request, times, pipes)
    }
}
