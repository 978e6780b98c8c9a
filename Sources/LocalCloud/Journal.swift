package import Farm
package import FoundationEssentials

/// The history of the instances: one line of JSON for each event. Lines are only appended. Times
/// have milliseconds, because detection is measured from them.
package struct Journal: Sendable {
    package enum Kind: String, Codable, Hashable, Sendable {
        case launch
        /// The worker's process runs.
        case running
        /// EC2 interrupts the instance. `reason` is the method.
        case notice
        /// Scale-in has begun. EC2 calls this shutting-down and bills nothing from here on.
        case stopping
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

    /// `2026-11-21T08:30:00.125Z`
    private static let timeStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private let path: String

    package init(path: String) {
        self.path = path
    }

    package func append(_ line: Line) throws(LocalCloudError) {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            // The style truncates. Half a millisecond more makes this rounding.
            try container.encode((date + 0.000_5).formatted(Self.timeStyle))
        }
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            var text = Data()
            if let earlier = FileManager.default.contents(atPath: path) { text = earlier }
            text += try encoder.encode(line) + Data("\n".utf8)
            try text.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw LocalCloudError("write the journal \(path)", "\(error)")
        }
    }

    /// All lines so far. An unreadable line is an error.
    package func lines() throws(LocalCloudError) -> [Line] {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            try Date(decoder.singleValueContainer().decode(String.self), strategy: Self.timeStyle)
        }
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

extension [Journal.Line] {
    /// The instances that were interrupted since `start`, each with its method.
    package func reclaims(since start: Date) -> [DetectionStatistics.Reclaim] {
        filter { $0.kind == .notice && $0.time >= start }.compactMap { line in
            line.reason.flatMap { DetectionStatistics.Method(rawValue: $0) }.map { method in
                DetectionStatistics.Reclaim(
                    worker: WorkerID(line.instance), method: method, time: line.time.timestamp)
            }
        }
    }

    /// The number of instances that existed between `start` and `end`.
    package func instanceCount(from start: Date, to end: Date) -> Int {
        let ends = Dictionary(
            filter { $0.kind == .terminate }.map { ($0.instance, $0.time) },
            uniquingKeysWith: { first, _ in first })
        return count {
            $0.kind == .launch && $0.time <= end && (ends[$0.instance] ?? end) >= start
        }
    }
}

extension Date {
    var timestamp: Timestamp {
        Timestamp(milliseconds: Int64((timeIntervalSince1970 * 1000).rounded()))
    }
}
