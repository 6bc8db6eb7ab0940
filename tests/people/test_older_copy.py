"""What who writes the data folder alone cannot do: put back an older copy, forget the people."""

from __future__ import annotations

import shutil
from pathlib import Path

from deeprx_gui.domain.people import Role
from tests.people.conftest import ENGINEER, OPERATOR, SECRETS, Open, everybody
from tests.people.test_signing_in import refused, sign_in


class Vault:
    """The credential store, which who writes the data folder need not reach."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}

    def read(self, of: str) -> int:
        return self.kept.get(of, 0)

    def write(self, of: str, edition: int) -> None:
        self.kept[of] = edition


def test_an_older_copy_put_back_lets_nobody_in(open_people: Open, tmp_path: Path) -> None:
    vault = Vault()
    here = open_people(mark=vault)
    people = everybody()
    here.hear(people)
    here.hear(people)  # nothing new: the same edition
    file = tmp_path / "データ" / "people.json"
    older = file.read_bytes()
    assert max(vault.kept.values()) == 1
    sign_in(open_people(mark=vault), ENGINEER, Role.ENGINEER)
    here.hear(everybody(ENGINEER))
    assert max(vault.kept.values()) == 2
    file.write_bytes(older)
    again = open_people(mark=vault)
    assert "older one" in refused(again, ENGINEER, SECRETS[ENGINEER], Role.ENGINEER)
    assert "older one" in refused(again, OPERATOR, SECRETS[OPERATOR])
    again.hear(everybody(ENGINEER))  # the centre answers
    sign_in(again, OPERATOR)
    assert max(vault.kept.values()) == 3


def test_that_people_were_heard_of_is_known_where_the_data_folder_was_emptied(
    open_people: Open, tmp_path: Path
) -> None:
    vault = Vault()
    open_people(mark=vault).hear(everybody())
    shutil.rmtree(tmp_path / "データ")
    assert not open_people().active, "without a second place nothing is left that says so"
    again = open_people(mark=vault)
    assert again.active
    assert "not heard yet" in refused(again, ENGINEER, SECRETS[ENGINEER], Role.ENGINEER)
