/// What of a message gave nothing, although the message as a whole is counted as something else: elements of its list
/// that no rule is for, and rules that lacked a value beside one that gave its event.
public struct Remains: Hashable, Sendable {
    /// Those beyond the 256 of a message that are looked at are among them.
    public var unmappedElements: UInt64 = 0
    public var incompleteRules: UInt64 = 0
    /// What became of each element, in their order, where somebody wants to know; `nil`: nobody does.
    public var elements: [Recognition]?

    public init() {}

    mutating func note(_ element: Recognition) {
        if case .unmapped = element { unmappedElements &+= 1 }
        elements?.append(element)
    }
}
