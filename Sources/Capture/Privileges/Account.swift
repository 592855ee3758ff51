#if canImport(Glibc)
    public import Glibc
#elseif canImport(Musl)
    public import Musl
#endif

/// Whom a process that was started as root goes on as.
public struct Account: Hashable, Sendable, CustomStringConvertible {
    public let name: String
    public let user: uid_t
    public let group: gid_t

    /// By name, from the user database; `nil` if there is none.
    public init?(named name: String) {
        guard let entry = getpwnam(name)?.pointee else { return nil }
        self.name = name
        user = entry.pw_uid
        group = entry.pw_gid
    }

    /// Who owns this file or folder, or the nearest folder above it that is there.
    public init?(owning path: String) {
        var status = stat()
        var path = path.hasPrefix("/") ? path : "./" + path
        while stat(path, &status) != 0 {
            guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
            path = String(path[..<slash])
        }
        name = "user \(status.st_uid)"
        user = status.st_uid
        group = status.st_gid
    }

    public var description: String { name }
}
