import Farm

/// The one way each kind of figure is written for people: numbers, counts, shares and sizes here,
/// and durations, dollars, times and tables in the files beside this one.
package enum Format {
    /// Stands where there is no figure.
    package static let none = "–"

    /// A number with `digits` digits after the point, rounded half away from zero.
    package static func decimal(_ value: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let whole = Int64((value * scale).rounded())
        guard digits > 0 else { return String(whole) }
        let text = String(whole.magnitude)
        let padded = String(repeating: "0", count: max(0, digits + 1 - text.count)) + text
        return (whole < 0 ? "-" : "") + padded.dropLast(digits) + "." + padded.suffix(digits)
    }

    /// `1 task`, `3 tasks`; `plural` is for nouns that take more than an `s`.
    package static func count(_ count: Int, _ noun: String, plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }

    /// `61.5 %` for 0.615; a dash for `nil`.
    package static func percent(_ share: Double?) -> String {
        share.map { decimal($0 * 100, digits: 1) + " %" } ?? none
    }

    /// `512 bytes`, `3.4 KiB`, `231 MiB`, `5.2 GiB`.
    package static func bytes(_ count: Int64) -> String {
        switch count {
        case ..<1024: self.count(Int(count), "byte")
        case ..<(1 << 20): decimal(Double(count) / 1024, digits: 1) + " KiB"
        default: MachineUse.words(bytes: count)
        }
    }
}
