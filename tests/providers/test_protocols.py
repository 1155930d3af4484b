"""Every call that an adapter makes, whole, as the vendor's pages have it; and what each page asks for a clip."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from omniflash import errors
from omniflash.adapter import Adapter, Attachment, Features, MediaKind, Offer, Order, Pace
from omniflash.effects import Call, Repeat, Send
from omniflash.jobs import Clip, Job
from omniflash.money.quotes import Kind, Rate
from omniflash.spec import Edit, File, Mode, Refine, Request, TextToVideo
from omniflash_fal import ADAPTER as FAL
from omniflash_fal import Options
from omniflash_pixeldojo import ADAPTER as PIXELDOJO
from tests.stage import DAY, Stage, answer, in_turn

FAL_JOB = "queue:/google/gemini-omni-flash/requests/r1"
PICTURE = Attachment("references[0]", File("holiday.png"), "image/png", 9)


def order(adapter: Adapter, request: Request, account: str = "work", **more: Any) -> Order:
    offer = next(offer for offer in adapter.offers if type(request).mode is offer.mode)
    media = {"video": "https://e.com/v.mp4", "previous": "vid_1"}
    return Order(id="order-1", account=account, offer=offer, request=request, media=media, made_at=DAY, **more)


def job(adapter: Adapter, mode: Mode = Mode.TEXT_TO_VIDEO, account: str | None = None, sandbox: bool = False) -> Job:
    return Job(adapter.name, "1.0", mode, "r1", "order-1", account, sandbox)


def asked(flow: Any, *answers: object) -> tuple[Any, list[Any]]:
    """What comes of a flow, and the calls that it made."""
    stage = Stage(in_turn(*answers))
    return stage.run(flow), stage.of(Call | Send)


CAT = TextToVideo("A cat", duration=5)
FAL_ACCEPTED = answer(200, {"request_id": "r1", "status_url": "https://elsewhere.example/r1"})
PIXELDOJO_ACCEPTED = answer(200, {"jobId": "r1", "statusUrl": "https://elsewhere.example/r1"})


class TestSubmit:
    @pytest.mark.parametrize(
        ("adapter", "accepted", "call"),
        [
            (
                FAL,
                FAL_ACCEPTED,
                Call(
                    "submit",
                    "POST",
                    "queue:/google/gemini-omni-flash",
                    json={"prompt": "A cat", "duration": 5},
                    repeat=Repeat.IF_REFUSED,
                ),
            ),
            (
                PIXELDOJO,
                PIXELDOJO_ACCEPTED,
                Call(
                    "submit",
                    "POST",
                    "api:/models/google-gemini-omni-flash/run",
                    json={"prompt": "A cat", "duration": 5},
                    repeat=Repeat.IF_REFUSED,
                ),
            ),
        ],
    )
    def test_it_is_one_paid_call_and_the_answer_names_the_job(
        self, adapter: Adapter, accepted: object, call: Call
    ) -> None:
        assert asked(adapter.submit(order(adapter, CAT)), accepted) == (job(adapter, account="work"), [call])

    @pytest.mark.parametrize(("adapter", "accepted"), [(FAL, FAL_ACCEPTED), (PIXELDOJO, PIXELDOJO_ACCEPTED)])
    def test_the_providers_own_account_and_a_sandbox_are_marked_on_the_job(
        self, adapter: Adapter, accepted: object
    ) -> None:
        made, _ = asked(adapter.submit(order(adapter, CAT, adapter.name, sandbox=True)), accepted)
        assert made == job(adapter, sandbox=True)

    @pytest.mark.parametrize(
        ("adapter", "lacks"),
        [
            (FAL, "fal answered 'submit' without a usable 'request_id'"),
            (PIXELDOJO, "pixeldojo answered 'submit' without a usable 'jobId'"),
        ],
    )
    def test_an_answer_without_a_job_is_shown_beside_its_call(self, adapter: Adapter, lacks: str) -> None:
        with pytest.raises(errors.ProtocolError, match=lacks) as caught:
            asked(adapter.submit(order(adapter, CAT)), answer(200, {"id": "r1"}))
        assert caught.value.exchange.startswith("POST ")
        assert caught.value.exchange.endswith('200 no content type\n{"id": "r1"}')

    def test_fal_is_told_of_a_webhook_in_the_query_and_of_its_options_in_headers(self) -> None:
        told = order(FAL, CAT, options=Options(priority="low"), webhook_url="https://me.example/hook")
        _, (call,) = asked(FAL.submit(told), FAL_ACCEPTED)
        assert call.query == {"fal_webhook": "https://me.example/hook"}
        assert call.headers == {"X-Fal-Queue-Priority": "low"}

    def test_pixeldojo_is_told_of_a_webhook_in_the_body(self) -> None:
        _, (call,) = asked(
            PIXELDOJO.submit(order(PIXELDOJO, CAT, webhook_url="https://me.example/hook")), PIXELDOJO_ACCEPTED
        )
        assert call.json == {"prompt": "A cat", "duration": 5, "webhook_url": "https://me.example/hook"}
        dispositions = PIXELDOJO.wire(order(PIXELDOJO, CAT, webhook_url="https://me.example/hook")).dispositions
        assert dispositions == PIXELDOJO.wire(order(PIXELDOJO, CAT)).dispositions != ()

    def test_the_key_goes_into_the_vendors_own_header(self) -> None:
        assert FAL.authorize("k") == {"Authorization": "Key k"}
        assert PIXELDOJO.authorize("k") == {"Authorization": "Bearer k"}


def test_a_job_is_looked_at_by_its_id_whatever_url_the_vendor_gave() -> None:
    _, calls = asked(FAL.status(job(FAL)), answer(200, {"status": "IN_PROGRESS"}))
    assert calls == [Call("status", "GET", f"{FAL_JOB}/status")]
    _, calls = asked(PIXELDOJO.status(job(PIXELDOJO)), answer(200, {"status": "pending"}))
    assert calls == [Call("status", "GET", "api:/jobs/r1")]


@pytest.mark.parametrize(("more", "name"), [({}, "result"), ({"error": "it broke"}, "failure")])
def test_a_job_that_fal_completed_has_a_result_to_fetch(more: dict[str, str], name: str) -> None:
    over = answer(200, {"status": "COMPLETED", **more})
    _, calls = asked(FAL.status(job(FAL)), over, answer(200, {}))
    assert calls == [Call("status", "GET", f"{FAL_JOB}/status"), Call(name, "GET", FAL_JOB)]


def test_fal_is_asked_to_cancel_and_pixeldojo_cannot_be() -> None:
    _, calls = asked(FAL.cancel(job(FAL)), answer(200, {"status": "OK"}))
    assert calls == [Call("cancel", "PUT", f"{FAL_JOB}/cancel")]
    _, calls = asked(PIXELDOJO.cancel(job(PIXELDOJO)))
    assert calls == []


@pytest.mark.parametrize("adapter", [FAL, PIXELDOJO])
def test_a_clip_is_fetched_without_the_key(adapter: Adapter) -> None:
    clip = Clip("https://cdn.example/a.mp4", adapter.name)
    assert adapter.download(clip) == Call("download", "GET", "https://cdn.example/a.mp4", keyed=False)


class TestUpload:
    placed = answer(200, {"file_url": "https://cdn.example/a.png", "upload_url": "https://store.example/put?sig=1"})

    def test_fal_gives_a_place_and_the_bytes_go_there_without_the_key(self) -> None:
        url, (place, sent) = asked(FAL.upload(PICTURE), self.placed, answer(200))
        assert url == "https://cdn.example/a.png"
        assert place == Call(
            "initiate",
            "POST",
            "rest:/storage/upload/initiate",
            query={"storage_type": "fal-cdn-v3"},
            json={"content_type": "image/png", "file_name": "references-0.png"},
        )
        target = Call(
            "upload",
            "PUT",
            "https://store.example/put?sig=1",
            headers={"Content-Type": "image/png"},
            keyed=False,
        )
        assert sent == Send(target, File("holiday.png"), "references[0]")

    @pytest.mark.parametrize(
        ("place", "lacks"),
        [
            ({"upload_url": "https://store.example/put"}, "file_url"),
            ({"file_url": "ftp://cdn.example/a", "upload_url": "https://store.example/put"}, "file_url"),
            ({"file_url": "https://cdn.example/a.png"}, "upload_url"),
        ],
    )
    def test_a_place_that_is_none_is_nonsense_and_no_byte_is_sent(self, place: object, lacks: str) -> None:
        stage = Stage(in_turn(answer(200, place)))
        with pytest.raises(errors.ProtocolError, match=f"fal answered 'initiate' without a usable '{lacks}'"):
            stage.run(FAL.upload(PICTURE))
        assert stage.calls == ["initiate"]

    def test_pixeldojo_has_none_and_says_what_to_do(self) -> None:
        with pytest.raises(errors.UnsupportedFeature, match="PixelDojo documents no upload; give a public URL"):
            asked(PIXELDOJO.upload(PICTURE))


PROMPT = {"prompt": "prompt"}
TIMED = {"duration": "duration", "aspect_ratio": "aspect_ratio"}
OPEN = {"output_format": "output_format", "seed": "seed"}
FAL_ALWAYS = {"output_format": None}
REFERENCES = {"references": "reference_images"}
# Mode, the vendor's id, what each field is called there, and dollars a second as the mode's page prints it.
FAL_SELLS = [
    (Mode.TEXT_TO_VIDEO, "", PROMPT | TIMED | FAL_ALWAYS, "0.125"),
    (Mode.IMAGE_TO_VIDEO, "/image-to-video", PROMPT | {"image": "image_url"} | TIMED | FAL_ALWAYS, "0.13"),
    (
        Mode.REFERENCE_TO_VIDEO,
        "/reference-to-video",
        PROMPT | {"references": "image_urls"} | TIMED | FAL_ALWAYS,
        "0.13",
    ),
    (Mode.EDIT, "/edit", PROMPT | {"video": "video_url"} | FAL_ALWAYS, "0.13"),
]
PIXELDOJO_SELLS = [
    (Mode.TEXT_TO_VIDEO, PROMPT | TIMED | OPEN),
    (Mode.IMAGE_TO_VIDEO, PROMPT | {"image": "image"} | TIMED | OPEN),
    (Mode.REFERENCE_TO_VIDEO, PROMPT | REFERENCES | TIMED | OPEN),
    (Mode.EDIT, PROMPT | {"video": "video"} | REFERENCES | OPEN),
    (Mode.REFINE, PROMPT | {"previous": "video_id"} | REFERENCES | OPEN),
]
READ_ON = date(2026, 11, 20)
INPUTS = ("image", "video", "references")


def sold(offer: Offer) -> tuple[Mode, str, dict[str, str | None]]:
    return offer.mode, offer.endpoint, {name: field.wire for name, field in offer.fields.items()}


class TestOffers:
    def test_fal_sells_four_endpoints(self) -> None:
        model = "google/gemini-omni-flash"
        assert [sold(offer) for offer in FAL.offers] == [
            (mode, model + path, named) for mode, path, named, _ in FAL_SELLS
        ]

    def test_pixeldojo_sells_one_whose_mode_is_told_by_its_fields(self) -> None:
        model = "google-gemini-omni-flash"
        assert [sold(offer) for offer in PIXELDOJO.offers] == [(mode, model, named) for mode, named in PIXELDOJO_SELLS]

    @pytest.mark.parametrize("adapter", [FAL, PIXELDOJO])
    def test_neither_names_a_version_so_that_one_is_assumed(self, adapter: Adapter) -> None:
        for offer in adapter.offers:
            assert (offer.provider, offer.version, offer.assumed) == (adapter.name, "1.0", True)
            assert (offer.as_of, offer.retires_on) == (READ_ON, None)
            assert offer.expected_s == {"fal": 45.0, "pixeldojo": 60.0}[adapter.name]

    def test_fal_takes_inputs_in_every_way_up_to_a_size(self) -> None:
        for offer in FAL.offers:
            for name in set(INPUTS) & set(offer.fields):
                field = offer.fields[name]
                assert field.kinds == {MediaKind.URL, MediaKind.DATA, MediaKind.UPLOAD}
                assert (field.inline_limit, field.upload_limit) == (8_388_608, 94_371_840)

    def test_pixeldojo_takes_public_urls_alone(self) -> None:
        for offer in PIXELDOJO.offers:
            for name in set(INPUTS) & set(offer.fields):
                assert offer.fields[name].kinds == {MediaKind.URL}

    def test_fal_makes_one_container_and_says_that_this_is_assumed(self) -> None:
        for offer in FAL.offers:
            made = offer.fields["output_format"]
            assert (made.values, made.note) == (("mp4",), "fal always makes MP4 (assumed)")

    @pytest.mark.parametrize(("offer", "dollars"), [*zip(FAL.offers, [row[-1] for row in FAL_SELLS], strict=True)])
    def test_fal_asks_for_seconds(self, offer: Offer, dollars: str) -> None:
        price = offer.price
        assert (price.rate, price.bound) == (Rate(per_second=Decimal(dollars)), Rate(per_second=Decimal("0.13")))
        assert (price.kind, price.unit, price.usd_per_unit) == (Kind.APPROXIMATE, "USD", 1)
        assert (price.source, price.as_of) == (f"fal.ai/models/{offer.endpoint}", READ_ON)
        assert "fal bills tokens" in price.note

    def test_pixeldojo_asks_for_credits(self) -> None:
        (price,) = {offer.price for offer in PIXELDOJO.offers}
        assert (price.rate, price.bound) == (Rate(per_clip=Decimal(16)), Rate(per_second=Decimal(2)))
        assert (price.kind, price.unit, price.usd_per_unit) == (Kind.APPROXIMATE, "credit", Decimal("0.0625"))
        assert (price.source, price.as_of) == ("pixeldojo.ai, the model's page: 16 credits per video", READ_ON)
        assert "$10 for 160 credits" in price.unit_source

    def test_what_each_has_besides_making_clips(self) -> None:
        assert FAL.features == Features(
            cancel=True, webhook=True, upload=True, public_uploads=True, find=True, prices=True
        )
        assert PIXELDOJO.features == Features(webhook=True, find=True, find_assumed=True, prices=True)
        assert (FAL.pace, PIXELDOJO.pace) == (None, Pace(10, 60.0))
        assert (FAL.options, PIXELDOJO.options) == (Options, None)

    def test_where_each_is_and_where_its_key_stands(self) -> None:
        assert (FAL.name, PIXELDOJO.name) == ("fal", "pixeldojo")
        assert FAL.hosts == {
            "queue": "https://queue.fal.run",
            "rest": "https://rest.fal.ai",
            "api": "https://api.fal.ai",
        }
        assert PIXELDOJO.hosts == {"api": "https://pixeldojo.ai/api/v1"}
        assert FAL.credentials == (("FAL_KEY",), ("FAL_KEY_ID", "FAL_KEY_SECRET"))
        assert PIXELDOJO.credentials == (("PIXELDOJO_API_KEY",),)

    def test_a_mode_that_one_has_not_got_has_a_way_out(self) -> None:
        assert list(FAL.absent) == [Mode.REFINE]
        assert "Edit(video=clip.url)" in FAL.absent[Mode.REFINE]
        assert PIXELDOJO.absent == {}

    @pytest.mark.parametrize("adapter", [FAL, PIXELDOJO])
    def test_an_adapter_is_a_value_that_is_shown_in_few_words(self, adapter: Adapter) -> None:
        assert len({adapter, type(adapter)()}) == 1
        assert not any(remedy in repr(adapter) for remedy in adapter.absent.values())
        assert "Offer(" not in repr(adapter)


def test_the_handle_and_the_video_are_what_the_clip_goes_on_from() -> None:
    _, (call,) = asked(PIXELDOJO.submit(order(PIXELDOJO, Refine("a", previous="vid_1"))), PIXELDOJO_ACCEPTED)
    assert call.json == {"prompt": "a", "video_id": "vid_1"}
    _, (call,) = asked(FAL.submit(order(FAL, Edit("a", video="https://e.com/v.mp4"))), FAL_ACCEPTED)
    assert call.json == {"prompt": "a", "video_url": "https://e.com/v.mp4"}
