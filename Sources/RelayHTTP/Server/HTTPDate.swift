import Glibc

/// The `Date` field's value (IMF-fixdate, RFC 9110 5.6.7), rendered at most once a second.
/// An origin server with a clock must send it (RFC 9110 6.6.1).
struct HTTPDate {
    private var second: time_t = .min
    private var text: [UInt8] = []

    /// The value for this second; reads the coarse clock, which costs no system call.
    mutating func current() -> [UInt8] {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        if now.tv_sec != second {
            second = now.tv_sec
            text = Self.render(now.tv_sec)
        }
        return text
    }

    static func render(_ second: time_t) -> [UInt8] {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let day = days[Int(parts.tm_wday) % 7]
        let month = months[Int(parts.tm_mon) % 12]
        let time = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return Array("\(day), \(two(parts.tm_mday)) \(month) \(parts.tm_year + 1900) \(time) GMT".utf8)
    }
}
