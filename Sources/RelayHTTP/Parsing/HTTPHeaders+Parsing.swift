extension HTTPHeaders {
    /// Reads the field lines in `block[start...]`, which ends with its empty line (RFC 9112 5).
    /// Refuses an empty or non-token name, a blank before the colon, folded lines and more than `maxCount` fields.
    init(parsing block: [UInt8], from start: Int, maxCount: Int, limit: Int) throws(HTTPFault) {
        var fields: [Field] = []
        fields.reserveCapacity(12)
        let end = block.count - 2
        var index = start
        while index < end {
            guard fields.count < maxCount else { throw .headersTooLarge(limit: limit) }
            let nameStart = index
            while index < end, block[index].isTokenByte { index += 1 }
            guard index > nameStart, index < end, block[index] == UInt8(ascii: ":") else {
                throw .malformed(reason: "a header field without a proper name")
            }
            let nameEnd = index
            index += 1
            while index < end, block[index].isBlank { index += 1 }
            let valueStart = index
            while index < end, block[index] != 0x0d { index += 1 }
            var valueEnd = index
            while valueEnd > valueStart, block[valueEnd - 1].isBlank { valueEnd -= 1 }
            index += 2
            fields.append(
                Field(
                    nameStart: UInt32(truncatingIfNeeded: nameStart),
                    nameEnd: UInt32(truncatingIfNeeded: nameEnd),
                    valueStart: UInt32(truncatingIfNeeded: valueStart),
                    valueEnd: UInt32(truncatingIfNeeded: valueEnd)
                )
            )
        }
        self.init(block: block, fields: fields)
    }

    /// The one `Content-Length`, `nil` without any; refuses what is no plain number and repeats that differ (RFC 9112 6.3).
    func parsedContentLength() throws(HTTPFault) -> Int? {
        var found: Int?
        for field in fields where isNamed(field, "content-length") {
            let digits = block[Int(field.valueStart)..<Int(field.valueEnd)]
            // 18 digits always fit into an Int.
            guard !digits.isEmpty, digits.count <= 18, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                throw .malformed(reason: "Content-Length is no number")
            }
            let value = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            guard found == nil || found == value else { throw .malformed(reason: "Content-Length is given twice and differs") }
            found = value
        }
        return found
    }

    /// Whether the body is chunked; refuses every other transfer coding, which this server does not speak, chunked applied twice or with a
    /// parameter, and what is no list of codings (RFC 9112 6.1 and 7).
    func parsedChunked() throws(HTTPFault) -> Bool {
        var isChunked = false
        var hasOther = false
        for field in fields where isNamed(field, "transfer-encoding") {
            let value = block[Int(field.valueStart)..<Int(field.valueEnd)]
            let codings = value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            for coding in codings.map({ $0.trimmingBlanks() }) {
                let name = coding.prefix(while: \.isTokenByte)
                let rest = coding[name.endIndex...].drop(while: \.isBlank)
                guard !name.isEmpty, rest.isEmpty || rest.first == UInt8(ascii: ";") else {
                    throw .malformed(reason: "Transfer-Encoding is no list of codings")
                }
                guard name.equalsIgnoringCase("chunked") else {
                    hasOther = true
                    continue
                }
                guard !isChunked, rest.isEmpty else { throw .malformed(reason: "chunked is applied twice or has a parameter") }
                isChunked = true
            }
        }
        if hasOther { throw .unsupportedTransferEncoding }
        return isChunked
    }
}

extension UInt8 {
    /// RFC 9110 5.6.2 `tchar`.
    var isTokenByte: Bool {
        switch self {
        case 0x61...0x7a, 0x41...0x5a, 0x30...0x39: true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"),
            UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "^"),
            UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// What may stand in a request target as sent: visible ASCII.
    var isTargetByte: Bool { self > 0x20 && self < 0x7f }

    /// What may stand in `Host` (RFC 3986 3.2.2 and a port).
    var isHostByte: Bool {
        switch self {
        case UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
            UInt8(ascii: ";"), UInt8(ascii: "="):
            true
        case UInt8(ascii: "#"), UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"): false
        default: isTokenByte
        }
    }
}
