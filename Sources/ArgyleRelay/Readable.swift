extension Duration {
    var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }

    /// With three significant digits: `1.24 ms`, `36.1 s`, `2 h 5 min`.
    var readable: String {
        let seconds = inSeconds
        switch seconds {
        case ..<0.001: return "\(Self.digits(seconds * 1_000_000)) µs"
        case ..<1: return "\(Self.digits(seconds * 1000)) ms"
        case ..<120: return "\(Self.digits(seconds)) s"
        case ..<7200: return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
        case ..<172_800: return "\(Int(seconds) / 3600) h \(Int(seconds) / 60 % 60) min"
        default: return "\(Int(seconds) / 86_400) d \(Int(seconds) / 3600 % 24) h"
        }
    }

    private static func digits(_ value: Double) -> String {
        if value >= 100 { return String(Int(value.rounded())) }
        let scale: Double = value >= 10 ? 10 : 100
        return String((value * scale).rounded() / scale)
    }
}

extension String {
    func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
    func rightPadded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
