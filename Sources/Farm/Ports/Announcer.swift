/// Notifies the people who subscribed.
package protocol Announcer: Sendable {
    /// - Parameter subject: Up to 100 characters of ASCII.
    func announce(subject: String, message: String) async throws(PortError)
}
