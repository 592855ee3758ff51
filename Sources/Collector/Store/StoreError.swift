/// Why the store cannot be used, sorted by what the caller does about it.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The directory or the database in it is not usable as configured (exit 78).
    case unusable(String)
    /// Another process has it (exit 69).
    case busy(String)
    /// The disk refused: nothing was acknowledged, the same request may come again.
    case full(String)
    /// The disk failed or the database is damaged: no further write is trusted until a restart has checked it.
    case failed(String)

    public var description: String {
        switch self {
        case .unusable(let text), .busy(let text), .full(let text), .failed(let text): text
        }
    }
}
