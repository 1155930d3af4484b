"""LiteLLM Router, RES-SAVE: what is no clip, answered with 200 where the clip should be, comes back as the clip."""

import asyncio
import sys

import httpx
import litellm

here = sys.argv[1]  # where `omniflash sandbox` listens
settings = {"model": "fal_ai/google/gemini-omni-flash", "api_key": "mine:mine", "api_base": f"{here}/fal/queue"}
router = litellm.Router(model_list=[{"model_name": "omni", "litellm_params": settings}])
with asyncio.Runner() as loop:
    for number, fault in {10: {"fault": "gateway-html", "status": 200}, 11: {"fault": "redirect"}}.items():
        made = loop.run(router.avideo_generation(model="omni", prompt="A lighthouse", extra_body={"duration": 3}))
        httpx.post(f"{here}/_sandbox/clock/advance", json={"seconds": 200})
        httpx.post(f"{here}/_sandbox/faults", json={**fault, "call": "asset"})
        content = loop.run(router.avideo_content(model="omni", video_id=made.id))
        print(f"RES-SAVE-{number}: {fault['fault']}: avideo_content returned {content[:42]!r}")
