/// Where things are: hosts, networks, URLs and brokers.
extension ValueFormat where Value == String {
    /// An address or a name to bind or to connect to.
    static var host: ValueFormat {
        .text("a host name or an IP address (IPv6 without brackets)", atMost: 253) { Host.isHost($0) }
    }

    /// The path of a route (RFC 3986, 3.3), without query and fragment.
    static var urlPath: ValueFormat {
        .text("a path that begins with / and has no ?, # or spaces", atMost: 1024) { text in
            text.utf8.first == UInt8(ascii: "/") && text.utf8.allSatisfy { ASCII.isURI($0) && !"?#[]".utf8.contains($0) }
        }
    }

    /// A CloudEvents `source`: a URI reference that is not empty (CloudEvents 1.0.2, source).
    static var uriReference: ValueFormat {
        .text("a URI reference without spaces", atMost: 1024) { text in text.utf8.allSatisfy(ASCII.isURI) }
    }

    /// The base of an HTTP API; a slash at its end is dropped.
    static var httpURL: ValueFormat {
        .scalar(
            "an http or https URL without user, query and fragment",
            parse: { (text) throws(ValueRefusal) -> String in
                guard let url = Host.baseURL(text) else {
                    // What stands before an @ may be a password.
                    throw ValueRefusal(found: text.utf8.contains(UInt8(ascii: "@")) ? "a URL with user information" : nil)
                }
                return url
            },
            show: { $0 }
        )
    }
}

extension ValueFormat where Value == CIDR {
    static var network: ValueFormat {
        .scalar(
            "a network such as 10.0.0.0/8 or 2001:db8::/32, or an address",
            parse: { (text) throws(ValueRefusal) -> CIDR in
                do throws(CIDR.Malformed) {
                    return try CIDR(text)
                } catch {
                    throw ValueRefusal(hint: error.hint.map { "bits are set beyond the prefix, did you mean \($0)?" })
                }
            },
            show: { $0.description }
        )
    }
}

extension ValueFormat where Value == [CIDR] {
    static var networks: ValueFormat {
        .list(of: .network, "a list of networks such as 10.0.0.0/8 or 2001:db8::/32, or addresses")
    }
}

extension ValueFormat where Value == [AccessRule] {
    static var accessRules: ValueFormat {
        let networks = ValueFormat<CIDR>.network
        let rule = ValueFormat<AccessRule>.scalar(
            networks.allowed,
            parse: { (text) throws(ValueRefusal) -> AccessRule in
                text == AccessRule.argyleWord ? .argyle : .network(try networks.parse(.text(text)))
            },
            show: { $0.description }
        )
        return .list(of: rule, "a list of networks such as 10.0.0.0/8 or 2001:db8::/32, addresses, or the word \(AccessRule.argyleWord)")
    }
}

extension ValueFormat where Value == RelayConfiguration.BootstrapServers {
    static var bootstrapServers: ValueFormat {
        let word = RelayConfiguration.BootstrapServers.embeddedWord
        let server = ValueFormat<String>.text("host:port", atMost: 300) { Host.isBroker($0) }
        let list = ValueFormat<[String]>.list(of: server, "", atLeast: 1)
        return ValueFormat(
            allowed: "a list of host:port, or the word \(word)",
            takesList: true,
            parse: { (raw) throws(ValueRefusal) -> Value in
                if raw == .text(word) || raw == .list([word]) { return .embedded }
                let servers = try list.parse(raw)
                guard !servers.contains(word) else {
                    throw ValueRefusal(found: "\(word) among other servers")
                }
                return .servers(servers)
            },
            show: { value in
                switch value {
                case .embedded: .text(word)
                case .servers(let servers): .list(servers)
                }
            }
        )
    }
}
