internal import Glibc

/// libarchive decodes names in the thread's locale, and programs start in one without UTF-8.
package enum UTF8Names {
    /// Runs `body` in a UTF-8 locale, if the machine has one (Debian and Amazon Linux do). Else a
    /// name that is not ASCII is reported as unreadable.
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
