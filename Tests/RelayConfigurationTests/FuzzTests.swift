import RelayConfiguration
import RelayTestSupport
import Testing

@Suite("Configuration files by chance", .timeLimit(.minutes(5)))
struct FuzzTests {
    private func outcome(_ bytes: [UInt8]) -> Int {
        do throws(ConfigurationError) {
            _ = try RelayConfiguration.load(file: .contents(bytes, named: "relay.yaml"))
            return 0
        } catch {
            #expect(!error.faults.isEmpty)
            #expect(error.faults.allSatisfy { !$0.description.utf8.contains(10) })
            return error.faults.count
        }
    }

    @Test("random bytes are a configuration or a fault, never a trap", arguments: 1...4)
    func bytes(seed: Int) {
        var random = SeededGenerator(state: UInt64(seed))
        for _ in 0..<500 {
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(outcome(bytes) > 0)
        }
    }

    @Test("random pieces of YAML are a configuration or a fault, never a trap", arguments: 1...4)
    func pieces(seed: Int) {
        let pieces = [
            "http", "signature", "secrets", "port", "kafka", "properties", ":", ": ", "\n", "  ", "\t", "- ", "[", "]", "{", "}", "\"", "'",
            "&a", "*a", "!t",
            "---\n", "...\n", "? ", "|\n", ">\n", "#", "%YAML 1.1\n", "~", "1", "-1", "10s", "1MiB", "\\x", "\0", "\u{feff}", "é", ",",
            "<<", "=", "a=b", "{event}",
        ]
        var random = SeededGenerator(state: UInt64(seed) &* 77)
        for _ in 0..<1000 {
            let text = (0..<Int.random(in: 1...40, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            _ = outcome(Array(text.utf8))
        }
    }

    @Test("a damaged example is a configuration or a fault, never a trap", arguments: 1...4)
    func damage(seed: Int) {
        let example = Array(
            """
            http: {host: 127.0.0.1, port: 8080, max_body: 1MiB, request_timeout: 10s}
            signature:
              secrets: ["abcdefgh"]
            access: {allow: [argyle, 10.0.0.0/8, "2001:db8::/32"]}
            kafka:
              bootstrap_servers: ["a:9092", "[::1]:9093"]
              topic: argyle.{event}
              properties: [a=b]
            argyle: {api_url: "https://api.argyle.com"}
            """.utf8
        )
        #expect(outcome(example) == 0)
        var random = SeededGenerator(state: UInt64(seed) &* 1001)
        for _ in 0..<1000 {
            var bytes = example
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = outcome(bytes)
        }
    }

    @Test("random text in any setting is taken or refused, never a trap", arguments: 1...2)
    func values(seed: Int) {
        var random = SeededGenerator(state: UInt64(seed) &* 31)
        let scalars = Array("0123456789.:/-[]{}*%@\0\n\r\t ,=#abcdhmsKMGTiBevnt_é👩‍👩‍👧\u{301}".unicodeScalars)
        for _ in 0..<300 {
            for key in ConfigurationKey.all {
                var text = ""
                for _ in 0..<Int.random(in: 0...12, using: &random) {
                    text.unicodeScalars.append(scalars.randomElement(using: &random) ?? "a")
                }
                do throws(ConfigurationError) {
                    _ = try RelayConfiguration.load(file: .none, environment: [key.variable: text])
                } catch {
                    #expect(!error.faults.isEmpty)
                }
            }
        }
    }
}
