/// Why a scene can't become frames. Each case has a sentence for the uploader.
package enum JobRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The sentence of the file's reader.
    case unreadable(String)
    case frames(String)
    case framesBackwards(first: Int, last: Int)
    case framesOutOfReach(first: Int, last: Int)
    case frameStep(Int)
    case tooManyFrames(Int, max: Int)
    case setting(name: String, value: String, expected: String)
    case unknownScene(String, known: [String])
    case noCamera(scene: String)
    case missingFiles(MissingFiles, in: UploadKind)
    case project(ProjectRefusal)

    package var description: String {
        switch self {
        case .unreadable(let reason):
            reason
        case .frames(let text):
            "The frames “\(text)” are not understood: write 1-240, 1-240:2 or a single number."
        case .framesBackwards(let first, let last):
            "The frames run backwards, from \(first) to \(last), so there is nothing to render: "
                + "set Frame Start and End in the scene, or upload with frames=\(last)-\(first)."
        case .framesOutOfReach(let first, let last):
            "Blender has no frames \(first) to \(last): it counts from -1048574 to 1048574."
        case .frameStep(let step):
            "The frame step is \(step): it must be 1 or more."
        case .tooManyFrames(let count, let max):
            "\(count) frames are more than one job may have (\(max)): "
                + "upload the scene again with frames=… for each part."
        case .setting(let name, let value, let expected):
            "The setting \(name)=\(value) is not understood: \(expected)."
        case .unknownScene(let name, let known):
            "The file has no scene “\(name)”; it has \(known.joined(separator: ", "))."
        case .noCamera(let scene):
            "The scene “\(scene)” has no camera, so there is no picture to render: set one as the "
                + "scene's camera and upload again, or name one of the file's by camera=…"
        case .missingFiles(let missing, let kind):
            "The scene needs \(missing.count == 1 ? "a file" : "\(missing.count) files") that "
                + "the upload lacks: \(missing). \(Self.advice(kind)), or upload with "
                + "allow-missing=true to render without."
        case .project(let refusal):
            refusal.description
        }
    }

    private static func advice(_ kind: UploadKind) -> String {
        switch kind {
        case .scene:
            "Pack it all into the .blend (in Blender: File, External Data, Pack Resources, and Pack "
                + "Linked Libraries) and upload again; or upload a .zip with the .blend and its files"
        case .project, .listing:
            "Add it to the project, where the .blend's path to it leads (in Blender: File, External "
                + "Data, Make Paths Relative), and upload again"
        }
    }

    static func list(_ paths: [String]) -> String {
        let shown = paths.prefix(20).joined(separator: ", ")
        return paths.count > 20 ? "\(shown) and \(paths.count - 20) more" : shown
    }
}
