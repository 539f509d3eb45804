import RelayAdmin
import RelayOutbox
import RelayPublisher

extension LocalOperations.Relay {
    /// What the running parts know beyond the outbox.
    init(outbox: SQLiteOutbox, publisher: Publisher, rates: RateMeter) {
        self.init(
            rates: { rates.rates },
            kafka: { (publisher.isConnected, publisher.connectionFault.map { "\($0.code): \($0.detail)" }) },
            readmit: { publisher.readmit($0) },
            replayAdded: { publisher.wakeReplays() }
        )
    }
}
