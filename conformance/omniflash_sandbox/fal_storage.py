"""fal's storage: the four ways in which its two clients upload a file, and how the file is had again.

No page of fal's describes them. Sources: the code of @fal-ai/client 1.10.1 (announced: a POST for an address, then a
PUT there, whole or in parts) and of fal_client 1.0.3 (with a token: a POST to the CDN, whole or in parts). What neither
client looks at is an assumption: all refusals, and the answer to a PUT.
"""

from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlencode

from omniflash_sandbox.accounts import Account
from omniflash_sandbox.assets import uploaded
from omniflash_sandbox.clock import FURTHEST_S, VIRTUAL_START, iso
from omniflash_sandbox.fal import NAME
from omniflash_sandbox.fal_detail import complaints_about
from omniflash_sandbox.fal_failures import refusal
from omniflash_sandbox.messages import JSON, Answer, Ask
from omniflash_sandbox.uploads import ANYTHING, Upload
from omniflash_sandbox.vendor import Handler, Operation
from omniflash_sandbox.world import World

REST, CDN = "/fal/rest", "/fal/cdn"

# Assumption, as no source says how long a token is good: longer than the sandbox's calendar. Clients hold the date
# against their own clock, which under the virtual clock is not the sandbox's.
TOKEN_EXPIRES = iso(VIRTUAL_START + timedelta(seconds=FURTHEST_S))
MOST_PARTS = 10_000

NO_TOKEN = refusal(401, "Invalid or missing CDN token")
UNSIGNED = refusal(403, "Invalid signature")
NO_STORAGE = refusal(400, "Unknown storage type")
NO_UPLOAD = refusal(404, "Upload not found")
INCOMPLETE = refusal(400, "A part is missing, or its etag is another")


# --- announced: @fal-ai/client, and fal_client where the CDN has failed it ------------------------------------------


def initiate(place: str) -> Handler:
    """Names where to PUT a file, and where it will be."""

    async def initiate(world: World, ask: Ask) -> Answer:
        if ask.query.get("storage_type") not in STORAGE[world.switches["fal.storage_gcs"]]:
            return NO_STORAGE
        if complaints := complaints_about(ask, "fal-upload"):
            return Answer(422, {"detail": list(complaints)})
        upload = announced(world, ask, ask.body if isinstance(ask.body, dict) else {})
        query = urlencode({"signature": upload.signature})
        upload_url = f"{world.asset_url}/{NAME}{place}/{upload.id}?{query}"
        return Answer(200, {"upload_url": upload_url, "file_url": world.file_url(upload)})

    return initiate


STORAGE: Mapping[str, tuple[str, ...]] = {"taken": ("fal-cdn-v3", "gcs"), "refused": ("fal-cdn-v3",)}
"""The storage types, by the switch `fal.storage_gcs`."""


def announced(world: World, ask: Ask, about: Mapping[str, JSON]) -> Upload:
    media_type, name = str(about.get("content_type", ANYTHING)), str(about.get("file_name", "upload.bin"))
    return world.uploads.announce(NAME, ask.account.name, media_type, name)


def signed(world: World, ask: Ask) -> Upload | Answer:
    """The upload that the path names and the query proves to be one's own."""
    upload = world.uploads.find(ask.place["upload"])
    if upload is None:
        return NO_UPLOAD
    return upload if ask.query.get("signature") == upload.signature else UNSIGNED


async def put(world: World, ask: Ask) -> Answer:
    """The file, whole."""
    upload = signed(world, ask)
    if isinstance(upload, Answer):
        return upload
    filled = await world.uploads.fill(upload, ask.content)
    return Answer(200, b"", {"content-type": "text/plain", "etag": filled.etag})


async def put_part(world: World, ask: Ask) -> Answer:
    upload = signed(world, ask)
    return upload if isinstance(upload, Answer) else await part_of(world, ask, upload)


async def complete(world: World, ask: Ask) -> Answer:
    upload = signed(world, ask)
    return upload if isinstance(upload, Answer) else await joined(world, ask, upload)


# --- with a token: fal_client ---------------------------------------------------------------------------------------


async def token(world: World, ask: Ask) -> Answer:
    """A token for the CDN, in exchange for the key."""
    told = {"token": token_of(ask.account.name), "token_type": "Bearer", "base_url": world.url + CDN}
    return Answer(200, {**told, "expires_at": TOKEN_EXPIRES})


