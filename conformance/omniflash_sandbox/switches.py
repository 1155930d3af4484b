"""Switches: where the sources disagree on what a vendor answers, the published page's form is the default."""

from collections.abc import Mapping

from attrs import frozen

from omniflash_sandbox.store import Store


@frozen
class Switch:
    """The values a switch can have, the default first, and what it decides."""

    values: tuple[str, ...]
    decides: str


SWITCHES: Mapping[str, Switch] = {
    "pixeldojo.output": Switch(
        ("page", "outputs", "assets", "object", "no_video_id"),
        "where a completed job has its video: `output.video` and `outputs.videoId` (page), `outputs.video` (outputs),"
        " `assets[0].url` (assets), `output.video.url` (object), or `output.video` and no id to refine (no_video_id)",
    ),
    "pixeldojo.expires_at": Switch(("off", "on"), "whether answers on jobs carry `expiresAt`"),
    "fal.running_cancel": Switch(
        ("stops", "ignored"), "what a cancel does to a request that is already being processed"
    ),
    "fal.webhook_payload": Switch(
        ("model", "null"), "whether a webhook has what the model returned, or null and `payload_error`"
    ),
    "fal.webhook_signature": Switch(
        ("valid", "forged", "stale"),
        "whether a webhook is signed now by a published key, by another (forged), or ten minutes ago (stale)",
    ),
    "webhooks.delivery": Switch(
        ("once", "twice", "late", "held"),
        "whether a webhook comes once, twice, a minute after its time (late), or not until this is turned (held)",
    ),
    "lists.delay": Switch(
        ("late", "at-once", "never"),
        "when a list of past requests shows a job: 30 s after it was accepted (late), at once, or never, as fal's has"
        " lagged by hours",
    ),
    "fal.storage_gcs": Switch(
        ("taken", "refused"), "whether an upload may be to `storage_type=gcs`, which a user reports to be refused"
    ),
}


class Switches:
    """The switches' values, shared by all servers on a state."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getitem__(self, name: str) -> str:
        return self.values()[name]

    def values(self) -> dict[str, str]:
        """Every switch with its value."""
        turned = {str(name): str(value) for name, value in self._store.rows("SELECT name, value FROM switches")}
        return {name: turned.get(name, switch.values[0]) for name, switch in SWITCHES.items()}

    def turn(self, name: str, value: str) -> None:
        """Raises ValueError for a switch or a value that there is not."""
        if name not in SWITCHES:
            raise ValueError(f"there is no switch {name!r}, only {', '.join(SWITCHES)}")
        if value not in SWITCHES[name].values:
            raise ValueError(f"{name} can be {', '.join(SWITCHES[name].values)}, not {value!r}")
        self._store.run("INSERT OR REPLACE INTO switches VALUES (?, ?)", name, value)
