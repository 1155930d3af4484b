"""Hypothesis strategies: requests that are right, and values that are wrong in one way."""

from hypothesis import strategies as st

from omniflash.spec import (
    ASSIGNED,
    LATEST,
    UPLOADED_EDITS_REFUSED,
    Data,
    Edit,
    ImageToVideo,
    Media,
    Previous,
    ReferenceToVideo,
    Refine,
    Request,
    TextToVideo,
    Url,
)

LIMITS = LATEST

prompts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200).filter(
    lambda text: bool(text.strip()) and "<IMAGE_REF_" not in text
)
durations = st.integers(LIMITS.duration.minimum, LIMITS.duration.maximum)
aspects = st.sampled_from(LIMITS.aspect_ratios)
seeds = st.integers(LIMITS.seed.minimum, LIMITS.seed.maximum)
formats = st.sampled_from(LIMITS.output_formats)
countries = st.sampled_from(sorted(ASSIGNED))
free_countries = st.sampled_from(sorted(ASSIGNED - UPLOADED_EDITS_REFUSED))
metadata = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3)

paths = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=12)
urls = st.builds(
    Url, st.builds("https://example.com/{}.{}?v={}".format, paths, st.sampled_from(["png", "jpg"]), st.integers(0, 9))
)
pictures = st.builds(Data.of, st.binary(min_size=1, max_size=64), st.sampled_from(LIMITS.image_types))
films = st.builds(Data.of, st.binary(min_size=1, max_size=64), st.sampled_from(LIMITS.video_types))
images: st.SearchStrategy[Media] = urls | pictures
videos: st.SearchStrategy[Media] = urls | films
handles = st.builds("vid_{}".format, paths)


def references(
    span: object = LIMITS.references, media: st.SearchStrategy[Media] = images
) -> st.SearchStrategy[tuple[Media, ...]]:
    return st.lists(media, min_size=span.minimum, max_size=span.maximum).map(tuple)  # type: ignore[attr-defined]


def _maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


COMMON = {
    "version": _maybe(st.just(LIMITS.version)),
    "seed": _maybe(seeds),
    "output_format": _maybe(formats),
    "country": _maybe(free_countries),
    "metadata": metadata,
}
TIMED = {**COMMON, "duration": _maybe(durations), "aspect_ratio": _maybe(aspects)}

text_to_video = st.builds(TextToVideo, prompts, **TIMED)
image_to_video = st.builds(ImageToVideo, prompts, image=images, **TIMED)
reference_to_video = st.builds(ReferenceToVideo, prompts, references=references(), **TIMED)
edit = st.builds(Edit, prompts, video=videos, references=references(LIMITS.references_editing), **COMMON)
refine = st.builds(
    Refine,
    prompts,
    previous=st.builds(Previous, handle=handles),
    references=references(LIMITS.references_editing),
    **COMMON,
)
BY_MODE = {
    "text_to_video": text_to_video,
    "image_to_video": image_to_video,
    "reference_to_video": reference_to_video,
    "edit": edit,
    "refine": refine,
}
requests: st.SearchStrategy[Request] = st.one_of(*BY_MODE.values())
