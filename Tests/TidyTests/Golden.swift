import Testing

@Test func `golden`() { #expect(Bool(true)) }
