import RelayCore
package import RelayHTTP

extension HTTPServerResponse {
    /// A problem as of RFC 9457 with a stable `code`.
    package static func problem(
        status: Int,
        code: String,
        title: String,
        detail: String? = nil,
        headers: [(String, String)] = []
    ) -> HTTPServerResponse {
        var json = JSONWriter()
        json.raw(#"{"title":"#)
        json.string(title)
        json.raw(#","status":"#)
        json.number(Int64(status))
        json.raw(#","code":"#)
        json.string(code)
        if let detail {
            json.raw(#","detail":"#)
            json.string(detail)
        }
        json.raw("}\n")
        return HTTPServerResponse(status: status, headers: [("content-type", "application/problem+json")] + headers, body: json.bytes)
    }

    /// 200 when everything is well, 503 otherwise; says which part is not.
    init(_ readiness: Readiness) {
        var json = JSONWriter()
        json.raw(#"{"ready":"#)
        json.raw(readiness.isReady ? "true" : "false")
        json.raw(#","stopping":"#)
        json.raw(readiness.isStopping ? "true" : "false")
        json.raw(#","listener":"#)
        json.write(readiness.listener)
        json.raw(#","store":"#)
        json.write(readiness.store)
        json.raw(#","kafka":"#)
        json.write(readiness.kafka)
        json.raw("}\n")
        self = .json(status: readiness.isReady ? 200 : 503, json.bytes)
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ part: Readiness.Part) {
        switch part {
        case .ok: raw(#"{"ok":true}"#)
        case .degraded(let code, let detail):
            raw(#"{"ok":true,"degraded":true,"code":"#)
            string(code)
            raw(#","detail":"#)
            string(detail)
            raw("}")
        case .failing(let code, let detail):
            raw(#"{"ok":false,"code":"#)
            string(code)
            raw(#","detail":"#)
            string(detail)
            raw("}")
        }
    }
}
