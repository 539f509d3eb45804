import Testing

@testable import RelayCore

/// After JSONTestSuite (https://github.com/nst/JSONTestSuite): `y_` must be taken, `n_` must be refused.
@Suite("The scanner", .timeLimit(.minutes(5)))
struct JSONScannerTests {
    private func fault(_ bytes: [UInt8]) -> JSONFault? {
        var scanner = JSONScanner(bytes)
        do throws(JSONFault) {
            try scanner.value()
            try scanner.finish()
            return nil
        } catch { return error }
    }

    @Test(
        "takes what RFC 8259 allows",
        arguments: [
            "[[]   ]", "[\"\"]", "[]", "[false]", "[null, 1, \"1\", {}]", "[null]", "[1\n]", " [1]", "[1,null,null,null,2]", "[2] ",
            "[123e65]", "[0e+1]", "[0e1]", "[ 4]", "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]",
            "[20e1]", "[-0]", "[-123]", "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123.456e78]", "[123.456789]", "[1.5e9999]",
            #"{"asd":"sdf", "dfg":"fgh"}"#, #"{"a":"b","a":"c"}"#, "{}", #"{"":0}"#, #"{"foo\u0000bar": 42}"#, #"{"min": -1.0e+28}"#,
            #"["\u0060\u012a\u12AB"]"#, #"["\uD801\udc37"]"#, #"["\"\\\/\b\f\n\r\t"]"#, #"["\\u0000"]"#, #"["\"" ]"#, "[\"a/*b*/c/*d//e\"]",
            #"["\uDBFF\uDFFF"]"#, "[\"\u{7F}\"]", "[\"\u{2028}\u{10FFFF}\u{FFFE}€𝄞\"]", #"["\ud800"]"#, #"" ""#, "false", "42", "-0.1",
            "null",
            "true", "[\"a\"]\n", " \t\r\n{ } ",
        ]
    )
    func taken(json: String) { #expect(fault(Array(json.utf8)) == nil) }

    @Test(
        "refuses what it does not",
        arguments: [
            "", " ", "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]", "[\"x\"", "[x", "[3[4]]",
            "[,",
            "[\"a\",\n4\n,1,", "[1,]", "[*]", "[1,", "[\"\u{B}a\"\\f]", "[fals]", "[nul]", "[tru]", "[True]", "[NaN]", "[Infinity]",
            "[-Infinity]",
            "[++1234]", "[+1]", "[-01]", "[-1.0.]", "[-2.]", "[-NaN]", "[.-1]", "[.2e-3]", "[0.1.2]", "[0.3e+]", "[0.3e]", "[0.e1]",
            "[0E+]",
            "[0e]", "[1.0e+]", "[1eE2]", "[2.e3]", "[9.e+]", "[1+2]", "[0x1]", "[0x42]", "[-]", "[- 1]", "[-012]", "[-.1]", "[-1x]", "[1.]",
            "[1a]", "[012]", "[1 000.0]", "[\u{FF11}]", "[\"x\", truth]", "{[: \"x\"}\n", "{\"x\", null}", "{\"x\"::\"b\"}",
            "{\"a\":\"a\" 123}",
            "{key: 'value'}", "{\"a\" b}", "{:\"b\"}", "{\"a\" \"b\"}", "{\"a\":", "{\"a\"", "{1:1}", "{null:null}", "{\"id\":0,,,,,}",
            "{'a':0}",
            "{\"id\":0,}", "{\"a\":\"b\"}/**/", "{\"a\":\"b\"}//", "{a:\"b\"}", "{\"a\":\"a", "{\"a\":\"b\",,\"c\":\"d\"}",
            "{\"a\":true} \"x\"",
            #"["\uD800\u"]"#, #"["\uD800\u1"]"#, #"["\u00A"]"#, #"["\"#, "[\"\\\u{0}\"]", #"["\\\"]"#, "[\"\\\t\"]", "[\"\\🌀\"]",
            #"["\x00"]"#,
            #"["\a"]"#, #"["\uqqqq"]"#, #"[\u0020"asd"]"#, #"[\n]"#, "\"", "['single quote']", "abc", #"["\"#, "[\"a\u{0}a\"]",
            "[\"new\nline\"]",
            "[\"\t\"]", "\"\\UA66D\"", "\"\"x", "<.>", "[<null>]", "[1]x", "[1]]", "]", "[][]", "{}}", "{\"\":", "{\"a\":/*comment*/\"b\"}",
            "[\u{C}]",
            "[\u{2060}]", "\u{FEFF}[]", "å", "[True]", "1]", "{\"x\": true,", "[[]", "{", "{]", "{,", "{[", "{\"a", "{'a'",
            "[\"\\{[\"\\{[\"\\{[\"\\{",
            "*", "{\"a\":\"b\"}#{}", "[\\u000A\"\"]", "[1", "[ false, nul", "[ true, fals", "[ false, tru", "--1", "1.e1", "tru", "nulll",
        ]
    )
    func refused(json: String) { #expect(fault(Array(json.utf8)) != nil) }

    @Test(
        "refuses text that is not UTF-8 (RFC 3629), and says where",
        arguments: [
            [0xC0, 0xAF], [0xC1, 0x81], [0xE0, 0x80, 0xAF], [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0xAF], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFC, 0x80, 0x80, 0x80], [0xFF],
            [0xFE],
            [0x80], [0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x28, 0x80], [0xC3],
            [0xC3, 0x28],
        ] as [[UInt8]]
    )
    func invalidUTF8(bytes: [UInt8]) {
        #expect(fault([0x5B, 0x22] + bytes + [0x22, 0x5D]) == JSONFault(kind: .invalidUTF8, offset: 2))
        #expect(fault([0x22] + bytes) != nil)
    }

    @Test("takes every scalar of every length, and every truncation of one is refused")
    func validUTF8() {
        for value: UInt32 in [
            0x20, 0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xCFFF, 0xD000, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x3FFFF, 0x40000, 0x10FFFF,
        ] {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(String(scalar).utf8)
            #expect(fault([0x22] + bytes + [0x22]) == nil)
            for count in 1..<max(1, bytes.count) { #expect(fault([0x22] + bytes.prefix(count) + [0x22]) != nil) }
        }
    }

    @Test("says what is wrong and at which byte")
    func faults() {
        #expect(fault(Array("[1,]".utf8)) == JSONFault(kind: .unexpectedByte, offset: 3))
        #expect(fault(Array("[1,".utf8)) == JSONFault(kind: .unexpectedEnd, offset: 3))
        #expect(fault(Array(#"["\q"]"#.utf8)) == JSONFault(kind: .invalidEscape, offset: 2))
        let deep = [UInt8](repeating: 0x5B, count: 1_000_000)
        #expect(fault(deep) == JSONFault(kind: .tooDeep, offset: 64))
    }

    @Test("gives each value the range of its own text")
    func ranges() throws {
        let json = #" { "a" : [1 , 2] , "b": "x" ,"c":-1.5e+3}"#
        var scanner = JSONScanner(Array(json.utf8))
        let found = try scanner.outermostMembers(["c", "b", "a", "d"])
        let texts = found.map { range in range.map { String(decoding: Array(json.utf8)[$0], as: UTF8.self) } }
        #expect(texts == ["-1.5e+3", #""x""#, "[1 , 2]", nil])
    }

    @Test("resolves pairs of surrogates and refuses what has no partner")
    func surrogates() throws {
        func text(_ json: String) throws -> String? {
            let bytes = Array(json.utf8)
            return try JSONScanner(bytes).string(at: bytes.indices, named: "m")
        }
        #expect(try text(#""\uD83D\uDE00""#) == "😀")
        #expect(try text(#""\ud800\udc00 \udbff\udfff""#) == "\u{10000} \u{10FFFF}")
        for lone in [#""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\n""#, #""\ud800\ud800""#, #""\udc00\ud800""#, #""\ud800\u0041""#]
        {
            #expect(throws: Unreadable.self) { try text(lone) }
        }
    }
}
