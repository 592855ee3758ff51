internal import Foundation
internal import Synchronization
internal import Wire

/// The servers that live devices talk to: a syslog drain, a broker that accepts, a subscriber that says 200.
final class LoopbackSinks: Sendable {
    private enum Kind { case broker, subscriber }

    let drain: Endpoint
    let broker: Endpoint
    let subscriber: Endpoint
    private let datagrams: LoopbackSocket
    private let listeners: [(socket: LoopbackSocket, kind: Kind)]
    private let isStopped = Mutex(false)

    init(address: IPAddress) throws {
        // Ports that decoders know if they are free, else any: the bytes say what they are.
        datagrams = try Self.bound(.datagram, address, preferred: 5_514)
        let broker = try Self.bound(.stream, address, preferred: 1_883)
        let subscriber = try Self.bound(.stream, address, preferred: 8_090)
        try broker.listen()
        try subscriber.listen()
        listeners = [(broker, .broker), (subscriber, .subscriber)]
        drain = Endpoint(address, port: datagrams.port)
        self.broker = Endpoint(address, port: broker.port)
        self.subscriber = Endpoint(address, port: subscriber.port)
        Thread { self.serve() }.start()
    }

    func stop() {
        isStopped.withLock { $0 = true }
    }

    private static func bound(
        _ kind: LoopbackSocket.Kind, _ address: IPAddress, preferred: UInt16
    ) throws -> LoopbackSocket {
        do {
            return try LoopbackSocket(kind, local: Endpoint(address, port: preferred))
        } catch {
            return try LoopbackSocket(kind, local: Endpoint(address, port: 0))
        }
    }

    private func serve() {
        var peers: [(socket: LoopbackSocket, kind: Kind, buffer: [UInt8])] = []
        while !isStopped.withLock({ $0 }) {
            let descriptors =
                [datagrams.descriptor] + listeners.map(\.socket.descriptor) + peers.map(\.socket.descriptor)
            var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), 200) > 0 else { continue }
            if polled[0].revents != 0 { _ = datagrams.receive() }
            // From the back, so that indices stay right when a peer goes.
            for index in peers.indices.reversed() where polled[1 + listeners.count + index].revents != 0 {
                let bytes = peers[index].socket.receive()
                if bytes.isEmpty {
                    peers[index].socket.close()
                    peers.remove(at: index)
                    continue
                }
                peers[index].buffer += bytes
                Self.answer(&peers[index].buffer, peers[index].kind, peers[index].socket)
            }
            for (index, listener) in listeners.enumerated() where polled[1 + index].revents != 0 {
                let descriptor = accept(listener.socket.descriptor, nil, nil)
                if descriptor >= 0 { peers.append((LoopbackSocket(descriptor: descriptor), listener.kind, [])) }
            }
        }
        for peer in peers { peer.socket.close() }
        for listener in listeners { listener.socket.close() }
        datagrams.close()
    }

    private static func answer(_ buffer: inout [UInt8], _ kind: Kind, _ socket: LoopbackSocket) {
        switch kind {
        case .broker:
            // CONNECT (MQTT 3.1.1 §3.1) wants an answer; quality 0 publications want none.
            if let first = buffer.first, first >> 4 == 1 { try? socket.send(MQTT.encodeConnack()) }
            buffer.removeAll()
        case .subscriber:
            while let length = requestLength(buffer), length <= buffer.count {
                buffer.removeFirst(length)
                try? socket.send(Speech.accepted(isLast: false))
            }
            if buffer.count > 1_048_576 { buffer.removeAll() }
        }
    }

    /// Bytes of the request at the front, or `nil` while its head is not whole.
    private static func requestLength(_ buffer: [UInt8]) -> Int? {
        let text = String(decoding: buffer.prefix(4_096), as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let head = text[..<end.lowerBound]
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
            let value = line.dropFirst(15).trimmingCharacters(in: .whitespaces)
            guard let length = Int(value), (0...1_048_576).contains(length) else { return nil }
            return head.utf8.count + 4 + length
        }
        return head.utf8.count + 4
    }
}
