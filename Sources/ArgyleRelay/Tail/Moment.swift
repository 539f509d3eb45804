import ArgumentParser
import RelayCore

/// A moment as an operator writes it: RFC 3339 such as `2026-11-23T09:00:00Z`, or how long ago such as `10m`, `2h` or `7d`.
struct Moment: ExpressibleByArgument, Equatable {
    private enum Kind: Equatable {
        case at(Timestamp)
        case ago(Duration)
    }

    private let kind: Kind

    init?(argument: String) {
        if let duration = Self.duration(argument) {
            kind = .ago(duration)
        } else if let time = Self.rfc3339(argument) {
            kind = .at(time)
        } else {
            return nil
        }
    }

    func timestamp(now: Timestamp) -> Timestamp {
        switch kind {
        case .at(let time): time
        case .ago(let duration): now.advanced(by: .zero - duration)
        }
    }

    /// A whole number and one of `ms`, `s`, `m`, `h`, `d`.
    private static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), count <= 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(count)
        case "s": return .seconds(count)
        case "m": return .seconds(count * 60)
        case "h": return .seconds(count * 3600)
        case "d": return .seconds(count * 86_400)
        default: return nil
        }
    }

    /// RFC 3339, section 5.6; fractions beyond milliseconds are cut off, and a leap second counts as the one after it.
    private static func rfc3339(_ text: String) -> Timestamp? {
        let pattern = /(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))/
        guard let match = text.wholeMatch(of: pattern) else { return nil }
        let numbers = [match.1, match.2, match.3, match.4, match.5, match.6].compactMap { Int64($0) }
        guard numbers.count == 6, (1...12).contains(numbers[1]), (1...31).contains(numbers[2]), numbers[3] < 24, numbers[4] < 60,
            numbers[5] <= 60
        else { return nil }
        let days = daysFromCivil(numbers[0], numbers[1], numbers[2])
        // The day after a month's last would silently be another month's.
        guard days < daysFromCivil(numbers[1] == 12 ? numbers[0] + 1 : numbers[0], numbers[1] % 12 + 1, 1) else { return nil }
        var seconds = days * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
        if let sign = match.8, let hours = match.9.flatMap({ Int64($0) }), let minutes = match.10.flatMap({ Int64($0) }) {
            guard hours < 24, minutes < 60 else { return nil }
            seconds -= (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
        }
        let fraction = match.7.map { ($0 + "00").prefix(3) }.flatMap { Int64($0) } ?? 0
        return Timestamp(milliseconds: seconds * 1000 + fraction)
    }

    /// Days since 1970-01-01 of a date of the proleptic Gregorian calendar; the year begins in March so that the leap day comes last.
    private static func daysFromCivil(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let ofEra = year - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }
}
