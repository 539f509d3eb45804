/// Makes text from outside fit for a line of output: control characters escaped, length bounded.
enum Quoted {
    /// How many characters of a value are shown.
    static let longest = 80

    /// A value in quotes, cut after 80 characters.
    static func value(_ text: String) -> String {
        let cut = text.unicodeScalars.count > longest
        let head = String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest)))
        return "\"\(line(head))\"\(cut ? "…" : "")"
    }

    /// The text with every character escaped that could end the line, move the cursor or turn the writing direction.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": shown += "\\n"
            case "\r": shown += "\\r"
            case "\t": shown += "\\t"
            case _ where isUnsafe(scalar): shown += "\\u{\(String(scalar.value, radix: 16))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
