package import FoundationEssentials

/// What became of the instances: one line of JSON an event, only ever added to.
package struct Journal: Sendable {
    package enum Kind: String, Codable, Hashable, Sendable {
        case launch
        /// The worker's process runs.
        case running
        /// It will be, or is being, taken away: `reason` says by which method.
        case notice
        case terminate
    }

    package struct Line: Codable, Hashable, Sendable {
        package let time: Date
        package let kind: Kind
        package let instance: String
        package var type: String?
        package var zone: String?
        /// USD an hour, as EC2 writes it.
        package var price: String?
        /// When a noticed instance ends.
        package var deadline: Date?
        package var reason: String?

        package init(time: Date, kind: Kind, instance: String) {
            self.time = time
            self.kind = kind
            self.instance = instance
        }
    }

    private let path: String

    package init(path: String) {
        self.path = path
    }

    package func append(_ line: Line) throws(LocalCloudError) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            var text = Data()
            if let kept = FileManager.default.contents(atPath: path) { text = kept }
            text += try encoder.encode(line) + Data("\n".utf8)
            try text.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw LocalCloudError("write the journal \(path)", "\(error)")
        }
    }

    /// All lines so far; a line that can't be read is an error, not left out.
    package func lines() throws(LocalCloudError) -> [Line] {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let text = FileManager.default.contents(atPath: path) else { return [] }
        do {
            return try text.split(separator: UInt8(ascii: "\n")).map {
                try decoder.decode(Line.self, from: Data($0))
            }
        } catch {
            throw LocalCloudError("read the journal \(path)", "\(error)")
        }
    }
}
