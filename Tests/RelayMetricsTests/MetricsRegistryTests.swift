import RelayMetrics
import Testing

@Suite("The registry's text", .timeLimit(.minutes(5)))
struct MetricsRegistryTests {
    private let registry = MetricsRegistry()

    @Test("is Prometheus' exposition format, byte for byte, in the order of registration")
    func wholeText() {
        let accepted = registry.counter("things_total", "Things.")
        let outcomes = registry.counters("outcomes_total", label: "outcome", known: ["b", "a"], "Outcomes.")
        registry.gauge("level", "Level.") { 2.5 }
        registry.gauges("stalled", "Stalled.") { [([("topic", "t"), ("partition", "3")], 1), ([("topic", "t"), ("partition", "4")], 0)] }
        registry.information("build_info", "Build.", [("version", "1.0"), ("commit", "abc")])
        let histogram = registry.histogram("time_seconds", "Time.", Histogram(bounds: [0.1, 1]))
        accepted.add(3)
        outcomes["b"].add()
        histogram.record(0.05)
        histogram.record(0.5)
        histogram.record(7)
        #expect(
            registry.text() == """
                # HELP argyle_relay_things_total Things.
                # TYPE argyle_relay_things_total counter
                argyle_relay_things_total 3
                # HELP argyle_relay_outcomes_total Outcomes.
                # TYPE argyle_relay_outcomes_total counter
                argyle_relay_outcomes_total{outcome="a"} 0
                argyle_relay_outcomes_total{outcome="b"} 1
                # HELP argyle_relay_level Level.
                # TYPE argyle_relay_level gauge
                argyle_relay_level 2.5
                # HELP argyle_relay_stalled Stalled.
                # TYPE argyle_relay_stalled gauge
                argyle_relay_stalled{topic="t",partition="3"} 1
                argyle_relay_stalled{topic="t",partition="4"} 0
                # HELP argyle_relay_build_info Build.
                # TYPE argyle_relay_build_info gauge
                argyle_relay_build_info{version="1.0",commit="abc"} 1
                # HELP argyle_relay_time_seconds Time.
                # TYPE argyle_relay_time_seconds histogram
                argyle_relay_time_seconds_bucket{le="0.1"} 1
                argyle_relay_time_seconds_bucket{le="1"} 2
                argyle_relay_time_seconds_bucket{le="+Inf"} 3
                argyle_relay_time_seconds_sum 7.55
                argyle_relay_time_seconds_count 3

                """
        )
    }

    @Test("is empty without metrics") func nothing() { #expect(registry.text().isEmpty) }

    @Test("leaves out a gauge that has nothing to say, its head included")
    func silentGauge() {
        registry.gauge("level", "Level.") { nil }
        #expect(registry.text().isEmpty)
    }

    @Test(
        "words whole numbers without a fraction, and what is no number as Prometheus does",
        arguments: [
            (0.0, "0"), (12, "12"), (-3, "-3"), (0.25, "0.25"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"),
        ]
    )
    func numbers(value: Double, text: String) {
        registry.gauge("level", "Level.") { value }
        #expect(registry.text().hasSuffix("\nargyle_relay_level \(text)\n"))
    }

    @Test(
        "escapes labels scalar by scalar",
        arguments: [
            (#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#), ("a\r\nb", "a\r\\nb"), ("\"\u{301}", "\\\"\u{301}"), ("ä", "ä"),
        ]
    )
    func labels(value: String, escaped: String) {
        registry.information("build_info", "Build.", [("version", value)])
        #expect(registry.text().unicodeScalars.elementsEqual(head.unicodeScalars + "{version=\"\(escaped)\"} 1\n".unicodeScalars))
    }

    private let head = """
        # HELP argyle_relay_build_info Build.
        # TYPE argyle_relay_build_info gauge
        argyle_relay_build_info
        """
}
