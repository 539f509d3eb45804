import RelayCore

/// The value of `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date; nil for anything else.
enum RetryAfter {
    static func parse(_ text: String, now: Timestamp) -> Duration? {
        if let seconds = Int64(text), seconds >= 0, seconds <= 1_000_000_000 { return .seconds(seconds) }
        guard let date = date(text) else { return nil }
        return date.elapsed(since: now)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// IMF-fixdate such as `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7); the obsolete forms are not read.
    private static func date(_ text: String) -> Timestamp? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == ":" || $0 == "," })
        guard words.count == 8, words[7] == "GMT", let month = months.firstIndex(of: String(words[2])) else { return nil }
        let numbers = [words[1], words[3], words[4], words[5], words[6]].compactMap { Int64($0) }
        guard numbers.count == 5, (1...31).contains(numbers[0]), (1970...9999).contains(numbers[1]), (0..<24).contains(numbers[2]),
            (0..<60).contains(numbers[3]), (0...60).contains(numbers[4])
        else { return nil }
        // Days of a year that begins in March, so that the leap day comes last.
        let shifted = Int64((month + 10) % 12)
        let year = month < 2 ? numbers[1] - 1 : numbers[1]
        let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * shifted + 2) / 5 + numbers[0] - 1 - 719_468
        return Timestamp(milliseconds: (days * 86_400 + numbers[2] * 3600 + numbers[3] * 60 + numbers[4]) * 1000)
    }
}
