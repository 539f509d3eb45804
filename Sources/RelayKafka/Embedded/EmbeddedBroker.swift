import CRdKafka
import Synchronization

/// librdkafka's mock cluster in this process, listening on loopback, for trials and tests. It keeps at most 5 MiB a partition and nothing
/// on disk, and is never fit for real events.
package final class EmbeddedBroker: Sendable {
    private let cluster: Mutex<Cluster?>
    /// `host:port`, separated by commas, as `bootstrap.servers` takes it.
    package let bootstrapServers: [String]
    package let brokerCount: Int

    package init(brokers: Int = 1) throws(KafkaError) {
        guard (1...32).contains(brokers) else { throw KafkaError(code: "invalid_arg", detail: "1 to 32 brokers, not \(brokers)") }
        guard let configuration = rd_kafka_conf_new() else { throw .outOfMemory }
        // Its own client has nobody to connect to and would say so on stderr.
        rd_kafka_conf_set_log_cb(configuration, nil)
        var message = [CChar](repeating: 0, count: 512)
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &message, message.count) else {
            rd_kafka_conf_destroy(configuration)
            throw KafkaError(code: "client_refused", detail: message.text)
        }
        guard let made = rd_kafka_mock_cluster_new(client, Int32(brokers)) else {
            rd_kafka_destroy(client)
            throw KafkaError(code: "embedded_broker_failed", detail: "no embedded broker with \(brokers) nodes could be started")
        }
        bootstrapServers = String(cString: rd_kafka_mock_cluster_bootstraps(made)).split(separator: ",").map(String.init)
        brokerCount = brokers
        cluster = Mutex(Cluster(client: CObject(client), mock: CObject(made)))
    }

    /// Settings of a client of this cluster.
    package var settings: KafkaSettings { KafkaSettings(bootstrapServers: bootstrapServers) }

    /// Makes a topic; one that exists is left as it is.
    package func createTopic(_ name: String, partitions: Int, replicas: Int = 1) throws(KafkaError) {
        // librdkafka aborts the process on a count that it cannot allocate.
        guard (1...1024).contains(partitions), (1...brokerCount).contains(replicas), !name.isEmpty else {
            throw KafkaError(code: "invalid_arg", detail: "1 to 1024 partitions on 1 to \(brokerCount) brokers, and a name")
        }
        try command { rd_kafka_mock_topic_create($0, name, Int32(partitions), Int32(replicas)) }
    }

    /// Stops the brokers and frees them. A second call does nothing.
    package func close() {
        cluster.withLock { cluster in
            cluster?.destroy()
            cluster = nil
        }
    }

    deinit { close() }

    /// Runs one command on the cluster. Commands are short messages to the cluster's own thread, so the lock is held only that long.
    func command(_ body: (OpaquePointer) -> rd_kafka_resp_err_t) throws(KafkaError) {
        let code = cluster.withLock { $0.map { body($0.mock.pointer) } }
        guard let code else { throw .closed }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR, code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { throw KafkaError(code) }
    }

    /// The mock cluster and the client that carries it; both are only touched under the mutex.
    private struct Cluster: Sendable {
        let client: CObject
        let mock: CObject

        /// The cluster goes first: it lives on its client.
        func destroy() {
            rd_kafka_mock_cluster_destroy(mock.pointer)
            rd_kafka_destroy(client.pointer)
        }
    }
}
