"""Errors in OpenAI's form: {"error": {"message", "type", "param", "code"}}."""

from typing import Any

from starlette.responses import JSONResponse

TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class ApiError(Exception):
    """What a client gets instead of an answer."""

    def __init__(
        self, status: int, message: str, *, param: str | None = None, code: str | None = None, retry_after: int = 0
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code, self.retry_after = status, message, param, code, retry_after

    def response(self) -> JSONResponse:
        """As HTTP."""
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after else None
        return JSONResponse(self.body(), self.status, headers)

    def body(self) -> dict[str, Any]:
        """The JSON alone, as a stream sends it."""
        return error_body(self.status, self.message, self.param, self.code)


def error_body(status: int, message: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """The JSON of an error. What cannot be written as UTF-8 (half surrogates that a client sent) is replaced."""
    kind = TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    return {"error": {"message": _clean(message), "type": kind, "param": _clean(param), "code": code}}


def _clean(text: str | None) -> str | None:
    return text if text is None else text.encode("utf-8", "replace").decode()[:2000]
