"""LiteLLM, JOB-ONCE: a paid call that is answered with a redirect away from the vendor comes back as a video."""

import sys

import httpx
import litellm

here = sys.argv[1]  # where `omniflash sandbox` listens
settings = {"api_key": "mine:mine", "api_base": f"{here}/fal/queue"}
httpx.post(f"{here}/_sandbox/faults", json={"fault": "redirect", "call": "submit", "status": 307, "accepted": True})
made = litellm.video_generation(
    model="fal_ai/google/gemini-omni-flash", prompt="A lighthouse", extra_body={"duration": 3}, **settings
)
billed = len(httpx.get(f"{here}/_sandbox/ledger").json()["lines"])
print(f"JOB-ONCE-7: returned a video with id {made.id!r} and status {made.status!r}; {billed} job is on the bill")
try:
    litellm.video_status(video_id=made.id, **settings)
except litellm.APIConnectionError as problem:
    print(f"JOB-ONCE-7: video_status raises {type(problem).__name__}")
