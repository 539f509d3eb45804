import RelayCore
import RelayHTTP
import RelayOutbox

/// How a genuine delivery was answered.
enum DeliveryReceipt: Equatable {
    case accepted(EventID, Transition?)
    case duplicate(EventID)
    case ignored
    case quarantined(EventID, Unreadable.Code)

    init(_ receipt: Receipt) {
        self =
            switch receipt {
            case .accepted(let id, let transition): .accepted(id, transition)
            case .duplicate(let id): .duplicate(id)
            case .quarantined(let id, let code): .quarantined(id, code)
            }
    }

    static var outcomes: [String] { ["accepted", "duplicate", "ignored", "quarantined"] }

    /// As in the answer's `status` and the metric's label.
    var outcome: String {
        switch self {
        case .accepted: "accepted"
        case .duplicate: "duplicate"
        case .ignored: "ignored"
        case .quarantined: "quarantined"
        }
    }
}

extension HTTPServerResponse {
    /// Section 3 of the contract: 200 and what became of the delivery.
    init(_ receipt: DeliveryReceipt) {
        var json = JSONWriter(reserving: 128)
        json.raw(#"{"status":"#)
        json.string(receipt.outcome)
        switch receipt {
        case .ignored: break
        case .duplicate(let id): json.member(#","id":"#, id)
        case .accepted(let id, let transition):
            json.member(#","id":"#, id)
            if let transition {
                json.raw(#","change":"#)
                json.string(transition.change.rawValue)
                json.raw(#","revision":"#)
                json.number(transition.revision)
            }
        case .quarantined(let id, let code):
            json.member(#","id":"#, id)
            json.raw(#","code":"#)
            json.string(code.rawValue)
        }
        json.raw("}\n")
        self = .json(json.bytes)
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ id: EventID) {
        raw(name)
        string(id.description)
    }
}

/// Every outcome a delivery can have, for metrics that show all of them from the start.
package let deliveryOutcomes = DeliveryReceipt.outcomes + Rejection.allCases.map(\.code)

/// Every way in which a connection can end, likewise.
package let connectionEnds = HTTPConnectionEnd.allCases.map(\.rawValue)
