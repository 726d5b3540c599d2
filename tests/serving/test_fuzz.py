"""The server's own OpenAPI schema says what a request may be; schemathesis makes up requests, right and wrong ones."""

import contextlib
import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own dependencies
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.control import SkipTest

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

EXAMPLES = 100


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("mode", ["right", "wrong"])
def test_no_request_breaks_the_server(server, mode: str) -> None:
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    made = schemathesis.GenerationMode.POSITIVE if mode == "right" else schemathesis.GenerationMode.NEGATIVE
    schema.config.generation.update(modes=[made], allow_x00=True)
    statuses: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=operation.as_strategy(generation_mode=made))
        def fuzz(case) -> None:  # type: ignore[no-untyped-def]
            if isinstance(case.body, dict):
                case.body["model"] = case.body.get("model") if mode == "wrong" else "tiny"
                if case.body.get("stream") is True and mode == "right":
                    case.body["max_tokens"] = 4
            response = case.call(base_url=server.url, timeout=60)
            statuses.setdefault(case.operation.label, set()).add(response.status_code)
            assert response.status_code < 500, (response.status_code, response.text, case.as_curl_command())
            if response.status_code >= 400:
                assert set(response.json()["error"]) == {"message", "type", "param", "code"}

        with contextlib.suppress(SkipTest):  # nothing about this operation can be wrong
            fuzz()
    assert server.idle(60)
    posts = statuses["POST /v1/completions"] | statuses["POST /v1/chat/completions"]
    assert (200 if mode == "right" else 400) in posts, statuses
