import FoundationEssentials

/// Graphics processors of this machine, as the kernel has them: whether Cycles can use them only
/// Cycles knows.
package enum GraphicsDevices {
    /// Device files that drivers make: `/dev/nvidia0` and its like, AMD's `/dev/kfd`, and `/dev/dri`
    /// of them all.
    package static var present: [String] {
        names(in: "/dev")
            .filter { $0.hasPrefix("nvidia") || $0 == "kfd" || $0 == "dri" }
            .map { "/dev/\($0)" }
    }

    /// One for each processor that Cycles could render on, AMD's one for all; without any, those on
    /// the bus that no driver serves.
    static var processors: [String] {
        let served = present.filter {
            $0 == "/dev/kfd" || $0.wholeMatch(of: /\/dev\/nvidia[0-9]+/) != nil
        }
        return served.isEmpty ? onBus() : served
    }

    /// `PCI 10de:27b8`: NVIDIA's and AMD's display controllers (class 03 of the PCI Code and ID Assignment
    /// Specification). EC2 shows one of Amazon's own where there is none.
    static func onBus(in folder: String = "/sys/bus/pci/devices") -> [String] {
        names(in: folder).compactMap { name in
            func word(_ file: String) -> Substring {
                let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)/\(file)")
                return String(decoding: bytes ?? .init(), as: UTF8.self).trimmingBlanks.dropFirst(2)
            }
            let vendor = word("vendor")
            guard word("class").hasPrefix("03"), vendor == "10de" || vendor == "1002" else {
                return nil
            }
            return "PCI \(vendor):\(word("device"))"
        }
    }

    /// None where there is no such folder, as in some containers.
    private static func names(in folder: String) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            return []
        }
    }
}
