/// The last step of every message: counted, handed on, and after it the messages that are inside of it.
enum Delivery {
    static func deliver(
        _ message: Message, at time: Timestamp, source: Endpoint, target: Endpoint, transport: HeardMessage.Transport,
        vlan: UInt16?, _ counters: inout DissectionCounters, _ sink: (HeardMessage) -> Void
    ) {
        counters.countMessage(message.protocolName)
        sink(HeardMessage(message, at: time, source: source, target: target, transport: transport, vlan: vlan))
        for inner in Protocols.expand(message) {
            counters.countMessage(inner.protocolName)
            sink(HeardMessage(inner, at: time, source: source, target: target, transport: transport, vlan: vlan))
        }
    }
}
