import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Puts a question to a running collector: the same answers as from its data, over HTTP.
public struct QueryClient: Sendable {
    static let noteHeader = "deskwatch-note"
    static let differsHeader = "deskwatch-differs"

    /// No collector answers there (exit 69).
    public struct Unavailable: Error, CustomStringConvertible {
        public var description: String
    }

    public var base: String

    /// `http://127.0.0.1:8480`, with or without a slash at the end.
    public init(_ base: String) {
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    }

    public func answer(_ query: some Query, _ values: [String: String]) async throws -> Answer {
        // Checked here too: a wrong word need not travel.
        let arguments = try Arguments(values, for: query)
        let pairs = values.sorted { $0.key < $1.key }.map { "\($0.key)=\(QueryClient.escaped($0.value))" }
        let url = base + "/api/v1/\(query.name)" + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
        let (response, body) = try await get(url)
        let text = String(buffer: body)
        let message = text.hasSuffix("\n") ? String(text.dropLast()) : text
        switch response.status.code {
        case 200:
            return Answer(
                text, arguments.output, note: response.headers.first(name: QueryClient.noteHeader),
                differs: response.headers.first(name: QueryClient.differsHeader) == "true")
        case 400: throw QueryError.usage(message)
        case 404: throw QueryError.unknown(message)
        default: throw Unavailable(description: "\(base) answers \(response.status.code): \(message)")
        }
    }

    /// `/api/v1/<name>` with those parameters: the body of a good answer, whatever it says.
    public func text(of name: String, _ parameters: [(String, String)]) async throws -> String {
        let pairs = parameters.map { "\($0.0)=\(QueryClient.escaped($0.1))" }
        let (response, body) = try await get(base + "/api/v1/\(name)?" + pairs.joined(separator: "&"))
        guard response.status.code == 200 else {
            throw QueryError.unknown("status \(response.status.code): \(String(buffer: body).prefix(200))")
        }
        return String(buffer: body)
    }

    /// Sends JSON and returns the answer's text.
    public func post(_ path: String, json: [UInt8]) async throws -> String {
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: json))
        let (response, body) = try await execute(request)
        let text = String(buffer: body)
        let message = text.hasSuffix("\n") ? String(text.dropLast()) : text
        switch response.status.code {
        case 200: return text
        case 400: throw QueryError.usage(message)
        case 404: throw QueryError.unknown(message)
        default: throw Unavailable(description: "\(base) answers \(response.status.code): \(message)")
        }
    }

    private func get(_ url: String) async throws -> (HTTPClientResponse, ByteBuffer) {
        try await execute(HTTPClientRequest(url: url))
    }

    private func execute(_ request: HTTPClientRequest) async throws -> (HTTPClientResponse, ByteBuffer) {
        // Without this a refused connection is tried again until the whole time has passed.
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(10)))
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let outcome: Result<(HTTPClientResponse, ByteBuffer), Unavailable>
        do {
            let response = try await client.execute(request, timeout: .seconds(300))
            outcome = .success((response, try await response.body.collect(upTo: 1 << 30)))
        } catch {
            outcome = .failure(Unavailable(description: "no collector answers at \(base): \(error)"))
        }
        try await client.shutdown()
        return try outcome.get()
    }

    /// Everything but unreserved characters (RFC 3986 §2.3).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                return String(UnicodeScalar(byte))
            default: return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
