/// What becomes of an account set that is known, when it comes again later than `dedup.window` and says something new: another set than the
/// user's current one, or the same with other particulars.
package enum ResentPolicy: String, Sendable, CaseIterable {
    /// It is a duplicate, and counted.
    case suppress
    /// It is a new fact.
    case publish
}
