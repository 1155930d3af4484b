"""What the vendors publish, written by hand after the shape of what is known of it: to be read, changed and served."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

MODEL = "google/gemini-omni-flash"
FAL_ENDPOINTS = (MODEL, f"{MODEL}/image-to-video", f"{MODEL}/reference-to-video", f"{MODEL}/edit")
TEXT = {"type": "string"}
URL_LIST = {"type": "array", "items": TEXT, "minItems": 1, "title": "Image URLs"}
LENGTH = {"type": "integer", "minimum": 3, "maximum": 10, "default": 8, "title": "Duration"}
ASPECT = {"type": "string", "enum": ["16:9", "9:16"], "default": "16:9", "title": "Aspect Ratio"}
FREE = {"type": "object", "additionalProperties": True}
SHAPED = {"aspect_ratio": ASPECT, "duration": LENGTH}

FAL_INPUTS: dict[str, dict[str, Any]] = {
    "": {"prompt": TEXT, **SHAPED},
    "/image-to-video": {"prompt": TEXT, "image_url": TEXT, **SHAPED},
    "/reference-to-video": {"prompt": TEXT, "image_urls": URL_LIST, **SHAPED},
    "/edit": {"prompt": TEXT, "video_url": TEXT},
}
FAL_FILE = {
    "type": "object",
    "title": "File",
    "required": ["url"],
    "properties": {
        "url": {**TEXT, "description": "Where the file can be fetched."},
        "content_type": {**TEXT, "examples": ["image/png"]},
        "file_name": TEXT,
        "file_size": {"type": "integer"},
        "file_data": {"type": "string", "format": "binary"},
    },
}
FAL_QUEUE = {
    "type": "object",
    "required": ["status", "request_id"],
    "properties": {
        "status": {"type": "string", "enum": ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]},
        **dict.fromkeys(("request_id", "response_url", "status_url", "cancel_url"), TEXT),
        **dict.fromkeys(("logs", "metrics"), FREE),
        "queue_position": {"type": "integer"},
    },
}


def fal(endpoint: str = MODEL) -> Any:
    """fal's OpenAPI document of an endpoint, as it would be had nothing changed; a fresh copy."""
    inputs = FAL_INPUTS[endpoint.removeprefix(MODEL)]
    required = [name for name in inputs if name not in SHAPED]
    schemas = {
        "QueueStatus": FAL_QUEUE,
        "OmniInput": {"type": "object", "properties": inputs, "required": required, "x-fal-order-properties": required},
        "OmniOutput": {
            "type": "object",
            "required": ["video"],
            "properties": {"video": {"allOf": [{"$ref": "#/components/schemas/File"}], "title": "Video"}},
        },
        "File": FAL_FILE,
    }
    one = f"/{endpoint}/requests/{{request_id}}"
    done = {"type": "object", "properties": {"success": {"type": "boolean"}}}
    document = {
        "openapi": "3.0.4",
        "info": {"title": f"Queue OpenAPI for {endpoint}", "x-fal-metadata": {"endpointId": endpoint}},
        "components": {"schemas": schemas},
        "paths": {
            f"/{endpoint}": {"post": {"requestBody": body(named("OmniInput")), **answer(named("QueueStatus"))}},
            f"{one}/status": {"get": answer(named("QueueStatus"))},
            f"{one}/cancel": {"put": answer(done)},
            one: {"get": answer(named("OmniOutput"))},
        },
        "servers": [{"url": "https://queue.fal.run"}],
    }
    return json.loads(json.dumps(document))


def pixeldojo() -> Any:
    """PixelDojo's schema of the run's body, as its discovery endpoint is assumed to answer; a fresh copy."""
    address: Any = {"type": "string", "format": "uri", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://"}
    properties = {
        "prompt": TEXT,
        **dict.fromkeys(("image", "video", "webhook_url"), address),
        "reference_images": {"type": "array", "maxItems": 7, "items": address},
        "video_id": TEXT,
        **SHAPED,
        "output_format": {"enum": ["mp4", "webm", "mov"], "default": "mp4"},
        "seed": {"type": "integer"},
    }
    schema = {"type": "object", "additionalProperties": False, "required": ["prompt"], "properties": properties}
    return json.loads(json.dumps({"apiId": "google-gemini-omni-flash", "schema": schema}))


def named(name: str) -> Any:
    return {"$ref": f"#/components/schemas/{name}"}


def body(schema: Any) -> Any:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def answer(schema: Any) -> Any:
    return {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}


@contextmanager
def serving(documents: dict[str, Any]) -> Iterator[str]:
    """A server on loopback that has these documents, each at its path and query; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = documents.get(self.path)
            content = found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing is told of what was asked."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
