/// The page's files. They are part of the program, so that the page works offline.
enum Page {
    struct File: Sendable {
        let type: String
        let bytes: [UInt8]
    }

    static let files: [String: File] = [
        "/": File(type: "text/html; charset=utf-8", bytes: PackageResources.index_html),
        "/page.css": File(type: "text/css; charset=utf-8", bytes: PackageResources.page_css),
        "/format.js": File(
            type: "text/javascript; charset=utf-8", bytes: PackageResources.format_js),
        "/page.js": File(
            type: "text/javascript; charset=utf-8", bytes: PackageResources.page_js),
    ]
}
