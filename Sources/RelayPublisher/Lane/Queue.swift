/// First in, first out, in constant time; gives the room of what has left back in one go.
struct Queue<Element> {
    private var elements: [Element] = []
    private var first = 0

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard first < elements.count else { return nil }
        let element = elements[first]
        first += 1
        if first == elements.count {
            elements.removeAll(keepingCapacity: first <= 64)
            first = 0
        } else if first >= 64, first * 2 >= elements.count {
            elements.removeFirst(first)
            first = 0
        }
        return element
    }

    var isEmpty: Bool { first == elements.count }

    /// Linear in what waits; for the rare element that comes out of turn.
    /// - Parameter isBehind: whether the new element goes before the one given.
    mutating func insert(_ element: Element, beforeFirst isBehind: (Element) -> Bool) {
        elements.insert(element, at: elements[first...].firstIndex(where: isBehind) ?? elements.endIndex)
    }

    /// Takes out the first that is meant; linear in what waits.
    mutating func remove(where isMeant: (Element) -> Bool) -> Element? {
        guard let index = elements[first...].firstIndex(where: isMeant) else { return nil }
        return elements.remove(at: index)
    }
}
