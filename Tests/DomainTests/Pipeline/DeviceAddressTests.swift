import Domain
import Testing
import Wire

struct DeviceAddressTests {
    @Test func `addresses of every form`() throws {
        let v4 = try #require(IPAddress("192.168.10.20"))
        let v6 = try #require(IPAddress("2001:db8::20"))
        #expect(DeviceAddress("192.168.10.20") == .ip(v4, ports: []))
        #expect(DeviceAddress("2001:db8::20") == .ip(v6, ports: []))
        #expect(DeviceAddress("192.168.10.20:5060,5061") == .ip(v4, ports: [5_060, 5_061]))
        #expect(DeviceAddress("[2001:db8::20]:5200") == .ip(v6, ports: [5_200]))
        #expect(DeviceAddress("00:18:ba:98:68:8f") == .mac(MACAddress(0x0018_ba98_688f)))
        #expect(DeviceAddress("behind:nvr1") == .behind("nvr1"))
        #expect(DeviceAddress("topic:frigate/+/person@192.168.10.20") == .topic(filter: "frigate/+/person", broker: v4))
        #expect(DeviceAddress("topic:a@b/#@2001:db8::20") == .topic(filter: "a@b/#", broker: v6))
        #expect(DeviceAddress("name:K1") != nil && DeviceAddress("file:/var/log/q.csv") != nil)
    }

    @Test(arguments: [
        "", "kiosk", "192.168.10.300", "192.168.10.20:", "192.168.10.20:0", "192.168.10.20:70000", "2001:db8::20:x",
        "topic:a/b", "topic:a/#/b@192.168.10.20", "topic:a+@192.168.10.20", "topic:@192.168.10.20", "behind:", "name:",
        "00:18:ba:98:68",
    ])
    func `other text is no address`(text: String) { #expect(DeviceAddress(text) == nil) }

    @Test(arguments: [
        ("a/b", "a/b", true), ("a/b", "a/bc", false), ("a/b", "a", false), ("a/+", "a/b", true),
        ("a/+", "a/b/c", false),
        ("a/+/c", "a/b/c", true), ("+/b", "a/b", true), ("#", "a/b", true), ("a/#", "a", true), ("a/#", "a/b/c", true),
        ("a/#", "ab", false), ("+", "a", true), ("+", "a/b", false), ("a/+", "a/", true), ("#", "$SYS/x", false),
        ("$SYS/#", "$SYS/x", true), ("a/b/#", "a", false),
    ])
    func `topic filters mean what MQTT says`(filter: String, topic: String, isMeant: Bool) {
        #expect(TopicFilter.matches(Array(filter.utf8), Array(topic.utf8)[...]) == isMeant)
    }
}
