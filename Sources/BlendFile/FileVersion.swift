/// A Blender version in a file, for example 3.4 or 2.77.
package struct FileVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Blender's number: a hundred times the major version plus the minor version.
    package var number: Int

    package init(number: Int) {
        self.number = number
    }

    package init(_ major: Int, _ minor: Int) {
        number = major * 100 + minor
    }

    package var major: Int { number / 100 }
    package var minor: Int { number % 100 }

    /// In Blender's notation: two digits after the point up to 2.93, later one or more.
    package var description: String {
        major < 3 && minor < 10 ? "\(major).0\(minor)" : "\(major).\(minor)"
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.number < right.number
    }
}
