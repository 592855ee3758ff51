#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Why a capture could not be opened or read. Damage inside a file is a `ParseError` with layer `.file` instead.
public enum CaptureError: Error, Hashable, Sendable {
    /// The operating system refused a file: `code` is an errno.
    case file(path: String, code: Int32)
    /// The user may not capture.
    case permission(interface: String)
    case noSuchInterface(String, known: [String])
    /// libpcap refused a filter expression.
    case filter(expression: String, reason: String)
    /// Anything else that libpcap says about a live capture.
    case live(interface: String, reason: String)
    /// What a capture helper ended with, in its own words or ours.
    case helper(interface: String, reason: String, exitCode: Int32)

    /// The exit code a command ends with (sysexits).
    public var exitCode: Int32 {
        switch self {
        case .permission: 77
        case .noSuchInterface: 69
        case .filter: 78
        case .file, .live: 1
        case .helper(_, _, let code): code
        }
    }
}

extension CaptureError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path, let code):
            return "\(path): \(String(cString: strerror(code)))"
        case .permission(let interface):
            return
                "\(interface): capturing needs permission; run as root, or once: setcap cap_net_raw+ep \(Self.binary)"
        case .noSuchInterface(let name, let known):
            return "no interface '\(name)'; known: \(known.joined(separator: ", "))"
        case .filter(let expression, let reason):
            return "filter '\(expression)': \(reason)"
        case .live(let interface, let reason):
            return "\(interface): \(reason)"
        case .helper(_, let reason, _):
            return reason
        }
    }

    /// This program's file.
    private static var binary: String {
        var path = [UInt8](repeating: 0, count: 4_096)
        let count = path.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return -1 }
            return readlink("/proc/self/exe", base.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        return count > 0 ? String(decoding: path.prefix(count), as: UTF8.self) : "<binary>"
    }
}
