extension Format {
    /// `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
    ///
    /// - Parameter digits: After the point of seconds, below one minute: `7.25 s`.
    package static func duration(_ duration: Duration, digits: Int = 0) -> String {
        let exact = max(0, duration / .seconds(1))
        let seconds = Int(exact.rounded())
        switch seconds {
        case ..<60: return self.seconds(exact, digits: digits)
        case ..<3600: return pair(seconds, ("min", 60), ("s", 1))
        case ..<86_400: return pair(seconds, ("h", 3600), ("min", 60))
        default: return pair(seconds, ("d", 86_400), ("h", 3600))
        }
    }

    /// `7.25 s`: seconds only, for columns that people compare.
    package static func seconds(_ seconds: Double, digits: Int) -> String {
        decimal(seconds, digits: digits) + " s"
    }

    /// Hours with three digits after the point: `0.108`.
    package static func hours(_ duration: Duration) -> String {
        decimal(duration / .seconds(3600), digits: 3)
    }

    private static func pair(
        _ seconds: Int, _ large: (name: String, seconds: Int),
        _ small: (name: String, seconds: Int)
    ) -> String {
        let rest = seconds % large.seconds / small.seconds
        return "\(seconds / large.seconds) \(large.name)"
            + (rest == 0 ? "" : " \(rest) \(small.name)")
    }
}
