import RelayCore

/// How deliveries were answered: counts by kind, and how long the answers took.
struct SendReport {
    struct Answer {
        /// 0 when there was none.
        let status: Int
        let body: String
        let latency: Duration

        /// `200 accepted`, `401 signature_mismatch`, or why there was no answer.
        var kind: String {
            guard status > 0 else { return body }
            return ["status", "code"].lazy.compactMap { member(named: $0) }.first { Int($0) == nil }.map { "\(status) \($0)" }
                ?? "\(status)"
        }

        /// Enough of a reader for the relay's own flat answers.
        private func member(named name: String) -> String? {
            let parts = body.split(separator: "\"", omittingEmptySubsequences: false)
            guard let index = parts.firstIndex(of: Substring(name)), index + 2 < parts.count, parts[index + 1] == ":" else { return nil }
            return String(parts[index + 2])
        }
    }

    private(set) var kinds: [String: Int] = [:]
    private(set) var isAllTaken = true
    private var latencies: [Duration] = []
    private var only: Answer?
    var duration = Duration.zero

    var count: Int { latencies.count }

    mutating func add(_ answer: Answer) {
        kinds[answer.kind, default: 0] += 1
        latencies.append(answer.latency)
        if answer.status != 200 { isAllTaken = false }
        only = answer
    }

    /// The latency that `share` of all answers did not exceed.
    func percentile(_ share: Double) -> Duration {
        let sorted = latencies.sorted()
        guard !sorted.isEmpty else { return .zero }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }

    private var rate: Double {
        let seconds = duration.inSeconds
        return seconds > 0 ? Double(count) / seconds : 0
    }

    func text(single: Bool) -> String {
        if single, let only { return only.status > 0 ? "\(only.status) \(only.body.split(separator: "\n").joined())" : only.body }
        var lines = kinds.sorted { $0.value > $1.value }.map { "\(String($0.value).leftPadded(to: 10))  \($0.key)" }
        lines.append("")
        lines.append("\(count) deliveries in \(duration.readable), \(Int(rate)) a second")
        lines.append(
            "latency p50 \(percentile(0.5).readable)  p90 \(percentile(0.9).readable)  p99 \(percentile(0.99).readable)  max \(percentile(1).readable)"
        )
        return lines.joined(separator: "\n")
    }

    var json: String {
        var json = JSONWriter()
        json.raw(#"{"answers":{"#)
        for (index, kind) in kinds.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { json.raw(",") }
            json.string(kind.key)
            json.raw(":")
            json.number(Int64(kind.value))
        }
        json.raw(#"},"deliveries":"#)
        json.number(Int64(count))
        json.raw(#","seconds":"#)
        json.raw(String(duration.inSeconds).utf8)
        json.raw(#","latency_ms":{"#)
        for (index, (name, share)) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1)].enumerated() {
            if index > 0 { json.raw(",") }
            json.string(name)
            json.raw(":")
            json.raw(String(percentile(share).inSeconds * 1000).utf8)
        }
        json.raw("}}")
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
