import Core
import FoundationEssentials

struct DeviceBody: Codable {
    let id: String
    let name: String?

    init(_ device: Device) { (id, name) = (device.id, device.name) }

    func checked() throws(Problem) -> Device {
        guard let device = Device(id: id, name: name) else {
            throw .invalid("/device", "an id and perhaps a name of 1 to 100 characters each")
        }
        return device
    }
}

/// What a device tells.
struct MoveBody: Decodable {
    enum Kind: String, Decodable { case sync, seek, restart }

    let move: Kind
    let positionMilliseconds: Int?
    let baseVersion: Int?
    let device: DeviceBody
    let playedFromMilliseconds: Int?
    let at: Date?
    let utcOffsetMinutes: Int?

    func checked() throws -> Move {
        let kind: Move.Kind =
            switch move {
            case .sync: .sync
            case .seek: .seek
            case .restart: .restart
            }
        return try Move(
            kind, to: positionMilliseconds, base: baseVersion, by: device.checked(),
            playedFrom: playedFromMilliseconds)
    }

    func checkedOffset() throws(Problem) -> Int {
        guard let minutes = utcOffsetMinutes else { return 0 }
        guard Request.offsetsFromUTC.contains(minutes) else {
            throw .invalid("/utcOffsetMinutes", "-840 to 840")
        }
        return minutes
    }
}

struct UndoBody: Decodable { let device: DeviceBody }

struct PositionAnswer: Encodable {
    let audiobookId: Audiobook.ID
    let editionId: Edition.ID
    let positionMilliseconds: Int
    let durationMilliseconds: Int
    let version: Int
    let lastMove: Move.Kind?
    let device: DeviceBody?
    let movedAt: Date?
    let finishedAt: Date?
    /// Of a move: whether it moved the listener.
    var moved: Bool?

    init(_ position: ListeningPosition, moved: Bool? = nil) {
        (audiobookId, editionId) = (position.audiobook, position.edition)
        (positionMilliseconds, durationMilliseconds) = (position.milliseconds, position.durationMilliseconds)
        (version, lastMove, movedAt) = (position.version, position.last?.kind, position.last?.at)
        device = (position.last?.device).map(DeviceBody.init)
        (finishedAt, self.moved) = (position.finishedAt, moved)
    }
}

struct PastMoveAnswer: Encodable {
    let version: Int
    let move: Move.Kind
    let fromMilliseconds: Int
    let toMilliseconds: Int
    let device: DeviceBody
    let beganAt: Date
    let at: Date
    let isUndone: Bool

    init(_ past: PastMove) {
        (version, move, device) = (past.version, past.kind, DeviceBody(past.device))
        (fromMilliseconds, toMilliseconds) = (past.fromMilliseconds, past.toMilliseconds)
        (beganAt, at, isUndone) = (past.beganAt, past.at, past.isUndone)
    }
}

func position(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id()
    let position = try shop.database.transaction(.readOnly) { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        return try transaction.position(of: customer.id, in: book)
    }
    return try .personal(PositionAnswer(position), version: position.version)
}

func move(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id()
    let body = try request.decoded(as: MoveBody.self)
    let (move, offset, now) = (try body.checked(), try body.checkedOffset(), shop.now())
    // A lock orders the devices, and whoever waited for it must see what the other wrote.
    let outcome = try shop.database.transaction(.readCommitted) { transaction in
        let item = try transaction.owned(book, by: customer)
        try transaction.count(
            move, heardBy: customer.id, of: item, saidAt: body.at, minutesAheadOfUTC: offset, at: now)
        return try transaction.move(customer.id, in: book, by: move, at: now)
    }
    switch outcome {
    case .moved(let position):
        return try .personal(PositionAnswer(position, moved: true), version: position.version)
    case .kept(let position):
        return try .personal(PositionAnswer(position, moved: false), version: position.version)
    case .conflict(let conflict, let position):
        return try Response(
            conflict.problem, of: request, telling: ["position": PositionAnswer(position)])
    }
}

func undo(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id()
    let version = try request.expectedVersion.version
    let device = try request.decoded(as: UndoBody.self).device.checked()
    let position = try shop.database.transaction(.readCommitted) { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        return try transaction.undoMove(
            of: customer.id, in: book, ifVersion: version, by: device, at: shop.now())
    }
    return try .personal(PositionAnswer(position), version: position.version)
}

func history(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["cursor", "limit"])
    let book: Audiobook.ID = try request.id()
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        return try transaction.history(of: customer.id, in: book, after: cursor, size: size)
    }
    return try .personal(ListAnswer(page, PastMoveAnswer.init))
}
