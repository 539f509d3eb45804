import CCurl

/// What curl's thread holds: the exchanges that wait for one of the client's connections, in order, and those under way.
/// It drives no more of them at once than the bound, so that libcurl itself never queues; the deadlines of the waiting run here.
struct TransferLoop: ~Copyable {
    private let multi: UnsafeMutableRawPointer
    private let configuration: HTTPClient.Configuration
    private var waiting: [Exchange] = []
    /// How many of `waiting` have left at its front.
    private var gone = 0
    /// No waiting exchange ends before; perhaps none does then.
    private var nextDeadline = Duration.seconds(Int64.max)
    private var running: [ObjectIdentifier: Transfer] = [:]
    private var byHandle: [UnsafeMutableRawPointer: ObjectIdentifier] = [:]
    private var idle: [EasyHandle] = []

    init(multi: UnsafeMutableRawPointer, configuration: HTTPClient.Configuration) {
        self.multi = multi
        self.configuration = configuration
    }

    mutating func start(_ exchange: Exchange) {
        waiting.append(exchange)
        nextDeadline = min(nextDeadline, exchange.deadline)
    }

    /// Its caller has gone: its connection is closed at once.
    mutating func abandon(_ exchange: Exchange) {
        guard let transfer = running[ObjectIdentifier(exchange)] else { return }
        remove(transfer)
    }

    /// Does what can be done without waiting. False when libcurl cannot go on.
    mutating func turn() -> Bool {
        admit()
        var count: Int32 = 0
        guard curl_multi_perform(multi, &count) == CURLM_OK else { return false }
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let pointer = message.pointee.easy_handle, let id = byHandle[pointer],
                let transfer = running[id]
            else { continue }
            let outcome = transfer.outcome(message.pointee.data.result)
            // Its place is free before its caller hears of it.
            remove(transfer)
            transfer.exchange.end(outcome)
        }
        admit()
        expire()
        return true
    }

    /// How long the thread may wait for what libcurl does not watch, in milliseconds.
    var patience: Int32 {
        guard gone < waiting.count else { return 3_600_000 }
        let left = (nextDeadline - Exchange.uptime).components
        return Int32(clamping: max(0, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1))
    }

    /// Ends everything; nothing is left with libcurl.
    mutating func end() {
        for transfer in running.values {
            curl_multi_remove_handle(multi, transfer.handle.pointer)
            transfer.exchange.end(.failure(.shutDown))
        }
        for exchange in waiting[gone...] { exchange.end(.failure(.shutDown)) }
        (running, byHandle, waiting, idle, gone) = ([:], [:], [], [], 0)
    }

    private mutating func admit() {
        while running.count < configuration.maxConnections, gone < waiting.count {
            let exchange = waiting[gone]
            gone += 1
            if gone == waiting.count || gone > 1024 {
                waiting.removeFirst(gone)
                gone = 0
            }
            if !exchange.hasEnded { run(exchange) }
        }
    }

    private mutating func run(_ exchange: Exchange) {
        guard let handle = idle.popLast() ?? EasyHandle() else {
            return exchange.end(.failure(.noResources(reason: "out of memory")))
        }
        do throws(CurlFault) {
            let transfer = try Transfer(
                exchange,
                handle: handle,
                maxBody: configuration.maxResponseBody,
                tls: configuration.tls
            )
            guard curl_multi_add_handle(multi, handle.pointer) == CURLM_OK else { throw CurlFault(code: CURLE_OUT_OF_MEMORY) }
            running[ObjectIdentifier(exchange)] = transfer
            byHandle[handle.pointer] = ObjectIdentifier(exchange)
        } catch {
            exchange.end(.failure(.noResources(reason: error.text)))
        }
    }

    private mutating func remove(_ transfer: Transfer) {
        curl_multi_remove_handle(multi, transfer.handle.pointer)
        running[ObjectIdentifier(transfer.exchange)] = nil
        byHandle[transfer.handle.pointer] = nil
        idle.append(transfer.handle)
    }

    private mutating func expire() {
        guard gone < waiting.count, Exchange.uptime >= nextDeadline else { return }
        let now = Exchange.uptime
        for exchange in waiting[gone...] where exchange.deadline <= now { exchange.end(.failure(.timeout(exchange.timeout, .waiting))) }
        waiting = waiting[gone...].filter { !$0.hasEnded }
        gone = 0
        nextDeadline = waiting.map(\.deadline).min() ?? .seconds(Int64.max)
    }
}
