// Reads {mode, schemas by type, records} from standard input, each record with the official CloudEvents SDK, and validates it against its
// type's schema. Prints the events as the SDK read them; ends with 1 and the reason when one is not what it should be.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.ARGYLE_RELAY_CHECKERS, "checker.js"));
const { Kafka } = require("cloudevents");
const Ajv = require("ajv/dist/2020").default;
const addFormats = require("ajv-formats").default;

const { mode, schemas, records } = JSON.parse(readFileSync(0, "utf8"));
const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true });
addFormats(ajv);
const validators = Object.fromEntries(Object.entries(schemas).map(([type, schema]) => [type, ajv.compile(schema)]));

const events = records.map(({ headers, key, value, timestamp }) => {
    const message = { headers, key: key ?? undefined, value, body: value, timestamp: String(timestamp) };
    assert.ok(Kafka.isEvent(message), "the SDK sees no CloudEvent");
    const event = Kafka.toEvent(message);
    event.validate();
    // By way of text, for the SDK keeps members without a value, too.
    const json = JSON.parse(JSON.stringify(event));

    const structured = headers["content-type"].startsWith("application/cloudevents+json");
    assert.equal(structured, mode === "structured");
    for (const name of ["specversion", "id", "source", "type", "subject", "time"]) {
        assert.equal(headers[`ce_${name}`], json[name], `header ce_${name}`);
    }
    assert.equal(Date.parse(json.time), timestamp, "the record's timestamp is the time of receipt");
    assert.equal(json.datacontenttype, "application/json");
    assert.equal(json.partitionkey, key ?? undefined);

    // The envelope as a consumer has it, in either mode: every attribute, extensions included, and the data.
    const envelope = structured ? JSON.parse(value) : json;
    const validate = validators[json.type];
    assert.ok(validate, `no schema for ${json.type}`);
    assert.ok(validate(envelope), `${json.type}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(envelope)}`);
    // A schema that takes anything proves nothing.
    assert.ok(!validate({ ...envelope, specversion: "0.3" }), "the schema takes another specversion");
    if (json.type === "com.argyle.users.fully_synced") {
        assert.ok(!validate({ ...envelope, data: { ...envelope.data, revision: 0 } }), "the schema takes a revision of 0");
    }
    return json;
});
process.stdout.write(JSON.stringify(events));
