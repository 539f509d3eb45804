import RelayClient
import RelayCore

/// Delivers many payloads over a bounded number of connections and keeps account of the answers.
struct DeliverySender {
    let client: HTTPClient
    let url: String
    let secret: [UInt8]
    let time: TimeSource

    /// - Parameter body: makes delivery number n, from 0.
    func deliver(
        count: Int,
        connections: Int,
        showsProgress: Bool,
        body: @escaping @Sendable (Int) -> [UInt8]
    ) async throws(HTTPClientError) -> SendReport {
        let url = try HTTPURL(url)
        var report = SendReport()
        let started = time.uptime()
        let bar = ProgressBar(total: count)
        // A hundred redraws are enough for anyone.
        let step = max(1, count / 100)
        await withTaskGroup(of: SendReport.Answer.self) { group in
            var next = 0
            func startOne() {
                guard next < count else { return }
                let number = next
                next += 1
                group.addTask { await deliver(body(number), to: url) }
            }
            for _ in 0..<min(connections, count) { startOne() }
            while let answer = await group.next() {
                report.add(answer)
                startOne()
                if showsProgress, report.count % step == 0 { bar.show(report.count) }
            }
        }
        if showsProgress { bar.end() }
        report.duration = time.uptime() - started
        return report
    }

    private func deliver(_ body: [UInt8], to url: HTTPURL) async -> SendReport.Answer {
        let started = time.uptime()
        let headers = [
            ("content-type", "application/json"), (signatureHeader, SampleDelivery.signature(of: body, secret: secret)),
        ]
        do throws(HTTPClientError) {
            let response = try await client.execute(method: "POST", url: url, headers: headers, body: body)
            return SendReport.Answer(
                status: response.status,
                body: String(decoding: response.body, as: UTF8.self),
                latency: time.uptime() - started
            )
        } catch {
            return SendReport.Answer(status: 0, body: "\(error)", latency: time.uptime() - started)
        }
    }
}
