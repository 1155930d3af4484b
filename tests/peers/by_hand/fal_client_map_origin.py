"""fal_client, MAP-ORIGIN: the vendor's answer names a stranger's host for the job's status, and the key goes there."""

import sys

import fal_client
import httpx

here = sys.argv[1]  # where `omniflash sandbox` listens
fal_client.client.QUEUE_URL_FORMAT = f"{here}/fal/queue/"
httpx.post(f"{here}/_sandbox/faults", json={"fault": "foreign-urls", "call": "submit"})
client = fal_client.SyncClient(key="mine:mine")
handle = client.submit("google/gemini-omni-flash", {"prompt": "A lighthouse", "duration": 3})
try:
    handle.status()
except KeyError as problem:
    print(f"MAP-ORIGIN-1: status() raises {problem!r}")
for exchange in httpx.get(f"{here}/_sandbox/journal").json()["exchanges"]:
    if exchange["call"] == "stranger":
        print(f"MAP-ORIGIN-1: a stranger was sent {exchange['headers'].get('authorization')}")
