import Testing

@testable import RelayOutbox

@Suite("Admission", .timeLimit(.minutes(5)))
struct AdmissionTests {
    @Test(
        "closes at the limit and opens again once a twentieth has left",
        arguments: [(100, 94), (20, 18), (19, 18), (1, 0), (1_000_000, 949_999)]
    )
    func pending(limit: Int, opensAt: Int) {
        var admission = Admission(limits: Admission.Limits(maxPending: limit, minFreeDisk: 0))
        admission.pendingChanged(to: limit - 1)
        #expect(admission.refusal == nil)
        admission.pendingChanged(to: limit)
        #expect(admission.refusal == .full)
        admission.pendingChanged(to: opensAt + 1)
        #expect(admission.refusal == .full)
        admission.pendingChanged(to: opensAt)
        #expect(admission.refusal == nil)
        admission.pendingChanged(to: limit - 1)
        #expect(admission.refusal == nil)
    }

    @Test("closes below the free disk that must stay and opens again with a tenth more")
    func disk() {
        var admission = Admission(limits: Admission.Limits(maxPending: 10, minFreeDisk: 1000))
        admission.freeDiskChanged(to: 1000)
        #expect(admission.refusal == nil)
        admission.freeDiskChanged(to: 999)
        #expect(admission.refusal == .diskLow)
        admission.freeDiskChanged(to: 1099)
        #expect(admission.refusal == .diskLow)
        admission.freeDiskChanged(to: 1100)
        #expect(admission.refusal == nil)
        admission.freeDiskChanged(to: 1099)
        #expect(admission.refusal == nil)
    }

    @Test("names the disk before the backlog, for only an operator can mend it")
    func both() {
        var admission = Admission(limits: Admission.Limits(maxPending: 1, minFreeDisk: 1000))
        admission.pendingChanged(to: 1)
        admission.freeDiskChanged(to: 1)
        #expect(admission.refusal == .diskLow)
    }

    @Test("takes any limits without a trap")
    func extremes() {
        var admission = Admission(limits: Admission.Limits(maxPending: 0, minFreeDisk: .max))
        for value in [0, Int.max] {
            admission.pendingChanged(to: value)
            admission.freeDiskChanged(to: value)
            admission.freeDiskChanged(to: 0)
        }
        #expect(admission.refusal == .diskLow)
    }
}
