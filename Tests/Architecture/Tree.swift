import Foundation

/// The checkout that these tests belong to, or the one that `ARGYLE_RELAY_TREE` names: so CI can hand them a tree that must be refused.
enum Tree {
    static let root: URL =
        if let other = ProcessInfo.processInfo.environment["ARGYLE_RELAY_TREE"] {
            URL(fileURLWithPath: other, isDirectory: true)
        } else {
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        }

    struct File: Sendable {
        /// From the root of the tree.
        let path: String
        let text: String
        var isSwift: Bool { path.hasSuffix(".swift") }
    }

    /// The source files below the folders, Swift and C, and whatever stands in the folders of scripts.
    static func files(in folders: String...) throws -> [File] {
        var files: [File] = []
        for folder in folders {
            let manager = FileManager.default
            guard let walk = manager.enumerator(atPath: root.appendingPathComponent(folder).path) else { continue }
            for case let path as String in walk {
                let source = path.hasSuffix(".swift") || path.hasSuffix(".h") || path.hasSuffix(".sh") || !path.contains(".")
                let url = root.appendingPathComponent(folder).appendingPathComponent(path)
                var isFolder: ObjCBool = false
                guard source, manager.fileExists(atPath: url.path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
                files.append(File(path: "\(folder)/\(path)", text: try String(contentsOf: url, encoding: .utf8)))
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    /// The names at the top of the tree: what git follows, or without git everything there is except what git would ignore.
    static func topLevel() throws -> Set<String> {
        if let followed = gitFiles() {
            return Set(followed.compactMap { $0.split(separator: "/").first.map(String.init) })
        }
        let made: Set = [".git", ".build", ".swiftpm", "Package.resolved", "data", "relay.yaml"]
        return Set(try FileManager.default.contentsOfDirectory(atPath: root.path)).subtracting(made)
    }

    private static func gitFiles() -> [String]? {
        guard FileManager.default.fileExists(atPath: root.appendingPathComponent(".git").path) else { return nil }
        let git = Process()
        let output = Pipe()
        git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        git.arguments = ["git", "-c", "safe.directory=*", "-C", root.path, "ls-files"]
        git.standardOutput = output
        git.standardError = FileHandle.nullDevice
        guard (try? git.run()) != nil else { return nil }
        let names = output.fileHandleForReading.readDataToEndOfFile()
        git.waitUntilExit()
        guard git.terminationStatus == 0 else { return nil }
        return String(decoding: names, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
