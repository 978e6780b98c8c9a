internal import AWS
internal import Farm

/// A priority as jobs and tasks store it: only where it is not the usual one.
enum PriorityItem {
    static func attribute(_ priority: JobPriority) -> AttributeValue? {
        priority == .normal ? nil : .s(priority.rawValue)
    }

    static func priority(_ reader: ItemReader) throws(PortError) -> JobPriority {
        guard let text = try reader.optionalString("priority") else { return .normal }
        guard let priority = JobPriority(rawValue: text) else {
            throw reader.malformed("priority")
        }
        return priority
    }
}
