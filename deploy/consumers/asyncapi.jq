# The document around the schemas, which are its input, slurped.
def topic: "argyle." + gsub("_"; "-");
def headers: {
  type: "object",
  required: ["content-type", "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time"],
  properties: {
    "content-type": { const: "application/cloudevents+json; charset=UTF-8" },
    ce_specversion: { const: "1.0" },
    ce_id: { type: "string", format: "uuid", description: "The same as the envelope’s id, and so are the others: to route without reading the value." },
    ce_source: { type: "string" }, ce_type: { type: "string" }, ce_subject: { type: "string" }, ce_time: { type: "string", format: "date-time" },
    "relay-replay": { type: "string", description: "The replay that published it once more, with the same id." }
  }
};
map({ event: (."$id" | split(":")[2]), schema: del(."$schema") }) as $events |
{
  asyncapi: "3.0.0",
  info: {
    title: "argyle-relay",
    version: "1",
    description: "Facts that Argyle’s webhooks told, each once, as CloudEvents 1.0 in structured mode. Delivery is at least once with a stable id; one user’s events come in their order. A replay carries the header relay-replay and may bring older events after newer ones.",
    license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" }
  },
  defaultContentType: "application/cloudevents+json",
  channels: (
    ($events | map({ key: .event, value: {
      address: (.event | topic),
      messages: { event: { "$ref": "#/components/messages/\(.event)" } },
      bindings: { kafka: { topic: (.event | topic), bindingVersion: "0.5.0" } }
    } }) | from_entries)
    + { "dead-letter": {
      address: "argyle.dead-letter",
      messages: { delivery: { "$ref": "#/components/messages/dead-letter" } },
      bindings: { kafka: { topic: "argyle.dead-letter", bindingVersion: "0.5.0" } }
    } }
  ),
  operations: (
    ($events | map({ key: "publish.\(.event)", value: {
      action: "send",
      channel: { "$ref": "#/channels/\(.event)" },
      messages: [{ "$ref": "#/channels/\(.event)/messages/event" }]
    } }) | from_entries)
    + { "publish.dead-letter": {
      action: "send",
      channel: { "$ref": "#/channels/dead-letter" },
      messages: [{ "$ref": "#/channels/dead-letter/messages/delivery" }]
    } }
  ),
  components: {
    messages: (
      ($events | map({ key: .event, value: {
        name: .event,
        title: .schema.title,
        contentType: "application/cloudevents+json",
        headers: headers,
        payload: { "$ref": "#/components/schemas/\(.event)" },
        bindings: { kafka: { key: { type: "string", description: "The user’s id, partitioned as Kafka’s Java clients do." }, bindingVersion: "0.5.0" } }
      } }) | from_entries)
      + { "dead-letter": {
        name: "dead-letter",
        title: "A genuine delivery that could not be read as an event, byte for byte; without a key",
        contentType: "application/octet-stream",
        headers: {
          type: "object",
          required: ["relay-error-code", "relay-error-detail", "relay-received-at"],
          properties: {
            "relay-error-code": { type: "string" }, "relay-error-detail": { type: "string" },
            "relay-received-at": { type: "string", format: "date-time" }
          }
        },
        payload: { type: "string" }
      } }
    ),
    schemas: ($events | map({ key: .event, value: .schema }) | from_entries)
  }
}
