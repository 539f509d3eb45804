import NIOCore

/// One deadline of a connection that moves with every request, kept with at most one scheduled task.
/// The task fires at least once every `granularity` and re-arms itself: moving the deadline by at least that much costs no scheduling.
final class DeadlineTimer {
    private let eventLoop: any EventLoop
    private let granularity: TimeAmount
    private let expired: () -> Void
    private var deadline: NIODeadline?
    private var scheduled: (task: Scheduled<Void>, time: NIODeadline)?

    /// `expired` is called on the loop, at most once per deadline set.
    init(eventLoop: any EventLoop, granularity: TimeAmount, expired: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.granularity = granularity
        self.expired = expired
    }

    /// Moves the deadline to `span` from now.
    func set(after span: TimeAmount) {
        let now = NIODeadline.now()
        set(at: now + span, now: now)
    }

    func set(at time: NIODeadline, now: NIODeadline = .now()) {
        deadline = time
        if let scheduled {
            guard scheduled.time > time else { return }
            scheduled.task.cancel()
        }
        arm(at: min(time, now + granularity))
    }

    func clear() {
        deadline = nil
    }

    /// Releases the scheduled task; to be called when the connection is gone.
    func cancel() {
        deadline = nil
        scheduled?.task.cancel()
        scheduled = nil
    }

    private func arm(at time: NIODeadline) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        scheduled = (eventLoop.scheduleTask(deadline: time) { bound.value.fire() }, time)
    }

    private func fire() {
        scheduled = nil
        guard let deadline else { return }
        let now = NIODeadline.now()
        if deadline <= now {
            self.deadline = nil
            expired()
        } else {
            arm(at: min(deadline, now + granularity))
        }
    }
}
