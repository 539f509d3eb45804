/// The error of one kind that `body` throws; nil where it throws none, or another. `#expect(throws:)` hands the error back only from Swift 6.1 on.
package func caught<Failure: Error, Value: Sendable>(
    _: Failure.Type,
    isolation: isolated (any Actor)? = #isolation,
    by body: () async throws -> Value
) async -> Failure? {
    do {
        _ = try await body()
        return nil
    } catch { return error as? Failure }
}

/// The same for what does not wait.
package func caught<Failure: Error, Value: Sendable>(_: Failure.Type, by body: () throws -> Value) -> Failure? {
    do {
        _ = try body()
        return nil
    } catch { return error as? Failure }
}
