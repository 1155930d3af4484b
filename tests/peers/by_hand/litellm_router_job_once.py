"""LiteLLM Router, JOB-ONCE: one call whose answer goes wrong after the vendor accepted it, and what the bill says."""

import asyncio
import sys

import httpx
import litellm

here = sys.argv[1]  # where `omniflash sandbox` listens
faults = {1: "lose-response", 2: "reset", 3: "half-answer", 4: "malformed-json", 5: "gateway-html", 6: "unavailable"}
faults |= {7: "redirect", 8: "stall"}
options = {5: {"accepted": True}, 6: {"accepted": True}, 7: {"accepted": True, "status": 307}, 8: {"seconds": 5}}
settings = {"model": "fal_ai/google/gemini-omni-flash", "api_key": "mine:mine", "api_base": f"{here}/fal/queue"}
with asyncio.Runner() as loop:
    for number, fault in faults.items():
        httpx.post(f"{here}/_sandbox/reset")
        httpx.post(f"{here}/_sandbox/faults", json={"fault": fault, "call": "submit", **options.get(number, {})})
        deployment = {**settings, "timeout": 0.5 if number == 8 else 60}
        router = litellm.Router(model_list=[{"model_name": "omni", "litellm_params": deployment}])
        made = loop.run(router.avideo_generation(model="omni", prompt="A lighthouse", extra_body={"duration": 3}))
        billed = len(httpx.get(f"{here}/_sandbox/ledger").json()["lines"])
        print(f"JOB-ONCE-{number}: {fault}: jobs on the bill after one call: {billed}; returned id {made.id[:12]!r}")
