package import RelayHTTP
package import RelayMetrics

/// The admin listener's route: health and metrics, open to whoever reaches it.
package struct AdminRoute: HTTPRoute {
    let metrics: MetricsRegistry
    let readiness: @Sendable () -> Readiness
    let api: (any AdminAPI)?

    /// - Parameters:
    ///   - readiness: asked at each `GET /readyz`.
    ///   - api: answers what lies under `/v1/`.
    package init(metrics: MetricsRegistry, readiness: @escaping @Sendable () -> Readiness, api: (any AdminAPI)? = nil) {
        self.metrics = metrics
        self.readiness = readiness
        self.api = api
    }

    package func admit(_ head: HTTPRequestHead) -> HTTPAdmission {
        if head.path.hasPrefix("/v1/"), let api { return api.admit(head) }
        guard ["/livez", "/readyz", "/metrics"].contains(head.path) else {
            return .answer(.problem(status: 404, code: "not_found", title: "There is nothing at this path."))
        }
        guard head.method == "GET" || head.method == "HEAD" else {
            return .answer(
                .problem(status: 405, code: "method_not_allowed", title: "This path is read with GET.", headers: [("allow", "GET, HEAD")])
            )
        }
        return .read(maxBody: 0)
    }

    package func respond(to head: HTTPRequestHead, body: [UInt8]) async -> HTTPServerResponse {
        switch head.path {
        case "/livez": return .text("ok\n")
        case "/readyz": return HTTPServerResponse(readiness())
        case "/metrics":
            return HTTPServerResponse(
                status: 200,
                headers: [("content-type", "text/plain; version=0.0.4; charset=utf-8")],
                body: Array(metrics.text().utf8)
            )
        default: return await api?.respond(to: head, body: body) ?? .problem(status: 404, code: "not_found", title: "Not found.")
        }
    }

    package func failure(_ fault: HTTPFault, head: HTTPRequestHead?) -> HTTPServerResponse {
        let (code, title) =
            switch fault {
            case .bodyTooLarge: ("body_too_large", "The body is larger than this path takes.")
            case .requestTimeout: ("request_timeout", "The request did not arrive in time.")
            case .malformed: ("malformed_request", "This is not a well-formed HTTP request.")
            case .headersTooLarge: ("headers_too_large", "The request's headers are too large.")
            case .unsupportedTransferEncoding: ("transfer_encoding_unsupported", "The only transfer coding here is chunked.")
            case .unsupportedVersion: ("http_version_unsupported", "This listener speaks HTTP/1.1.")
            }
        return .problem(status: fault.status, code: code, title: title)
    }
}

/// What answers under `/v1/`.
package protocol AdminAPI: Sendable {
    func admit(_ head: HTTPRequestHead) -> HTTPAdmission
    func respond(to head: HTTPRequestHead, body: [UInt8]) async -> HTTPServerResponse
}
