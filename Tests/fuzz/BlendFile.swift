import Dispatch
import Foundation

// libFuzzer's two entry points, compiled together with the module to measure its coverage.

/// Writes seeds into the folder SPOTRENDER_FUZZ_SEEDS: files with every layout and compression.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutableRawPointer, _: UnsafeMutableRawPointer) -> CInt {
    guard let folder = ProcessInfo.processInfo.environment["SPOTRENDER_FUZZ_SEEDS"] else {
        return 0
    }
    for (name, bytes) in FuzzSeeds.all {
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
    let done = DispatchSemaphore(value: 0)
    Task.detached {
        if let complaint = await Fuzzed.complaint(bytes) { fatalError(complaint) }
        done.signal()
    }
    done.wait()
    return 0
}
