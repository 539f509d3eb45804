import RelayCore
import Testing

@Suite("The hints about a refused signature", .timeLimit(.minutes(5)))
struct SignatureHintTests {
    private static let compact = #"{"event":"users.fully_synced","data":{"user":"u","list":[1,2.50],"none":[],"empty":{}}}"#
    private static let indented = """
        {
          "event": "users.fully_synced",
          "data": {
            "user": "u",
            "list": [
              1,
              2.50
            ],
            "none": [],
            "empty": {}
          }
        }
        """

    private func hints(_ body: String, signed: String, secret: String = "s", by other: String = "s") -> [SignatureDiagnosis.Hint] {
        let digest = Digest.hmac(.sha512, key: Array(other.utf8), message: Array(signed.utf8))
        let delivery = Delivery(body: Array(body.utf8), signature: Hexadecimal.encode(digest), receivedAt: Sample.receivedAt)
        return SignatureVerifier(secrets: [Array(secret.utf8)], required: true).hints(for: delivery)
    }

    @Test("see a body that Argyle indented and something on the way wrote compact")
    func indentation() {
        #expect(hints(Self.compact, signed: Self.indented) == [.bodyIndented])
        #expect(hints(Self.compact, signed: Self.indented + "\n") == [.newlineAdded, .bodyIndented])
        #expect(hints(Self.indented, signed: Self.compact) == [.bodyCompact])
    }

    @Test("see a byte order mark that came to a body or went")
    func marks() {
        #expect(hints("\u{FEFF}" + Self.indented, signed: Self.indented) == [.markRemoved])
        #expect(hints(Self.indented, signed: "\u{FEFF}" + Self.indented) == [.markAdded])
        #expect(hints("\u{FEFF}" + Self.compact, signed: Self.indented) == [.bodyIndented])
    }

    @Test(
        "see what is around the configured secret and not around the signer's",
        arguments: [
            (" s\n", [.secretTrimmed]), ("\"s\"", [.secretUnquoted]), ("'s'", [.secretUnquoted]), ("\u{FEFF}s", [.secretUnmarked]),
            ("\u{FEFF}\"s\"\r\n", [.secretTrimmed, .secretUnquoted, .secretUnmarked]), ("'s", [.noMatch]), ("\"", [.noMatch]),
        ] as [(String, [SignatureDiagnosis.Hint])]
    )
    func peeled(secret: String, expected: [SignatureDiagnosis.Hint]) {
        #expect(hints(Self.indented, signed: Self.indented, secret: secret) == expected)
    }

    @Test(
        "see what is around the signer's secret and not around the configured one",
        arguments: [
            ("s\n", .secretSpaced), ("s\r\n", .secretSpaced), (" s", .secretSpaced), ("s ", .secretSpaced), ("\"s\"", .secretQuoted),
            ("'s'", .secretQuoted), ("\u{FEFF}s", .secretMarked), ("ss", .noMatch),
        ] as [(String, SignatureDiagnosis.Hint)]
    )
    func wrapped(signer: String, expected: SignatureDiagnosis.Hint) {
        #expect(hints(Self.indented, signed: Self.indented, by: signer) == [expected])
    }

    @Test("see a prefix of the hexadecimal digits", arguments: ["0x", "sha512=", "SHA-512:", "hex="])
    func prefixes(prefix: String) {
        let digest = Digest.hmac(.sha512, key: [0x73], message: Array(Self.compact.utf8))
        let delivery = Delivery(
            body: Array(Self.compact.utf8),
            signature: prefix + Hexadecimal.encode(digest),
            receivedAt: Sample.receivedAt
        )
        #expect(SignatureVerifier(secrets: [[0x73]], required: true).hints(for: delivery) == [.headerPrefix])
    }

    @Test("are looked for in bounded memory where indentation would make much of little", .timeLimit(.minutes(1)))
    func bounded() {
        let opening = String(repeating: "[", count: 60)
        let wide = opening + Array(repeating: "1", count: 100_000).joined(separator: ",") + String(repeating: "]", count: 60)
        let indented = (0..<60).map { String(repeating: " ", count: 2 * $0) + "[\n" }.joined()
        #expect(hints(wide, signed: indented) == [.noMatch])
    }

    @Test("say what to do in one line each")
    func sentences() {
        for hint in SignatureDiagnosis.Hint.allCases {
            #expect(hint.meaning.contains(": ") && !hint.meaning.contains("\n") && !hint.meaning.contains("; "), "\(hint)")
        }
    }
}
