import RelayCore
import Testing

@Suite("The signature verifier", .timeLimit(.minutes(5)))
struct SignatureVerifierTests {
    private let body = Array(Sample.argyle.utf8)
    private let secrets = ["first", "second", "third"].map { Array($0.utf8) }

    private func signature(_ secret: String, over body: [UInt8]) -> String {
        Hexadecimal.encode(Digest.hmac(.sha512, key: Array(secret.utf8), message: body))
    }

    private func outcome(_ verifier: SignatureVerifier, _ body: [UInt8], _ signature: String?) -> Result<Int?, Rejection> {
        do throws(Rejection) {
            let delivery = try verifier.verify(Delivery(body: body, signature: signature, receivedAt: Sample.receivedAt))
            #expect(delivery.body == body && delivery.receivedAt == Sample.receivedAt)
            return .success(delivery.secret)
        } catch { return .failure(error) }
    }

    @Test("takes any of several secrets, in either case, and tells which one it was")
    func genuine() {
        let verifier = SignatureVerifier(secrets: secrets, required: true)
        for (position, name) in ["first", "second", "third"].enumerated() {
            let signature = signature(name, over: body)
            #expect(outcome(verifier, body, signature) == .success(position))
            #expect(outcome(verifier, body, signature.uppercased()) == .success(position))
        }
    }

    @Test("names the first of two equal secrets")
    func equalSecrets() {
        let verifier = SignatureVerifier(secrets: [secrets[0], secrets[1], secrets[1]], required: true)
        #expect(outcome(verifier, body, signature("second", over: body)) == .success(1))
    }

    @Test("refuses a body of which one bit was changed, wherever")
    func changed() {
        let verifier = SignatureVerifier(secrets: secrets, required: true)
        let signature = signature("second", over: body)
        for position in body.indices {
            var other = body
            other[position] ^= 1
            #expect(outcome(verifier, other, signature) == .failure(.signatureMismatch))
        }
        #expect(outcome(verifier, body + [0x20], signature) == .failure(.signatureMismatch))
        #expect(outcome(verifier, [], signature) == .failure(.signatureMismatch))
    }

    @Test("refuses a signature of which one digit was changed, wherever")
    func changedSignature() {
        let verifier = SignatureVerifier(secrets: secrets, required: true)
        let digits = Array(signature("first", over: body).utf8)
        for position in digits.indices {
            var other = digits
            other[position] = other[position] == 0x30 ? 0x31 : 0x30
            #expect(outcome(verifier, body, String(decoding: other, as: UTF8.self)) == .failure(.signatureMismatch))
        }
    }

    @Test("tells a malformed signature from a wrong one")
    func malformed() {
        let verifier = SignatureVerifier(secrets: secrets, required: true)
        let good = signature("first", over: body)
        let malformed = [
            "", String(good.dropLast()), String(good.dropLast(2)), good + "0", good + "00", " " + good, good + " ", "sha512=" + good,
            String(good.dropLast()) + "g", String(repeating: "é", count: 64), String(repeating: "٠", count: 64), "0x" + good.dropLast(2),
        ]
        for text in malformed { #expect(outcome(verifier, body, text) == .failure(.signatureMalformed), "\(text)") }
    }

    @Test("wants a signature where one is required, and admits none where not")
    func missing() {
        #expect(outcome(SignatureVerifier(secrets: secrets, required: true), body, nil) == .failure(.signatureMissing))
        #expect(outcome(SignatureVerifier(secrets: secrets, required: false), body, nil) == .success(nil))
    }

    @Test("refuses a wrong signature even where none is required")
    func wrongThoughNotRequired() {
        let verifier = SignatureVerifier(secrets: secrets, required: false)
        #expect(outcome(verifier, body, signature("other", over: body)) == .failure(.signatureMismatch))
        #expect(outcome(verifier, body, "00") == .failure(.signatureMalformed))
        #expect(outcome(verifier, body, signature("third", over: body)) == .success(2))
    }

    @Test("fails closed without secrets")
    func noSecrets() {
        let verifier = SignatureVerifier(secrets: [], required: true)
        #expect(outcome(verifier, body, nil) == .failure(.signatureMissing))
        #expect(outcome(verifier, body, signature("", over: body)) == .failure(.signatureMismatch))
        #expect(outcome(verifier, body, String(repeating: "0", count: 128)) == .failure(.signatureMismatch))
    }
}
