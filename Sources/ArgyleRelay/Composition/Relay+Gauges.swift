import RelayConfiguration
import RelayCore
import RelayKafka
import RelayMetrics
import RelayOutbox
import RelayPublisher
import Synchronization

/// Metrics that are read when somebody looks.
extension Relay {
    func registerGauges() {
        let outbox = outbox
        let publisher = publisher
        let time = time
        registry.gauge("outbox_pending", "Entries that wait for Kafka.") { Double(outbox.status.pending) }
        registry.gauge("outbox_oldest_pending_seconds", "Age of the oldest entry that waits for Kafka.") {
            guard let oldest = outbox.status.oldestPending else { return 0 }
            return Double(time.now().elapsed(since: oldest).components.seconds)
        }
        registry.gauge("outbox_dead", "Entries that Kafka will never take as they are.") { Double(outbox.status.dead) }
        registry.gauge("outbox_free_disk_bytes", "Free space on the outbox's disk, as the relay may use it.") {
            outbox.status.freeDisk.map(Double.init)
        }
        registry.gauge("kafka_connected", "Whether a broker has answered within the last 30 s.") { publisher.isConnected ? 1 : 0 }
        registerCertificate()
        registerLossAlarm()
        registry.counter(
            "log_lines_dropped_total",
            "Lines of the log that nobody read in time, or that could not be written.",
            LogWriter.standard.dropped
        )
        registry.gauges("partition_stalled", "1 while a partition takes nothing although Kafka is reached; 0 once it does again.") {
            publisher.partitionReports.map { report in
                ([("topic", report.topic.text), ("partition", report.partition)], report.stalledFor == nil ? 0 : 1)
            }
        }
        registry.information(
            "build_info",
            "What runs.",
            [("version", Build.version), ("librdkafka", KafkaLibrary.version), ("sqlite", SQLiteOutbox.libraryVersion)]
        )
    }
}
