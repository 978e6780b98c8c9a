import Digest
import Testing

@Suite struct `SHA-256` {
    @Test(arguments: [
        // NIST's published examples for FIPS 180-4.
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `matches the published examples`(_ text: String, _ expected: String) {
        #expect(hex(SHA256.hash(Array(text.utf8))) == expected)
    }

    @Test(arguments: [1, 3, 63, 64, 65, 1000])
    func `is the same in pieces of any size`(_ size: Int) {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var digest = SHA256()
        for start in stride(from: 0, to: bytes.count, by: size) {
            digest.update(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(digest.finish() == SHA256.hash(bytes))
    }
}

@Suite struct `HMAC-SHA-256` {
    @Test(arguments: [
        // RFC 4231, test cases 1, 2 and 6.
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131),
            "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func `matches RFC 4231`(_ key: [UInt8], _ message: String, _ expected: String) {
        #expect(hex(HMAC.sha256(key: key, message: Array(message.utf8))) == expected)
    }

    @Test func `accepts an empty key after another key`() {
        _ = HMAC.sha256(key: Array("Jefe".utf8), message: [])
        #expect(
            hex(HMAC.sha256(key: [], message: []))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }
}

@Suite struct `The MD5 digest` {
    @Test(arguments: [
        // RFC 1321, A.5.
        ("", "d41d8cd98f00b204e9800998ecf8427e"), ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ])
    func `matches the published examples`(_ text: String, _ expected: String) {
        #expect(hex(MD5.hash(Array(text.utf8))) == expected)
    }
}
