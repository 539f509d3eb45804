import Testing

@Suite("Source text", .timeLimit(.minutes(5)))
struct SourceTextTests {
    @Test("a word in a comment or a string is not code")
    func blanksCommentsAndStrings() {
        let text = SourceText(
            ##"""
            let a = "word" // word
            /* word /* word */ word */ let b = #"word " \(word) "#
            let c = """
                word "word" \" word
                """
            /// word
            """##
        )
        #expect(text.lines(with: "word") == [])
        #expect(text.lines(with: "let") == [1, 2, 3])
    }

    @Test("code interpolated into a string is code")
    func keepsInterpolations() {
        let text = SourceText(
            ##"""
            "x \(f(a, (word))) y"
            #"x \#(word) y"#
            "\("\(word)")"; word
            """##
        )
        #expect(text.lines(with: "word") == [1, 2, 3])
    }

    @Test("code after a string, an empty string or a comment is code")
    func returnsToCode() {
        let text = SourceText(
            ##"""
            f("", "a\\", ""); word
            f("\"", #""#) /* " */; word
            f(""" + "
            """, "(") ; word
            """##
        )
        #expect(text.lines(with: "word") == [1, 2, 4])
    }

    @Test("a word is found only where it stands alone")
    func respectsWordBoundaries() {
        let text = SourceText("has! x\nx as! Y\nasyncCopy\nf() async throws\nsprint(1)\nprint(1)")
        #expect(text.lines(with: "as!") == [2])
        #expect(text.lines(with: "async") == [4])
        #expect(text.lines(with: "print(") == [6])
    }

    @Test("an unfinished string or comment does not hang the reader")
    func endsOnUnfinishedText() {
        for text in ["\"abc", "\"\"\"abc", "/* abc", "\"\\", "#", "\"\\(", "x ) )"] {
            #expect(SourceText(text).code.count == 1)
        }
    }
}
