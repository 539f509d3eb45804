import RelayConfiguration
import RelayHTTP

extension TLSConfiguration {
    init(_ files: RelayConfiguration.TLS) {
        self.init(certificateFile: files.certificateFile, privateKeyFile: files.privateKeyFile, clientCAFile: files.clientCAFile)
    }
}

extension ConfigurationFault {
    /// What is wrong with the TLS files, found by loading them as the listener does; empty when it can.
    static func of(_ files: RelayConfiguration.TLS) -> [ConfigurationFault] {
        do throws(TLSError) {
            _ = try TLSContext(server: TLSConfiguration(files))
            return []
        } catch {
            return [ConfigurationFault(error, in: files)]
        }
    }

    /// In the words of the settings: the one that names the file which is to be mended.
    init(_ error: TLSError, in files: RelayConfiguration.TLS) {
        let key = { (file: String) in
            switch file {
            case files.certificateFile: "http.tls.certificate_file"
            case files.privateKeyFile: "http.tls.private_key_file"
            default: "http.tls.client_ca_file"
            }
        }
        switch error {
        case .cannotRead(let file, let reason):
            self.init(key: key(file), found: "\(file), which cannot be read: \(reason)", allowed: "a readable file")
        case .notPEM(let file, let expected):
            let isKey = expected == "private key"
            self.init(
                key: isKey ? "http.tls.private_key_file" : key(file),
                found: "\(file), which holds no \(expected) in PEM form",
                allowed: "a \(expected) between its lines -----BEGIN and -----END"
            )
        case .encryptedKey(let file):
            self.init(
                key: "http.tls.private_key_file",
                found: "\(file), whose key is encrypted",
                allowed: "a key without a passphrase",
                hint: "decrypt it with openssl pkey, and restrict the file's mode"
            )
        case .keyDoesNotMatch(let keyFile, let certificateFile):
            self.init(
                key: "http.tls.private_key_file",
                found: "\(keyFile), whose key does not belong to the first certificate in \(certificateFile)",
                allowed: "that certificate's key",
                hint: "the server's certificate comes first in its file"
            )
        case .unusable(let file, let reason):
            self.init(key: key(file), found: "\(file), which cannot be used: \(reason)", allowed: "a whole file in PEM form")
        case .verificationFailed, .handshakeFailed, .internalFailure:
            self.init(key: "http.tls.certificate_file", found: "\(error)", allowed: "what OpenSSL can use")
        }
    }
}
