"""LiteLLM, RES-SAVE: what is no clip, and is answered with 200 where the clip should be, comes back as the clip."""

import sys

import httpx
import litellm

here = sys.argv[1]  # where `omniflash sandbox` listens
settings = {"api_key": "mine:mine", "api_base": f"{here}/fal/queue"}
for number, fault in {10: {"fault": "gateway-html", "status": 200}, 11: {"fault": "redirect"}}.items():
    made = litellm.video_generation(
        model="fal_ai/google/gemini-omni-flash", prompt="A lighthouse", extra_body={"duration": 3}, **settings
    )
    httpx.post(f"{here}/_sandbox/clock/advance", json={"seconds": 200})
    httpx.post(f"{here}/_sandbox/faults", json={**fault, "call": "asset"})
    content = litellm.video_content(video_id=made.id, **settings)
    print(f"RES-SAVE-{number}: {fault['fault']}: video_content returned {content[:42]!r}")
