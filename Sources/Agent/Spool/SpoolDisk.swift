#if canImport(Glibc)
    import Glibc
#endif

/// What the spool asks of a folder. Two implementations: the real one, and in the tests a model that tears, fills and
/// forgets what was not synchronised. Names are plain file names of that one folder.
public protocol SpoolDisk: AnyObject {
    /// Sorted.
    func names() throws(DiskError) -> [String]
    func size(of name: String) throws(DiskError) -> Int
    /// Fewer bytes than asked for only at the file's end.
    func read(_ name: String, from offset: Int, count: Int) throws(DiskError) -> [UInt8]
    /// Makes a file that was not there and keeps it open for `append`.
    func create(_ name: String) throws(DiskError)
    /// Appends to a file that `create` opened. After an error, any part of the bytes may be in the file.
    func append(_ bytes: [UInt8], to name: String) throws(DiskError)
    /// What was appended is on stable storage after this; the name itself only after `synchroniseFolder`.
    func synchronise(_ name: String) throws(DiskError)
    func close(_ name: String)
    /// Shortens a file, and synchronises that.
    func cut(_ name: String, to length: Int) throws(DiskError)
    /// Puts a whole small file in the place of another, durably: after a crash it is the old or the new one.
    func replace(_ name: String, with bytes: [UInt8]) throws(DiskError)
    func rename(_ name: String, to other: String) throws(DiskError)
    func remove(_ name: String) throws(DiskError)
    func synchroniseFolder() throws(DiskError)
}

/// A system call on the spool's folder that failed.
public struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
    public var call: String
    public var name: String
    /// `errno`.
    public var code: Int32

    public init(_ call: String, _ name: String, code: Int32) {
        self.call = call
        self.name = name
        self.code = code
    }

    /// The one failure that room, not repair, will end.
    public var isFull: Bool { code == ENOSPC || code == EDQUOT }

    public var description: String { "\(call) \(name): \(String(cString: strerror(code)))" }
}
