import RelayCore
import Testing

@Suite("A rejection", .timeLimit(.minutes(5)))
struct RejectionTests {
    @Test("has a code and a sentence of its own, the code in snake case")
    func codes() {
        #expect(Set(Rejection.allCases.map(\.code)).count == Rejection.allCases.count)
        #expect(Set(Rejection.allCases.map(\.title)).count == Rejection.allCases.count)
        for rejection in Rejection.allCases {
            #expect(rejection.code.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F })
            #expect(rejection.title.hasSuffix("."))
        }
    }

    @Test("bears the codes that section 3 of the contract names")
    func named() {
        let codes: [Rejection: String] = [
            .signatureMissing: "signature_missing", .signatureMismatch: "signature_mismatch", .addressNotAllowed: "address_not_allowed",
            .bodyTooLarge: "body_too_large", .outboxFull: "outbox_full", .diskLow: "disk_low", .storeFailed: "store_failed",
            .stopping: "stopping",
            .transferEncodingUnsupported: "transfer_encoding_unsupported",
            .versionUnsupported: "http_version_unsupported",
        ]
        for (rejection, code) in codes { #expect(rejection.code == code) }
    }
}
