/// A Python file of `Programs/`, which is part of our own program.
enum PythonModule: String, CaseIterable {
    case `protocol`, devices, extras, scene, frames, slicing, slices, merge, assemble, graphics

    /// What each program needs that works on a scene.
    static let sceneSetUp: [PythonModule] = [.protocol, .devices, .extras, .scene]

    var source: [UInt8] {
        switch self {
        case .protocol: PackageResources.protocol_py
        case .devices: PackageResources.devices_py
        case .extras: PackageResources.extras_py
        case .scene: PackageResources.scene_py
        case .frames: PackageResources.frames_py
        case .slicing: PackageResources.slicing_py
        case .slices: PackageResources.slices_py
        case .merge: PackageResources.merge_py
        case .assemble: PackageResources.assemble_py
        case .graphics: PackageResources.graphics_py
        }
    }

    /// One program that loads the modules in this order.
    static func program(of modules: [PythonModule]) -> String {
        let texts = modules.map { "(\"\($0.rawValue)\", \(literal($0.source)))" }
        return String(decoding: PackageResources.loader_py, as: UTF8.self)
            + "\n\nload([\(texts.joined(separator: ", "))])\n"
    }

    /// The text as a Python string literal.
    private static func literal(_ source: [UInt8]) -> String {
        var text = "\""
        for character in String(decoding: source, as: UTF8.self) {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
        return text + "\""
    }
}
