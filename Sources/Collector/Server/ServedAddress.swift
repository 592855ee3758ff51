import Foundation

/// Where the collector that holds a data directory answers: for commands beside it that have something to write. The
/// file is only believed while the directory is locked.
public enum ServedAddress {
    private static func path(_ directory: String) -> String { directory + "/address" }

    public static func write(_ address: String, directory: String) {
        // Not being able to is no reason not to serve: such commands then ask for --url.
        try? (address + "\n").write(toFile: path(directory), atomically: true, encoding: .utf8)
    }

    public static func read(directory: String) -> String? {
        guard let text = try? String(contentsOfFile: path(directory), encoding: .utf8) else { return nil }
        let address = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return address.hasPrefix("http://") && address.utf8.count < 300 ? address : nil
    }
}
