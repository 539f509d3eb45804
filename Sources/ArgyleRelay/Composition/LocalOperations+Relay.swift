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
            replayAdded: { publisher.wakeReplays() },
            reroute: { (topic, others, move) throws(OperationFault) in
                do throws(RearrangingFault) { return try await publisher.reroute(from: topic, to: others, move) } catch {
                    throw OperationFault(error)
                }
            },
            withdraw: { (sequence, topic, giveUp) throws(OperationFault) in
                do throws(RearrangingFault) { return try await publisher.withdraw(sequence, of: topic, giveUp) } catch {
                    throw OperationFault(error)
                }
            }
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

extension OperationFault {
    fileprivate init(_ fault: RearrangingFault) {
        switch fault {
        case .busy: self = .unavailable("another entry is being given up, or a topic rerouted; try again")
        case .onItsWay:
            self = .unavailable(
                "it is on its way to Kafka right now, which may take it yet: try again. Where it stays so, stop the relay and give the command then"
            )
        case .stopping: self = .unavailable("the relay is stopping")
        case .outbox(let error): self = .unavailable(error.description)
        }
    }
}
