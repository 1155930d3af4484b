"""What broken adapters are made from: a sound one, with some of what it does done otherwise."""

from collections.abc import Mapping

from attrs import frozen

from omniflash.adapter import (
    Adapter,
    Attachment,
    Features,
    Listed,
    Lost,
    Offer,
    Order,
    Pace,
    Posted,
    Priced,
    Reading,
    Wire,
)
from omniflash.effects import Call, Flow, Response
from omniflash.errors import UnsupportedFeature
from omniflash.jobs import Cancellation, Clip, Event, Job, Status
from omniflash.spec import Mode


@frozen
class Altered:
    """An adapter that does all as `sound` does; a specimen overrides what it gets wrong."""

    sound: Adapter

    @property
    def name(self) -> str:
        return self.sound.name

    @property
    def hosts(self) -> Mapping[str, str]:
        return self.sound.hosts

    @property
    def credentials(self) -> tuple[tuple[str, ...], ...]:
        return self.sound.credentials

    @property
    def offers(self) -> tuple[Offer, ...]:
        return self.sound.offers

    @property
    def absent(self) -> Mapping[Mode, str]:
        return self.sound.absent

    @property
    def pace(self) -> Pace | None:
        return self.sound.pace

    @property
    def features(self) -> Features:
        return self.sound.features

    @property
    def options(self) -> type | None:
        return self.sound.options

    def authorize(self, key: str) -> Mapping[str, str]:
        return self.sound.authorize(key)

    def read(self, call: Call, response: Response) -> Reading:
        return self.sound.read(call, response)

    def wire(self, order: Order) -> Wire:
        return self.sound.wire(order)

    def upload(self, attachment: Attachment) -> Flow[str]:
        return self.sound.upload(attachment)

    def submit(self, order: Order) -> Flow[Job]:
        return self.sound.submit(order)

    def status(self, job: Job) -> Flow[Status]:
        return self.sound.status(job)

    def cancel(self, job: Job) -> Flow[Cancellation]:
        return self.sound.cancel(job)

    def find(self, lost: Lost) -> Flow[tuple[Listed, ...]]:
        return self.sound.find(lost)

    def prices(self, offers: tuple[Offer, ...]) -> Flow[tuple[Posted, ...]]:
        if not isinstance(self.sound, Priced):
            raise UnsupportedFeature(f"{self.name} posts no prices")
        return self.sound.prices(offers)

    def download(self, clip: Clip) -> Call:
        return self.sound.download(clip)

    def event(self, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        return self.sound.event(headers, body)
