import Foundation

/// Sends each request over a connection of its own, at a rate that nothing holds up: while one waits for its answer, others are opened.
/// Blocks the thread it runs on until all have ended.
package struct FreshConnections {
    package struct Report: Sendable {
        package var statuses: [Int: Int] = [:]
        /// Of connections that were refused, reset, or closed before a whole answer.
        package var failures: [String] = []
        package var longest = Duration.zero
        /// How long the sending took.
        package var span = Duration.zero
    }

    private struct Open {
        let began: ContinuousClock.Instant
        var unsent: ArraySlice<UInt8>
        var received: [UInt8] = []
    }

    let port: UInt16
    let rate: Int

    package init(port: UInt16, rate: Int) { (self.port, self.rate) = (port, rate) }

    /// - Parameter patience: for one answer.
    package func send(_ requests: [[UInt8]], patience: Duration = .seconds(20)) -> Report {
        let clock = ContinuousClock()
        let began = clock.now
        var report = Report()
        var open: [Int32: Open] = [:]
        var next = 0
        while next < requests.count || !open.isEmpty {
            let now = clock.now
            let due = min(requests.count, Int((now - began) / .milliseconds(1)) * rate / 1000 + 1)
            while next < due {
                if let descriptor = connect(&report) { open[descriptor] = Open(began: now, unsent: requests[next][...]) }
                next += 1
                if next == requests.count { report.span = now - began }
            }
            var waiting = open.map { pollfd(fd: $0.key, events: Int16($0.value.unsent.isEmpty ? POLLIN : POLLOUT), revents: 0) }
            _ = poll(&waiting, nfds_t(waiting.count), 2)
            for entry in waiting {
                guard var connection = open[entry.fd] else { continue }
                let end = entry.revents == 0 ? overdue(connection, now, patience) : advance(entry.fd, &connection)
                open[entry.fd] = connection
                guard let end else { continue }
                switch end {
                case .success(let status):
                    report.statuses[status, default: 0] += 1
                    report.longest = max(report.longest, clock.now - connection.began)
                case .failure(let fault): report.failures.append(fault.text)
                }
                open[entry.fd] = nil
                close(entry.fd)
            }
        }
        return report
    }

    private struct Fault: Error {
        let text: String
    }

    private func overdue(_ connection: Open, _ now: ContinuousClock.Instant, _ patience: Duration) -> Result<Int, Fault>? {
        now - connection.began > patience ? .failure(Fault(text: "no answer")) : nil
    }

    private func connect(_ report: inout Report) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if descriptor >= 0, result == 0 || errno == EINPROGRESS { return descriptor }
        report.failures.append("connect: \(String(cString: strerror(errno)))")
        if descriptor >= 0 { close(descriptor) }
        return nil
    }

    /// The answer's status once it is whole; nil while it is not.
    private func advance(_ descriptor: Int32, _ connection: inout Open) -> Result<Int, Fault>? {
        if !connection.unsent.isEmpty {
            let sent = connection.unsent.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent < 0 { return errno == EAGAIN ? nil : .failure(Fault(text: "send: \(String(cString: strerror(errno)))")) }
            connection.unsent = connection.unsent.dropFirst(sent)
            return nil
        }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 { return errno == EAGAIN ? nil : .failure(Fault(text: "recv: \(String(cString: strerror(errno)))")) }
        if count == 0 { return .failure(Fault(text: "closed after \(connection.received.count) bytes")) }
        connection.received += buffer.prefix(count)
        let text = String(decoding: connection.received, as: UTF8.self)
        // Every answer of the relay ends with its JSON's newline, or brace.
        guard let head = text.range(of: "\r\n\r\n"), text[head.upperBound...].contains("}") else { return nil }
        return .success(text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
    }
}
