import FoundationEssentials
import RelayClient
import RelayCore

/// One request and its tries.
extension ArgyleClient {
    /// Which failures are answered by trying again.
    enum Repeating {
        /// All that may pass: doing it twice is doing it once (RFC 9110, section 9.2.2).
        case always
        /// Only what Argyle has certainly not acted on: 429, or no connection.
        case untouched
    }

    /// A failure after which nobody knows whether Argyle acted.
    struct Ambiguous: Error {
        let status: Int?
        let message: String
        let attempts: Int
    }

    enum Failure: Error {
        case argyle(ArgyleError)
        case ambiguous(Ambiguous)
    }

    /// Sends until a response is there that is neither 429 nor 5xx. A success is returned; everything else is thrown.
    func send(
        _ method: String,
        _ url: HTTPURL,
        body: [UInt8]? = nil,
        hiding secrets: [String] = [],
        repeating: Repeating
    ) async throws(Failure) -> HTTPClientResponse {
        var attempts = 0
        while true {
            attempts += 1
            let outcome = await attempt(method, url, body: body)
            let (status, message, retryAfter, isUntouched): (Int?, String, Duration?, Bool)
            switch outcome {
            case .success(let response) where (200..<300).contains(response.status): return response
            case .success(let response) where response.status != 429 && response.status < 500:
                throw .argyle(refusal(response, hiding: secrets))
            case .success(let response):
                status = response.status
                message = self.message(of: response, hiding: secrets)
                retryAfter = response.headers.first(name: "Retry-After").flatMap { RetryAfter.parse($0, now: time.now()) }
                isUntouched = response.status == 429
            case .failure(let error):
                guard error.mayPass else { throw .argyle(.unreachable(error.description)) }
                (status, message, retryAfter, isUntouched) = (nil, error.description, nil, error.isUntouched)
            }
            if repeating == .untouched, !isUntouched {
                throw .ambiguous(Ambiguous(status: status, message: message, attempts: attempts))
            }
            switch retry.decide(failures: attempts, retryAfter: retryAfter, random: random()) {
            case .wait(let pause):
                do { try await clock.sleep(for: pause) } catch {
                    throw .argyle(.unavailable(status: status, message: message, attempts: attempts))
                }
            case .giveUp: throw .argyle(.unavailable(status: status, message: message, attempts: attempts))
            case .tooLong(let seconds): throw .argyle(.busy(retryAfter: seconds))
            }
        }
    }

    private func attempt(_ method: String, _ url: HTTPURL, body: [UInt8]?) async -> Result<HTTPClientResponse, HTTPClientError> {
        let token = Data("\(credential.id):\(credential.secret)".utf8).base64EncodedString()
        var headers = [("authorization", "Basic \(token)"), ("accept", "application/json"), ("user-agent", "argyle-relay")]
        if body != nil { headers.append(("content-type", "application/json")) }
        do throws(HTTPClientError) {
            return .success(try await http.execute(method: method, url: url, headers: headers, body: body, timeout: timeout))
        } catch {
            return .failure(error)
        }
    }

    private func refusal(_ response: HTTPClientResponse, hiding secrets: [String]) -> ArgyleError {
        let message = message(of: response, hiding: secrets)
        return response.status == 401 || response.status == 403
            ? .notAuthorised(status: response.status, message: message) : .refused(status: response.status, message: message)
    }

    /// What the body says, on one line, without anything of ours that must not be seen.
    private func message(of response: HTTPClientResponse, hiding secrets: [String]) -> String {
        ErrorMessage.read(response.body, hiding: [credential.secret, credential.id] + secrets)
    }

    /// The URL of a path of the API, whose query is the caller's to encode.
    func url(_ path: String) throws(ArgyleError) -> HTTPURL {
        do throws(HTTPClientError) { return try HTTPURL(baseURL + path) } catch {
            throw .unexpected("\(path.prefix(80)) is no path: \(error)")
        }
    }
}

extension HTTPClientError {
    /// Whether trying again may help.
    fileprivate var mayPass: Bool {
        switch self {
        case .cannotResolve, .connectionRefused, .connectFailed, .timeout, .connectionClosed: true
        case .proxy(let fault): fault.isTemporary
        case .invalidURL, .invalidRequest, .tls, .responseTooLarge, .malformedResponse, .cancelled, .shutDown, .noResources: false
        }
    }

    /// Whether the request has certainly not arrived.
    fileprivate var isUntouched: Bool {
        switch self {
        case .cannotResolve, .connectionRefused, .connectFailed, .proxy: true
        default: false
        }
    }
}
