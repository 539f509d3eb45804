import ArgyleAPI
import RelayCore
import RelayOutbox

/// What `reconcile` prints as JSON of one user.
struct ReconcileLine: Encodable {
    let user: String
    /// `missed`, `accepted`, `known`, `overtaken`, or `forgotten`.
    let outcome: String
    /// The event's, which anyone can recompute.
    let id: EventID?
    let accounts: [String]?
    /// Those that the relay did not know.
    let accountsAdded: [String]?
    let change: String?
    let revision: Int64?

    init(_ finding: Reconciliation.Finding) {
        user = finding.user.text
        outcome = finding.missed?.outcome.outcome.rawValue ?? "forgotten"
        id = finding.missed?.outcome.id
        accounts = finding.missed?.set.accounts.members
        accountsAdded = finding.missed?.set.added.members
        change = finding.missed?.outcome.change
        revision = finding.missed?.outcome.revision
    }
}

/// What came of a whole run, counted while it goes on.
struct ReconcileReport {
    private(set) var missed = 0
    private(set) var accepted = 0
    private(set) var overtaken = 0
    private(set) var forgotten = 0

    /// Whether the finding is worth a line: what the store received meanwhile is not.
    mutating func count(_ finding: Reconciliation.Finding) -> Bool {
        switch finding.missed?.outcome.outcome {
        case .missed: missed += 1
        case .accepted: accepted += 1
        case .overtaken: overtaken += 1
        case nil: forgotten += 1
        case .known: return false
        }
        return true
    }

    /// A line for a person.
    static func line(_ finding: Reconciliation.Finding) -> String {
        guard let (set, outcome) = finding.missed else {
            return "forgotten  \(finding.user.text)  what was known of it is past dedup.retention"
        }
        let added = "\(outcome.id)  \(set.accounts.members.count) accounts, not known: \(set.added.members.joined(separator: ","))"
        switch outcome.outcome {
        case .missed: return "missed  \(finding.user.text)  \(added)"
        case .accepted: return "taken in  \(finding.user.text)  \(added)  \(outcome.change ?? "") #\(outcome.revision ?? 0)"
        case .known: return "known  \(finding.user.text)  \(outcome.id)"
        case .overtaken: return "overtaken  \(finding.user.text)  by \(outcome.id), which was delivered meanwhile"
        }
    }

    /// What it comes to.
    var summary: [String] {
        var lines: [String] = []
        if missed > 0 { lines.append("\(Self.users(missed)) missed: --apply has the facts taken in") }
        if accepted > 0 { lines.append("\(Self.users(accepted)) missed, and the facts are taken in") }
        if overtaken > 0 { lines.append("\(overtaken) had a delivery meanwhile: give the command again") }
        if forgotten > 0 {
            lines.append("\(forgotten) cannot be told: their sets are past dedup.retention; --user takes one of them for never received")
        }
        return lines.isEmpty ? ["nothing was missed"] : lines
    }

    private static func users(_ count: Int) -> String { count == 1 ? "1 user was" : "\(count) users were" }
}
