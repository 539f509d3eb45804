import ArgyleAPI
import Testing

@testable import ArgyleRelay

@Suite("The steps of a rotation", .timeLimit(.minutes(1)))
struct RotationStepTests {
    private let subscription = WebhookSubscription(id: "1", events: ["a.b"], name: "n", url: "u")

    @Test("come in an order in which nothing goes before what takes its place is proved")
    func order() {
        var step = RotationStep()
        #expect(step.next == .makeSecret)
        step.hasNewSecret = true
        step.holdsOld = true
        (step.old, step.lacking) = ([subscription], [subscription])
        #expect(step.next == .reload)
        step.isTaken = true
        #expect(step.next == .create(beside: subscription))
        step.lacking = []
        #expect(step.next == .awaitNew)
        step.newArrived = true
        #expect(step.next == .delete(subscription))
        step.old = []
        #expect(step.next == .awaitQuiet)
        step.isQuiet = true
        #expect(step.next == .removeOld)
        (step.holdsOld, step.isTaken) = (false, false)
        #expect(step.next == .reload)
        step.isTaken = true
        #expect(step.next == .finish)
    }

    @Test("a secret counts as used when its counter has grown, or a relay that was started anew counts for it")
    func matches() {
        var watch = MatchWatch([1, 3], from: [1: 10, 2: 5])
        let told: [(counts: [Int: Int], isGrowth: Bool)] = [
            ([1: 10, 2: 50], false), ([1: 11, 2: 50], true), ([1: 11], false), ([1: 11, 3: 1], true),
            // Started anew.
            ([:], false), ([2: 3], false), ([1: 1], true),
        ]
        for (counts, isGrowth) in told {
            let hasGrown = watch.hasGrown(to: counts)
            #expect(hasGrown == isGrowth, "\(counts)")
        }
        var fallen = MatchWatch([1], from: [1: 10])
        let hasGrown = fallen.hasGrown(to: [1: 4])
        #expect(hasGrown)
    }

    @Test("counters are read from the metrics by position; unsigned deliveries and other metrics are none of it")
    func text() {
        let text = """
            # TYPE argyle_relay_signature_secret_matches_total counter
            argyle_relay_signature_secret_matches_total{secret="1"} 42
            argyle_relay_signature_secret_matches_total{secret="12"} 7
            argyle_relay_signature_secret_matches_total{secret="none"} 9
            argyle_relay_deliveries_total{outcome="accepted"} 3
            """
        #expect(RotatingRelay.matches(in: text) == [1: 42, 12: 7])
    }
}
