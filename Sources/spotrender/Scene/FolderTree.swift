import Foundation
import Inspection

/// A folder on this machine in which a scene's files are searched.
struct FolderTree: FileTree {
    let root: String

    /// The whole machine, for a single .blend file: only its paths say where its files are.
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

    /// The absolute path of a path in this tree.
    func place(_ path: String) -> String { path.hasPrefix("/") ? path : root + "/" + path }

    /// The file at `path`, or all files below the folder at `path`.
    func files(at path: String) throws -> [String] {
        guard Self.isFolder(place(path)) == true else { return [path] }
        return try FileManager.default.subpathsOfDirectory(atPath: place(path))
            .map { path.isEmpty ? $0 : path + "/" + $0 }
            .filter { Self.isFolder(place($0)) == false }
    }

    /// Follows links. `nil` if nothing exists at `path`.
    static func isFolder(_ path: String) -> Bool? {
        var isFolder: ObjCBool = false
        let isThere = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return isThere ? isFolder.boolValue : nil
    }
}
