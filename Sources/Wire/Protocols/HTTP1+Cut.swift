extension HTTP1 {
    /// Of a body in parts that the end of the connection cut, those that are whole: what stands before the last
    /// delimiter, and that delimiter. Empty for any other body.
    static func wholeParts(_ bytes: borrowing RawSpan, _ head: Head, _ framing: BodyRuns.Framing) -> [UInt8] {
        let type = head.type
        guard type.count > 10, bytes.matches("multipart/", in: type.lowerBound..<type.lowerBound + 10),
            let boundary = Parameters.value(of: "boundary", in: bytes.extracting(type)), !boundary.isEmpty
        else { return [] }
        // Some devices write the dashes into the boundary itself.
        let mark = boundary.utf8.starts(with: [45, 45]) ? Array(boundary.utf8) : [45, 45] + boundary.utf8
        let rest = bytes.extracting(head.end..<bytes.byteCount)
        var runs = BodyRuns(framing)
        // A chunk that is none ends the body where it begins.
        runs.extend(rest)
        let body = runs.bytes(rest, 0..<runs.count)
        return Array(body.prefix(endOfLastDelimiter(body, mark)))
    }

    private static func endOfLastDelimiter(_ body: [UInt8], _ mark: [UInt8]) -> Int {
        var found = 0
        var line = 0
        while line < body.count {
            let end = body[line...].firstIndex(of: 10).map { $0 + 1 }
            if body[line...].starts(with: mark) {
                let isLast = body[line...].dropFirst(mark.count).starts(with: [45, 45])
                // A delimiter is whole with its line, the last one with its dashes.
                found = end ?? (isLast ? line + mark.count + 2 : found)
            }
            guard let end else { break }
            line = end
        }
        return found
    }
}
