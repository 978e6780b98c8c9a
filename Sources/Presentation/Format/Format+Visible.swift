extension Format {
    /// Text that a terminal shows as it is: what would move the cursor, change colors or turn the
    /// direction of the text is written as an escape, `\u{1B}` for ESC.
    ///
    /// File names, Blender's output and a job's errors come from anyone who may upload. A terminal
    /// obeys control characters (ECMA-48: C0, DEL and C1) and Unicode's directional ones (UAX #9).
    ///
    /// - Parameter keepsLines: Line ends and tabs stay; in a cell of a table they may not.
    package static func visible(_ text: String, keepsLines: Bool = true) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            let isKept = keepsLines && (scalar == "\n" || scalar == "\t")
            if !isKept, isCommand(scalar) {
                shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    private static func isCommand(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true
        // Marks, embeddings, overrides and isolates of direction; separators of lines and
        // paragraphs.
        case 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
