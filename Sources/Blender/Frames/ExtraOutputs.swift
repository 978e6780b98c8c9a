import Farm
import FoundationEssentials
import Glibc

/// The files that a scene writes beside its frames, through its compositor's File Output nodes.
/// `Programs/extras.py` directs them to a folder for each frame and node.
///
/// Passes and view layers in the frame's own file are a part of the frame.
extension RenderRequest {
    /// The folder of a frame's extra files. Each node that wrote files has a folder in it.
    func extrasFolder(of number: Int) -> String { "\(directory)/extras/\(number)" }

    /// Whether anything was written beside the frame. A link in a folder's place is not followed:
    /// it may lead to files that the worker may read and the scene may not.
    func hasExtras(of number: Int) -> Bool {
        ["\(directory)/extras", extrasFolder(of: number)].allSatisfy { path in
            var status = stat()
            return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        }
    }

    /// Called when the frame is saved. No file beside the frame changes after that.
    func extras(of number: Int) throws(RenderFailure) -> [RenderedFrame.Extra] {
        guard hasExtras(of: number) else { return [] }
        let folder = extrasFolder(of: number)
        let files = FileManager.default
        do {
            return try files.subpathsOfDirectory(atPath: folder).sorted().compactMap { name in
                let path = "\(folder)/\(name)"
                let attributes = try files.attributesOfItem(atPath: path)
                guard attributes[.type] as? FileAttributeType == .typeRegular else { return nil }
                do throws(PictureFault) {
                    return RenderedFrame.Extra(
                        name: name, path: path, byteCount: try PictureCheck.whole(path))
                } catch {
                    throw RenderFailure(
                        .noPicture, "Blender wrote \(name) beside frame \(number), but \(error).")
                }
            }
        } catch let failure as RenderFailure {
            throw failure
        } catch {
            throw RenderFailure(.disk, "The files beside frame \(number) can't be read: \(error)")
        }
    }
}

extension PictureCheck {
    /// Bytes of a complete file. A picture in one of our formats, by the ending of its name, is
    /// checked like a frame. Any other file must not be empty.
    fileprivate static func whole(_ path: String) throws(PictureFault) -> Int64 {
        let ending = path.split(separator: ".").last.map { $0.lowercased() }
        if let format = ImageFormat.allCases.first(where: { $0.fileExtension == ending }) {
            return try PictureCheck(format: format, size: nil).check(path).byteCount
        }
        let count = try PictureFile(path: path).byteCount
        guard count > 0 else { throw .empty }
        return count
    }
}
