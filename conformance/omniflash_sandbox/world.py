"""Everything one server works with, in one value that is handed to every handler."""

from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from attrs import field, frozen

from omniflash_sandbox.clock import Clock
from omniflash_sandbox.history import History
from omniflash_sandbox.injection import Faults
from omniflash_sandbox.jobs import Job, Jobs
from omniflash_sandbox.journal import Journal
from omniflash_sandbox.ledger import Ledger
from omniflash_sandbox.prices import Prices
from omniflash_sandbox.signing import Signing
from omniflash_sandbox.store import Store
from omniflash_sandbox.studio import Studio
from omniflash_sandbox.switches import Switches
from omniflash_sandbox.uploads import Upload, Uploads
from omniflash_sandbox.webhooks import Webhooks

if TYPE_CHECKING:
    from omniflash_sandbox.vendor import Vendor

CLIPS, UPLOADS = "clips", "uploads"


@frozen
class World:
    """The state and the means of one server. `vendors` are those it speaks for, `url` and `asset_url` its two origins,
    of the day, and `folder` keeps its files.

    `closing` is set when the server is about to stop: what waits for a job gives up.
    """

    vendors: "tuple[Vendor, ...]"
    store: Store
    clock: Clock
    jobs: Jobs
    history: History
    ledger: Ledger
    faults: Faults
    switches: Switches
    prices: Prices
    journal: Journal
    studio: Studio
    uploads: Uploads
    webhooks: Webhooks
    signing: Signing
    folder: Path
    url: str
    asset_url: str
    closing: Event = field(factory=Event)

    def clip_url(self, job: Job) -> str:
        """Where a job's clip is served today; only the path outlives the server."""
        place = f"later/{job.urls_gone}/" if job.urls_gone else ""
        return f"{self.asset_url}/{job.provider}/{place}{job.id}.{job.recipe.container}"

    @property
    def stranger_url(self) -> str:
        """A host that is none of the vendor's."""
        return f"{self.asset_url}/stranger"

    def file_url(self, upload: Upload) -> str:
        """Where an uploaded file is served today."""
        return self.asset_url + upload.path


def world(
    store: Store, folder: Path, vendors: "tuple[Vendor, ...]", *, speed: float, url: str, asset_url: str
) -> World:
    """The world of a server that keeps its files in `folder`; raises ValueError for a speed there is not."""
    clock, jobs, switches = Clock(store, speed), Jobs(store), Switches(store)
    usual = {(vendor.name, endpoint): price for vendor in vendors for endpoint, price in vendor.prices.items()}
    return World(
        vendors, store, clock, jobs, History(store, clock, switches), Ledger(store, jobs, clock), Faults(store),
        switches, Prices(store, usual), Journal(store, clock), Studio(folder / CLIPS), Uploads(store, folder / UPLOADS),
        Webhooks(store, clock, jobs, switches), Signing(store), folder, url, asset_url,
    )  # fmt: skip
