import SystemPackage

/// Keeps the beginning and the end of Blender's output in a file of bounded size.
///
/// Endless output must not fill the disk that the pictures need. If the log can't be written, the
/// error is kept and the render goes on.
struct RenderLog: ~Copyable {
    /// Enough for some 30,000 of Blender's progress lines.
    static let headMax = 4 << 20
    static let tailMax = 64 << 10

    private let file: FileDescriptor
    private var headCount = 0
    private var omittedCount = 0
    private var tail: [UInt8] = []
    private(set) var writeError: Errno?

    /// Creates the file.
    init(path: String) throws(Errno) {
        do {
            file = try FileDescriptor.open(
                FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } catch let error as Errno {
            throw error
        } catch {
            throw .ioError
        }
    }

    mutating func append(_ bytes: [UInt8]) {
        let room = Self.headMax - headCount
        if room > 0 {
            let part = bytes.prefix(room)
            headCount += part.count
            write(Array(part))
        }
        guard bytes.count > room else { return }
        tail += bytes.dropFirst(max(0, room))
        if tail.count > 2 * Self.tailMax {
            omittedCount += tail.count - Self.tailMax
            tail.removeFirst(tail.count - Self.tailMax)
        }
    }

    /// Writes the end and closes the file.
    consuming func finish() {
        if omittedCount > 0 {
            write(Array("\n… \(omittedCount) bytes left out …\n".utf8))
        }
        if !tail.isEmpty { write(tail) }
    }

    private mutating func write(_ bytes: [UInt8]) {
        guard writeError == nil, !bytes.isEmpty else { return }
        do {
            try file.writeAll(bytes)
        } catch let error as Errno {
            writeError = error
        } catch {
            writeError = .ioError
        }
    }

    deinit {
        // A failure to close does not matter here.
        do { try file.close() } catch {}
    }
}
