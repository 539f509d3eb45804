"""Delivers over connections that are kept: kept.py URL SECRET CONNECTIONS STOP [CA]. Prints JSON.

Each connection is one of http.client's, which tries nothing again by itself: what is refused, reset or answered by nothing counts as failed.
Ends once the file STOP is there, or a hundred have failed. The answer to a request that says "Connection: close" ends its connection; the next is made anew.
"""

import hashlib
import hmac
import http.client
import json
import os
import ssl
import sys
import threading
from urllib.parse import urlsplit

url, secret, connections, stop = sys.argv[1:5]
parts = urlsplit(url)
context = ssl.create_default_context(cafile=sys.argv[5]) if len(sys.argv) > 5 else None
if context:
    # Throw-away certificates lack what the strict profile of RFC 5280 wants.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
lock = threading.Lock()
statuses, failures, opened = {}, [], 0


def connect():
    global opened
    with lock:
        opened += 1
    if context:
        return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=20, context=context)
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)


def deliver(number):
    connection, count = connect(), 0
    while not os.path.exists(stop) and len(failures) < 100:
        count += 1
        user = f"0185a8b8-60eb-80ca-{number:04d}-{count:012d}"
        body = json.dumps(
            {"event": "users.fully_synced", "name": "kept", "data": {"user": user, "resource": {"id": user, "accounts_connected": [user]}}},
            indent=2,
        ).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha512).hexdigest()
        try:
            connection.request("POST", parts.path, body, {"Content-Type": "application/json", "X-Argyle-Signature": signature})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            with lock:
                failures.append(f"{type(error).__name__}: {error}")
            connection.close()
            connection = connect()
            continue
        with lock:
            statuses[str(answer.status)] = statuses.get(str(answer.status), 0) + 1
        if connection.sock is None:
            connection = connect()


threads = [threading.Thread(target=deliver, args=(number,)) for number in range(int(connections))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({"statuses": statuses, "failures": failures, "opened": opened}))
