import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Records
import Testing

@testable import Collector

@Suite struct ServerTests {
    private func serving(
        _ bench: Bench, _ body: @Sendable @escaping (any TestClientProtocol) async throws -> Void
    ) async throws {
        try await Application(router: bench.server.router()).test(.router) { try await body($0) }
    }

    @Test func `a batch goes in as protobuf and its receipt comes back`() async throws {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await serving(bench) { client in
            try await client.execute(
                uri: Batch.path, method: .post, body: ByteBuffer(bytes: try sender.batch(1...sender.last).encoded())
            ) { response in
                #expect(response.status == .ok)
                #expect(response.headers[.contentType] == "application/x-protobuf")
                let receipt = try Receipt(decoding: Array(response.body.readableBytesView))
                #expect(receipt.acknowledgedThrough == UInt64(sender.last))
                #expect(receipt.hash == sender.hashes[sender.last])
            }
            try await client.execute(uri: "/api/v1/visits?date=2026-11-10&output=csv", method: .get) { response in
                #expect(String(buffer: response.body) == OfficeDaysTests.visits)
                #expect(response.headers[.contentType] == "text/csv; charset=utf-8")
            }
            try await client.execute(uri: "/api/v1/days/thu/2026-11-10?output=svg", method: .get) { response in
                #expect(String(buffer: response.body).hasPrefix("<svg"))
                #expect(response.headers[.contentType] == "image/svg+xml; charset=utf-8")
            }
        }
    }

    @Test func `what is not a batch is refused with a reason, and counted`() async throws {
        let bench = try Bench(limits: IngestLimits(requestBytes: 100_000))
        let batch = try Fixture.crowd(3).batch(1...3)
        var early = batch
        early.first = 0
        var unhashed = batch
        unhashed.hash = [1]
        let bodies: [[UInt8]] = [
            Array("GET /".utf8), [0xFF], try early.encoded(), try unhashed.encoded(), [],
            Array(try batch.encoded().dropLast(5)),
        ]
        try await serving(bench) { client in
            for body in bodies {
                try await client.execute(uri: Batch.path, method: .post, body: ByteBuffer(bytes: body)) { response in
                    #expect(response.status == .badRequest)
                    #expect(String(buffer: response.body).hasPrefix("malformed: "))
                }
            }
            try await client.execute(
                uri: Batch.path, method: .post, body: ByteBuffer(repeating: 0, count: 100_001)
            ) { #expect($0.status == .contentTooLarge) }
        }
        #expect(bench.server.counters.now.rejected == ["malformed": 6, "tooLarge": 1])
        #expect(try await bench.contents().isEmpty)
    }

    @Test func `wrong words are 400, unknown offices 404, and the body says what is known`() async throws {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await bench.send(sender.batch(1...sender.last))
        try await serving(bench) { client in
            let cases: [(String, HTTPResponse.Status, String)] = [
                ("/api/v1/report?date=x", .badRequest, "'x' is not a date"),
                ("/api/v1/report?colour=1&when=now", .badRequest, "unknown parameter 'when'; known: period, date"),
                ("/api/v1/visits?output=svg", .badRequest, "visits has: table, json, csv"),
                ("/api/v1/visits?office=abc", .notFound, "unknown office 'abc'; known: thu"),
                ("/api/v1/days/abc/2026-11-10", .notFound, "unknown office 'abc'; known: thu"),
                ("/api/v1/days/thu/2026-13-10", .badRequest, "'2026-13-10' is not a date"),
                ("/api/v1/nothing", .notFound, ""),
            ]
            for (uri, status, words) in cases {
                try await client.execute(uri: uri, method: .get) { response in
                    #expect(response.status == status, "\(uri)")
                    #expect(String(buffer: response.body).contains(words) || words.isEmpty, "\(uri)")
                }
            }
        }
    }

    @Test func `metrics are in the text format, with the equation of the records`() async throws {
        let bench = try Bench()
        let sender = try Fixture.sender()
        try await bench.send(sender.batch(1...sender.last))
        try await bench.send(sender.batch(1...4))
        try await serving(bench) { client in
            try await client.execute(uri: "/metrics", method: .get) { response in
                #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
                let text = String(buffer: response.body)
                func value(_ name: String) -> Int? {
                    text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
                        .flatMap { Int($0.split(separator: " ")[1]) }
                }
                #expect(value("deskwatch_ingest_records_total") == 15)
                #expect(value("deskwatch_ingest_records_stored_total") == 11)
                #expect(value("deskwatch_ingest_records_duplicate_total") == 4)
                #expect(value("deskwatch_events_stored_total{office=\"thu\"}") == 10)
                for line in text.split(separator: "\n") where !line.hasPrefix("#") {
                    let name = line.prefix { $0 != " " && $0 != "{" }
                    #expect(text.contains("# HELP \(name) "), "\(name)")
                    #expect(text.contains("# TYPE \(name) "), "\(name)")
                }
            }
            for uri in ["/healthz", "/readyz"] {
                try await client.execute(uri: uri, method: .get) { #expect($0.status == .ok) }
            }
        }
    }
}
