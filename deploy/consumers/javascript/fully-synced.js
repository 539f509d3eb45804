// Keeps each user's newest account set. Needs kafkajs, which does not know lz4 by itself, and lz4js, which teaches it.
// Without it kafkajs says "LZ4 compression not implemented". (Or have the relay compress otherwise: kafka.properties: ["compression.codec=gzip"].)
const { Kafka, CompressionTypes, CompressionCodecs, logLevel } = require("kafkajs");
const lz4 = require("lz4js");

CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder) => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async (buffer) => Buffer.from(lz4.decompress(buffer)),
});

// Yours are tables, written in one transaction with what you do for the event.
const seen = new Set();
const revisions = new Map();

function apply(event) {
  const { user, revision, change } = event.data;
  if (seen.has(event.id)) return console.log("again", event.id);
  seen.add(event.id);
  if (revision <= (revisions.get(user) ?? 0)) return console.log("older", user, revision);
  revisions.set(user, revision);
  console.log("applied", user, revision, change);
}

async function main() {
  const kafka = new Kafka({ brokers: process.env.BOOTSTRAP_SERVERS.split(","), logLevel: logLevel.ERROR });
  const consumer = kafka.consumer({ groupId: process.env.GROUP_ID });
  await consumer.connect();
  await consumer.subscribe({ topics: ["argyle.users.fully-synced"], fromBeginning: true });
  // kafkajs commits what eachMessage has returned from: a crash repeats it, and it is known again by its id.
  await consumer.run({ eachMessage: async ({ message }) => apply(JSON.parse(message.value.toString())) });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
