/// The last step of every message: counted, handed on, and after it the messages that are inside of it.
enum Delivery {
    /// Everything about a message but the message.
    struct Circumstances {
        var at: Timestamp
        var source: Endpoint
        var target: Endpoint
        var transport: HeardMessage.Transport
        var vlan: UInt16?
        var innerVLAN: UInt16?
        var hardware: HardwareBits

        func heard(_ message: Message) -> HeardMessage {
            HeardMessage(
                message, at: at, source: source, target: target, transport: transport, vlan: vlan,
                innerVLAN: innerVLAN,
                sourceMAC: HardwareBits.mac(hardware.source), targetMAC: HardwareBits.mac(hardware.target))
        }
    }

    static func deliver(
        _ message: Message, _ circumstances: Circumstances, _ counters: inout DissectionCounters,
        _ sink: (consuming HeardMessage) -> Void
    ) {
        counters.countMessage(message.protocolName)
        sink(circumstances.heard(message))
        for inner in Protocols.expand(message) {
            counters.countMessage(inner.protocolName)
            sink(circumstances.heard(inner))
        }
    }
}
