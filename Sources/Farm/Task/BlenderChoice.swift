/// Which of a worker's Blenders renders a file. Pure.
///
/// The release that saved the file renders it as its owner saw it. A newer release reads the file,
/// and may render it a little differently, so the next newer one is chosen. An older release is
/// never chosen: it leaves out what it doesn't know, and says so only in its log.
package enum BlenderChoice {
    /// - Parameters:
    ///   - saved: The Blender that saved the file, without its patch number; `nil` when unknown.
    ///   - versions: The worker's Blenders.
    /// - Throws: A scene failure, since other workers have the same Blenders.
    package static func choose(
        for saved: BlenderVersion?, among versions: [BlenderVersion]
    ) throws(RenderFailure) -> BlenderVersion {
        let oldest = saved.map { BlenderVersion(major: $0.major, minor: $0.minor, patch: 0) }
        let fitting = versions.filter { version in oldest.map { $0 <= version } ?? true }.sorted()
        guard let newest = fitting.last else {
            throw RenderFailure(
                .scene,
                "The file was saved by Blender \(saved?.release ?? "of any release"), and the workers "
                    + "have only \(list(versions)), which would leave out what is new in it: "
                    + "give the workers that Blender or a newer one, or save the file with an older."
            )
        }
        guard saved != nil, let next = fitting.first else { return newest }
        return fitting.last { $0.isSameRelease(as: next) } ?? next
    }

    private static func list(_ versions: [BlenderVersion]) -> String {
        versions.isEmpty
            ? "none" : versions.sorted().map(\.description).joined(separator: ", ")
    }
}
