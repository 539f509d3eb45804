import RelayAdmin
import RelayCore
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
        stalledPartitions = {
            publisher.partitionReports.compactMap { report in
                report.stalledFor.map { StatusReport.StalledPartition(report, seconds: Int($0.components.seconds)) }
            }
        }
    }
}

extension StatusReport.StalledPartition {
    fileprivate init(_ report: PartitionReport, seconds: Int) {
        self.init(topic: report.topic.text, partition: report.partition, seconds: seconds)
    }
}
