"""fal_client, JOB-ONCE: one submit whose answer goes wrong after the vendor accepted it, and what the bill says."""

import sys

import fal_client
import httpx

here = sys.argv[1]  # where `omniflash sandbox` listens
fal_client.client.QUEUE_URL_FORMAT = f"{here}/fal/queue/"
faults = {1: "lose-response", 2: "reset", 3: "half-answer", 5: "gateway-html", 8: "stall"}
options = {5: {"accepted": True}, 8: {"seconds": 5}}
for number, fault in faults.items():
    httpx.post(f"{here}/_sandbox/reset")
    armed = {"fault": fault, "call": "submit", **options.get(number, {})}
    httpx.post(f"{here}/_sandbox/faults", json=armed)
    client = fal_client.SyncClient(key="mine:mine", default_timeout=0.5 if number == 8 else 120.0)
    client.submit("google/gemini-omni-flash", {"prompt": "A lighthouse", "duration": 3})
    billed = len(httpx.get(f"{here}/_sandbox/ledger").json()["lines"])
    print(f"JOB-ONCE-{number}: {fault}: {billed} jobs on the bill after one submit")