def token_of(account: str) -> str:
    return f"{account}.{sha256(f'omniflash_sandbox cdn {account}'.encode()).hexdigest()[:32]}"


def token_account(headers: Mapping[str, str]) -> Account | Answer:
    """`Authorization: Bearer <token>`; a key is none."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    name = given.partition(".")[0]
    return Account(name) if scheme.lower() == "bearer" and given == token_of(name) else NO_TOKEN


async def upload(world: World, ask: Ask) -> Answer:
    """The file, whole, with its type and its name in headers."""
    filled = await world.uploads.fill(headed(world, ask), ask.content)
    return Answer(200, {"access_url": world.file_url(filled)})


def headed(world: World, ask: Ask) -> Upload:
    names = {"content_type": "content-type", "file_name": "x-fal-file-name"}
    return announced(world, ask, {name: ask.headers[header] for name, header in names.items() if header in ask.headers})


async def begin(world: World, ask: Ask) -> Answer:
    """Parts are then put below the file's own address."""
    upload = headed(world, ask)
    return Answer(200, {"access_url": world.file_url(upload), "uploadId": upload.id})


async def put_owned_part(world: World, ask: Ask) -> Answer:
    upload = owned(world, ask)
    return upload if isinstance(upload, Answer) else await part_of(world, ask, upload)


async def complete_owned(world: World, ask: Ask) -> Answer:
    upload = owned(world, ask)
    return upload if isinstance(upload, Answer) else await joined(world, ask, upload)


def owned(world: World, ask: Ask) -> Upload | Answer:
    upload = world.uploads.find(ask.place["upload"])
    ours = upload and (upload.account, upload.id) == (ask.account.name, ask.place["session"])
    return upload if upload and ours else NO_UPLOAD


# --- parts ----------------------------------------------------------------------------------------------------------


async def part_of(world: World, ask: Ask, upload: Upload) -> Answer:
    """One client reads the etag in the body, the other the one in the header."""
    number = ask.place["part"]
    if not (number.isascii() and number.isdecimal() and 1 <= int(number) <= MOST_PARTS):
        return NO_UPLOAD
    etag = await world.uploads.add(upload, int(number), ask.content)
    return Answer(200, {"partNumber": int(number), "etag": etag}, {"etag": etag})


async def joined(world: World, ask: Ask, upload: Upload) -> Answer:
    """The parts may be named in any order: fal_client names them in the one in which they were done."""
    if complaints := complaints_about(ask, "fal-upload-complete"):
        return Answer(422, {"detail": list(complaints)})
    file = await world.uploads.join(upload, parts_in(ask.body))
    return Answer(200, {"access_url": world.file_url(file)}) if file else INCOMPLETE


def parts_in(body: JSON) -> dict[int, str]:
    """The etags by number, of a body that keeps its contract."""
    parts = body.get("parts") if isinstance(body, dict) else None
    named = [part for part in (parts if isinstance(parts, list) else ()) if isinstance(part, dict)]
    return {int(float(str(part["partNumber"]))): str(part["etag"]) for part in named}


WHOLE, PARTS, FILE = "/uploads", "/uploads-in-parts", "/files/{upload}/{name}"
SESSION = f"{FILE}/multipart/{{session}}"

OPERATIONS = (
    Operation("initiate", "POST", f"{REST}/storage/upload/initiate", initiate(WHOLE)),
    Operation("initiate", "POST", f"{REST}/storage/upload/initiate-multipart", initiate(PARTS)),
    Operation("token", "POST", f"{REST}/storage/auth/token", token),
    Operation("upload", "POST", f"{CDN}/files/upload", upload, account=token_account, raw=True),
    Operation("initiate", "POST", f"{CDN}/files/upload/multipart", begin, account=token_account, raw=True),
)

FILES = (
    Operation("upload", "PUT", f"{WHOLE}/{{upload}}", put, keyed=False, raw=True),
    Operation("upload", "PUT", f"{PARTS}/{{upload}}/{{part}}", put_part, keyed=False, raw=True),
    Operation("complete", "POST", f"{PARTS}/{{upload}}/complete", complete, keyed=False),
    Operation("upload", "PUT", f"{SESSION}/{{part}}", put_owned_part, account=token_account, raw=True),
    Operation("complete", "POST", f"{SESSION}/complete", complete_owned, account=token_account),
    Operation("asset", "GET", FILE, uploaded, keyed=False),
)
