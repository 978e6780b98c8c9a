/// As `blender --version` prints it: `Blender 3.4.1`, `Blender 4.2.0 LTS`, `Blender 5.1.0 Alpha`.
package struct BlenderVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let major: Int
    package let minor: Int
    package let patch: Int

    package init(major: Int, minor: Int, patch: Int) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// `3.4.1` or `3.4`; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        let numbers = text.split(separator: ".").map { Int($0) }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else {
            return nil
        }
        self.init(major: major, minor: minor, patch: numbers.count > 2 ? numbers[2] ?? 0 : 0)
    }

    /// `nil` when no line of `output` names a version: libraries may print before it.
    package init?(parsing output: String) {
        for line in output.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            guard words.count >= 2, words[0] == "Blender", let version = Self(words[1]) else {
                continue
            }
            self = version
            return
        }
        return nil
    }

    /// `3.4`: the part that a file keeps of its Blender, and that decides whether another can read
    /// it.
    package var release: String { "\(major).\(minor)" }

    package func isSameRelease(as other: BlenderVersion) -> Bool {
        (major, minor) == (other.major, other.minor)
    }

    package static func < (left: BlenderVersion, right: BlenderVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    package var description: String { "\(major).\(minor).\(patch)" }
}
