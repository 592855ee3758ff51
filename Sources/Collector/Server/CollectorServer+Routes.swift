import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Records

extension CollectorServer {
    func router() -> Router<BasicRequestContext> {
        let router = Router(options: [.autoGenerateHeadEndpoints])
        router.post("/api/v1/ingest") { request, _ in try await self.ingest(request) }
        for query in Queries.all {
            router.get("/api/v1/\(query.name)") { request, _ in
                await self.answer(query, CollectorServer.parameters(request))
            }
        }
        router.get("/api/v1/days/:office/:date") { request, context in
            var values = CollectorServer.parameters(request)
            values["office"] = context.parameters.get("office").map { $0.removingURLPercentEncoding() ?? $0 }
            values["date"] = context.parameters.get("date")
            return await self.answer(DayQuery(), values)
        }
        router.get("/healthz") { _, _ in CollectorServer.text("ok\n") }
        router.get("/readyz") { _, _ in await self.readiness() }
        router.get("/metrics") { _, _ in
            let text = try await self.metrics()
            return CollectorServer.response(text, "text/plain; version=0.0.4; charset=utf-8")
        }
        registerAnnotations(on: router)
        Pages.register(on: router, source: days)
        return router
    }

    private func ingest(_ request: Request) async throws -> Response {
        do {
            if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.requestBytes {
                throw ingest.counted(.tooLarge(limit: limits.requestBytes))
            }
            let buffer: ByteBuffer
            do {
                buffer = try await request.body.collect(upTo: limits.requestBytes)
            } catch is NIOTooManyBytesError {
                throw ingest.counted(.tooLarge(limit: limits.requestBytes))
            }
            let receipt = try await ingest.accept(Array(buffer.readableBytesView))
            let body = ByteBuffer(bytes: try receipt.encoded())
            return Response(
                status: .ok,
                headers: [.contentType: Batch.contentType, .contentLength: "\(body.readableBytes)"],
                body: ResponseBody(byteBuffer: body))
        } catch let error as IngestError {
            switch error {
            case .refused: return CollectorServer.text("\(error)\n", status: .badRequest)
            case .tooLarge: return CollectorServer.text("\(error)\n", status: .contentTooLarge)
            case .unavailable:
                logger.warning("ingest: \(error)")
                var response = CollectorServer.text("\(error)\n", status: .serviceUnavailable)
                response.headers[.retryAfter] = "5"
                return response
            }
        }
    }

    private func answer(_ query: any Query, _ values: [String: String]) async -> Response {
        counters.add { $0.answers += 1 }
        do {
            let arguments = try CollectorServer.arguments(values, query)
            let answer = try await query.answer(arguments, from: days)
            var response = CollectorServer.response(answer.body, answer.output.contentType)
            if let note = answer.note, let name = HTTPField.Name(QueryClient.noteHeader) {
                response.headers[name] = note
            }
            if answer.differs, let name = HTTPField.Name(QueryClient.differsHeader) { response.headers[name] = "true" }
            return response
        } catch let error as QueryError {
            counters.add { $0.refusedAnswers += 1 }
            switch error {
            case .usage: return CollectorServer.text("\(error)\n", status: .badRequest)
            case .unknown: return CollectorServer.text("\(error)\n", status: .notFound)
            }
        } catch {
            logger.error("\(query.name): \(error)")
            return CollectorServer.text("the store failed: \(error)\n", status: .serviceUnavailable)
        }
    }

    private static func arguments(_ values: [String: String], _ query: some Query) throws -> Arguments {
        try Arguments(values, for: query)
    }

    /// Ready: the store answers, and the disk has not failed.
    private func readiness() async -> Response {
        if let failure = await ingest.failure {
            return CollectorServer.text("the disk failed: \(failure)\n", status: .serviceUnavailable)
        }
        do {
            _ = try await store.officeNames()
            return CollectorServer.text("ready\n")
        } catch {
            return CollectorServer.text("the store failed: \(error)\n", status: .serviceUnavailable)
        }
    }

    private static func parameters(_ request: Request) -> [String: String] {
        var out: [String: String] = [:]
        for (key, value) in request.uri.queryParameters where out.count < 32 { out[String(key)] = String(value) }
        return out
    }

    static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        response(text, "text/plain; charset=utf-8", status: status)
    }

    static func response(
        _ text: String, _ contentType: String, status: HTTPResponse.Status = .ok
    ) -> Response {
        let body = ByteBuffer(string: text)
        return Response(
            status: status,
            headers: [
                .contentType: contentType, .contentLength: "\(body.readableBytes)", .cacheControl: "no-cache",
                .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: body))
    }
}

extension String {
    /// `%C3%A1` as the letter it stands for; `nil` when that is not UTF-8.
    func removingURLPercentEncoding() -> String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            if byte == 0x25, rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
