"""How the network is reached. Apart from the rest, so that a client can be made without loading httpx."""

from typing import Any

from attrs import field, frozen

CONNECT_S, ANSWER_S = 10.0, 60.0
MOST_BYTES = 64 * 1024 * 1024  # of one answer in memory; a clip of ten seconds has a third of that


@frozen
class Network:
    """`transport` and `proxy` as httpx takes them; `timeout` in seconds for one answer.

    `environment`: heed HTTP_PROXY and the like, which a sandbox on loopback does not.
    """

    transport: Any = None
    proxy: str | None = field(default=None, repr=False)
    timeout: float = ANSWER_S
    environment: bool = True
