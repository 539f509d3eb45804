package import RelayCore

extension StatusReport {
    /// What Argyle says it has sent to this relay, and what arrived.
    package struct Argyle: Codable, Sendable, Equatable {
        /// How many subscriptions deliver here; nil until Argyle has answered.
        package var subscriptions: Int?
        package var lastSent: Timestamp?
        /// The last genuine delivery, ignored ones and repeats included; nil where this run has had none.
        package var lastArrived: Timestamp?
        /// By how much the former is later; of a run without a delivery as against the end of the one before.
        package var lagSeconds: Int?
        /// Whether that is more than clocks and deliveries on their way can account for.
        package var missing: Bool
        /// Why Argyle's API could not be asked the last time.
        package var fault: String?

        package init(subscriptions: Int?, lastSent: Timestamp?, lastArrived: Timestamp?, lagSeconds: Int?, missing: Bool, fault: String?) {
            self.subscriptions = subscriptions
            self.lastSent = lastSent
            self.lastArrived = lastArrived
            self.lagSeconds = lagSeconds
            self.missing = missing
            self.fault = fault
        }
    }
}
