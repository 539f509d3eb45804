/// Where a setting's value came from.
package enum ValueOrigin: Sendable, Hashable {
    case standard
    case file(path: String, line: Int)
    case environment(variable: String)
    case flag
    /// `namedBy` tells where the path of the secret file was given.
    indirect case secretFile(path: String, namedBy: ValueOrigin)
}

extension ValueOrigin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .standard: "default"
        case .file(let path, let line): "\(Quoted.line(path)):\(line)"
        case .environment(let variable): "environment \(Quoted.line(variable))"
        case .flag: "--set"
        case .secretFile(let path, let origin): "secret file \(Quoted.line(path)), named by \(origin)"
        }
    }
}
