"""Where the key goes, and where nothing secret may be read (MAP-KEY, MAP-ORIGIN, ERR-SECRET)."""

import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from omniflash import File, ImageToVideo, Url
from omniflash_sandbox.accounts import account_name
from omniflash_sandbox.journal import Exchange

from ..bench import RENDER_S, ClientBench
from ..case import Needs, Profile, case
from ..means.asking import PICTURE
from ..means.breaking_in import ctrl_c
from ..subject import Client, Offers
from ..verdicts import NotDeclared, expect
from .paying import RELIABLE, SILENT_S

SECRET = "canary-secret-8c27e0b4"  # noqa: S105 - nobody's
KEY = f"canary-id-5d1f:{SECRET}"
SIGNATURE = "canary-signature-77aa3c"
SIGNED = f"https://example.com/portrait.png?X-Amz-Signature={SIGNATURE}"
HIDDEN: Mapping[str, str] = {SECRET: "the key", SIGNATURE: "a signed URL's query"}
KEYLESS = ("asset", "stranger", "upload")
ACCOUNT = account_name(KEY)  # what a journal shows in its place


@case("MAP-KEY-1", "the key goes to the vendor's API, and not to where the clip is", needs=Needs.SERVER)
def the_key_stays_with_the_vendor(bench: ClientBench) -> None:
    _whole_way(bench)
    _no_key_elsewhere(bench)


@case("MAP-KEY-2", "the key is in no URL and in no body", needs=Needs.SERVER)
def the_key_is_in_no_url(bench: ClientBench) -> None:
    _whole_way(bench)
    for exchange in bench.exchanges():
        asked = json.dumps([exchange["path"], exchange["query"], exchange["body"]])
        secrets = (SECRET, quote(KEY, safe=""))
        expect(not any(secret in asked for secret in secrets), f"the key is in the URL or body of {_named(exchange)}")


@case("MAP-KEY-3", "a redirect of an API call does not get the key", **RELIABLE)
def a_redirect_gets_no_key(bench: ClientBench) -> None:
    for call, status in (("submit", 307), ("submit", 302), ("status", 307), ("status", 302)):
        bench.afresh()
        bench.arm("redirect", call=call, status=status)
        bench.refusal(partial(_whole_way, bench))
        _no_key_elsewhere(bench)


@case("MAP-KEY-4", "a clip that has moved is fetched without the key", **RELIABLE)
def a_moved_clip_gets_no_key(bench: ClientBench) -> None:
    bench.needs(Offers.SAVE)
    for fault in ("asset-redirect", "redirect"):
        bench.afresh()
        bench.arm(fault, call="asset")
        bench.refusal(partial(_whole_way, bench))
        _no_key_elsewhere(bench)


@case("MAP-KEY-5", "the place where a file is put does not get the key", needs=Needs.SERVER, profile=Profile.UPLOADS)
def an_upload_gets_no_key(bench: ClientBench) -> None:
    picture = bench.folder / "portrait.png"
    picture.write_bytes(PICTURE)
    with bench.opened(own_key=KEY) as client:
        told = bench.refusal(lambda: client.submit(ImageToVideo("A cat", image=File(picture), duration=3)))
    if not bench.exchanges("upload"):
        raise NotDeclared(f"{bench.kind.name} uploads no file{f' ({told.kind})' if told else ''}")
    _no_key_elsewhere(bench)


def _whole_way(bench: ClientBench, **place: Any) -> None:
    """From a request to a file, as far as the client goes."""
    with bench.opened(own_key=KEY, **place) as client:
        ticket = client.submit(bench.least())
        bench.stand.advance(RENDER_S)
        if bench.has(Offers.STATUS):
            client.status(ticket)
        clip = bench.clip(client, ticket)
        if bench.has(Offers.SAVE):
            client.save(clip, bench.folder / "clip.mp4")


def _no_key_elsewhere(bench: ClientBench) -> None:
    for exchange in bench.exchanges():
        leaked = exchange["key_leaked"] or (exchange["call"] in KEYLESS and _has_key(exchange))
        expect(
            not leaked, f"the key is sent with {_named(exchange)}, {WHERE.get(exchange['call'], 'which asks for none')}"
        )


def _has_key(exchange: Exchange) -> bool:
    """Whether it carries the key itself: a vendor may give a token of its own for where a file is put."""
    return any(ACCOUNT in value for value in exchange["headers"].values())


WHERE: Mapping[str, str] = {
    "asset": "where the clip is",
    "stranger": "a stranger's host",
    "upload": "where a file is put",
}


def _named(exchange: Exchange) -> str:
    return f"{exchange['method']} ({exchange['call']})"


FOREIGN: Mapping[int, tuple[str, str, Mapping[str, Any]]] = {
    1: ("a job's URLs that lead to a stranger get no key", "foreign-urls", {"call": "submit"}),
    2: ("URLs in a look that lead to a stranger get no key", "foreign-urls", {"call": "status", "times": None}),
    3: ("a redirect of a look to a stranger gets no key", "redirect", {"call": "status", "times": 2}),
}


def _foreign(fault: str, options: Mapping[str, Any], bench: ClientBench) -> None:
    bench.arm(fault, **options)
    told = bench.refusal(lambda: _whole_way(bench))
    _no_key_elsewhere(bench)
    bench.note(told=told.kind if told else None, strangers=len(bench.exchanges("stranger")))


