/// One HTTP answer of any status.
package struct HTTPResponse: Hashable, Sendable {
    package let status: Int
    /// In the order received. A name may occur more than once.
    package let headers: [HTTPField]
    /// Empty when a 2xx body was written to a file.
    package let body: [UInt8]

    package init(status: Int, headers: [HTTPField] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// The first value of a header. Names are compared without regard to ASCII case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
