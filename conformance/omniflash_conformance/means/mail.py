"""Webhooks as a vendor really sends them, to be handed to its adapter as they came, or as somebody else's."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from attrs import frozen

from omniflash import Client, Event, Job
from omniflash.effects import Call, NoAnswerTrouble, Response
from omniflash.flows.event import Headers, event
from omniflash.testing import Inbox, Received

from ..bench import RENDER_S, AdapterBench
from ..verdicts import NotDeclared
from .overheard import Heard, repeating
from .scripted import Answers, Script


def sends_webhooks(bench: AdapterBench) -> None:
    """Raises NotDeclared where the vendor tells nobody of a job's end."""
    if not bench.adapter.features.webhook:
        raise NotDeclared(f"{bench.adapter.name} declares no webhooks")


@frozen
class Letter:
    """A webhook about a job, the event that it was taken for, and what the adapter asked to see if it is genuine."""

    job: Job
    received: Received
    event: Event
    asked: tuple[Heard, ...]
    came_at: datetime

    def heard(
        self,
        bench: AdapterBench,
        headers: Headers | None = None,
        body: bytes | None = None,
        *,
        at: datetime | None = None,
        answers: Answers | None = None,
    ) -> Event:
        """What the adapter makes of it, or of other headers or another body, then or at another time."""
        script = Script(answers or repeating(self.asked), at or self.came_at)
        told = self.received.headers if headers is None else headers
        return script.run(event(bench.account, told, self.received.body if body is None else body))


def unheard(bench: AdapterBench, headers: Headers, body: bytes) -> Event:
    """What the adapter makes of a webhook while nobody answers it."""
    return Script(_silent).run(event(bench.account, headers, body))


def _silent(call: Call) -> Response:
    raise NoAnswerTrouble("nobody answers")


@contextmanager
def inbox(bench: AdapterBench) -> Iterator[Inbox]:
    """An address that webhooks come to. Raises NotDeclared where there are none."""
    sends_webhooks(bench)
    with Inbox() as opened:
        yield opened


def posted(bench: AdapterBench, client: Client, to: Inbox, *, waited: bool = False) -> tuple[Job, Received]:
    """A job that is over, and the webhook that told so. Time passes for the client too where it has `waited` for it."""
    plan = client.plan(bench.least(client))
    job = client.submit(plan, webhook_url=to.url)
    if waited:
        client.wait(job)
    else:
        bench.stand.advance(RENDER_S)
    return job, to.next()


def letter(bench: AdapterBench) -> Letter:
    """The webhook of a job that ended well, taken by our client."""
    with inbox(bench) as opened:
        client, ears = bench.overheard()
        job, received = posted(bench, client, opened)
        begin = len(ears.heard)
        heard = client.event(bench.adapter.name, received.headers, received.body)
        return Letter(job, received, heard, ears.since(begin), datetime.now(UTC))
