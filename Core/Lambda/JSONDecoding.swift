internal import FoundationEssentials

extension JSON {
    /// Makes a value of any decodable type. What goes wrong is a `DecodingError` whose path is the exact
    /// place, and whose description is fit for whoever sent the text.
    func decoded<Value: Decodable>(as type: Value.Type, at path: [any CodingKey] = []) throws -> Value {
        if let leaf = type as? any JSONLeaf.Type, let value = try leaf.init(self, at: path) as? Value {
            return value
        }
        return try Value(from: JSONValueDecoder(value: self, codingPath: path))
    }

    fileprivate func mismatch(_ type: Any.Type, _ expected: String, at path: [any CodingKey]) -> DecodingError
    {
        let context = DecodingError.Context(
            codingPath: path, debugDescription: "Expected \(expected), found \(kind).")
        return self == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }
}

/// Which key of an object or element of a list.
struct JSONKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(stringValue: String) { (self.stringValue, self.intValue) = (stringValue, nil) }
    init(intValue: Int) { (self.stringValue, self.intValue) = (String(intValue), intValue) }
}

private struct JSONValueDecoder: Decoder, SingleValueDecodingContainer {
    let value: JSON
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else {
            throw value.mismatch([String: Any].self, "an object", at: codingPath)
        }
        return KeyedDecodingContainer(JSONObjectContainer(members: members, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else {
            throw value.mismatch([Any].self, "a list", at: codingPath)
        }
        return JSONArrayContainer(elements: elements, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }
    func decodeNil() -> Bool { value == .null }
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try value.decoded(as: type, at: codingPath)
    }
}

private struct JSONObjectContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [String: JSON]
    let codingPath: [any CodingKey]

    var allKeys: [Key] { members.keys.compactMap(Key.init(stringValue:)) }
    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try member(key) == .null }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try member(key).decoded(as: type, at: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try decoder(of: member(key), key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(of: member(key), key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder {
        let key = JSONKey(stringValue: "super")
        return decoder(of: members[key.stringValue] ?? .null, key)
    }

    func superDecoder(forKey key: Key) -> any Decoder { decoder(of: members[key.stringValue] ?? .null, key) }

    private func member(_ key: Key) throws -> JSON {
        if let member = members[key.stringValue] { return member }
        let context = DecodingError.Context(codingPath: codingPath, debugDescription: "It is required.")
        throw DecodingError.keyNotFound(key, context)
    }

    private func decoder(of value: JSON, _ key: any CodingKey) -> JSONValueDecoder {
        JSONValueDecoder(value: value, codingPath: codingPath + [key])
    }
}

private struct JSONArrayContainer: UnkeyedDecodingContainer {
    let elements: [JSON]
    let codingPath: [any CodingKey]
    var currentIndex = 0

    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let next = try next()
        let value = try next.value.decoded(as: type, at: next.codingPath)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<
        Key
    > {
        let container = try next().container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try next().unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try next()
        currentIndex += 1
        return decoder
    }

    private func next() throws -> JSONValueDecoder {
        let path = codingPath + [JSONKey(intValue: currentIndex)]
        guard !isAtEnd else {
            let context = DecodingError.Context(codingPath: path, debugDescription: "It is required.")
            throw DecodingError.valueNotFound(JSON.self, context)
        }
        return JSONValueDecoder(value: elements[currentIndex], codingPath: path)
    }
}

/// What a value without parts is made from.
private protocol JSONLeaf {
    init(_ json: JSON, at path: [any CodingKey]) throws
}

extension String: JSONLeaf {
    fileprivate init(_ json: JSON, at path: [any CodingKey]) throws {
        guard case .string(let text) = json else { throw json.mismatch(String.self, "a string", at: path) }
        self = text
    }
}

extension Bool: JSONLeaf {
    fileprivate init(_ json: JSON, at path: [any CodingKey]) throws {
        guard case .boolean(let value) = json else {
            throw json.mismatch(Bool.self, "true or false", at: path)
        }
        self = value
    }
}

extension JSONLeaf where Self: FixedWidthInteger {
    fileprivate init(_ json: JSON, at path: [any CodingKey]) throws {
        guard case .number(let text) = json else {
            throw json.mismatch(Self.self, "a whole number", at: path)
        }
        // 1.0 and 1e3 are whole numbers too (JSON Schema, section 6.1), as far as a double holds them
        // exactly.
        guard let value = Self(text) ?? Double(text).flatMap(Self.init(exactly:)) else {
            let range = "a whole number from \(Self.min) to \(Self.max)"
            throw DecodingError.dataCorrupted(.init(codingPath: path, debugDescription: "Expected \(range)."))
        }
        self = value
    }
}

extension Int: JSONLeaf {}
extension Int8: JSONLeaf {}
extension Int16: JSONLeaf {}
extension Int32: JSONLeaf {}
extension Int64: JSONLeaf {}
extension UInt: JSONLeaf {}
extension UInt8: JSONLeaf {}
extension UInt16: JSONLeaf {}
extension UInt32: JSONLeaf {}
extension UInt64: JSONLeaf {}

extension Double: JSONLeaf {
    fileprivate init(_ json: JSON, at path: [any CodingKey]) throws {
        guard case .number(let text) = json else { throw json.mismatch(Double.self, "a number", at: path) }
        guard let value = Double(text), value.isFinite else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: path, debugDescription: "The number is too large."))
        }
        self = value
    }
}

