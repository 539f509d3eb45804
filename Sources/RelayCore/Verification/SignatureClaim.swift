/// One way to read a signature header that is not as it should be: a digest, and what had to be overlooked to find it.
struct SignatureClaim {
    let digest: [UInt8]
    let algorithm: Digest.Algorithm
    let hints: [SignatureDiagnosis.Hint]

    /// The longest header that is looked into, and the most parts of it.
    private static let longest = 1024
    private static let mostParts = 8

    /// Every reading that yields a digest of a known length: the whole header, and its parts such as `t=…,v1=…`.
    static func readings(of header: String) -> [SignatureClaim] {
        guard header.utf8.count <= longest else { return [] }
        let parts = header.split(maxSplits: mostParts) { $0 == "," || $0 == ";" }
        let texts = parts.count > 1 ? [Substring(header)] + parts : [Substring(header)]
        return texts.flatMap { readings(of: $0, isPart: $0.utf8.count < header.utf8.count) }
    }

    private static func readings(of text: Substring, isPart: Bool) -> [SignatureClaim] {
        var hints: [SignatureDiagnosis.Hint] = isPart ? [.headerPrefix] : []
        let bare = text.drop(while: \.isWhitespace)
        let end = bare.lastIndex { !$0.isWhitespace }.map { bare.index(after: $0) } ?? bare.startIndex
        let trimmed = bare[..<end]
        if trimmed.utf8.count != text.utf8.count, !isPart { hints.append(.headerSpace) }
        var claims = decodings(of: trimmed, hints: hints)
        if let mark = trimmed.firstIndex(where: { $0 == "=" || $0 == ":" }), isName(trimmed[..<mark]) {
            claims += decodings(of: trimmed[trimmed.index(after: mark)...], hints: hints + [.headerPrefix])
        }
        if trimmed.hasPrefix("0x") { claims += decodings(of: trimmed.dropFirst(2), hints: hints + [.headerPrefix]) }
        return claims
    }

    private static func decodings(of text: Substring, hints: [SignatureDiagnosis.Hint]) -> [SignatureClaim] {
        if let digest = Hexadecimal.decode(text), let algorithm = algorithm(ofLength: digest.count) {
            return [SignatureClaim(digest: digest, algorithm: algorithm, hints: hints + (algorithm == .sha256 ? [.sha256] : []))]
        }
        if let digest = base64(text), let algorithm = algorithm(ofLength: digest.count) {
            return [
                SignatureClaim(
                    digest: digest,
                    algorithm: algorithm,
                    hints: hints + (algorithm == .sha256 ? [.base64, .sha256] : [.base64])
                )
            ]
        }
        return []
    }

    private static func algorithm(ofLength count: Int) -> Digest.Algorithm? {
        switch count {
        case 64: .sha512
        case 32: .sha256
        default: nil
        }
    }

    private static func isName(_ text: Substring) -> Bool {
        (1...16).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || $0 == 0x2D || $0 == 0x5F }
    }

    /// RFC 4648, sections 4 and 5, with or without padding.
    private static func base64(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for digit in text.utf8.prefix(while: { $0 != 0x3D }) {
            let value: UInt8
            switch digit {
            case 0x41...0x5A: value = digit - 0x41
            case 0x61...0x7A: value = digit - 0x61 + 26
            case 0x30...0x39: value = digit - 0x30 + 52
            case 0x2B, 0x2D: value = 62
            case 0x2F, 0x5F: value = 63
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
