"""The front door. Every method is a flow, handed to a driver: `Client` and `AsyncClient` differ in nothing else."""

from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self, Unpack

from attrs import evolve, frozen

from .drive.watchers import Watchers
from .errors import ConfigurationError
from .flows.event import Headers
from .flows.route import Failed
from .flows.stream import Piece, piece
from .house import Asked, House, PathText, PaymentWatcher, Providers, UploadWatcher, Watcher
from .jobs import Cancellation, Clip, Event, Job, Status
from .money.posted import OnlinePrices
from .money.records import Record
from .routing.plan import Plan
from .spec.form import RequestFields

if TYPE_CHECKING:
    from .drive.aio import AsyncDriver
    from .drive.sync import Driver


class Client(House):
    """Makes clips, wherever they are sold; what it is made with is told by House.

    Starts no loop, and no thread but its ledger's; may be shared by threads. Use it as a context manager, or close it.
    """

    @property
    def _driver(self) -> "Driver":
        with self._making:  # threads that share a client share its pace, whoever comes first
            return self._made

    @cached_property
    def _made(self) -> "Driver":
        from .drive.sync import Driver  # with it comes httpx, the largest part by far

        return Driver(self.accounts, self._network, self._clock, *self._recorders)

    @property
    def paying(self) -> bool:
        """Whether a paid call is on its way, or has been answered and its job is in nobody's hands yet."""
        return self._driver.paying

    def plan(self, request: Asked, *, online: bool = False, **fields: Unpack[RequestFields]) -> Plan:
        """Who can make this and for how much, best first. Looks at local files, sends nothing.

        `request` is a request, its JSON form, or a prompt with the fields beside it. With `online` the vendors of those
        who can are asked what they ask now, which costs nothing; one that does not say is quoted by its row, with the
        reason in the candidate's notes. Raises InvalidRequest with everything that is wrong.
        """
        return self._driver.run(self._planning(request, fields, online=online))

    def posted_prices(self) -> tuple[OnlinePrices, ...]:
        """What each account's vendor says it asks now for all that it sells here, or why it does not say."""
        return self._driver.run(self._pricing())

    def submit(
        self,
        plan: Plan,
        *,
        key: str | None = None,
        webhook_url: str | None = None,
        on_upload: UploadWatcher | None = None,
        on_paying: PaymentWatcher | None = None,
        instead_of: Failed | None = None,
    ) -> Job:
        """Have the plan's best candidate accept the job; returns as soon as it has.

        Where it is certain that nothing was or will be billed, the next candidate is asked, and so on. A plan whose
        offers have changed since raises PlanOutdated before anything is paid. `instead_of` is a job that failed
        unbilled, with its error: the new one has its key, and stands in one trail with it.
        Local inputs are uploaded first where the provider takes uploads; `on_upload` is called with each Transfer. Then
        `on_paying` is called with the Order: what it raises stops everything before anything is paid. The vendor tells
        `webhook_url`, with our order id in place of `{order}`, when the job is over: hand what comes there to `event`.
        The paid call is sent once: where no readable answer comes, SubmissionUncertain is raised and nothing is sent
        again.
        """
        flow = self._submitting(plan, key, webhook_url, instead_of)
        return self._driver.run(flow, Watchers(None, on_upload, on_paying))

    def status(self, job: Job | str) -> Status:
        """One look at a job, or at the job of a token."""
        seen = self._driver.run(self._looking(job))
        return evolve(seen, clip=seen.clip and self._bound(seen.clip))

    def wait(self, job: Job | str, *, timeout: float | None = None, on_update: Watcher | None = None) -> Clip:
        """Wait until the job is over and give its clip; `on_update` is called with each Status.

        `timeout` is in seconds (default: 20 minutes, or the configured one); then DeadlineExceeded is raised, the job
        lives on, and its token is in the error. Raises what the job ended with.
        """
        return self._bound(self._driver.run(self._waiting(job, timeout), Watchers(on_update)))

    def cancel(self, job: Job | str) -> Cancellation:
        """Ask the vendor to cancel, and tell what came of it."""
        return self._driver.run(self._cancelling(job))

    def reconcile(self, order: Record | str) -> Job | None:
        """Look for an uncertain order in its vendor's own list, by what was sent and when; see `flows.reconcile`.

        `order` is a Record of the ledger's, or what it is known by there. None says that the list leaves it open.
        """
        return self._driver.run(self._reconciling(order))

    def event(
        self,
        provider: str,
        headers: Headers,
        body: bytes,
        *,
        job: Job | str | None = None,
        order: str | None = None,
    ) -> Event:
        """What a webhook of a provider says; `headers` and `body` as your web app received them, the body in raw bytes.

        `order` is our order id, where the webhook's URL was given with `{order}` in it: if nobody knows what became of
        that order, a verified event settles it in the ledger.
        Raises InvalidWebhook for whatever is not the vendor's, or not about `job` where one is given, and
        ProviderUnavailable when the vendor's keys cannot be fetched.
        """
        heard = self._driver.run(self._hearing(provider, headers, body, job, order))
        return evolve(heard, clip=heard.clip and self._bound(heard.clip))

    def generate(
        self,
        request: Asked,
        *,
        key: str | None = None,
        webhook_url: str | None = None,
        timeout: float | None = None,
        on_update: Watcher | None = None,
        on_upload: UploadWatcher | None = None,
        save_as: PathText | None = None,
        online: bool = False,
        **fields: Unpack[RequestFields],
    ) -> Clip:
        """Plan, submit and wait; with `save_as`, save the clip too, and see that it can be before anything is paid.

        `online` is as for `plan`. A job that fails unbilled is made by the next of the plan's candidates.
        """
        flow = self._generating(self._planning(request, fields, online=online), key, webhook_url, timeout, save_as)
        return self._bound(self._driver.run(flow, Watchers(on_update, on_upload)))

    def check_target(self, path: PathText) -> None:
        """See that a clip can be saved as `path`. Raises ConfigurationError; best asked before anything is paid."""
        self._driver.run(self._checking(path))

    def save(self, clip: Clip, path: PathText, *, once: bool = False) -> Path:
        """Fetch a clip into a file, whole or not at all, and tell where it is. Raises DownloadFailed.

        With `once`, a clip that the ledger knows as saved is not fetched again: the answer is where it was saved then.
        """
        return self._driver.run(self._saving(clip, path, once=once))

    def read(self, clip: Clip) -> bytes:
        """A clip's bytes. Raises DownloadFailed."""
        return b"".join(self.stream(clip))

    def stream(self, clip: Clip) -> Iterator[bytes]:
        """A clip's bytes, piece by piece. Raises DownloadFailed."""
        account = self.account_of(clip)
        here = Piece()
        while not here.last:
            here = self._driver.run(piece(account, clip, here))
            yield here.content

    def close(self) -> None:
        """Close the connections, and a ledger that was made for this client."""
        self._driver.close()
        self._close_ledger()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _bound(self, clip: Clip) -> Clip:
        return evolve(clip, home=self)


