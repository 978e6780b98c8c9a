import Foundation
import Inspection

/// A folder on this machine, in which a scene's files are looked for.
struct FolderTree: FileTree {
    let root: String

    /// The whole machine: where a .blend's files are is known only by its paths.
    static let machine = FolderTree(root: "/")

    var isWholeMachine: Bool { root == "/" }

    func contains(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: place(path))
    }

    func names(in folder: String) -> Set<String>? {
        do {
            return Set(try FileManager.default.contentsOfDirectory(atPath: place(folder)))
        } catch {
            return nil
        }
    }

    /// Where a path of this tree's lies.
    func place(_ path: String) -> String { path.hasPrefix("/") ? path : root + "/" + path }

    /// The files that a path stands for: itself, or all below a folder.
    func files(at path: String) throws -> [String] {
        guard Self.isFolder(place(path)) == true else { return [path] }
        return try FileManager.default.subpathsOfDirectory(atPath: place(path))
            .map { path.isEmpty ? $0 : path + "/" + $0 }
            .filter { Self.isFolder(place($0)) == false }
    }

    /// Links are followed; `nil` when there is nothing.
    static func isFolder(_ path: String) -> Bool? {
        var isFolder: ObjCBool = false
        let isThere = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return isThere ? isFolder.boolValue : nil
    }
}
