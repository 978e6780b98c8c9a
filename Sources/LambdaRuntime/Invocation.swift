package import HTTP

/// One event with the headers of `next`.
package struct Invocation: Identifiable, Hashable, Sendable {
    package struct ID: Hashable, Sendable, CustomStringConvertible {
        package let rawValue: String

        package init(_ rawValue: String) { self.rawValue = rawValue }

        package var description: String { rawValue }
    }

    package let id: ID
    package let event: [UInt8]
    /// When Lambda ends the process, in milliseconds since the Unix epoch.
    package let deadline: Int64
    /// `nil` from emulators that leave it out.
    package let functionARN: String?
    /// The X-Ray trace. It is passed on with every message that this invocation sends.
    package let traceID: String?
    /// JSON that a mobile SDK sends along.
    package let clientContext: String?
    /// JSON with the caller's Cognito identity.
    package let cognitoIdentity: String?
    /// Set for functions with tenant isolation.
    package let tenantID: String?

    package init(
        id: ID, event: [UInt8], deadline: Int64, functionARN: String? = nil, traceID: String? = nil,
        clientContext: String? = nil, cognitoIdentity: String? = nil, tenantID: String? = nil
    ) {
        self.id = id
        self.event = event
        self.deadline = deadline
        self.functionARN = functionARN
        self.traceID = traceID
        self.clientContext = clientContext
        self.cognitoIdentity = cognitoIdentity
        self.tenantID = tenantID
    }

    /// - Throws: `missingHeader`. A default value would hide a faulty runtime.
    package init(_ response: HTTPResponse) throws(RuntimeAPIError) {
        let value = { (name: String) in
            response.header(name).flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let id = value(Header.requestID).map(ID.init), id.isPathSafe else {
            throw .missingHeader(Header.requestID, id: nil)
        }
        guard let deadline = value(Header.deadline) else {
            throw .missingHeader(Header.deadline, id: id)
        }
        guard let milliseconds = Int64(deadline) else {
            throw .malformedHeader(Header.deadline, value: deadline, id: id)
        }
        self.init(
            id: id, event: response.body, deadline: milliseconds,
            functionARN: value(Header.functionARN), traceID: value(Header.traceID),
            clientContext: value(Header.clientContext),
            cognitoIdentity: value(Header.cognitoIdentity), tenantID: value(Header.tenantID))
    }

    /// The time left at a moment in milliseconds since the Unix epoch. Negative after the deadline.
    ///
    /// Check it before each batch, and stop early enough to return the rest.
    package func remaining(at now: Int64) -> Duration { .milliseconds(deadline - now) }

    private enum Header {
        static let requestID = "Lambda-Runtime-Aws-Request-Id"
        static let deadline = "Lambda-Runtime-Deadline-Ms"
        static let functionARN = "Lambda-Runtime-Invoked-Function-Arn"
        static let traceID = "Lambda-Runtime-Trace-Id"
        static let clientContext = "Lambda-Runtime-Client-Context"
        static let cognitoIdentity = "Lambda-Runtime-Cognito-Identity"
        static let tenantID = "Lambda-Runtime-Aws-Tenant-Id"
    }
}

extension Invocation.ID {
    /// The ID becomes part of a URL. Lambda's IDs are UUIDs.
    fileprivate var isPathSafe: Bool {
        rawValue.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
