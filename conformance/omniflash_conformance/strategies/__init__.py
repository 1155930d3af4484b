"""Hypothesis strategies for whoever tests an adapter, a client or an app: requests right and wrong, answers hostile."""

from .answers import Webhook, hostile_answers, hostile_bodies, hostile_headers, hostile_webhooks
from .inputs import images, videos
from .offers import offered, outside
from .prompts import prompts
from .requests import requests, within
from .wrong import Wrong, wrong_in

__all__ = [
    "Webhook",
    "Wrong",
    "hostile_answers",
    "hostile_bodies",
    "hostile_headers",
    "hostile_webhooks",
    "images",
    "offered",
    "outside",
    "prompts",
    "requests",
    "videos",
    "within",
    "wrong_in",
]
