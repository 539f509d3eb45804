/// The JSON Schema (draft 2020-12) of an event's envelope in structured mode; what consumers may hold us to.
package enum EnvelopeSchema {
    /// - Returns: JSON, indented for people.
    package static func schema(of event: EventName) -> String {
        let data: String
        let required: String
        if event == .usersFullySynced {
            data = userSync
            required = #", "subject", "partitionkey""#
        } else if event.isFullySynced {
            // A body without an account is carried as any other event is.
            data = #"{ "anyOf": [\#(accountSync), { "not": { "type": "object", "required": ["account"] } }] }"#
            required = ""
        } else {
            data = "true"
            required = ""
        }
        return """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "\(Envelope.schema(of: event))",
              "title": "CloudEvent of \(event.text) as argyle-relay publishes it",
              "type": "object",
              "required": ["specversion", "id", "source", "type", "time", "datacontenttype", "dataschema", "data"\(required)],
              "properties": {
                "specversion": { "const": "1.0" },
                "id": { "type": "string", "format": "uuid", "description": "UUIDv5 of the fact; replays keep it." },
                "source": { "type": "string", "format": "uri-reference", "minLength": 1 },
                "type": { "const": "com.argyle.\(event.text)" },
                "subject": { "type": "string", "minLength": 1, "description": "The user." },
                "time": { "type": "string", "format": "date-time", "description": "When the relay received the delivery." },
                "datacontenttype": { "const": "application/json" },
                "dataschema": { "const": "\(Envelope.schema(of: event))" },
                "partitionkey": { "type": "string", "minLength": 1 },
                "subscription": { "type": "string", "minLength": 1, "description": "The name of Argyle's subscription." },
                "origin": {
                  "type": "string", "minLength": 1,
                  "description": "Where the event comes from when Argyle did not deliver it: reconcile. Absent otherwise."
                },
                "data": \(data)
              },
              "additionalProperties": false
            }
            """
    }

    private static let identifiers = #"{ "type": "array", "uniqueItems": true, "items": { "type": "string", "minLength": 1 } }"#

    private static let others = #"""
        "patternProperties": { "^argyle_": { "description": "As delivered: a member of Argyle's whose name is taken above." } },
              "additionalProperties": { "description": "As delivered, byte for byte: members that Argyle adds." }
        """#

    private static let userSync = """
        {
              "type": "object",
              "required": [
                "user", "accounts_connected", "accounts_added", "accounts_removed", "change", "revision",
                "items_connected", "employers_connected", "external_id", "external_metadata", "created_at"
              ],
              "properties": {
                "user": { "type": "string", "minLength": 1 },
                "accounts_connected": {
                  "description": "Lower-case and sorted; null in bodies that name items instead.",
                  "anyOf": [\(identifiers), { "type": "null" }]
                },
                "accounts_added": \(identifiers),
                "accounts_removed": \(identifiers),
                "change": { "enum": ["initial", "grown", "shrunk", "replaced", "amended"] },
                "revision": { "type": "integer", "minimum": 1 },
                "items_connected": { "description": "As delivered; null where absent." },
                "employers_connected": { "description": "As delivered; null where absent." },
                "external_id": { "description": "As delivered; null where absent." },
                "external_metadata": { "description": "As delivered, byte for byte; null where absent." },
                "created_at": { "description": "As delivered; null where absent." },
                "raw": { "description": "The delivered JSON, with envelope.include_raw." }
              },
              \(others)
            }
        """

    private static let accountSync = """
        {
              "type": "object",
              "required": ["user", "account", "available_from", "available_to", "available_count"],
              "properties": {
                "user": { "type": "string", "minLength": 1 },
                "account": { "type": "string", "minLength": 1 },
                "available_from": { "type": ["string", "number", "boolean", "null"] },
                "available_to": { "type": ["string", "number", "boolean", "null"] },
                "available_count": { "type": ["string", "number", "boolean", "null"] },
                "raw": { "description": "The delivered JSON, with envelope.include_raw." }
              },
              \(others)
            }
        """
}
