"""Whose storage takes a local input that a provider has no way in for: another account's, if the caller allows it."""

from collections.abc import Collection, Mapping, Sequence

from attrs import evolve, frozen

from ..accounts import Account
from ..adapter import MediaKind, Offer
from ..jobs import Disposition
from ..mapping import PUBLIC, field_of, size_of, unfit
from ..spec.media import File, FileFacts, Media
from ..spec.requests import Request, media_of

PICTURES = frozenset({"image", "references"})
ALIKE: Mapping[str, frozenset[str]] = {**dict.fromkeys(PICTURES, PICTURES), "video": frozenset({"video"})}


@frozen
class Hosting:
    """The inputs that go through another account's storage, by their path, and whose it is."""

    host: str
    paths: tuple[str, ...]


def hosting(
    request: Request, offer: Offer, account: Account, accounts: Sequence[Account], facts: Mapping[File, FileFacts]
) -> Hosting | None:
    """The first other account that can store every input which this offer has no way in for, where URLs of them have.

    None where there is no such input, or nobody who could store them all.
    """
    if not (media := media_of(request)):
        return None
    paths = tuple(unfit(request, offer, facts))
    if not paths or any(MediaKind.URL not in offer.fields[field_of(path)].kinds for path in paths):
        return None
    for other in accounts:
        if other.name != account.name and all(stores(other, path, size_of(media[path], facts)) for path in paths):
            return Hosting(other.name, paths)
    return None


def stores(account: Account, path: str, size: int) -> bool:
    """Whether an account can store an input of `size` bytes where others can fetch it."""
    features = account.adapter.features
    ready = account.key is not None and features.upload and features.public_uploads
    return ready and size <= room(account, path)


def room(account: Account, path: str) -> int:
    """How many bytes an account's storage takes of an input of this kind: a picture or a video, whatever the mode."""
    fields = (
        offer.fields[name] for offer in account.adapter.offers for name in ALIKE[field_of(path)] & set(offer.fields)
    )
    return max((field.upload_limit for field in fields if MediaKind.UPLOAD in field.kinds), default=-1)


def way_out(found: Hosting | None, *, allowed: bool) -> str | None:
    """The remedy for inputs that have no way in, or None where they need none."""
    if found is None:
        return PUBLIC
    return None if allowed else f"{PUBLIC}, or allow host_files (--host-files): {found.host} would store it"


def note(request: Request, paths: Collection[str], host: str) -> str:
    """What becomes of the inputs at these paths, in words."""
    media = media_of(request)
    names = tuple(dict.fromkeys(file_name(path, media[path]) for path in paths))
    goes, whose, it = ("goes", "its URL", "it") if len(names) == 1 else ("go", "their URLs", "them")
    return f"{', '.join(names)} {goes} through {host}'s storage first: whoever has {whose} can fetch {it}"


def file_name(path: str, medium: Media) -> str:
    """An input as a person knows it: by the name of its file, or by where it stands."""
    return medium.path.name if isinstance(medium, File) else path


def noted(fates: tuple[Disposition, ...], paths: Collection[str], host: str | None) -> tuple[Disposition, ...]:
    """The fates of a request's fields, with what is said of those whose inputs another account stores."""
    if not paths:
        return fates
    fields = {field_of(path) for path in paths}
    return tuple(evolve(fate, note=f"through {host}'s storage") if fate.field in fields else fate for fate in fates)
