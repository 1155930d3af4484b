"""The routes of both origins: the vendors' APIs and the sandbox's own on one port, clips and uploads on the other."""

from importlib.resources import files
from string import Template
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from omniflash_sandbox import admin
from omniflash_sandbox.assets import ASSET, MOVED_ASSET, STRANGER
from omniflash_sandbox.delivery import HangUp
from omniflash_sandbox.exchange import Endpoint
from omniflash_sandbox.vendor import Operation, Vendor
from omniflash_sandbox.world import World


def application(world: World, hang_up: HangUp) -> ASGIApp:
    """One ASGI application for both ports; `hang_up` ends a request's connection."""
    apis = [first_page(world), *admin.routes(world), *operations(world, hang_up), NOTHING]
    origins = {
        urlsplit(world.url).port: Router(apis),
        urlsplit(world.asset_url).port: Router([*strangers(world, hang_up), *clips(world, hang_up), NOTHING]),
    }

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].rstrip("/") or "/"  # fal's own command line ends its paths with a slash
        await origins[scope["server"][1]]({**scope, "path": path}, receive, send)

    return dispatch


def operations(world: World, hang_up: HangUp) -> list[Route]:
    """Every vendor's operations, and after them its own words for any other path on its hosts."""
    return [
        Route(operation.path, Endpoint(world, vendor, operation, hang_up), methods=operation.methods)
        for vendor in world.vendors
        for operation in (*vendor.operations, *elsewhere(vendor))
    ]


def elsewhere(vendor: Vendor) -> list[Operation]:
    hosts = ((path, vendor.dialects.get(host, vendor.dialect)) for host, path in vendor.hosts.items())
    return [
        Operation("other", None, f"{path}/{{rest:path}}", dialect.nowhere, dialect=dialect) for path, dialect in hosts
    ]


def clips(world: World, hang_up: HangUp) -> list[Route]:
    """The clips of every vendor, and what else it has on an origin of its own."""
    return [
        Route(f"/{vendor.name}{operation.path}", Endpoint(world, vendor, operation, hang_up), methods=operation.methods)
        for vendor in world.vendors
        for operation in (ASSET, MOVED_ASSET, *vendor.files)
    ]


def strangers(world: World, hang_up: HangUp) -> list[Route]:
    """A host where whatever a vendor's client sends is written down, above all its key."""
    return [
        Route(f"/stranger/{vendor.name}{STRANGER.path}", Endpoint(world, vendor, STRANGER, hang_up))
        for vendor in world.vendors
    ]


def first_page(world: World) -> Route:
    """Says what this is, and above all what it is not."""

    def page(request: Request) -> Response:
        text = files(__package__).joinpath("first_page.html").read_text("utf-8")
        return HTMLResponse(Template(text).substitute(url=world.url))

    return Route("/", page)


def nothing(request: Request) -> Response:
    return JSONResponse({"error": f"nothing at {request.method} {request.url.path}"}, status_code=404)


NOTHING = Route("/{path:path}", nothing, methods=["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"])
