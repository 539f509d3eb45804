import FoundationEssentials
import RelayCore
import RelayKafka

/// What `tail` prints of one record: a line to read, or a line of JSON.
enum TailLine {
    /// Time, type, user, change, revision, accounts with what was added and removed, id, and where it is in Kafka.
    static func text(_ record: ConsumedRecord) -> String {
        var words: [String]
        switch TailedRecord(record) {
        case .event(let envelope):
            guard let event = try? JSONDecoder().decode(TailedEnvelope.self, from: Data(envelope)) else {
                words = [time(of: record), "UNREADABLE", "\(record.value?.count ?? 0) bytes that are no envelope"]
                break
            }
            words = [event.time ?? time(of: record), event.type.drop(prefix: "com.argyle.")]
            if let user = event.subject { words.append("user=\(user)") }
            if let data = event.data { words += described(data) }
            words.append("id=\(event.id)")
        case .deadLetter(let code, let detail, let receivedAt):
            words = [receivedAt.isEmpty ? time(of: record) : receivedAt, "DEAD-LETTER", "code=\(code)", "\"\(detail)\""]
            words.append("\(record.value?.count ?? 0) bytes")
        case .foreign:
            words = [time(of: record), "FOREIGN", "\(record.value?.count ?? 0) bytes that are not the relay's"]
        }
        if let replay = RecordHeaders(record)["relay-replay"] { words.append("replay=\(replay)") }
        words.append("\(record.topic) \(record.partition)@\(record.offset)")
        return words.joined(separator: " ").onOneLine
    }

    /// The whole envelope on one line; dead letters and foreign records are told of as objects of their own.
    static func json(_ record: ConsumedRecord) -> [UInt8] {
        switch TailedRecord(record) {
        case .event(let envelope):
            // Argyle's own JSON travels byte for byte, line breaks between its tokens included.
            return envelope.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        case .deadLetter(let code, let detail, let receivedAt):
            return aside(record, "dead_letter", [("code", code), ("detail", detail), ("received_at", receivedAt)])
        case .foreign:
            return aside(record, "foreign", [])
        }
    }

    /// Whether the record is about `user`, by its key or its subject.
    static func concerns(_ user: UserID, _ record: ConsumedRecord) -> Bool {
        if let key = record.key { return key == Array(user.text.utf8) }
        return RecordHeaders(record)["ce_subject"] == user.text
    }

    private static func described(_ data: TailedEnvelope.Content) -> [String] {
        var words: [String] = []
        if let account = data.account { words.append("account=\(account)") }
        if let change = data.change { words.append(change) }
        if let revision = data.revision { words.append("r\(revision)") }
        if let accounts = data.accounts_connected { words.append("accounts=\(accounts.count)") }
        if data.change != nil { words.append("+\(data.accounts_added?.count ?? 0)/-\(data.accounts_removed?.count ?? 0)") }
        return words
    }

    private static func aside(_ record: ConsumedRecord, _ kind: StaticString, _ members: [(String, String)]) -> [UInt8] {
        var json = JSONWriter(reserving: (record.value?.count ?? 0) + 256)
        json.raw(#"{""#)
        json.raw(kind)
        json.raw(#"":{"topic":"#)
        json.string(record.topic)
        json.raw(#","partition":"#)
        json.number(Int64(record.partition))
        json.raw(#","offset":"#)
        json.number(record.offset)
        for (name, value) in members {
            json.raw(",")
            json.string(name)
            json.raw(":")
            json.string(value)
        }
        let body = record.value ?? []
        if let text = String(validating: body, as: UTF8.self) {
            json.raw(#","body":"#)
            json.string(text)
        } else {
            json.raw(#","body_base64":"#)
            json.string(Data(body).base64EncodedString())
        }
        json.raw("}}")
        return json.bytes
    }

    private static func time(of record: ConsumedRecord) -> String {
        record.timestamp.map { Timestamp(milliseconds: $0).description } ?? "-"
    }
}

extension String {
    fileprivate func drop(prefix: String) -> String { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self }
}
