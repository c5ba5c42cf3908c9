"""A site's webhook receiver, as its developers might write it: verifies each message
by Standard Webhooks with Python's own hmac, and says on standard output what came.

Arguments: the secret (whsec_...), and the statuses to answer with, separated by
commas; the last is answered for ever. 0 does not answer.
"""

import base64
import hashlib
import hmac
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = base64.b64decode(sys.argv[1].removeprefix("whsec_"))
STATUSES = [int(status) for status in sys.argv[2].split(",")]
LOCK = threading.Lock()
TOLERANCE_SECONDS = 5 * 60


def say(**what):
    with LOCK:
        print(json.dumps(what), flush=True)


def next_status():
    with LOCK:
        return STATUSES.pop(0) if len(STATUSES) > 1 else STATUSES[0]


def is_verified(headers, body):
    message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    given = [signature.split(",", 1) for signature in headers["webhook-signature"].split()]
    return any(
        version == "v1" and hmac.compare_digest(value, expected) for version, value in given
    )


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        status = next_status()
        say(
            id=self.headers["webhook-id"],
            verified=is_verified(self.headers, body),
            body=json.loads(body),
            status=status,
        )
        if status == 0:
            time.sleep(3600)
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
say(port=server.server_address[1])
server.serve_forever()
