"""fal_client, JOB-POLL: the vendor answers a look with 429 and Retry-After: 20, and the next look comes at once."""

import sys
import time

import fal_client
import httpx

here = sys.argv[1]  # where `omniflash sandbox` listens
fal_client.client.QUEUE_URL_FORMAT = f"{here}/fal/queue/"
client = fal_client.SyncClient(key="mine:mine")
handle = client.submit("google/gemini-omni-flash", {"prompt": "A lighthouse", "duration": 3})
httpx.post(f"{here}/_sandbox/faults", json={"fault": "rate-limit", "call": "status", "seconds": 20})
began = time.monotonic()
handle.status()
exchanges = httpx.get(f"{here}/_sandbox/journal").json()["exchanges"]
statuses = [exchange["status"] for exchange in exchanges if exchange["call"] == "status"]
print(
    f"JOB-POLL-4: answered {statuses}, all within {time.monotonic() - began:.1f} s, and a pause of 20 s was asked for"
)
