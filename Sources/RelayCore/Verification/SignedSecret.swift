/// A secret that the signer may have used in place of a configured one, and what that would mean.
struct SignedSecret {
    let bytes: [UInt8]
    let hints: [SignatureDiagnosis.Hint]
    /// Whether the signer has more than we, not less.
    let isLonger: Bool

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// The configured ones first, then those with less around them, then those with more.
    static func variants(of secrets: [[UInt8]]) -> [SignedSecret] {
        secrets.map { SignedSecret(bytes: $0, hints: [], isLonger: false) } + secrets.flatMap(peeled) + secrets.flatMap(wrapped)
    }

    /// Skin by skin, as they come: a file with a mark may hold a quoted secret and end in a newline.
    private static func peeled(_ secret: [UInt8]) -> [SignedSecret] {
        var variants: [SignedSecret] = []
        var rest = secret[...]
        var hints: [SignatureDiagnosis.Hint] = []
        // Four skins are more than any accident leaves.
        for _ in 0..<4 {
            guard let (hint, inner) = skin(of: rest), !inner.isEmpty else { break }
            rest = inner
            hints.append(hint)
            variants.append(SignedSecret(bytes: Array(rest), hints: hints, isLonger: false))
        }
        return variants
    }

    private static func skin(of secret: ArraySlice<UInt8>) -> (SignatureDiagnosis.Hint, ArraySlice<UInt8>)? {
        if secret.starts(with: mark) { return (.secretUnmarked, secret.dropFirst(mark.count)) }
        let trimmed = secret.trimmed
        if trimmed.count < secret.count { return (.secretTrimmed, trimmed) }
        if let first = secret.first, first == 0x22 || first == 0x27, secret.count >= 2, secret.last == first {
            return (.secretUnquoted, secret.dropFirst().dropLast())
        }
        return nil
    }

    private static func wrapped(_ secret: [UInt8]) -> [SignedSecret] {
        let texts: [([UInt8], SignatureDiagnosis.Hint)] = [
            (secret + [0x0A], .secretSpaced), (secret + [0x0D, 0x0A], .secretSpaced), (secret + [0x20], .secretSpaced),
            ([0x20] + secret, .secretSpaced), ([0x22] + secret + [0x22], .secretQuoted), ([0x27] + secret + [0x27], .secretQuoted),
            (mark + secret, .secretMarked),
        ]
        return texts.map { SignedSecret(bytes: $0, hints: [$1], isLonger: true) }
    }
}

extension ArraySlice<UInt8> {
    /// Without the ASCII white space at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let start = firstIndex(where: { !isSpace($0) }), let end = lastIndex(where: { !isSpace($0) }) else { return [] }
        return self[start...end]
    }
}