for _number, (_title, _fault, _options) in FOREIGN.items():
    case(f"MAP-ORIGIN-{_number}", _title, **RELIABLE)(partial(_foreign, _fault, _options))


# What goes wrong, where, and how: each with an error of its own kind.
TROUBLES: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("lose-response", {"call": "submit"}),
    ("reset", {"call": "submit"}),
    ("malformed-json", {"call": "submit"}),
    ("gateway-html", {"call": "submit"}),
    ("unavailable", {"call": "submit", "status": 500}),
    ("redirect", {"call": "submit"}),
    ("content-rejected", {}),
    ("job-failed", {}),
    ("no-video", {}),
    ("malformed-json", {"call": "status", "times": None}),
    ("redirect", {"call": "status", "times": None}),
    ("gateway-html", {"call": "asset", "status": 200, "times": None}),
    ("redirect", {"call": "asset", "times": None}),
    ("cut-download", {"bytes": 0, "times": None}),
)


@case("ERR-SECRET-1", "no error shows the key", **RELIABLE)
def no_error_shows_the_key(bench: ClientBench) -> None:
    for fault, options in TROUBLES:
        bench.afresh()
        bench.arm(fault, **options)
        told = bench.refusal(partial(_whole_way, bench))
        _shows_nothing([told.text] if told else [], f"an error ({told and told.kind}, after {fault})")


@case("ERR-SECRET-2", "no error shows a key that is refused", needs=Needs.SERVER)
def no_error_shows_a_refused_key(bench: ClientBench) -> None:
    for key in (f"wrong-id:{SECRET}", f"poor-id:{SECRET}"):
        with bench.opened(own_key=key) as client:
            told = bench.refusal(partial(client.submit, bench.least()))
            _shows_nothing([told.text] if told else [], f"an error ({told and told.kind})")
            _shows_nothing([client.shown()], "a repr or log")


@case("ERR-SECRET-3", "no repr and no log shows the key", **RELIABLE)
def no_log_shows_the_key(bench: ClientBench) -> None:
    bench.arm("unavailable", call="status")
    bench.arm("cut-download")
    with bench.opened(own_key=KEY) as client:
        made = [client.submit(bench.least())]
        bench.stand.advance(RENDER_S)
        bench.refusal(lambda: _had(bench, client, made))
        _shows_nothing(map(repr, made), "the repr of a ticket or a clip")
        _shows_nothing([client.shown()], "a repr or log")


def _had(bench: ClientBench, client: Client, made: list[object]) -> None:
    """Put the clip of a ticket behind it, as soon as it is there, and fetch it."""
    made.append(bench.clip(client, made[0]))
    if bench.has(Offers.SAVE):
        client.save(made[1], bench.folder / "clip.mp4")


@case("ERR-SECRET-4", "no token and no file that a client keeps holds the key", needs=Needs.SERVER)
def nothing_kept_holds_the_key(bench: ClientBench) -> None:
    with bench.opened(own_key=KEY) as client:
        ticket = client.submit(bench.least())
        if bench.has(Offers.RESUME):
            _shows_nothing([client.token(ticket)], "a token")
    for path in bench.place.folder.rglob("*"):
        if path.is_file():
            expect(SECRET.encode() not in path.read_bytes(), f"the key is in a file that the client keeps: {path.name}")


@case("ERR-SECRET-5", "a signed URL is shown without its query", **RELIABLE)
def no_signature_is_shown(bench: ClientBench) -> None:
    bench.needs(Offers.STATUS)
    for fault in ("lose-response", "unavailable", "gateway-html", "content-rejected", "job-failed"):
        bench.afresh()
        bench.arm(fault, call="submit")
        with bench.opened(own_key=KEY) as client:
            told = bench.refusal(partial(_picture_way, bench, client))
            if not bench.submits():
                raise NotDeclared(f"{bench.kind.name} makes no clip of a picture ({told and told.kind})")
            _shows_nothing([told.text] if told else [], f"an error ({told and told.kind}, after {fault})")
            _shows_nothing([client.shown()], "a repr or log")


def _picture_way(bench: ClientBench, client: Client) -> None:
    ticket = client.submit(ImageToVideo("A cat", image=Url(SIGNED), duration=3))
    _shows_nothing([repr(ticket)], "a ticket's repr")
    bench.stand.advance(RENDER_S)
    client.status(ticket)
    if bench.has(Offers.WAIT):
        bench.waited(client, ticket)


@case("ERR-SECRET-6", "nothing that is said of an interrupted paid call shows the key", **RELIABLE)
def no_interruption_shows_the_key(bench: ClientBench) -> None:
    bench.arm("stall", call="submit", seconds=SILENT_S)
    with bench.opened(own_key=KEY) as client:
        try:
            with ctrl_c(lambda: bench.submits() > 0):
                client.submit(bench.least())
        except BaseException as problem:  # noqa: BLE001 - Ctrl-C, or what the client makes of it
            told = bench.told(problem)
            _shows_nothing([told.text], f"an error ({told.kind})")
        _shows_nothing([client.shown()], "a repr or log")


def _shows_nothing(texts: Iterable[str], where: str) -> None:
    for text in texts:
        for secret, name in HIDDEN.items():
            expect(secret not in text, f"{where} shows {name}")
