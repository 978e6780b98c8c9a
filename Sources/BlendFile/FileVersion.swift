/// A Blender release as its files name it, such as 3.4 or 2.77.
package struct FileVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Blender's own number: a hundred times the major version plus the minor one.
    package var number: Int

    package init(number: Int) {
        self.number = number
    }

    package init(_ major: Int, _ minor: Int) {
        number = major * 100 + minor
    }

    package var major: Int { number / 100 }
    package var minor: Int { number % 100 }

    /// As Blender writes it: two digits after the point until 2.93, then one or more.
    package var description: String {
        major < 3 && minor < 10 ? "\(major).0\(minor)" : "\(major).\(minor)"
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.number < right.number
    }
}
