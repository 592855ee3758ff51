import Crypto
public import Domain

/// The hash chain over the records of one epoch (DOMAIN.md §10):
/// hₙ = SHA-256(hₙ₋₁ ‖ SHA-256(record)), h₀ = SHA-256(agent ‖ epoch).
///
/// A purged record leaves its digest, so the chain still verifies without it; a changed, dropped or moved one breaks it.
public struct Chain: Hashable, Sendable {
    /// The number of the last record that `hash` covers; 0 before the first.
    public private(set) var sequence: UInt64
    /// hₙ for `sequence`, 32 bytes.
    public private(set) var hash: [UInt8]

    /// An epoch's beginning.
    public init(agent: String, epoch: Epoch) {
        sequence = 0
        hash = sha256(Array(agent.utf8) + epoch.bytes)
    }

    /// A chain taken up where it was left. `nil` unless the hash has 32 bytes.
    public init?(sequence: UInt64, hash: some Collection<UInt8>) {
        guard hash.count == 32 else { return nil }
        self.sequence = sequence
        self.hash = Array(hash)
    }

    public mutating func append(_ record: some Collection<UInt8>) {
        append(digest: sha256(Array(record)))
    }

    /// For a record that was purged: only its digest is left.
    public mutating func append(digest: [UInt8]) {
        var hasher = SHA256()
        hash.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        digest.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        hash = Array(hasher.finalize())
        sequence &+= 1
    }
}

/// SHA-256 (FIPS 180-4), 32 bytes.
public func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var hasher = SHA256()
    bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    return Array(hasher.finalize())
}
