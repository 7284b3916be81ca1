"""A stock python-socketio client: prints who it is, then each change of stock.

Usage: client.py <url> <token> [transport ...]
Ends by itself after the first change.
"""

import sys

import socketio

url, token, *transports = sys.argv[1:]
client = socketio.Client()


@client.on("connected")
def connected(data):
    print(f"Connected as: {data['username']}", flush=True)


@client.on("inventory:update")
def inventory_update(data):
    print(f"Inventory updated: {data['item']['sku']} {data['item']['totalQuantity']}", flush=True)
    client.disconnect()


@client.on("shift:changed")
def shift_changed(data):
    print(f"Shift changed: ward {data['ward']}", flush=True)


@client.event
def connect_error(data):
    print(f"Refused: {data}", flush=True)


client.connect(url, auth={"token": token}, transports=transports or None)
client.wait()
