import RelayCore
import Testing

@Suite("Hexadecimal", .timeLimit(.minutes(5)))
struct HexadecimalTests {
    @Test("reads back every byte, in either case")
    func roundTrip() {
        let all = (0...255).map { UInt8($0) }
        #expect(Hexadecimal.decode(Hexadecimal.encode(all)) == all)
        #expect(Hexadecimal.decode(Hexadecimal.encode(all).uppercased()) == all)
        #expect(Hexadecimal.encode([0x00, 0x0F, 0xA0]) == "000fa0")
        #expect(Hexadecimal.decode("") == [])
    }

    @Test("refuses odd lengths and whatever is no digit", arguments: ["0", "000", "0g", "/0", ":0", "@0", "`0", "0G", "0x00", " 00", "é"])
    func refused(text: String) { #expect(Hexadecimal.decode(text) == nil) }
}
