"""Sends a message to everybody from a back end in Python: one POST, the standard library alone.

Usage: send.py <url> <token of an administrator> <event> <JSON>
"""

import json
import sys
import urllib.request

url, token, event, data = sys.argv[1:]
request = urllib.request.Request(
    f"{url}/api/messages",
    json.dumps({"to": {"all": True}, "event": event, "data": json.loads(data)}).encode(),
    {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
)
with urllib.request.urlopen(request, timeout=10) as answer:
    print(f"Sent {event}: {answer.status}")
