import Testing
import Wire

/// What the fuzzer found: the account of a stream while pieces wait behind a hole.
struct StreamAccountTests {
    @Test func `bytes that wait behind a hole are accounted for without what keeping them costs`() {
        let speech = Speech(["one", "two", "three"])
        var listener = Listener()
        for segment in speech.open + speech.segments(of: 10).dropFirst() { listener.hear(segment) }
        let waiting = listener.dissector.unfinishedBytes
        #expect(waiting == speech.bytes.count - 10 && listener.dissector.heldBytes > waiting)
        #expect(listener.counters.streamBytes == UInt64(waiting))
        listener.finish()
        #expect(listener.dissector.unfinishedBytes == 0 && listener.dissector.heldBytes == 0)
    }
}
