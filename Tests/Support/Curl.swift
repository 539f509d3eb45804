/// One request by the curl command line, which is no code of ours, and its answer.
package struct Curl: Sendable {
    package let status: Int
    /// By lower-case name; of several the last.
    package let headers: [String: String]
    package let body: String

    package struct NoAnswer: Error {
        package let exitCode: Int32
        package let reason: String
    }

    /// Delivers `body` with its signature by `secret`, or with no signature where that is nil.
    package static func deliver(
        _ body: [UInt8],
        to url: String,
        secret: String? = RelayPlace.secret,
        _ arguments: [String] = []
    ) async throws -> Curl {
        let signature = secret.map { ["-H", "X-Argyle-Signature: \(String(signing: body, with: $0))"] } ?? []
        return try await request(["--data-binary", "@-", "-H", "Expect:"] + signature + arguments + [url], input: body)
    }

    /// Throws ``NoAnswer`` with curl's own exit code when no answer came.
    package static func request(_ arguments: [String], input: [UInt8] = []) async throws -> Curl {
        try Curl(try await Command.run("curl", ["-sS", "-i", "--max-time", "15"] + arguments, input: input))
    }

    /// Sends the head of a delivery and the beginning of its body, and then nothing; curl would wait for the rest itself. Waits at most 15 s.
    package static func beginDelivery(_ beginning: String, to url: String) async throws -> Curl {
        let script = """
            rest=${0#*://}; address=${rest%%/*}
            exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
            printf 'POST /%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s' "${rest#*/}" "$address" $((${#1} + 1)) "$1" >&3
            timeout 15 cat <&3
            """
        return try Curl(try await Command.run("bash", ["-c", script, url, beginning]))
    }

    package init(_ outcome: Command.Outcome) throws(NoAnswer) {
        guard outcome.status == 0 else { throw NoAnswer(exitCode: outcome.status, reason: outcome.errors) }
        // Foundation reads CR LF as one character.
        let parts = outcome.output.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw NoAnswer(exitCode: 0, reason: outcome.output)
        }
        self.status = status
        headers = lines.dropFirst().reduce(into: [:]) { headers, line in
            let field = line.split(separator: ":", maxSplits: 1)
            if field.count == 2 { headers[field[0].lowercased()] = String(field[1].drop { $0 == " " }) }
        }
        body = parts.count > 1 ? String(parts[1]) : ""
    }
}
