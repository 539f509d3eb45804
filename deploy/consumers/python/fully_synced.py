"""Keeps each user's newest account set. Needs confluent-kafka."""

import json
import os

from confluent_kafka import Consumer, KafkaException

# Yours are tables, written in one transaction with what you do for the event.
seen: set[str] = set()
revisions: dict[str, int] = {}


def apply(event: dict) -> None:
    data = event["data"]
    user, revision = data["user"], data["revision"]
    if event["id"] in seen:
        print("again", event["id"], flush=True)
        return
    seen.add(event["id"])
    if revision <= revisions.get(user, 0):
        print("older", user, revision, flush=True)
        return
    revisions[user] = revision
    print("applied", user, revision, data["change"], flush=True)


consumer = Consumer(
    {
        "bootstrap.servers": os.environ["BOOTSTRAP_SERVERS"],
        "group.id": os.environ["GROUP_ID"],
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
    }
)
consumer.subscribe(["argyle.users.fully-synced"])
while True:
    message = consumer.poll(1.0)
    if message is None:
        continue
    if message.error():
        raise KafkaException(message.error())
    apply(json.loads(message.value()))
    # After the work is done: a crash repeats it, and it is known again by its id.
    consumer.commit(message, asynchronous=False)
