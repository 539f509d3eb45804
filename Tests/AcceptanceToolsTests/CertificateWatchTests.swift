import RelayCore
import Testing

@testable import ArgyleRelay

@Suite("The end of a certificate", .timeLimit(.minutes(5)))
struct CertificateWatchTests {
    private let end = Timestamp(milliseconds: 1_800_000_000_000)

    private func days(_ count: Double) -> Duration { .milliseconds(Int64(count * 86_400_000)) }

    private func now(daysBefore: Double) -> Timestamp { end.advanced(by: .zero - days(daysBefore)) }

    @Test(
        "is worth a word from 14 days ahead",
        arguments: [
            (30, CertificateTerm.long(days: 30)), (14.1, .long(days: 14)), (14, .short(days: 14)), (0.5, .short(days: 0)), (0, .over),
            (-400, .over),
        ]
    )
    func terms(daysBefore: Double, expected: CertificateTerm) {
        #expect(CertificateTerm(until: end, now: now(daysBefore: daysBefore)) == expected)
    }

    @Test("is told once a day while it is near, and at once for a certificate that is new")
    func watch() {
        var watch = CertificateWatch()
        var told: [(Double, CertificateTerm)] = []
        // Every hour of 16 days, from 15 days ahead.
        for hour in 0...384 {
            let passed = Double(hour) / 24
            if hour == 300 { watch.renewed() }
            if let term = watch.look(at: end, now: now(daysBefore: 15 - passed), uptime: .seconds(500) + days(passed)) {
                told.append((passed, term))
            }
        }
        #expect(told.map(\.0) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 12.5, 13.5, 14.5, 15.5])
        #expect(told.first?.1 == .short(days: 14))
        #expect(told.suffix(2).map(\.1) == [.short(days: 0), .over])
    }
}
