extension HTTPRequestHead {
    /// Reads a whole header block, whose lines `HeadScanner` has checked for control bytes and line ends (RFC 9112 3).
    /// Refuses whatever two readers could understand differently, for that is how requests are smuggled.
    init(parsing block: [UInt8], peer: PeerAddress, limits: HTTPLimits) throws(HTTPFault) {
        var index = 0
        while index < block.count, block[index].isTokenByte { index += 1 }
        guard index > 0, index <= 32, block[index] == 0x20 else { throw .malformed(reason: "no method in the request line") }
        let method = String(decoding: block[0..<index], as: UTF8.self)

        let targetStart = index + 1
        index = targetStart
        while index < block.count, block[index].isTargetByte { index += 1 }
        let targetEnd = index
        guard targetEnd > targetStart, block[index] == 0x20 else { throw .malformed(reason: "no target in the request line") }

        let minor = try Self.minorVersion(in: block, at: index + 1)
        // "HTTP/1.x" and CR LF
        let headers = try HTTPHeaders(parsing: block, from: index + 11, maxCount: limits.maxHeaderCount, limit: limits.maxHeaderBytes)

        let target = try Self.originForm(of: block[targetStart..<targetEnd])
        let question = target.firstIndex(of: UInt8(ascii: "?"))
        try Self.checkHost(headers, isRequired: minor > 0)
        let closes = headers.listContains("close", in: "connection")
        self.init(
            method: method,
            path: String(decoding: target[target.startIndex..<(question ?? target.endIndex)], as: UTF8.self),
            query: question.map { String(decoding: target[($0 + 1)...], as: UTF8.self) },
            headers: headers,
            peer: peer,
            framing: try Self.framing(of: headers, minor: minor),
            keepsAlive: !closes && (minor > 0 || headers.listContains("keep-alive", in: "connection")),
            isVersion10: minor == 0,
            expectsContinue: minor > 0 && headers.listContains("100-continue", in: "expect")
        )
    }

    /// Refuses everything but HTTP/1.x; a later minor version is treated as 1.1 (RFC 9110 2.5). Another version is told apart from what is none.
    private static func minorVersion(in block: [UInt8], at start: Int) throws(HTTPFault) -> UInt8 {
        let name: StaticString = "HTTP/1."
        guard block.count > start + 9,
            name.withUTF8Buffer({ block[start..<start + 7].elementsEqual($0) }),
            block[start + 7] >= 0x30, block[start + 7] <= 0x39, block[start + 8] == 0x0d
        else { throw namesVersion(block[start...]) ? .unsupportedVersion : .malformed(reason: "no protocol version in the request line") }
        return block[start + 7] - 0x30
    }

    /// Whether the line ends in `HTTP/` and something that a version could be.
    private static func namesVersion(_ rest: ArraySlice<UInt8>) -> Bool {
        let name: StaticString = "HTTP/"
        let line = rest.prefix { $0 != 0x0d }
        let version = line.dropFirst(name.utf8CodeUnitCount)
        return name.withUTF8Buffer { line.starts(with: $0) } && !version.isEmpty
            && version.allSatisfy { $0 == UInt8(ascii: ".") || $0.isTokenByte }
    }

    /// The path and query of a target; the absolute form must be understood too (RFC 9112 3.2.2). CONNECT's form is refused.
    private static func originForm(of target: ArraySlice<UInt8>) throws(HTTPFault) -> ArraySlice<UInt8> {
        if target.first == UInt8(ascii: "/") { return target }
        if target.count == 1, target.first == UInt8(ascii: "*") { return target }
        for scheme in ["http://", "https://"] where target.prefix(scheme.utf8.count).equalsIgnoringCase(scheme) {
            let rest = target.dropFirst(scheme.utf8.count)
            guard let slash = rest.firstIndex(of: UInt8(ascii: "/")), slash > rest.startIndex else { break }
            return rest[slash...]
        }
        throw .malformed(reason: "the target is no path")
    }

    private static func checkHost(_ headers: HTTPHeaders, isRequired: Bool) throws(HTTPFault) {
        let count = headers.occurrences(of: "host")
        guard count <= 1 else { throw .malformed(reason: "more than one Host") }
        guard let host = headers.firstBytes(name: "host") else {
            guard !isRequired else { throw .malformed(reason: "no Host") }
            return
        }
        guard host.allSatisfy(\.isHostByte) else { throw .malformed(reason: "Host holds what no host name may") }
    }

    private static func framing(of headers: HTTPHeaders, minor: UInt8) throws(HTTPFault) -> HTTPBodyFraming {
        let length = try headers.parsedContentLength()
        guard try headers.parsedChunked() else { return length.map { .length($0) } ?? .none }
        guard length == nil else { throw .malformed(reason: "both Transfer-Encoding and Content-Length") }
        guard minor > 0 else { throw .malformed(reason: "Transfer-Encoding in HTTP/1.0") }
        return .chunked
    }
}

/// How much of a head is read before it is refused with `HTTPFault.headersTooLarge`.
struct HTTPLimits: Sendable {
    var maxHeaderBytes = 16 << 10
    var maxHeaderCount = 100
}
