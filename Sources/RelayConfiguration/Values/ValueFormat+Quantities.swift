/// Numbers, durations and sizes. A unit is always written: `10s`, `1MiB`.
extension ValueFormat where Value == Int {
    static var port: ValueFormat { integer(0...65535, "a port, 1 to 65535 (0 takes any free one)") }

    static func integer(_ range: ClosedRange<Int>, _ allowed: String? = nil) -> ValueFormat {
        .scalar(
            allowed ?? "a whole number, \(range.lowerBound) to \(range.upperBound)",
            parse: { (text) throws(ValueRefusal) -> Int in
                let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
                guard text.utf8.count - digits.count <= 1, isDigits(digits), let number = Int(text), range.contains(number) else {
                    throw ValueRefusal()
                }
                return number
            },
            show: { String($0) }
        )
    }

    /// -1, or 1 to what Kafka's protocol can carry (int16).
    static var replicationFactor: ValueFormat {
        let numbers = ValueFormat.integer(-1...32767)
        return .scalar(
            "1 to 32767, or -1 for the broker's default",
            parse: { (text) throws(ValueRefusal) -> Int in
                let number = try numbers.parse(.text(text))
                guard number != 0 else { throw ValueRefusal() }
                return number
            },
            show: { String($0) }
        )
    }

    /// Bytes, written in powers of 1024.
    static func size(_ range: ClosedRange<Int>) -> ValueFormat {
        .scalar(
            "a size such as 512KiB or 1MiB (B, KiB, MiB, GiB, TiB), \(SizeUnit.text(range.lowerBound)) to \(SizeUnit.text(range.upperBound))",
            parse: { (text) throws(ValueRefusal) -> Int in
                guard let size = SizeUnit.parse(text), range.contains(size) else { throw ValueRefusal() }
                return size
            },
            show: { SizeUnit.text($0) }
        )
    }
}

extension ValueFormat where Value == Duration {
    static func duration(_ range: ClosedRange<Duration>) -> ValueFormat {
        .scalar(
            "a duration such as 250ms, 10s, 5m, 2h or 7d, \(DurationUnit.text(range.lowerBound)) to \(DurationUnit.text(range.upperBound))",
            parse: { (text) throws(ValueRefusal) -> Duration in
                guard let duration = DurationUnit.parse(text), range.contains(duration) else { throw ValueRefusal() }
                return duration
            },
            show: { DurationUnit.text($0) }
        )
    }
}

extension ValueFormat where Value == Duration? {
    /// `nil` is written `forever`.
    static func durationOrForever(_ range: ClosedRange<Duration>) -> ValueFormat {
        let forever = "forever"
        let durations = ValueFormat<Duration>.duration(range)
        return .scalar(
            "\(durations.allowed), or \(forever)",
            parse: { (text) throws(ValueRefusal) -> Duration? in
                text == forever ? nil : try durations.parse(.text(text))
            },
            show: { $0.map { DurationUnit.text($0) } ?? forever }
        )
    }
}

/// The units of a size; each is written exactly so.
enum SizeUnit: Int, CaseIterable {
    case TiB = 40
    case GiB = 30
    case MiB = 20
    case KiB = 10
    case B = 0

    static func parse(_ text: String) -> Int? {
        guard let (number, unit) = split(text), let unit = allCases.first(where: { "\($0)" == unit }) else { return nil }
        let (size, overflow) = number.multipliedReportingOverflow(by: 1 << unit.rawValue)
        return overflow ? nil : size
    }

    /// In the largest unit that leaves a whole number.
    static func text(_ size: Int) -> String {
        let unit = allCases.first { size != 0 && size & ((1 << $0.rawValue) - 1) == 0 } ?? .B
        return "\(size >> unit.rawValue)\(unit)"
    }
}

/// The units of a duration; each is written exactly so.
enum DurationUnit: Int, CaseIterable {
    case d = 86_400_000
    case h = 3_600_000
    case m = 60_000
    case s = 1000
    case ms = 1

    static func parse(_ text: String) -> Duration? {
        guard let (number, unit) = split(text), let unit = allCases.first(where: { "\($0)" == unit }) else { return nil }
        let (milliseconds, overflow) = number.multipliedReportingOverflow(by: unit.rawValue)
        return overflow ? nil : .milliseconds(milliseconds)
    }

    /// In the largest unit that leaves a whole number; parts of a millisecond are dropped.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = Int(seconds).multipliedReportingOverflow(by: 1000)
        let milliseconds = overflow ? Int.max : whole &+ Int(attoseconds / 1_000_000_000_000_000)
        guard milliseconds != 0 else { return "0s" }
        let unit = allCases.first { milliseconds.isMultiple(of: $0.rawValue) } ?? .ms
        return "\(milliseconds / unit.rawValue)\(unit)"
    }
}

/// A run of digits and what follows it.
private func split(_ text: String) -> (number: Int, unit: String)? {
    let digits = text.utf8.prefix { isDigit($0) }
    guard !digits.isEmpty, let number = Int(String(Substring(digits))) else { return nil }
    return (number, String(Substring(text.utf8.dropFirst(digits.count))))
}

private func isDigits(_ text: some Sequence<UInt8>) -> Bool {
    var count = 0
    for byte in text {
        guard isDigit(byte) else { return false }
        count += 1
    }
    return count > 0
}

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
