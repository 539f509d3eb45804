/// A body that may have been signed in place of the one that came, and what that would mean.
struct SignedBody {
    let bytes: [UInt8]
    let hints: [SignatureDiagnosis.Hint]

    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// `body` first, then what programs on the way usually make of one; each text once.
    static func variants(of body: [UInt8]) -> [SignedBody] {
        var variants = [SignedBody(bytes: body, hints: [])]
        func add(_ bytes: [UInt8]?, _ hint: SignatureDiagnosis.Hint...) {
            guard let bytes, !variants.contains(where: { $0.bytes == bytes }) else { return }
            variants.append(SignedBody(bytes: bytes, hints: hint))
        }
        if body.last == 0x0A {
            add(Array(body.dropLast(body.dropLast().last == 0x0D ? 2 : 1)), .newlineRemoved)
        } else {
            add(body + [0x0A], .newlineAdded)
        }
        // The grammar of JSON has no place for a mark (RFC 8259, section 8.1), so it is off before anything is written anew.
        var text = body
        if body.starts(with: mark) {
            text = Array(body.dropFirst(mark.count))
            add(text, .markRemoved)
        } else {
            add(mark + body, .markAdded)
        }
        add(JSONRewriting.rewrite(text, .compact, sorted: false), .bodyCompact)
        add(JSONRewriting.rewrite(text, .spaced, sorted: false), .bodySpaced)
        let indented = JSONRewriting.rewrite(text, .indented, sorted: false)
        add(indented, .bodyIndented)
        add(indented.map { $0 + [0x0A] }, .newlineAdded, .bodyIndented)
        add(JSONRewriting.rewrite(text, .compact, sorted: true), .bodySorted)
        add(JSONRewriting.rewrite(text, .spaced, sorted: true), .bodySorted)
        return variants
    }
}
