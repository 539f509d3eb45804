/// Recognises the variables that Kubernetes puts into every pod for every service of its namespace.
///
/// A service called `relay` yields `RELAY_PORT=tcp://10.0.0.1:80` and one called `relay-http` yields `RELAY_HTTP_PORT=tcp://…`; neither is a setting,
/// and no setting has such a name with such a value.
enum KubernetesServiceLink {
    static func matches(_ variable: String, _ value: String) -> Bool {
        let schemes = ["tcp://", "udp://", "sctp://"]
        if variable.hasSuffix("_SERVICE_HOST") || variable.hasSuffix("_SERVICE_PORT") || variable.contains("_SERVICE_PORT_") { return true }
        if variable.hasSuffix("_PORT"), schemes.contains(where: { value.hasPrefix($0) }) { return true }
        guard let port = variable.firstRange(of: "_PORT_") else { return false }
        let parts = variable[port.upperBound...].split(separator: "_", omittingEmptySubsequences: false)
        guard let number = parts.first, Int(number) != nil, parts.count >= 2, ["TCP", "UDP", "SCTP"].contains(parts[1]) else {
            return false
        }
        return parts.count == 2 || (parts.count == 3 && ["PROTO", "PORT", "ADDR"].contains(parts[2]))
    }
}
