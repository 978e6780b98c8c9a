/// A path below a folder: names that can be joined to any folder without leaving it.
///
/// Archives, listings and S3 keys come from anyone who may upload. The text is split and measured
/// in bytes, as a file system does it. Swift's `Character` does not serve here: a `/` and a
/// combining mark after it form one `Character`, which differs from `/`. A path with `../` and a
/// mark would pass as one name.
package struct RelativePath: Hashable, Sendable, CustomStringConvertible {
    package enum Refusal: Error, Hashable, Sendable {
        /// There is no name in it, or an empty one.
        case empty
        /// It is absolute, or has a part `.` or `..`.
        case escapes
        /// It has a control byte (below 0x20, or 0x7F).
        case controlByte
        case tooLong
    }

    /// At least one.
    package let names: [String]

    /// Refuses every text that is not already in its shortest form.
    ///
    /// - Parameters:
    ///   - bytesMax: Of the whole text. S3's keys have up to 1,024 bytes.
    ///   - nameBytesMax: Of one name: 255 on the file systems of Linux.
    package init(
        _ text: String, bytesMax: Int = 1_024, nameBytesMax: Int = 255
    ) throws(Refusal) {
        let names = Self.names(in: text)
        guard !text.isEmpty, !names.contains("") || text.utf8.first == slash else { throw .empty }
        guard text.utf8.first != slash, !names.contains("."), !names.contains("..") else {
            throw .escapes
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .controlByte }
        guard text.utf8.count <= bytesMax, names.allSatisfy({ $0.utf8.count <= nameBytesMax })
        else { throw .tooLong }
        self.names = names
    }

    package var description: String { names.joined(separator: "/") }

    /// What stands between the slashes of a path, empty names included.
    package static func names(in path: String) -> [String] {
        path.utf8.split(separator: slash, omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
    }

    /// The folder that a path names, without its last name; empty where there is no slash.
    package static func folder(of path: String) -> String {
        path.utf8.lastIndex(of: slash).map { String(path[..<$0]) } ?? ""
    }
}

private let slash = UInt8(ascii: "/")
