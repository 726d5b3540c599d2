"""The application: which path does what."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse, Response

from groundup.serving.errors import ApiError
from groundup.serving.guard import Guard
from groundup.serving.schemas import Answer, ChatRequest, CompletionRequest, ErrorResponse, ModelCard, ModelList
from groundup.serving.service import Service
from groundup.utils.errors import UserError

PAGE: Final = {
    "index.html": "text/html; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
SCRIPT_TYPE: Final = "text/javascript; charset=utf-8"
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorResponse} for status in (400, 401, 403, 404, 408, 413, 415, 429, 500, 503, 504)
}
STREAM: dict[int | str, dict[str, Any]] = {
    200: {"description": "The answer, or its pieces as server-sent events", "content": {"text/event-stream": {}}}
}


def build_app(service: Service) -> FastAPI:
    """The ASGI application around an engine that runs."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service.bridge.attach(asyncio.get_running_loop())
        yield
        await asyncio.to_thread(service.engine.close)

    app = FastAPI(title="Groundup", lifespan=lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    _add_protocol(app, service)
    _add_page(app)
    _add_errors(app)
    paths = {getattr(route, "path", "") for route in app.routes}
    if service.settings.cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(service.settings.cors_origins), allow_methods=["*"], allow_headers=["*"]
        )
    app.add_middleware(Guard, settings=service.settings, metrics=service.metrics, paths=paths)
    return app


def _add_protocol(app: FastAPI, service: Service) -> None:
    card = ModelCard(id=service.name, object="model", created=service.created, owned_by="groundup")

    @app.get("/v1/models", responses=ERRORS)
    async def models() -> ModelList:
        """The models that are served: one."""
        return ModelList(object="list", data=[card])

    @app.get("/v1/models/{model:path}", responses=ERRORS)
    async def model(model: str) -> ModelCard:
        """One model."""
        if model != service.name:
            raise ApiError(404, f"The model {model!r} is not served here.", code="model_not_found")
        return card

    @app.post("/v1/chat/completions", response_model=Answer, responses={**ERRORS, **STREAM})
    async def chat(body: ChatRequest, request: Request) -> Response:
        """Answer a conversation."""
        return await service.chat(body, request)

    @app.post("/v1/completions", response_model=Answer, responses={**ERRORS, **STREAM})
    async def complete(body: CompletionRequest, request: Request) -> Response:
        """Go on from a text."""
        return await service.complete(body, request)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Whether the server lives."""
        return {"status": "ok"}

    @app.get("/metrics", response_class=PlainTextResponse, responses={401: {"model": ErrorResponse}})
    async def metrics() -> PlainTextResponse:
        """Numbers for Prometheus."""
        text = service.metrics.text(service.engine.counts, service.open_requests)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


def _add_page(app: FastAPI) -> None:
    """The web chat. Its files are read once, now: no request reaches the disk."""
    folder = files("groundup.serving").joinpath("static")
    page: dict[str, tuple[bytes, str]] = {}
    for file in folder.iterdir():
        kind = SCRIPT_TYPE if file.name.endswith(".js") else PAGE.get(file.name)
        if kind:
            page[file.name] = file.read_bytes(), kind

    @app.get("/", include_in_schema=False)
    async def index() -> Response:
        data, kind = page["index.html"]
        return Response(data, media_type=kind, headers={"Cache-Control": "no-cache"})

    @app.get("/static/{name}", include_in_schema=False)
    async def static(name: str) -> Response:
        if name not in page:
            raise ApiError(404, "There is no such file.")
        data, kind = page[name]
        return Response(data, media_type=kind, headers={"Cache-Control": "no-cache"})


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(ApiError)
    async def known(request: Request, error: ApiError) -> Response:
        return error.response()

    @app.exception_handler(UserError)
    async def mendable(request: Request, error: UserError) -> Response:
        code = "context_length_exceeded" if "context" in str(error) else None
        return ApiError(400, str(error), code=code).response()

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return ApiError(error.status_code, str(error.detail)).response()

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part != "body")
        message = first["msg"].removeprefix("Value error, ")
        return ApiError(400, f"{place}: {message}" if place else message, param=place or None).response()
