import Glibc

/// A TCP socket on loopback. Its descriptor is closed with the last reference.
final class Socket: Sendable {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Listens on a free port of 127.0.0.1.
    static func listening() throws -> Socket {
        let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let socket = Socket(descriptor: Glibc.socket(AF_INET, stream, 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket.descriptor, $0, size)
            }
        }
        guard bound == 0, Glibc.listen(socket.descriptor, 64) == 0 else {
            throw Fault(description: "can't listen on loopback: errno \(errno)")
        }
        return socket
    }

    var port: UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size)
            }
        }
        precondition(code == 0, "a bound socket has a name")
        return UInt16(bigEndian: address.sin_port)
    }

    /// The next connection, or `nil` once the listener was ended.
    func accept() -> Socket? {
        let peer = Glibc.accept(descriptor, nil, nil)
        guard peer >= 0 else { return nil }
        var isOn: Int32 = 1
        unsafe setsockopt(peer, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, 4)
        return Socket(descriptor: peer)
    }

    /// Some bytes; none once the peer has closed.
    func receive() -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
            unsafe count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
    }

    /// A peer that is gone is no error here: the test looks at the client.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(
                    descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    func endBoth() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Sends RST: connecting a TCP socket to "nothing" breaks its connection (connect(2)).
    func reset() {
        var nothing = sockaddr()
        nothing.sa_family = sa_family_t(AF_UNSPEC)
        _ = unsafe connect(descriptor, &nothing, socklen_t(MemoryLayout<sockaddr>.size))
    }
}
