/// The page's files, which are part of the program: it works offline and from anywhere.
enum Page {
    struct File: Sendable {
        let type: String
        let bytes: [UInt8]
    }

    static let files: [String: File] = [
        "/": File(type: "text/html; charset=utf-8", bytes: PackageResources.index_html),
        "/page.css": File(type: "text/css; charset=utf-8", bytes: PackageResources.page_css),
        "/page.js": File(
            type: "text/javascript; charset=utf-8", bytes: PackageResources.page_js),
    ]
}
