/// Why a genuine delivery could not be read as an Argyle event; it is kept whole and goes to the dead-letter topic.
package struct Unreadable: Error, Equatable, Sendable {
    package enum Code: String, Sendable, CaseIterable {
        case emptyBody = "empty_body"
        case notJSON = "not_json"
        case tooDeep = "too_deep"
        case notAnObject = "not_an_object"
        case duplicateMember = "duplicate_member"
        case eventMissing = "event_missing"
        case eventInvalid = "event_invalid"
        case dataInvalid = "data_invalid"
        case userMissing = "user_missing"
        case userInvalid = "user_invalid"
        case userMismatch = "user_mismatch"
        case accountInvalid = "account_invalid"
        case accountsMissing = "accounts_missing"
        case accountsInvalid = "accounts_invalid"
        case itemsInvalid = "items_invalid"
        case memberInvalid = "member_invalid"
    }

    /// Stable; goes into the answer, the log, the metric and the dead letter's `relay-error-code`.
    package let code: Code
    /// Names members and offsets, never values.
    package let detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    init(_ fault: JSONFault) {
        switch fault.kind {
        case .tooDeep: self.init(.tooDeep, "nested deeper than \(JSONScanner.maximumDepth) levels at byte \(fault.offset)")
        default: self.init(.notJSON, "\(fault.kind.rawValue) at byte \(fault.offset)")
        }
    }
}
