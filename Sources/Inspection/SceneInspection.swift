package import BlendFile
package import Farm

/// What a .blend will render, and which of its files exist.
package struct SceneInspection: Sendable {
    /// A file that the scene needs, or a .blend that it links.
    package struct Need: Hashable, Sendable {
        package let reference: FileReference
        /// The .blend that refers to it.
        package let blend: String
        /// The files or folders that it stands for. Empty when it is packed or missing.
        package let paths: [String]

        package var isMissing: Bool { !reference.isPacked && paths.isEmpty }
    }

    package let kind: UploadKind
    /// The .blend's path in its project.
    package let file: String
    package let summary: BlendSummary
    /// The references of the scene, then of linked .blends, however deep. `nil` when one .blend is
    /// too large to inspect.
    package let needs: [Need]?

    /// Missing files. Sounds are left out, since pictures need none.
    package var missing: MissingFiles? {
        var seen: Set<String> = []
        let missing = (needs ?? []).filter { $0.isMissing && $0.reference.kind != .sound }
        return MissingFiles(
            missing.map { need in
                need.reference.path + (need.blend == file ? "" : " (of \(need.blend))")
            }.filter { seen.insert($0).inserted })
    }

    /// A .blend without a project: every file that is not packed is missing.
    package static func alone(
        _ name: String, _ source: some ByteSource, limits: BlendReader.Limits = BlendReader.Limits()
    ) async throws(InspectionStop) -> SceneInspection {
        let summary: BlendSummary
        do throws(BlendFileError) {
            summary = try await BlendReader.summary(of: source, limits: limits)
        } catch {
            throw stop(error, at: name, in: .scene)
        }
        return SceneInspection(
            kind: .scene, file: name, summary: summary,
            needs: summary.references?.map { Need(reference: $0, blend: name, paths: []) })
    }

    /// A .blend among its files. Linked .blends are inspected too, each once.
    ///
    /// - Parameter open: Opens the .blend at a path of the tree; `nil` for any other file.
    package static func project(
        _ file: String, in tree: some FileTree, limits: BlendReader.Limits = BlendReader.Limits(),
        open: (String) throws(ByteSourceError) -> (any ByteSource)?
    ) async throws(InspectionStop) -> SceneInspection {
        var summary: BlendSummary?
        var needs: [Need]? = []
        var waiting = [file]
        var seen: Set<String> = [file]
        while let blend = waiting.popLast() {
            let source: (any ByteSource)?
            do {
                source = try open(blend)
            } catch {
                throw .world(PortError(.disk, "read \(blend)", error.message))
            }
            guard let source else { continue }
            let found: BlendSummary
            do throws(BlendFileError) {
                found = try await BlendReader.summary(
                    of: source, limits: limits, isLinked: blend != file)
            } catch {
                throw stop(error, at: blend, in: .project)
            }
            summary = summary ?? found
            guard let references = found.references, seen.count <= blendsMax else {
                needs = nil
                continue
            }
            for reference in references {
                let paths = reference.isPacked ? [] : tree.paths(of: reference, in: blend)
                needs?.append(Need(reference: reference, blend: blend, paths: paths))
                guard reference.kind == .library else { continue }
                waiting += paths.filter { seen.insert($0).inserted }
            }
        }
        guard let summary else {
            throw .refused(.project(.unknownScene(file, known: [])))
        }
        return SceneInspection(kind: .project, file: file, summary: summary, needs: needs)
    }

    private static func stop(
        _ error: BlendFileError, at name: String, in kind: UploadKind
    ) -> InspectionStop {
        guard case .source(let problem) = error else {
            let place = kind == .project ? "\(name): " : ""
            return .refused(.unreadable(place + error.description))
        }
        return .world(
            PortError(
                problem.isRetryable ? .unavailable : .missing, "read \(name)", problem.message))
    }

    /// The set of a film links hundreds of .blends.
    private static let blendsMax = 2000
}

/// Why an inspection ended early.
package enum InspectionStop: Error, Hashable, Sendable, CustomStringConvertible {
    /// The upload is at fault.
    case refused(JobRefusal)
    /// Its bytes could not be read or stored.
    case world(PortError)

    package var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .world(let error): error.description
        }
    }
}
