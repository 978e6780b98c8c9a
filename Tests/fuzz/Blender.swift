import Foundation

// libFuzzer's two entry points for the checks of pictures and for the reader of Blender's output,
// compiled together with the module to measure its coverage.

private let target = ProcessInfo.processInfo.environment["SPOTRENDER_FUZZ_TARGET"] ?? "pictures"
/// In memory.
private let path = "/dev/shm/spotrender-fuzz-\(ProcessInfo.processInfo.processIdentifier)"

/// Writes seeds into the folder SPOTRENDER_FUZZ_SEEDS.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    guard let folder = ProcessInfo.processInfo.environment["SPOTRENDER_FUZZ_SEEDS"] else {
        return 0
    }
    let lines = [
        "Saved: '/a/frame_0001.png'", "Fra:1 Mem:9.99M | Scene | Sample 1/2",
        "00:04.230  render | Fra: 1 | Remaining: 00:02.1 | Rendering 1 / 16 samples",
        "SPOTRENDER KEY samples 64\nSPOTRENDER KEY sliced 3 4\nSPOTRENDER KEY shrunk 7 blank",
        "SPOTRENDER KEY opened 3.4.1\nSPOTRENDER KEY refused no\nSPOTRENDER KEY device CPU",
        "SPOTRENDER KEY ready\nSPOTRENDER KEY made sheet\nSPOTRENDER KEY omitted x",
    ]
    let seeds =
        target == "output"
        ? lines.enumerated().map { ("\($0.offset)", Array($0.element.utf8)) }
        : MadePicture.seeds.map { ($0.key, $0.value) }
    for (name, bytes) in seeds {
        do {
            try Data(bytes).write(to: URL(filePath: folder).appending(path: name))
        } catch {
            fatalError("\(error)")
        }
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do {
        let complaint =
            target == "output"
            ? FuzzedOutput.complaint(bytes) : try FuzzedPicture.complaint(bytes, at: path)
        if let complaint { fatalError(complaint) }
    } catch {
        fatalError("\(error)")
    }
    return 0
}
