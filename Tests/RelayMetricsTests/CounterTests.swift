import Testing

@testable import RelayMetrics

@Suite("A family of counters", .timeLimit(.minutes(5)))
struct CounterTests {
    @Test("shows the values it knows from the start, at 0, in order")
    func known() {
        let family = CounterFamily(label: "outcome", known: ["b", "a", "b"])
        #expect(family.values.map(\.label) == ["a", "b"])
        #expect(family.values.map(\.value) == [0, 0])
    }

    @Test("gives one value one counter")
    func same() {
        let family = CounterFamily(label: "outcome")
        family["x"].add()
        family["x"].add(2)
        #expect(family["x"] === family["x"])
        #expect(family.values.map(\.value) == [3])
    }

    @Test("counts whatever comes past its capacity as other, and forgets none of it")
    func bounded() {
        let family = CounterFamily(label: "outcome")
        for number in 0..<10_000 { family["value \(number)"].add() }
        #expect(family.values.count == CounterFamily.capacity + 1)
        #expect(family["other"].value == 10_000 - CounterFamily.capacity)
        #expect(family["value 0"].value == 1)
        #expect(family.values.map(\.value).reduce(0, +) == 10_000)
    }

    @Test("loses nothing when many count at once")
    func concurrent() async {
        let family = CounterFamily(label: "outcome")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for number in 0..<1000 { family["\(number % 4)"].add() } } }
        }
        #expect(family.values.map(\.value) == [2000, 2000, 2000, 2000])
    }
}
