"""``deeprx central people`` and ``audit``, and the engineer's verbs where people sign in."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from deeprx_gui import central_settings
from deeprx_gui.central.password import VARIABLE
from deeprx_gui.cli.central_people_command import SECRET_VARIABLE
from deeprx_gui.cli.engineer import PIN_VARIABLE
from deeprx_gui.cli.main import main
from deeprx_gui.domain.central import CentralPlace, Tls
from deeprx_gui.paths import Paths
from deeprx_gui.people import people_copy, secret_hash
from deeprx_gui.profiles.store import ProfileStore
from tests.central.postgres_server import OWNER_PASSWORD
from tests.made_profile import made_profile

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_hash, "COST", (2, 8, 1))
    monkeypatch.setattr(people_copy, "_COST", 2)
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def call(
    central_place: CentralPlace,
    data_dir: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Call:
    """Call ``deeprx`` on a PC whose central place is set, as the owner of the database."""
    central_settings.save(central_place, Paths(data_dir).central_file)
    monkeypatch.setenv(VARIABLE, OWNER_PASSWORD)

    def run(*words: object, new: str = "", pin: str = "") -> tuple[int, str, str]:
        for variable, value in ((SECRET_VARIABLE, new), (PIN_VARIABLE, pin)):
            if value:
                monkeypatch.setenv(variable, value)
            else:
                monkeypatch.delenv(variable, raising=False)
        capsys.readouterr()
        code = main([*map(str, words), "--lang", "en"])
        return (code, *capsys.readouterr())

    return run


def fill(call: Call) -> None:
    assert call("central", "people", "add", "Admin", "administrator", new="correct horse")[0] == 0
    assert call("central", "people", "add", "Tanaka", "engineer", new="271828")[0] == 0
    assert call("central", "people", "add", "Sato", "operator", new="4711")[0] == 0


def test_the_story_of_an_administrator(call: Call, data_dir: Path, tmp_path: Path) -> None:
    code, out, _ = call("central", "people", "list")
    assert code == 0
    assert "deeprx central people add NAME administrator" in out
    fill(call)
    assert call("central", "people", "role", "sato", "Engineer")[1].startswith("Sato is Engineer")
    assert call("central", "people", "secret", "Sato", new="987654")[0] == 0
    assert call("central", "people", "retire", "Sato")[0] == 0
    assert call("central", "people", "rules", "--offline-days", "7")[0] == 0
    answer = json.loads(call("central", "people", "list", "--json")[1])
    assert answer["rules"] == {"offline_days": 7.0, "idle_minutes": 15}
    assert {"name": "Sato", "role": "engineer", "retired": True} in answer["people"]
    assert "secret" not in answer["people"][0]
    out = call("central", "audit", "--since", "today")[1]
    for word in ("added a person", "changed a role", "retired a person", "(centre)", "Sato"):
        assert word in out
    table = tmp_path / "audit.csv"
    assert call("central", "audit", "--what", "person", "--csv", table)[0] == 0
    rows = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 1 + 4
    entries = json.loads(call("central", "audit", "--json", "--limit", "2")[1])["entries"]
    assert [entry["what"] for entry in entries] == ["people rules changed", "person retired"]
    assert not list(data_dir.rglob("*4711*"))


@pytest.mark.parametrize(
    ("words", "new", "says"),
    [
        (("add", "Tanaka", "operator"), "4711", "already"),
        (("add", "a\nb", "operator"), "4711", "letters and blanks"),
        (("add", "x" * 61, "operator"), "4711", "at most 60"),
        (("add", "Abe", "king"), "4711", "no role"),
        (("add", "Abe", "engineer"), "4711", "6 to 64"),
        (("add", "Abe", "operator"), "", SECRET_VARIABLE),
        (("role", "Nobody", "operator"), "", "Nobody in the central database"),
        (("retire", "Admin"), "", "only administrator"),
        (("rules", "--offline-days", "4000"), "", "from 0.01 to 366"),
        (("rules", "--offline-days", "nan"), "", "from 0.01 to 366"),
        (("list", "--login", "nobody_here"), "", "does not accept"),
    ],
)
def test_what_cannot_be_done_is_said(
    call: Call, words: tuple[str, ...], new: str, says: str
) -> None:
    fill(call)
    code, _, err = call("central", "people", *words, new=new)
    assert code == 2
    assert says in err
    assert "Traceback" not in err


def test_without_a_central_place_or_away_a_sentence_says_so(
    data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, OWNER_PASSWORD)
    assert main(["central", "people", "list", "--lang", "en"]) == 2
    assert "not connected to a central database" in capsys.readouterr().err
    place = CentralPlace(host="127.0.0.1", user="x", port=1, tls=Tls.OFF)
    central_settings.save(place, Paths(data_dir).central_file)
    assert main(["central", "audit", "--json", "--lang", "en"]) == 2
    told = capsys.readouterr()
    assert json.loads(told.out)["kind"] == "central"
    assert "cannot be reached" in told.err


def test_an_engineers_verb_asks_for_name_and_pin_and_is_in_the_trail(
    call: Call, data_dir: Path, tmp_path: Path
) -> None:
    fill(call)
    store = ProfileStore(Paths(data_dir).profiles)
    exported = store.export(store.save(made_profile("Bracket", id="")).name, tmp_path / "b.deeprx")
    words = ("profiles", "import", exported, "--as-new")
    for more, pin, says in (
        ((), "", "--user NAME"),
        (("--user", "Tanaka"), "", PIN_VARIABLE),
        (("--user", "Tanaka"), "000000", "4 more tries"),
        (("--user", "Nobody"), "271828", "Nobody here is called"),
        (("--user", "Sato"), "4711", "needs an engineer"),
    ):
        code, _, err = call(*words, *more, pin=pin)
        assert code == 2
        assert says in err
    assert len(store.list()) == 1
    assert call(*words, "--user", "tanaka", pin="271828")[0] == 0
    (card,) = (card for card in store.list() if card.name != "Bracket")
    assert "Tanaka" in json.loads(
        call("profiles", "history", card.name, "--json")[1]
    )["history"][0].values()  # fmt: skip
    queue = (data_dir / "audit.jsonl").read_text(encoding="utf-8")
    entries = [json.loads(line) for line in queue.splitlines()]
    assert [(e["what"], e["who"], e["role"]) for e in entries[-2:]] == [
        ("signed in", "Tanaka", "engineer"),
        ("product imported", "Tanaka", "engineer"),
    ]
    assert "271828" not in queue
    assert call("central", "send")[0] == 0
    told = json.loads(call("central", "audit", "--json", "--limit", "9")[1])["entries"]
    assert ("product imported", "Tanaka") in [(e["what"], e["who"]) for e in told]


def test_user_without_people_is_refused(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profiles", "list", "--user", "Sato", "--lang", "en"]) == 2
    assert "No people are known" in capsys.readouterr().err
