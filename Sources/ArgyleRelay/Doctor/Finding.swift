import FoundationEssentials

/// One line of `doctor`: what was looked at, how it is, what was found, and what to do. None of its texts holds a secret.
struct Finding: Encodable, Sendable, Equatable {
    enum Verdict: String, Encodable, Sendable {
        case ok
        case warning
        case failed
    }

    let check: String
    let verdict: Verdict
    let found: String
    /// Nil where nothing is to be done.
    let advice: String?

    static func ok(_ check: String, _ found: String) -> Finding {
        Finding(check: check, verdict: .ok, found: found.onOneLine, advice: nil)
    }

    static func warning(_ check: String, _ found: String, _ advice: String) -> Finding {
        Finding(check: check, verdict: .warning, found: found.onOneLine, advice: advice.onOneLine)
    }

    static func failed(_ check: String, _ found: String, _ advice: String) -> Finding {
        Finding(check: check, verdict: .failed, found: found.onOneLine, advice: advice.onOneLine)
    }

    /// In columns, the checks' names padded to `width`.
    func line(width: Int) -> String {
        "\(verdict.rawValue.rightPadded(to: 8)) \(check.rightPadded(to: width))  \(found)\(advice.map { " -> \($0)" } ?? "")"
    }
}

/// All findings, as `--json` prints them.
struct FindingReport: Encodable {
    let verdict: Finding.Verdict
    let checks: [Finding]

    init(_ checks: [Finding]) {
        self.checks = checks
        verdict = checks.contains { $0.verdict == .failed } ? .failed : checks.contains { $0.verdict == .warning } ? .warning : .ok
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
