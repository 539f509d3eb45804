/// Asks `condition` again and again until it holds or `limit` is over: the one place where a test waits for another process, which cannot be
/// awaited. Returns whether it held, which the caller must expect.
package func eventually(
    within limit: Duration = .seconds(20),
    every pause: Duration = .milliseconds(25),
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        if try await condition() { return true }
        if clock.now >= deadline { return false }
        try await clock.sleep(for: pause)
    }
}
