"""`omniflash plan`: who can make it, and for how much."""

from ..codec import to_json
from . import show
from .exits import exit_code
from .generate import ANY_GROUND, NO_ASK
from .options import Ask, Ground, Json, Online, Prompt


def plan(
    prompt: Prompt, /, *, ask: Ask = NO_ASK, ground: Ground = ANY_GROUND, online: Online = False, json: Json = False
) -> int:
    """Who can make this clip, for how much and why not; sends nothing and needs no key, unless prices are asked for."""
    with ground.client(knowing=True) as client:
        made = client.plan(ask.form(prompt), online=online)
    if json:
        show.result_json(to_json(made))
    else:
        show.result(made.explain())
    return 0 if made.candidates else exit_code(made.refusal())
