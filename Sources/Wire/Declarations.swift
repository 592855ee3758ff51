/// What a site says of its devices' ports: `192.168.10.20`, TCP, 18831 is MQTT. It decides before any port number does.
public struct Declaration: Hashable, Sendable {
    public enum Transport: Hashable, Sendable { case udp, tcp }

    public var address: IPAddress
    public var port: UInt16
    public var transport: Transport
    public var protocolName: ProtocolName
    /// Of `framed` datagrams: how they are put together.
    public var layout: FrameLayout?

    public init(
        _ address: IPAddress, port: UInt16, _ transport: Transport, _ protocolName: ProtocolName,
        layout: FrameLayout? = nil
    ) {
        self.address = address
        self.port = port
        self.transport = transport
        self.protocolName = protocolName
        self.layout = layout
    }
}

/// Declarations, by address and port. A frame between ports that nobody declared costs two loads.
struct DeclaredPorts: Sendable {
    private struct Place: Hashable {
        var address: IPAddress
        var port: UInt16
        var transport: Declaration.Transport
    }

    private var names: [Place: ProtocolName] = [:]
    private var layouts: [Place: FrameLayout] = [:]
    /// Whether any device has that port declared; empty if there are no declarations.
    private var ports: [Bool] = []

    /// The first `limit` count; of two for one place the first.
    init(_ declarations: [Declaration], limit: Int) {
        for declaration in declarations.prefix(max(limit, 0)) {
            if ports.isEmpty { ports = [Bool](repeating: false, count: 65_536) }
            ports[Int(declaration.port)] = true
            let place = Place(
                address: declaration.address, port: declaration.port, transport: declaration.transport)
            if names[place] == nil {
                names[place] = declaration.protocolName
                layouts[place] = declaration.layout
            }
        }
    }

    var count: Int { names.count }

    /// The layout of datagrams to the target, or else from the source.
    func layout(from source: Endpoint, to target: Endpoint) -> FrameLayout? {
        guard !layouts.isEmpty else { return nil }
        return layouts[Place(address: target.address, port: target.port, transport: .udp)]
            ?? layouts[Place(address: source.address, port: source.port, transport: .udp)]
    }

    /// The protocol declared for the target, or else for the source.
    @inline(__always)
    func portClass(
        source: IPAddress, _ sourcePort: UInt16, target: IPAddress, _ targetPort: UInt16,
        _ transport: Declaration.Transport
    ) -> PortClass? {
        guard !ports.isEmpty, ports[Int(targetPort)] || ports[Int(sourcePort)] else { return nil }
        return lookUp(source: source, sourcePort, target: target, targetPort, transport)
    }

    @inline(never)
    private func lookUp(
        source: IPAddress, _ sourcePort: UInt16, target: IPAddress, _ targetPort: UInt16,
        _ transport: Declaration.Transport
    ) -> PortClass? {
        let name =
            names[Place(address: target, port: targetPort, transport: transport)]
            ?? names[Place(address: source, port: sourcePort, transport: transport)]
        return name.map { PortClass($0) }
    }
}
