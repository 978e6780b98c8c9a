package import BlendFile
package import Farm

/// What a .blend will render, and which of the files that it needs are there.
package struct SceneInspection: Sendable {
    /// A file that the scene needs, or a .blend that it links.
    package struct Need: Hashable, Sendable {
        package let reference: FileReference
        /// The .blend that refers to it.
        package let blend: String
        /// Files or folders that it stands for; none when it is packed or missing.
        package let paths: [String]

        package var isMissing: Bool { !reference.isPacked && paths.isEmpty }
    }

    package let kind: UploadKind
    /// The .blend's path in its project.
    package let file: String
    package let summary: BlendSummary
    /// Of the scene, then of the .blends that it links, and of those that they link. `nil` when one of
    /// them is too large to look through.
    package let needs: [Need]?

    /// What it needs and is not there. Pictures need no sound.
    package var missing: MissingFiles? {
        var seen: Set<String> = []
        let missing = (needs ?? []).filter { $0.isMissing && $0.reference.kind != .sound }
        return MissingFiles(
            missing.map { need in
                need.reference.path + (need.blend == file ? "" : " (of \(need.blend))")
            }.filter { seen.insert($0).inserted })
    }

    /// A .blend that comes alone: what it does not hold is not there.
    package static func alone(
        _ name: String, _ source: some ByteSource, limits: BlendReader.Limits = BlendReader.Limits()
    ) async throws(InspectionStop) -> SceneInspection {
        let summary = try await summary(
            of: source, name, isLinked: false, in: .scene, limits: limits)
        return SceneInspection(
            kind: .scene, file: name, summary: summary,
            needs: summary.references?.map { Need(reference: $0, blend: name, paths: []) })
    }

    /// A .blend among its files. .blends that it links are looked into, too, each once.
    ///
    /// - Parameter open: The .blend at a path of the tree's; `nil` for a file that is no .blend.
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
            let found = try await Self.summary(
                of: source, blend, isLinked: blend != file, in: .project, limits: limits)
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

    private static func summary(
        of source: some ByteSource, _ name: String, isLinked: Bool, in kind: UploadKind,
        limits: BlendReader.Limits
    ) async throws(InspectionStop) -> BlendSummary {
        do throws(BlendFileError) {
            return try await BlendReader.summary(of: source, limits: limits, isLinked: isLinked)
        } catch {
            guard case .source(let problem) = error else {
                let place = kind == .project ? "\(name): " : ""
                throw .refused(.unreadable(place + error.description))
            }
            throw .world(
                PortError(
                    problem.isRetryable ? .unavailable : .missing, "read \(name)",
                    problem.message))
        }
    }

    /// A film's set links hundreds.
    private static let blendsMax = 2000
}

/// Why an upload was not looked through to its end.
package enum InspectionStop: Error, Hashable, Sendable, CustomStringConvertible {
    /// The upload is at fault.
    case refused(JobRefusal)
    /// Its bytes could not be had, or not be put aside.
    case world(PortError)

    package var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .world(let error): error.description
        }
    }
}
