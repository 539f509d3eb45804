import RelayCore
import Testing

@Suite("The diagnosis of a refused signature", .timeLimit(.minutes(5)))
struct SignatureDiagnosisTests {
    private static let body = #"{"event": "users.fully_synced", "data": {"user": "u", "list": [1, 2.50]}}"#
    private let secrets = ["first", " second\n"].map { Array($0.utf8) }

    private func hints(_ header: String?, body: String = body) -> [SignatureDiagnosis.Hint] {
        let delivery = Delivery(body: Array(body.utf8), signature: header, receivedAt: Sample.receivedAt)
        return SignatureVerifier(secrets: secrets, required: true).hints(for: delivery)
    }

    private func digest(_ body: String = body, secret: String = "first", _ algorithm: Digest.Algorithm = .sha512) -> [UInt8] {
        Digest.hmac(algorithm, key: Array(secret.utf8), message: Array(body.utf8))
    }

    private func base64(_ bytes: [UInt8], url: Bool = false) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + (url ? "-_" : "+/"))
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[start + $1]) : 0) }
            for place in 0...group.count { text.append(alphabet[bits >> (18 - 6 * place) & 63]) }
            if !url { text += String(repeating: "=", count: 3 - group.count) }
        }
        return text
    }

    @Test("a signature that matches, or is not there, needs none")
    func nothingToSay() {
        #expect(hints(Hexadecimal.encode(digest())) == [])
        #expect(hints(nil) == [])
    }

    @Test("sees SHA-256")
    func sha256() {
        #expect(hints(Hexadecimal.encode(digest(Self.body, .sha256))) == [.sha256])
    }

    @Test("sees a newline that was removed or added on the way")
    func newlines() {
        #expect(hints(Hexadecimal.encode(digest()), body: Self.body + "\n") == [.newlineRemoved])
        #expect(hints(Hexadecimal.encode(digest()), body: Self.body + "\r\n") == [.newlineRemoved])
        #expect(hints(Hexadecimal.encode(digest(Self.body + "\n"))) == [.newlineAdded])
    }

    @Test("sees a body that was written anew")
    func rewritten() {
        let compact = #"{"event":"users.fully_synced","data":{"user":"u","list":[1,2.50]}}"#
        let sorted = #"{"data":{"list":[1,2.50],"user":"u"},"event":"users.fully_synced"}"#
        let sortedSpaced = #"{"data": {"list": [1, 2.50], "user": "u"}, "event": "users.fully_synced"}"#
        #expect(hints(Hexadecimal.encode(digest(compact))) == [.bodyCompact])
        #expect(hints(Hexadecimal.encode(digest(Self.body)), body: compact) == [.bodySpaced])
        #expect(hints(Hexadecimal.encode(digest(sorted))) == [.bodySorted])
        #expect(hints(Hexadecimal.encode(digest(sortedSpaced))) == [.bodySorted])
    }

    @Test("sees a secret with white space around it")
    func trimmedSecret() {
        #expect(hints(Hexadecimal.encode(digest(secret: "second"))) == [.secretTrimmed])
        #expect(hints(Hexadecimal.encode(digest(secret: " second\n"))) == [])
    }

    @Test("sees base64 of either alphabet, padded or not")
    func base64() {
        #expect(hints(base64(digest())) == [.base64])
        #expect(hints(base64(digest(), url: true)) == [.base64])
        #expect(hints(base64(digest(Self.body, .sha256))) == [.base64, .sha256])
    }

    @Test("sees a prefix", arguments: ["sha512=", "v1=", "t=1700000000,v1=", "v0=abc, v1="])
    func prefixes(prefix: String) {
        #expect(hints(prefix + Hexadecimal.encode(digest())) == [.headerPrefix])
    }

    @Test("sees several things at once")
    func combined() {
        let signed = #"{"data":{"list":[1,2.50],"user":"u"},"event":"users.fully_synced"}"#
        let header = " sha256=" + Hexadecimal.encode(digest(signed, secret: "second", .sha256))
        #expect(hints(header) == [.headerPrefix, .headerSpace, .sha256, .secretTrimmed, .bodySorted])
    }

    @Test("says when nothing matches, and what is odd about the header all the same")
    func noMatch() {
        #expect(hints(Hexadecimal.encode(digest(secret: "third"))) == [.noMatch])
        #expect(hints("sha512=" + Hexadecimal.encode(digest(secret: "third"))) == [.headerPrefix, .noMatch])
        #expect(hints("nonsense") == [.noMatch])
        #expect(hints("") == [.noMatch])
        #expect(hints(String(repeating: "a", count: 100_000)) == [.noMatch])
    }

    @Test("looks at bodies that are no JSON, deep or empty without a fault")
    func oddBodies() {
        for body in ["", "{", String(repeating: "[", count: 5000), "\u{0}", "\n", "{\"a\":1,\"a\":2}"] {
            #expect(hints(Hexadecimal.encode(digest(secret: "third")), body: body) == [.noMatch])
        }
        #expect(hints(Hexadecimal.encode(digest("")), body: "\n") == [.newlineRemoved])
    }

    @Test("every hint has its own sentence, and none tells a secret")
    func meanings() {
        #expect(Set(SignatureDiagnosis.Hint.allCases.map(\.meaning)).count == SignatureDiagnosis.Hint.allCases.count)
    }
}
