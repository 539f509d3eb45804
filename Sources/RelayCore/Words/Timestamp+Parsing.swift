extension Timestamp {
    /// Reads RFC 3339 (section 5.6): a date, `T` or a blank, a time with or without a fraction, and `Z` or an offset; or a date alone,
    /// which is its first moment in UTC. Nil for anything else; a fraction beyond milliseconds is cut off.
    package init?(_ text: String) {
        var reader = DateReader(Array(text.utf8))
        guard
            let year = reader.number(4), reader.skip("-"), let month = reader.number(2), (1...12).contains(month), reader.skip("-"),
            let day = reader.number(2), (1...Self.days(in: month, of: year)).contains(day)
        else { return nil }
        let start = Self.days(toYear: year, month: month, day: day) * 86_400_000
        if reader.isAtEnd {
            self.init(milliseconds: start)
            return
        }
        guard
            reader.skip("Tt "), let hour = reader.number(2), hour < 24, reader.skip(":"), let minute = reader.number(2), minute < 60,
            reader.skip(":"), let second = reader.number(2), second <= 60, let fraction = reader.fraction(), let offset = reader.offset(),
            reader.isAtEnd
        else { return nil }
        let ofDay = ((hour * 60 + minute) * 60 + min(second, 59)) * 1000 + fraction
        self.init(milliseconds: start + ofDay - offset * 60_000)
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Int(month) - 1]
    }

    /// From the epoch; the inverse of ``civil(fromDays:)``, for years from 0.
    private static func days(toYear year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let ofEra = shifted - era * 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }
}

/// Walks over the bytes of a date.
private struct DateReader {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number(_ digits: Int) -> Int64? {
        guard position + digits <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<position + digits] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        position += digits
        return value
    }

    mutating func skip(_ oneOf: String) -> Bool {
        guard position < bytes.count, oneOf.utf8.contains(bytes[position]) else { return false }
        position += 1
        return true
    }

    /// Milliseconds; 0 without a fraction, nil for a point without digits.
    mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        var value: Int64 = 0
        var weight: Int64 = 100
        var seen = 0
        while let digit = number(1) {
            value += digit * weight
            weight /= 10
            seen += 1
        }
        return seen == 0 ? nil : value
    }

    /// Minutes east of UTC.
    mutating func offset() -> Int64? {
        if skip("Zz") { return 0 }
        let sign: Int64 = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign != 0, let hours = number(2), hours < 24, skip(":"), let minutes = number(2), minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
