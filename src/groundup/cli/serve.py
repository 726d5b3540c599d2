"""groundup serve."""

from typing import Annotated

import typer

from groundup.cli.options import CheckpointArgument, CheckpointOption, DeviceOption, DtypeOption, only_one


def serve(
    folder: CheckpointArgument = None,
    checkpoint: CheckpointOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on; other than this machine's own needs a key.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8000,
    api_key: Annotated[
        list[str] | None,
        typer.Option(envvar="GROUNDUP_API_KEY", help="Key that clients must send. May be repeated."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What clients call the model.", show_default="the run's name")
    ] = None,
    slots: Annotated[int, typer.Option(help="Sequences at a time.", min=1, max=128)] = 16,
    queue: Annotated[int, typer.Option(help="Requests that may wait; further ones get 429.", min=0)] = 64,
    request_timeout: Annotated[float, typer.Option(help="Seconds that an answer may take.", min=0.1)] = 300.0,
    cors_origin: Annotated[
        list[str] | None, typer.Option(help="Origin whose pages may call the server, such as https://example.org.")
    ] = None,
    allow_public_without_key: Annotated[
        bool, typer.Option("--allow-public-without-key", help="Let everybody in who reaches the address.")
    ] = False,
    threads: Annotated[
        int | None, typer.Option(help="Processor threads of the model.", show_default="all cores", min=1)
    ] = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
) -> None:
    """Serve a model: OpenAI's protocol at /v1, a web chat at /, Prometheus' numbers at /metrics.

    Ctrl-C stops it after the requests at hand.
    """
    chosen = only_one({"CHECKPOINT": folder, "--checkpoint": checkpoint})

    from groundup.cli import opening
    from groundup.cli.display import say
    from groundup.inference.generation import load_generation
    from groundup.serving.server import listen, model_name, open_service, run_server
    from groundup.serving.settings import ServerSettings
    from groundup.utils.processes import available_cores

    settings = ServerSettings(
        host=host,
        port=port,
        api_keys=tuple(api_key or ()),
        allow_public_without_key=allow_public_without_key,
        cors_origins=tuple(cors_origin or ()),
        max_queue=queue,
        request_timeout_s=request_timeout,
    )
    listener = listen(settings)  # before minutes of loading: a taken port is known at once
    bundle = opening.choose_bundle(chosen, say)
    model, tokenizer = opening.open_model(bundle, device, dtype, say)
    service = open_service(
        model,
        tokenizer,
        name=name or model_name(bundle),
        defaults=load_generation(bundle),
        settings=settings,
        n_slots=slots,
        n_threads=threads or available_cores(),
        say=say,
    )
    run_server(service, listener, say)
