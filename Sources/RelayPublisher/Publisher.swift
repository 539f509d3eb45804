package import Logging
package import RelayCore
package import RelayKafka
package import RelayMetrics
package import RelayOutbox
import Synchronization

/// The second half-hallway: takes entries as they are committed, publishes them, and settles them by Kafka's acknowledgement.
///
/// Never settles an entry at its enqueue; never gives up on the cluster: it backs off, and makes a new producer where the old one
/// is beyond repair. Memory is bounded by one window a topic; the backlog stays on disk.
package final class Publisher: Sendable {
    package struct Settings: Sendable {
        package var mode: Envelope.Mode
        package var kafka: KafkaSettings
        /// What was received longer ago carries the time of publishing as its record's timestamp.
        package var maxTimestampAge: Duration
        package var window: Lane.Window
        package var retry: BackOff.Bounds
        /// How long ``Publisher/run()`` waits at its end for what is on its way, unless ``Publisher/stop(within:)`` says otherwise.
        package var drain: Duration

        package init(
            mode: Envelope.Mode,
            kafka: KafkaSettings,
            maxTimestampAge: Duration = .seconds(3600),
            retry: BackOff.Bounds,
            window: Lane.Window = Lane.Window(entries: 4000, bytes: 16 << 20),
            drain: Duration = .seconds(4)
        ) {
            self.mode = mode
            self.kafka = kafka
            self.maxTimestampAge = maxTimestampAge
            self.retry = retry
            self.window = window
            self.drain = drain
        }
    }

    struct State {
        var lanes: [TopicName: Lane] = [:]
        var health = BrokerHealth()
        var faults = FaultDigest()
        var refusedTimestamps = RefusedTimestamps()
        var stalls = StallWatch()
        /// When the number of a topic's partitions is asked for next.
        var countsAsked: [TopicName: Duration] = [:]
        /// Those that are known.
        var partitionCounts: [TopicName: Int] = [:]
        /// Topics of the replay under way, which need not have a lane.
        var replayTopics: Set<TopicName> = []
        var retry: BackOff.Bounds
        var isStopping = false
        var drain: Duration
        var isBroken = false
        var rebuilding = BackOff()
        /// Topics that are to be made before anything is sent to them.
        var missingTopics: [TopicName] = []
        /// A hint is told once, not with every try.
        var hasToldHint = false
        /// What waits on disk is being changed by an operator's order; one at a time.
        var isRearranging = false
    }

    let settings: Settings
    let outbox: any OutboxStore
    let meters: PublishMeters
    let time: TimeSource
    let clock: any Clock<Duration>
    let logger: Logger
    /// Makes a topic that is missing; nil where the operator does that. Blocks, and ``run()`` waits for it even at the stop.
    let makeTopic: (@Sendable (TopicName) throws(KafkaError) -> Void)?

    let state: Mutex<State>
    let producer = Mutex<KafkaProducer?>(nil)
    let alarms = Alarms()
    let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// The replay that is under way.
    let replay = Mutex<ReplayRun?>(nil)
    let replayAlarms = Alarms()
    let replayWakes: AsyncStream<Void>
    let replayWaker: AsyncStream<Void>.Continuation
    /// Ends at the stop.
    let replayEnd: AsyncStream<Never>
    let replayEnder: AsyncStream<Never>.Continuation

    package init(
        settings: Settings,
        outbox: any OutboxStore,
        meters: PublishMeters,
        time: TimeSource,
        clock: any Clock<Duration>,
        logger: Logger,
        makeTopic: (@Sendable (TopicName) throws(KafkaError) -> Void)? = nil
    ) {
        self.settings = settings
        self.outbox = outbox
        self.meters = meters
        self.time = time
        self.clock = clock
        self.logger = logger
        self.makeTopic = makeTopic
        state = Mutex(State(retry: settings.retry, drain: settings.drain))
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (replayWakes, replayWaker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (replayEnd, replayEnder) = AsyncStream.makeStream()
    }

    /// Takes entries that have just been committed, in order; does not wait.
    package func handOver(_ entries: [OutboxEntry]) {
        state.withLock { state in
            // Nearly always they all go to one topic.
            var rest = entries[...]
            while let topic = rest.first?.topic {
                let run = rest.prefix { $0.topic == topic }
                open(topic, in: &state)
                state.lanes[topic]?.handOver(run)
                rest = rest[run.endIndex...]
            }
        }
        wake()
    }

    /// Ends ``run()``: nothing more is read, what is in memory leaves as far as Kafka takes it in time.
    /// - Parameter drain: for how long at most; by the settings where it is nil.
    package func stop(within drain: Duration? = nil) {
        state.withLock { state in
            state.isStopping = true
            if let drain { state.drain = min(state.drain, drain) }
        }
        replayEnder.finish()
        wake()
    }

    /// Takes new bounds for the waits between tries.
    package func setRetry(_ bounds: BackOff.Bounds) { state.withLock { $0.retry = bounds } }

    /// Opens lanes for `topics`, so that missing ones are made before the first entry comes.
    package func open(_ topics: [TopicName]) {
        state.withLock { state in for topic in topics { open(topic, in: &state) } }
        wake()
    }

    private func open(_ topic: TopicName, in state: inout State) {
        guard state.lanes[topic] == nil else { return }
        state.lanes[topic] = Lane(window: settings.window)
        if let count = state.partitionCounts[topic] { state.lanes[topic]?.setPartitionCount(count) }
        if makeTopic != nil { state.missingTopics.append(topic) }
    }

    func wake() { waker.yield() }

    /// How often the producer's poll thread has come round; nil while there is no producer, which is between two of them.
    package var pollRounds: Int? { producer.withLock { $0 }?.pollRounds }

    package var isConnected: Bool { state.withLock { $0.health.isConnected(at: time.uptime()) } }

    /// What is wrong with the connection to Kafka, if anything is known.
    package var connectionFault: (code: String, detail: String)? { state.withLock { $0.health.lastFault } }
}
