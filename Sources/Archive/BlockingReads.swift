import Dispatch
import Farm
import Synchronization

/// Lets a C library, whose reads block, read from an asynchronous source.
///
///     library's thread ── asks for a range ─▶ caller's task ── reads ─▶ source
///            ▲                                     │
///            └─────────────── bytes ◀──────────────┘
struct BlockingReads: Sendable {
    private final class Request: Sendable {
        let range: Range<Int64>
        let bytes = Mutex<Result<[UInt8], ArchiveError>>(.failure(.canceled))
        let isAnswered = DispatchSemaphore(value: 0)

        init(_ range: Range<Int64>) { self.range = range }

        func answer(_ result: Result<[UInt8], ArchiveError>) {
            bytes.withLock { $0 = result }
            isAnswered.signal()
        }
    }

    private let requests: AsyncStream<Request>.Continuation

    /// Runs `body` on a thread of its own and answers its reads until it returns. After the calling
    /// task is canceled, reads fail.
    static func serve<Outcome: Sendable>(
        _ read: (Range<Int64>) async throws(PortError) -> [UInt8],
        to body: @escaping @Sendable (BlockingReads) -> Outcome
    ) async -> Outcome {
        let (requests, continuation) = AsyncStream.makeStream(of: Request.self)
        async let outcome: Outcome = withCheckedContinuation { ended in
            DispatchQueue(label: "spotrender.archive").async {
                ended.resume(returning: body(BlockingReads(requests: continuation)))
                continuation.finish()
            }
        }
        for await request in requests {
            do throws(PortError) {
                request.answer(.success(try await read(request.range)))
            } catch {
                request.answer(.failure(Task.isCancelled ? .canceled : .world(error)))
            }
        }
        return await outcome
    }

    /// Waits for the bytes of `range`.
    func bytes(_ range: Range<Int64>) throws(ArchiveError) -> [UInt8] {
        let request = Request(range)
        guard case .enqueued = requests.yield(request) else { throw .canceled }
        request.isAnswered.wait()
        return try request.bytes.withLock { $0 }.get()
    }
}
