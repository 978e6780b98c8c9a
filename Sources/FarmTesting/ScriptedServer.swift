import Foundation
import Glibc
import Synchronization

/// An HTTP server on loopback that sends exactly the bytes of a test, with faults.
///
/// It records each request and answers it by steps: bytes at once or one by one, a wait for the
/// test, an orderly close or a reset. Every connection has its own thread.
package final class ScriptedServer: Sendable {
    /// One thing the server does after it has read a request.
    package enum Step: Sendable {
        case send([UInt8])
        /// One byte per segment, as from a slow or hostile peer.
        case dribble([UInt8])
        /// Waits until the test opens the gate.
        case hold(Gate)
        case close
        /// Ends the connection with RST: bytes not yet read by the peer may be lost.
        case reset

        package static func send(_ text: String) -> Step { .send(Array(text.utf8)) }
        package static func dribble(_ text: String) -> Step { .dribble(Array(text.utf8)) }

        /// A whole answer with its length, on a connection that stays open.
        package static func answer(
            _ status: Int, headers: [String] = [], _ body: [UInt8] = []
        ) -> Step {
            let lines = ["HTTP/1.1 \(status) Scripted", "Content-Length: \(body.count)"] + headers
            return .send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        }

        package static func answer(_ status: Int, headers: [String] = [], _ body: String) -> Step {
            answer(status, headers: headers, Array(body.utf8))
        }
    }

    /// A request as it arrived.
    package struct Request: Hashable, Sendable {
        package let method: String
        package let target: String
        /// Names in lower case.
        package let headers: [String: String]
        package let body: [UInt8]
        /// Which connection it came on, counted from 0.
        package let connection: Int

        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    package let port: UInt16
    private let state: State

    /// Answers each request with `answer`, which runs on the server's threads.
    package init(answer: @escaping @Sendable (Request) -> [Step]) throws {
        let listener = try Socket.listening()
        port = listener.port
        state = State(listener: listener, answer: answer)
        let state = state
        Thread.detachNewThread { state.acceptAll() }
    }

    /// Answers the first request with the first list, and so on. Cuts off a request too many.
    package convenience init(_ script: [[Step]]) throws {
        let rest = Mutex(script[...])
        try self.init { _ in rest.withLock { $0.popFirst() } ?? [.reset] }
    }

    deinit { stop() }

    /// Stops listening and closes every connection.
    package func stop() { state.stop() }

    package var host: String { "127.0.0.1:\(port)" }
    package func url(_ target: String) -> String { "http://\(host)\(target)" }

    /// The requests so far, in the order of reading.
    package var requests: [Request] { state.requests }
}

extension ScriptedServer {
    fileprivate final class State: Sendable {
        private struct Guarded {
            var requests: [Request] = []
            var connections: [Socket] = []
            var isStopped = false
        }

        private let listener: Socket
        private let answer: @Sendable (Request) -> [Step]
        private let guarded = Mutex(Guarded())

        init(listener: Socket, answer: @escaping @Sendable (Request) -> [Step]) {
            self.listener = listener
            self.answer = answer
        }

        var requests: [Request] { guarded.withLock { $0.requests } }

        func stop() {
            guarded.withLock { guarded in
                guarded.isStopped = true
                for socket in guarded.connections { socket.endBoth() }
            }
            listener.endBoth()
        }

        func acceptAll() {
            while let socket = listener.accept() {
                let number = guarded.withLock { guarded in
                    guarded.connections.append(socket)
                    if guarded.isStopped { socket.endBoth() }
                    return guarded.connections.count - 1
                }
                Thread.detachNewThread { self.serve(socket, number) }
            }
        }

        private func serve(_ socket: Socket, _ number: Int) {
            var reader = RequestReader(socket: socket, connection: number)
            while let request = reader.next() {
                guarded.withLock { $0.requests.append(request) }
                for step in answer(request) {
                    switch step {
                    case .send(let bytes): socket.send(bytes)
                    case .dribble(let bytes): for byte in bytes { socket.send([byte]) }
                    case .hold(let gate): gate.wait()
                    case .close: return socket.endBoth()
                    case .reset: return socket.reset()
                    }
                }
            }
            socket.endBoth()
        }
    }
}
