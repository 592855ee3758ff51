internal import Domain
internal import Foundation
internal import Wire

/// A JSON Schema of `profile.yaml` for editors, made from the words that the reader and the compiler know, so that it
/// cannot say otherwise than they do. It helps while writing; `check` judges.
public enum ProfileSchema {
    /// The schema as JSON, its keys sorted.
    public static var text: String {
        let data = try? JSONSerialization.data(
            withJSONObject: document, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data ?? Data(), as: UTF8.self)
    }

    static var document: [String: Any] {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "deskwatch device profile",
            "type": "object", "additionalProperties": false,
            "required": ["id", "kind", "protocol", "confidence", "source", "rules"],
            "properties": object(ProfileReader.topKeys, top),
            "$defs": [
                "condition": condition, "rule": rule, "stamp": stamp, "sample": sample, "name": name,
                "template": [
                    "type": ["string", "number", "boolean"],
                    "description": "Text with fields in it: {pair.ticket}, {first,second}, {field|map:name}",
                ] as [String: Any],
            ] as [String: Any],
        ]
    }

    private static func object(_ keys: [String], _ known: [String: Any]) -> [String: Any] {
        Dictionary(uniqueKeysWithValues: keys.map { ($0, known[$0] ?? [String: Any]()) })
    }

    private static func ref(_ name: String) -> [String: Any] { ["$ref": "#/$defs/" + name] }

    private static func words<Choice: CaseIterable & RawRepresentable>(_ type: Choice.Type) -> [String: Any]
    where Choice.RawValue == String {
        ["enum": Choice.allCases.map(\.rawValue)]
    }

    private static func map(_ value: [String: Any]) -> [String: Any] {
        ["type": "object", "additionalProperties": value]
    }

    private static var anyText: [String: Any] {
        ["type": "string"]
    }
    private static var flag: [String: Any] {
        ["type": "boolean"]
    }
    private static var name: [String: Any] {
        [
            "oneOf": [
                anyText,
                [
                    "type": "object", "additionalProperties": false, "minProperties": 1,
                    "properties": ["vi": anyText, "en": anyText],
                ] as [String: Any],
            ]
        ]
    }
    private static var duration: [String: Any] {
        ["type": "string", "pattern": "^([0-9]+(h|m|s|ms))+$"]
    }

    private static var top: [String: Any] {
        [
            "id": ["type": "string", "pattern": "^[a-z0-9-]{1,64}/[a-z0-9-]{1,64}$"], "name": ref("name"),
            "kind": words(DeviceProfile.Kind.self), "protocol": words(ProtocolName.self),
            "party": words(DeviceProfile.Party.self), "body": words(DeviceProfile.Body.self),
            "each": ["oneOf": [anyText, ["type": "array", "items": anyText] as [String: Any]]],
            "confidence": words(DeviceProfile.Confidence.self), "source": anyText, "match": ref("condition"),
            "stamped": ref("stamp"), "frame": anyText,
            "file": [
                "type": "object", "additionalProperties": false,
                "properties": [
                    "device": ref("template"), "office": ref("template"), "observed": ref("stamp"),
                    "separator": anyText, "columns": ["type": "array", "items": anyText], "timezone": anyText,
                ] as [String: Any],
            ] as [String: Any],
            "privacy": map(words(DeviceProfile.Privacy.Treatment.self)), "maps": map(map(ref("template"))),
            "values": map(ref("template")),
            "rules": ["type": "array", "minItems": 1, "items": ref("rule")] as [String: Any],
            "samples": ["type": "array", "items": ref("sample")] as [String: Any],
        ]
    }

    private static var rule: [String: Any] {
        let events = EventKind.catalogue.filter { !$0.name.hasPrefix("agent.") && $0.name != "device.clock" }
        let known: [String: Any] = [
            "id": anyText, "protocol": words(ProtocolName.self), "body": words(DeviceProfile.Body.self),
            "party": words(DeviceProfile.Side.self), "match": ref("condition"), "event": ["enum": events.map(\.name)],
            "ignore": flag,
            "counter": ref("template"), "device": ref("template"), "set": map(ref("template")),
            "stamped": ref("stamp"), "observed": ref("stamp"), "restated": ref("condition"),
            "pair": [
                "type": "object", "additionalProperties": false, "required": ["edge", "key"],
                "properties": ["edge": words(DeviceProfile.Pair.Edge.self), "key": ref("template")],
            ] as [String: Any],
            "once": ref("template"), "key": ref("template"), "expires": duration,
            "remember": ["type": "object", "required": ["key"], "additionalProperties": ref("template")]
                as [String: Any],
            "join": ref("template"), "continue": flag,
        ]
        // What an event needs is known, and so is what it may have.
        let payloads: [[String: Any]] = events.map { event in
            let keys = event.keys.map { $0.hasSuffix("?") ? String($0.dropLast()) : $0 }
            let needed = event.keys.filter { !$0.hasSuffix("?") }
            var then: [String: Any] = ["set": ["propertyNames": ["enum": keys]]]
            if !needed.isEmpty { then["set"] = ["propertyNames": ["enum": keys], "required": needed] as [String: Any] }
            return [
                "if": ["properties": ["event": ["const": event.name]], "required": ["event"]] as [String: Any],
                "then": ["properties": then, "required": needed.isEmpty ? [] : ["set"]] as [String: Any],
            ]
        }
        return [
            "type": "object", "additionalProperties": false, "required": ["id"],
            "properties": object(ProfileReader.ruleKeys, known), "allOf": payloads,
        ]
    }

    private static var stamp: [String: Any] {
        [
            "type": "object", "additionalProperties": false, "minProperties": 1,
            "properties": ["field": anyText, "value": ref("template"), "format": format],
        ]
    }

    /// A name, or a pattern with percent signs.
    private static var format: [String: Any] {
        ["anyOf": [["enum": StampFormat.names], ["type": "string", "pattern": "%"]] as [[String: Any]]]
    }

    private static var condition: [String: Any] {
        let scalar: [String: Any] = ["type": ["string", "number", "boolean"]]
        let texts: [String: Any] = ["oneOf": [scalar, ["type": "array", "items": scalar] as [String: Any]]]
        let test: [String: Any] = [
            "type": "object", "additionalProperties": false,
            "properties": [
                "prefix": texts, "suffix": texts, "contains": texts, "present": flag, "pattern": anyText,
                "from": ["type": "integer"], "through": ["type": "integer"], "not": [String: Any](),
            ] as [String: Any],
        ]
        let group: [String: Any] = [
            "oneOf": [ref("condition"), ["type": "array", "items": ref("condition")] as [String: Any]]
        ]
        return [
            "type": "object", "properties": ["all": group, "any": group, "not": group],
            "additionalProperties": ["oneOf": [scalar, ["type": "array", "items": scalar] as [String: Any], test]],
        ]
    }

    private static var sample: [String: Any] {
        [
            "type": "object", "additionalProperties": false, "required": ["input", "expect", "source"],
            "properties": [
                "input": anyText, "expect": anyText, "protocol": words(ProtocolName.self),
                "transport": ["enum": ["tcp", "udp"]], "zones": map(anyText), "aliases": map(anyText),
                "behind": ["type": "array", "items": anyText] as [String: Any],
                "source": anyText,
            ] as [String: Any],
        ]
    }
}
