import Farm
import Foundation
import Synchronization

extension ScriptedEngine: Assembler {
    /// A thumbnail of each stored frame, a contact sheet and a video, four bytes each.
    func assemble(
        _ request: AssemblyRequest,
        fetch: @Sendable (_ frame: Int, _ path: String) async throws(PortError) -> Bool,
        store: @Sendable (AssembledFile) async throws(PortError) -> Void
    ) async throws(RenderError) -> Assembled {
        do throws(PortError) {
            for number in request.frames.frames {
                let path = "\(request.directory)/\(number).png"
                guard try await fetch(number, path) else { continue }
                try await store(try make(.thumbnail(frame: number), request))
            }
            try await store(try make(.contactSheet, request))
            try await store(try make(.video, request))
        } catch {
            throw Task.isCancelled ? .canceled : .storing(error)
        }
        return assembled.withLock { $0 }
    }

    private func make(
        _ kind: AssembledFile.Kind, _ request: AssemblyRequest
    ) throws(PortError) -> AssembledFile {
        let path = "\(request.directory)/made"
        do {
            try Data("made".utf8).write(to: URL(filePath: path))
        } catch {
            throw PortError(.disk, "make \(kind)", "\(error)")
        }
        return AssembledFile(kind, path: path, byteCount: 4)
    }
}
