import RelayConfiguration

/// Whether there are descriptors for `http.max_connections`. It reads the limits of this process, which a service manager may set differently for the relay.
struct DescriptorCheck {
    let budget: DescriptorBudget

    func finding(maxConnections wanted: Int) -> Finding {
        let check = "descriptors"
        guard budget.isEnough else { return .failed(check, budget.refusal, "the relay does not start like this") }
        if let shortfall = budget.shortfall(of: wanted) { return .warning(check, shortfall, budget.remedy(for: wanted)) }
        return .ok(check, "the limit of \(budget.limit) open files is enough for http.max_connections (\(wanted))")
    }
}
