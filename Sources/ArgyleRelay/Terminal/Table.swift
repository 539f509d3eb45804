/// Rows in columns that fit a width: the widest column gives way first; what is cut ends in `…`.
struct Table {
    let titles: [String]
    private var rows: [[String]] = []

    init(_ titles: [String]) { self.titles = titles }

    mutating func add(_ cells: [String]) {
        // Control bytes in what came from outside must not steer the terminal.
        rows.append(cells.map { cell in String(cell.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) }) })
    }

    var isEmpty: Bool { rows.isEmpty }

    /// - Parameter width: in columns; nil for no limit.
    func text(width: Int?) -> String {
        var widths = titles.indices.map { column in ([titles] + rows).map { $0[column].count }.max() ?? 0 }
        if let width {
            let gaps = 2 * (titles.count - 1)
            while widths.reduce(gaps, +) > width, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] > 8 {
                widths[widest] -= 1
            }
        }
        return ([titles] + rows).map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                let shown = cell.count > widths[column] ? cell.prefix(max(0, widths[column] - 1)) + "…" : cell[...]
                line += shown
                if column < cells.count - 1 { line += String(repeating: " ", count: widths[column] - shown.count + 2) }
            }
            return line
        }.joined(separator: "\n")
    }
}