class AsyncClient(House):
    """As Client, awaited, on asyncio or trio. Belongs to the event loop that it is first used in."""

    @cached_property
    def _driver(self) -> "AsyncDriver":
        from .drive.aio import AsyncDriver

        return AsyncDriver(self.accounts, self._network, self._clock, *self._recorders)

    async def plan(self, request: Asked, *, online: bool = False, **fields: Unpack[RequestFields]) -> Plan:
        """As Client.plan."""
        return await self._driver.run(self._planning(request, fields, online=online))

    async def posted_prices(self) -> tuple[OnlinePrices, ...]:
        """As Client.posted_prices."""
        return await self._driver.run(self._pricing())

    async def submit(
        self,
        plan: Plan,
        *,
        key: str | None = None,
        webhook_url: str | None = None,
        on_upload: UploadWatcher | None = None,
        on_paying: PaymentWatcher | None = None,
        instead_of: Failed | None = None,
    ) -> Job:
        """As Client.submit; `on_upload` and `on_paying` may be coroutine functions."""
        flow = self._submitting(plan, key, webhook_url, instead_of)
        return await self._driver.run(flow, Watchers(None, on_upload, on_paying))

    async def status(self, job: Job | str) -> Status:
        """As Client.status."""
        seen = await self._driver.run(self._looking(job))
        return evolve(seen, clip=seen.clip and _awaited(seen.clip))

    async def wait(self, job: Job | str, *, timeout: float | None = None, on_update: Watcher | None = None) -> Clip:
        """As Client.wait; `on_update` may be a coroutine function."""
        return _awaited(await self._driver.run(self._waiting(job, timeout), Watchers(on_update)))

    async def cancel(self, job: Job | str) -> Cancellation:
        """As Client.cancel."""
        return await self._driver.run(self._cancelling(job))

    async def reconcile(self, order: Record | str) -> Job | None:
        """As Client.reconcile."""
        return await self._driver.run(self._reconciling(order))

    async def generate(
        self,
        request: Asked,
        *,
        key: str | None = None,
        webhook_url: str | None = None,
        timeout: float | None = None,
        on_update: Watcher | None = None,
        on_upload: UploadWatcher | None = None,
        save_as: PathText | None = None,
        online: bool = False,
        **fields: Unpack[RequestFields],
    ) -> Clip:
        """As Client.generate."""
        flow = self._generating(self._planning(request, fields, online=online), key, webhook_url, timeout, save_as)
        return _awaited(await self._driver.run(flow, Watchers(on_update, on_upload)))

    async def event(
        self,
        provider: str,
        headers: Headers,
        body: bytes,
        *,
        job: Job | str | None = None,
        order: str | None = None,
    ) -> Event:
        """As Client.event."""
        heard = await self._driver.run(self._hearing(provider, headers, body, job, order))
        return evolve(heard, clip=heard.clip and _awaited(heard.clip))

    async def check_target(self, path: PathText) -> None:
        """As Client.check_target."""
        await self._driver.run(self._checking(path))

    async def save(self, clip: Clip, path: PathText, *, once: bool = False) -> Path:
        """As Client.save."""
        return await self._driver.run(self._saving(clip, path, once=once))

    async def read(self, clip: Clip) -> bytes:
        """As Client.read."""
        return b"".join([content async for content in self.stream(clip)])

    async def stream(self, clip: Clip) -> AsyncIterator[bytes]:
        """As Client.stream."""
        account = self.account_of(clip)
        here = Piece()
        while not here.last:
            here = await self._driver.run(piece(account, clip, here))
            yield here.content

    async def close(self) -> None:
        """As Client.close."""
        await self._driver.close()
        self._close_ledger()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()


@frozen
class _Awaited:
    """The home of an AsyncClient's clips: their own methods would block the event loop."""

    def save(self, clip: Clip, path: PathText) -> NoReturn:
        raise _AWAIT_IT

    def read(self, clip: Clip) -> NoReturn:
        raise _AWAIT_IT

    def stream(self, clip: Clip) -> NoReturn:
        raise _AWAIT_IT


_AWAIT_IT = ConfigurationError("this clip came from an AsyncClient", remedy="await client.save(clip, path)")


def _awaited(clip: Clip) -> Clip:
    return evolve(clip, home=_Awaited())


def generate(
    request: Asked, *, providers: Providers = None, save_as: PathText | None = None, **fields: Unpack[RequestFields]
) -> Clip:
    """A clip from the cheapest provider that has a key: `generate("A lighthouse at dusk", duration=5)`.

    `fields` are those of the request: `image`, `references`, `video` and `previous` decide what kind it is. Raises what
    Client.generate raises.
    """
    with Client(providers) as client:
        return client.generate(request, save_as=save_as, **fields)
