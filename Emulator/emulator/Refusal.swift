/// Why the emulator does not start or go on: one line for the terminal, with what to do about it.
struct Refusal: Error, Equatable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
