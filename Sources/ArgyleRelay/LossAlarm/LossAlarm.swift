import ArgyleAPI
import Logging
import RelayAdmin
import RelayCore
import Synchronization

/// Asks Argyle what it has sent, now and then, and says so when that never arrived. No delivery waits for it, and it waits for none: it reads a moment
/// that the ingress leaves behind.
final class LossAlarm: Sendable {
    private struct State {
        var own: OwnSubscriptions
        var watch = LossWatch()
        var pace = AskingPace()
        var sent: Timestamp?
        var subscriptions: Int?
        /// Why the last question brought nothing.
        var fault: String?
    }

    /// The last genuine delivery, whatever became of it; nil where this run has had none.
    private let arrived: @Sendable () -> Timestamp?
    /// What was sent before is a predecessor's affair.
    private let beginning: Timestamp
    private let time: TimeSource
    private let clock: any Clock<Duration>
    private let random: @Sendable () -> Double
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - beginning: when the outbox was written last before this run; without one, the start of this run.
    ///   - random: 0 to 1, for the jitter.
    init(
        own: OwnSubscriptions,
        beginning: Timestamp,
        time: TimeSource,
        clock: any Clock<Duration>,
        logger: Logger,
        random: @escaping @Sendable () -> Double = { .random(in: 0...1) },
        arrived: @escaping @Sendable () -> Timestamp?
    ) {
        self.arrived = arrived
        self.beginning = beginning
        self.time = time
        self.clock = clock
        self.random = random
        self.logger = logger
        state = Mutex(State(own: own))
    }

    /// Takes other secrets and events, from the next question on.
    func adopt(_ own: OwnSubscriptions) { state.withLock { $0.own = own } }

    /// Until cancelled.
    /// - Parameter client: must not try again by itself, and give up at any `Retry-After`: when to ask again is decided here.
    func run(asking client: ArgyleClient) async {
        var pause = AskingPace.pauseBeforeFirst(random: random())
        while (try? await clock.sleep(for: pause)) != nil {
            let answer: Result<[WebhookSubscription], ArgyleError>
            do throws(ArgyleError) { answer = .success(try await client.subscriptions()) } catch { answer = .failure(error) }
            if Task.isCancelled { return }
            switch answer {
            case .success(let listed): pause = take(listed)
            case .failure(let error): pause = take(error)
            }
        }
    }

    /// What status and metrics show.
    var report: StatusReport.Argyle {
        let (watch, sent, subscriptions, fault) = state.withLock { ($0.watch, $0.sent, $0.subscriptions, $0.fault) }
        let arrived = arrived()
        return StatusReport.Argyle(
            subscriptions: subscriptions,
            lastSent: sent,
            lastArrived: arrived,
            lagSeconds: subscriptions == nil ? nil : Int(LossWatch.lag(sent: sent, arrived: arrived ?? beginning).components.seconds),
            missing: watch.isMissing,
            fault: fault
        )
    }

    /// - Returns: the pause before the next question.
    private func take(_ listed: [WebhookSubscription]) -> Duration {
        let (arrived, uptime, random) = (arrived() ?? beginning, time.uptime(), random())
        let (news, sent, isBack, pause) = state.withLock { state in
            let own = state.own.among(listed)
            (state.sent, state.subscriptions) = (own.compactMap(\.lastSent).max(), own.count)
            let news = state.watch.look(sent: state.sent, arrived: arrived, uptime: uptime)
            let isBack = state.fault != nil
            state.fault = nil
            return (news, state.sent, isBack, state.pace.pauseAfterSuccess(random: random))
        }
        if isBack { logger.notice("Argyle's API tells again what it has sent") }
        if let news { tell(news, sent, arrived) }
        return pause
    }

    /// - Returns: the pause before the next question.
    private func take(_ error: ArgyleError) -> Duration {
        let random = random()
        let text = error.description.onOneLine
        let (isNew, pause) = state.withLock { state in
            let isNew = state.fault == nil
            state.fault = text
            return (isNew, state.pace.pauseAfterFailure(retryAfter: error.retryAfter, isFinal: !error.isTemporary, random: random))
        }
        if isNew {
            logger.warning(
                "Argyle's API does not tell what it has sent; deliveries are taken as ever, and it is asked again",
                metadata: ["error": "\(text)"]
            )
        }
        return pause
    }

    private func tell(_ news: LossWatch.News, _ sent: Timestamp?, _ arrived: Timestamp) {
        let metadata: Logger.Metadata = ["last_sent": "\(sent.map(\.description) ?? "never")", "last_arrived": "\(arrived)"]
        switch news {
        case .began:
            logger.warning(
                """
                Argyle has sent since the last genuine delivery arrived: deliveries get lost on the way or are refused. Look at the edge and at \
                refusals; argyle-relay reconcile finds what is missing
                """,
                metadata: metadata
            )
        case .ended:
            logger.notice("genuine deliveries arrive again; argyle-relay reconcile finds what was lost meanwhile", metadata: metadata)
        }
    }
}

extension ArgyleError {
    fileprivate var retryAfter: Duration? { if case .busy(let seconds) = self { .seconds(seconds) } else { nil } }
}
