import FoundationEssentials

/// Graphics processors of this machine, as the kernel lists them. Only Cycles knows whether it can
/// use them.
package enum GraphicsDevices {
    /// Device files that drivers make: `/dev/nvidia0` and others like it, AMD's `/dev/kfd`, and
    /// `/dev/dri`, which all drivers share.
    package static var present: [String] {
        names(in: "/dev")
            .filter { $0.hasPrefix("nvidia") || $0 == "kfd" || $0 == "dri" }
            .map { "/dev/\($0)" }
    }

    /// A device file for each processor that Cycles could render on. AMD has one file for all.
    /// Where no driver serves a processor, these are the processors on the bus.
    static var processors: [String] {
        let served = present.filter {
            $0 == "/dev/kfd" || $0.wholeMatch(of: /\/dev\/nvidia[0-9]+/) != nil
        }
        return served.isEmpty ? onBus() : served
    }

    /// `PCI 10de:27b8`: NVIDIA's and AMD's display controllers (class 03 of the PCI Code and ID
    /// Assignment Specification). Instances without one show a controller of Amazon's own.
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

    /// Empty where the folder is missing, as in some containers.
    private static func names(in folder: String) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            return []
        }
    }
}
