import Synchronization

/// All metrics of the relay, section 8 of the contract, and their text in Prometheus' exposition format 0.0.4.
/// No user id, event id, address or header value is ever a label.
package final class MetricsRegistry: Sendable {
    private enum Source: Sendable {
        case counter(Counter)
        case counters(CounterFamily)
        case histogram(Histogram)
        case gauge(@Sendable () -> Double?)
        case gauges(@Sendable () -> [(labels: [(String, String)], value: Double)])
        case information(@Sendable () -> [(String, String)])
    }

    private struct Metric: Sendable {
        let name: String
        let help: String
        let source: Source
    }

    private static let prefix = "argyle_relay_"
    private let metrics = Mutex<[Metric]>([])

    package init() {}

    private func add(_ name: String, _ help: String, _ source: Source) {
        metrics.withLock { $0.append(Metric(name: Self.prefix + name, help: help, source: source)) }
    }

    /// - Parameter counter: one that counts already; otherwise a new one.
    @discardableResult
    package func counter(_ name: String, _ help: String, _ counter: Counter = Counter()) -> Counter {
        add(name, help, .counter(counter))
        return counter
    }

    package func counters(_ name: String, label: String, known: [String] = [], _ help: String) -> CounterFamily {
        let family = CounterFamily(label: label, known: known)
        add(name, help, .counters(family))
        return family
    }

    package func histogram(_ name: String, _ help: String, _ histogram: Histogram) -> Histogram {
        add(name, help, .histogram(histogram))
        return histogram
    }

    /// A gauge that is read when somebody looks; nil leaves it out.
    package func gauge(_ name: String, _ help: String, read: @escaping @Sendable () -> Double?) {
        add(name, help, .gauge(read))
    }

    /// A gauge with labels, each of whose samples is read when somebody looks.
    package func gauges(_ name: String, _ help: String, read: @escaping @Sendable () -> [(labels: [(String, String)], value: Double)]) {
        add(name, help, .gauges(read))
    }

    /// A gauge that is always 1 and says something by its labels, which are read when somebody looks.
    package func information(_ name: String, _ help: String, _ labels: @escaping @autoclosure @Sendable () -> [(String, String)]) {
        add(name, help, .information(labels))
    }

    package func text() -> String {
        var text = ""
        for metric in metrics.withLock({ $0 }) { Self.write(metric, to: &text) }
        return text
    }

    private static func write(_ metric: Metric, to text: inout String) {
        func head(_ type: String) { text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(type)\n" }
        switch metric.source {
        case .counter(let counter):
            head("counter")
            text += "\(metric.name) \(counter.value)\n"
        case .counters(let family):
            head("counter")
            for (label, value) in family.values { text += "\(metric.name){\(family.label)=\"\(escaped(label))\"} \(value)\n" }
        case .gauge(let read):
            guard let value = read() else { return }
            head("gauge")
            text += "\(metric.name) \(number(value))\n"
        case .information(let labels):
            head("gauge")
            text += "\(metric.name){\(listed(labels()))} 1\n"
        case .gauges(let read):
            head("gauge")
            for (labels, value) in read() { text += "\(metric.name){\(listed(labels))} \(number(value))\n" }
        case .histogram(let histogram):
            head("histogram")
            let reading = histogram.reading
            for (bound, count) in reading.counts {
                text += "\(metric.name)_bucket{le=\"\(bound.map(number) ?? "+Inf")\"} \(count)\n"
            }
            text += "\(metric.name)_sum \(number(reading.sum))\n\(metric.name)_count \(reading.counts.last?.count ?? 0)\n"
        }
    }

    private static func listed(_ labels: [(String, String)]) -> String {
        labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
    }

    private static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
        return value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-Inf" : "+Inf") : String(value)
    }

    /// Scalar by scalar: a quotation mark that a combining one follows would be another character.
    private static func escaped(_ value: String) -> String {
        var text = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text.append(contentsOf: #"\\"#.unicodeScalars)
            case "\"": text.append(contentsOf: #"\""#.unicodeScalars)
            case "\n": text.append(contentsOf: #"\n"#.unicodeScalars)
            default: text.append(scalar)
            }
        }
        return String(text)
    }
}
