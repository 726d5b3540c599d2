"""`groundup export --format hub`: a folder with a model card that says what is known, and pushing it."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from groundup.cli.main import app
from groundup.export.model_card import card_metadata, estimate_energy, write_card
from groundup.export.run_facts import Facts, Source, gather
from groundup.model.bundle import load_bundle
from groundup.utils.files import sha256_file


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def here(trained: Path, in_folder: Path) -> Path:
    """A copy of the trained run, in the working directory with its data."""
    shutil.copytree(trained, in_folder, dirs_exist_ok=True)
    return in_folder


def test_folder_is_the_model_and_says_what_is_known(here: Path) -> None:
    evaluated = run("eval", "checkpoints/tiny", "--text", "texts/a.txt", "--output", "checkpoints/tiny/text.json")
    assert evaluated.exit_code == 0, evaluated.stderr
    result = run("export", "checkpoints/tiny", "--format", "hub", "--license", "mit", "--language", "en")
    assert result.exit_code == 0, result.stderr
    folder = here / "exports" / "tiny" / "hub"
    bundle = here / "checkpoints" / "tiny" / (here / "checkpoints/tiny/best").read_text().strip() / "model"
    names = {file.name for file in bundle.iterdir()}
    assert {file.name for file in folder.iterdir()} == names | {"README.md", "ledger.json"}
    assert all((folder / name).read_bytes() == (bundle / name).read_bytes() for name in names)

    card = (folder / "README.md").read_text(encoding="utf-8")
    ledger = json.loads((folder / "ledger.json").read_text())["datasets"][0]
    report = json.loads(next(here.glob("artifacts/tiny/corpus.report.json")).read_text())
    evaluation = json.loads((here / "checkpoints/tiny/evaluation.json").read_text())
    text = json.loads((here / "checkpoints/tiny/text.json").read_text())["suites"][0]["scores"]["bits_per_byte"]
    assert f"| a.txt | 120 | {report['files'][0]['bytes']:,} | not recorded |" in card
    assert f"Trained on {ledger['tokens']:,} tokens" in card
    assert f"{evaluation['val_bpb']:.4f} bits per byte" in card
    assert f"| text | bits_per_byte | {text:.4f} |" in card
    assert "| training.seed | 1 |" in card
    assert "W; nothing was measured" in card
    assert "Licence of the model: mit." in card
    assert str(here) not in card


def test_metadata_is_what_the_hub_reads(here: Path) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    assert run("export", "checkpoints/tiny", "--format", "hub", "--output", "out", "--license", "mit").exit_code == 0
    card = hub.ModelCard.load(here / "out" / "README.md")
    evaluation = json.loads((here / "checkpoints/tiny/evaluation.json").read_text())
    assert (card.data.license, card.data.library_name, card.data.pipeline_tag) == (
        "mit",
        "transformers",
        "text-generation",
    )
    assert "qwen3" in card.data.tags
    found = {result.metric_type: result.metric_value for result in card.data.eval_results}
    assert found == {
        "bits_per_byte": pytest.approx(evaluation["val_bpb"], abs=1e-4),
        "perplexity": pytest.approx(evaluation["val_ppl"], abs=1e-4),
    }


def test_a_model_without_a_run_says_so(here: Path) -> None:
    bundle = next((here / "checkpoints" / "tiny").glob("step-*/model"))
    shutil.copytree(bundle, here / "alone")
    result = run("export", "alone", "--format", "hub", "--output", "out", "--watts", "50")
    assert result.exit_code == 0, result.stderr
    card = (here / "out" / "README.md").read_text()
    assert "is not recorded here" in card
    assert "Licence of the model: none was given." in card
    assert "Not evaluated" in card
    assert "kWh" not in card
    assert not (here / "out" / "ledger.json").exists()


def test_only_evaluations_of_these_weights_count(here: Path) -> None:
    assert run("eval", "checkpoints/other", "--text", "texts/a.txt", "--output", "x.json").exit_code == 0
    shutil.move(here / "x.json", here / "checkpoints" / "tiny" / "x.json")
    bundle = next((here / "checkpoints" / "tiny").glob("step-*/model"))
    assert gather(bundle, here / "checkpoints" / "tiny").suites == []


def test_licences_are_those_of_the_recipes(here: Path) -> None:
    report = here / "artifacts" / "tiny" / "corpus.report.json"
    value = json.loads(report.read_text())
    value["files"][0] |= {"path": "texts.jsonl", "input": "data/recipes/tinystories/texts.jsonl"}
    report.write_text(json.dumps(value))
    bundle = next((here / "checkpoints" / "tiny").glob("step-*/model"))
    (source,) = gather(bundle, here / "checkpoints" / "tiny").sources
    assert source.licence == "CDLA-Sharing-1.0 (roneneldan/TinyStories, as its card stated it)"


def test_energy_is_hours_times_watts() -> None:
    facts = Facts(seconds=7200, environment={"device": "cpu", "cores": 2})
    assumed, known = estimate_energy(facts, None), estimate_energy(facts, 35)
    assert assumed is not None
    assert known is not None
    assert (assumed.kilowatt_hours, known.kilowatt_hours) == (0.04, 0.07)
    assert "2 cores at an assumed 10 W" in assumed.how
    assert "35 W as stated" in known.how
    accelerators = estimate_energy(Facts(seconds=3600, environment={"device": "cuda:0", "processes": 8}), None)
    assert accelerators is not None
    assert accelerators.kilowatt_hours == 3.2
    assert estimate_energy(Facts(), 35) is None


def test_what_a_name_holds_breaks_no_table(here: Path) -> None:
    model, tokenizer = load_bundle(next((here / "checkpoints" / "tiny").glob("step-*/model")))
    facts = Facts(sources=[Source("a | b\n.txt", 1, 2, "00" * 32, None)])
    words = {"name": "x", "licence": None, "language": None, "watts": None, "tuned": True}
    card = write_card(model, tokenizer, facts, **words)  # type: ignore[arg-type]
    assert r"| a \| b\n.txt | 1 | 2 | not recorded | 000000000000… |" in card
    assert "apply_chat_template" in card
    assert "license" not in card_metadata(model, facts, name="x", licence=None, language=None, tuned=True)


def test_card_of_a_shape_that_transformers_does_not_know(here: Path) -> None:
    model, tokenizer = load_bundle(next((here / "checkpoints" / "tiny").glob("step-*/model")))
    model.config.activation = "relu2"
    words = {"name": "x", "licence": None, "language": None, "watts": None, "tuned": False}
    card = write_card(model, tokenizer, Facts(), **words)  # type: ignore[arg-type]
    assert "library_name" not in card
    assert "transformers does not: qwen3 with activation=relu2" in card


def test_pushing_without_login_or_network_says_what_to_do(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub.constants, "HF_TOKEN_PATH", str(here / "no-token"))
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for place, (token, why) in enumerate(((None, "there is no login"), ("hf_x", "the Hub could not be reached"))):
        if token:
            monkeypatch.setenv("HF_TOKEN", token)
        result = run("export", "checkpoints/tiny", "--format", "hub", "--output", f"out{place}", "--push", "me/x")
        last = result.stderr.splitlines()[-1]
        assert result.exit_code == 1
        assert last.startswith(f"error: {why}")
        assert last.endswith(f"hf upload me/x out{place}")
        assert (here / f"out{place}" / "README.md").is_file()


def test_refusals_take_one_line(here: Path) -> None:
    (here / "full").mkdir()
    (here / "full" / "README.md").write_text("mine")
    before = sha256_file(here / "full" / "README.md")
    for words, message in {
        ("--format", "hub", "--output", "full"): "full is not empty",
        ("--format", "hub", "--dtype", "f16"): "holds the weights as they are",
        ("--push", "me/x"): "belong to --format hub",
        ("--format", "hbu"): "hub",
    }.items():
        result = run("export", "checkpoints/tiny", *words)
        assert result.exit_code == 1, words
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
    assert sha256_file(here / "full" / "README.md") == before
