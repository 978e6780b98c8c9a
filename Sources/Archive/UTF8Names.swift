internal import Glibc

/// libarchive keeps names in the thread's locale, and programs start in one without UTF-8.
package enum UTF8Names {
    /// Runs `body` with names in UTF-8, where the machine has such a locale (Debian and Amazon Linux
    /// come with it); else a name that is not ASCII can't be read, and is told as such.
    package static func during<Answer>(_ body: () -> Answer) -> Answer {
        guard let locale = unsafe newlocale(LC_CTYPE_MASK, "C.UTF-8", nil) else { return body() }
        let before = unsafe uselocale(locale)
        defer {
            unsafe uselocale(before)
            unsafe freelocale(locale)
        }
        return body()
    }
}
