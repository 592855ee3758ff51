internal import Foundation
internal import Wire

/// A socket on the loopback network, and nowhere else: other addresses are refused.
struct LoopbackSocket {
    enum Kind { case datagram, stream }

    struct Failure: Error, CustomStringConvertible {
        var what: String
        var code: Int32
        var description: String { "\(what): \(String(cString: strerror(code)))" }
    }

    let descriptor: Int32

    /// Bound to `local`; port 0 lets the system choose.
    init(_ kind: Kind, local: Endpoint) throws {
        #if canImport(Glibc)
            let type = Int32((kind == .datagram ? SOCK_DGRAM : SOCK_STREAM).rawValue)
        #else
            let type = kind == .datagram ? SOCK_DGRAM : SOCK_STREAM
        #endif
        descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { throw Failure(what: "socket", code: errno) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        if kind == .stream {
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        // Nobody waits longer than this for a peer in the same process.
        var patience = timeval(tv_sec: 0, tv_usec: 500_000)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        do {
            try withAddress(of: local) { pointer, length in
                guard bind(descriptor, pointer, length) == 0 else {
                    throw Failure(what: "bind \(local)", code: errno)
                }
            }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    func listen() throws {
        guard Glibc.listen(descriptor, 64) == 0 else { throw Failure(what: "listen", code: errno) }
    }

    func connect(to peer: Endpoint) throws {
        try withAddress(of: peer) { pointer, length in
            guard Glibc.connect(descriptor, pointer, length) == 0 else {
                throw Failure(what: "connect \(peer)", code: errno)
            }
        }
    }

    func send(_ bytes: [UInt8], to peer: Endpoint) throws {
        try withAddress(of: peer) { pointer, length in
            let sent = bytes.withUnsafeBytes { sendto(descriptor, $0.baseAddress, $0.count, 0, pointer, length) }
            guard sent == bytes.count else { throw Failure(what: "send to \(peer)", code: errno) }
        }
    }

    func send(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let sent = bytes[offset...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard sent > 0 else { throw Failure(what: "send", code: errno) }
            offset += sent
        }
    }

    /// Whatever is there, up to 64 KiB; empty at the end or after the patience is over.
    func receive() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
        return count > 0 ? Array(buffer.prefix(count)) : []
    }

    func close() {
        Glibc.close(descriptor)
    }

    var port: UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return status == 0 ? UInt16(bigEndian: address.sin_port) : 0
    }
}

private func withAddress(of endpoint: Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void) throws {
    guard endpoint.address.isIPv4, endpoint.address.low >> 24 == 127 else {
        throw LoopbackSocket.Failure(what: "\(endpoint) is not on the loopback network", code: EADDRNOTAVAIL)
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = endpoint.port.bigEndian
    address.sin_addr.s_addr = UInt32(truncatingIfNeeded: endpoint.address.low).bigEndian
    try withUnsafePointer(to: &address) {
        try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            try body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
