/// A moment as milliseconds since 1970-01-01T00:00:00Z; the core is told the time, it never asks for it.
package struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }

    package func advanced(by duration: Duration) -> Timestamp {
        let (seconds, attoseconds) = duration.components
        return Timestamp(milliseconds: milliseconds &+ seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000)
    }

    /// Milliseconds from `earlier` to this one, never negative: a clock that was set back is no news of the past.
    package func elapsed(since earlier: Timestamp) -> Duration {
        guard milliseconds > earlier.milliseconds else { return .zero }
        let (difference, overflow) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return .milliseconds(overflow ? Int64.max : difference)
    }

    /// RFC 3339 in UTC with milliseconds, such as `2026-11-23T09:12:55.123Z`.
    package var description: String { String(decoding: rfc3339, as: UTF8.self) }

    /// The bytes of ``description``.
    package var rfc3339: [UInt8] {
        let days = floorDivide(milliseconds, 86_400_000)
        let ofDay = milliseconds &- days &* 86_400_000
        let (year, month, day) = Self.civil(fromDays: days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        Self.append(year, digits: 4, to: &text)
        text.append(0x2D)
        Self.append(month, digits: 2, to: &text)
        text.append(0x2D)
        Self.append(day, digits: 2, to: &text)
        text.append(0x54)
        Self.append(ofDay / 3_600_000, digits: 2, to: &text)
        text.append(0x3A)
        Self.append(ofDay / 60_000 % 60, digits: 2, to: &text)
        text.append(0x3A)
        Self.append(ofDay / 1000 % 60, digits: 2, to: &text)
        text.append(0x2E)
        Self.append(ofDay % 1000, digits: 3, to: &text)
        text.append(0x5A)
        return text
    }

    private static func append(_ value: Int64, digits: Int, to text: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        var rest = value
        while divisor > 0 {
            text.append(UInt8(truncatingIfNeeded: 0x30 + rest / divisor % 10))
            rest %= divisor
            divisor /= 10
        }
    }

    /// Days since the epoch to a date of the proleptic Gregorian calendar, by shifting the year's start to March so that the
    /// leap day comes last.
    private static func civil(fromDays days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        let day = ofYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
}