extension Float: JSONLeaf {
    fileprivate init(_ json: JSON, at path: [any CodingKey]) throws { self.init(try Double(json, at: path)) }
}

extension Date: JSONLeaf {
    fileprivate init(_ json: JSON, at path: [any CodingKey]) throws {
        guard case .string(let text) = json else {
            throw json.mismatch(Date.self, "a date (ISO 8601)", at: path)
        }
        guard let date = Date(internet: text) else {
            let expected = "Expected a date and time like 2025-01-31T12:00:00Z (ISO 8601)."
            throw DecodingError.dataCorrupted(.init(codingPath: path, debugDescription: expected))
        }
        self = date
    }

    /// As RFC 3339 writes it, section 5.6. A zone may be up to 23:59 from UTC, of which Foundation takes 18 hours.
    private init?(internet text: String) {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.utf8.contains(UInt8(ascii: ".")))
        let offset = Array(text.utf8.suffix(6))
        guard offset.count == 6, offset[0] == UInt8(ascii: "+") || offset[0] == UInt8(ascii: "-"),
            offset[3] == UInt8(ascii: ":"), let hours = unsignedDecimal(offset[1...2]),
            let minutes = unsignedDecimal(offset[4...5]), hours < 24, minutes < 60
        else {
            guard let date = try? Date(text, strategy: style) else { return nil }
            self = date
            return
        }
        guard let local = try? Date("\(text.dropLast(6))Z", strategy: style) else { return nil }
        let ahead = Double((hours * 60 + minutes) * 60)
        self = offset[0] == UInt8(ascii: "+") ? local - ahead : local + ahead
    }
}

extension UUID: JSONLeaf {
    fileprivate init(_ json: JSON, at path: [any CodingKey]) throws {
        guard case .string(let text) = json else { throw json.mismatch(UUID.self, "a UUID", at: path) }
        guard let value = UUID(uuidString: text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: path, debugDescription: "Expected a UUID."))
        }
        self = value
    }
}

extension Data: JSONLeaf {
    fileprivate init(_ json: JSON, at path: [any CodingKey]) throws {
        guard case .string(let text) = json else { throw json.mismatch(Data.self, "base64", at: path) }
        guard let value = Data(base64Encoded: text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: path, debugDescription: "Expected base64."))
        }
        self = value
    }
}
