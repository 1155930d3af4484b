"""LiteLLM, no clause: why the bridge gives the model's own `duration` and not LiteLLM's `seconds`."""

import sys

import httpx
import litellm

here = sys.argv[1]  # where `omniflash sandbox` listens
settings = {"api_key": "mine:mine", "api_base": f"{here}/fal/queue"}
made = litellm.video_generation(model="fal_ai/google/gemini-omni-flash", prompt="A lighthouse", seconds="3", **settings)
sent = httpx.get(f"{here}/_sandbox/journal").json()["exchanges"][0]["body"]
httpx.post(f"{here}/_sandbox/clock/advance", json={"seconds": 200})
seen = litellm.video_status(video_id=made.id, **settings)
print(f"seconds='3' is sent as {sent}; the job ends as {seen.status}: {seen.error['message']}")
