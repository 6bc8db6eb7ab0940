"""Tables of verdicts as people write them, and those nobody can use."""

from __future__ import annotations

from pathlib import Path

import pytest

from deeprx_gui.domain.agreement import AgreementStudy
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.work.agreement_table import read_study, read_truth, study_of_records
from tests.made_record import made_record

LONG = """part,truth,appraiser,trial,verdict,× limit
001,OK,Sato,2,NG,1.2
001,OK,Sato,1,OK,0.9
002,NG,Sato,1,NG,
002,NG,Sato,2,確認,
"""
WIDE = '部品;正解;佐藤-1;佐藤-2;鈴木 1;鈴木 2\n="001";良品;OK;NG;1;1\n002;不良;NG;確認;0;0\n'


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "study.csv"
    file.write_bytes(text.encode(encoding))
    return file


def said(study: AgreementStudy, part: str, appraiser: str) -> list[Verdict]:
    return [rating.verdict for rating in study.ratings(part, appraiser)]


def test_one_row_for_each_verdict(tmp_path: Path) -> None:
    study = read_study(written(tmp_path, LONG))
    assert study.parts == ("001", "002")
    assert said(study, "001", "Sato") == [Verdict.OK, Verdict.NG]  # in the order of the trials
    assert said(study, "002", "Sato") == [Verdict.NG, Verdict.REVIEW]
    assert study.truth == {"001": False, "002": True}
    assert [r.times for r in study.ratings("001", "Sato")] == [0.9, 1.2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_one_column_for_each_trial_in_the_encodings_of_excel(tmp_path: Path, encoding: str) -> None:
    study = read_study(written(tmp_path, WIDE, encoding))
    assert study.appraisers == ("佐藤", "鈴木")
    assert study.parts == ("001", "002")
    assert said(study, "001", "佐藤") == [Verdict.OK, Verdict.NG]
    assert said(study, "002", "鈴木") == [Verdict.NG, Verdict.NG]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("part,verdict\n", "empty"),
        ("name,verdict\n1,OK\n", "no column “part”"),
        ("part,truth\n1,OK\n", "no verdicts"),
        ("part,verdict\n1,OK\n,OK\n", "Line 3: the part is missing"),
        ("part,verdict\n1,maybe\n", "Line 2: “maybe” is no verdict"),
        ("part,verdict\n1\n", "Line 2: a verdict is missing"),
        ("part,A-1,A-2\n1,OK,\n", "Line 2: a verdict is missing"),
        ("part,verdict,verdict\n1,OK,OK\n", "Two columns are called “verdict”"),
        ("part,verdict,trial\n1,OK,first\n", "Line 2: the trial is no number"),
        ("part,verdict\n1,OK,OK\n", "Line 2 has more cells"),
        ("part,truth,verdict\n1,OK,OK\n1,NG,OK\n", "Line 3: part “1” is good and bad"),
        ('part,verdict\n"1,OK\n' + "x" * 200_000, "no line of a table"),
    ],
)
def test_a_wrong_table_is_a_sentence_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        read_study(written(tmp_path, text))


def test_files_that_are_no_table(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is not a file"):
        read_study(tmp_path)
    with pytest.raises(RequestError, match="is not a file"):
        read_study(tmp_path / "missing.csv")
    (tmp_path / "p.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff\xff")
    with pytest.raises(RequestError, match="is no text"):
        read_study(tmp_path / "p.png")
    with pytest.raises(RequestError, match="no column “truth”"):
        read_truth(written(tmp_path, "part,verdict\n1,OK\n"))


def test_remembered_verdicts_of_a_station_and_of_the_person_who_decided() -> None:
    records = [
        made_record(
            n,
            verdict,
            serial=serial,
            station="Line 1",
            decision=Decision.OK,
            decided_by="Sato",
        )
        for n, (serial, verdict) in enumerate(
            [("A", Verdict.OK), ("B", Verdict.NG), ("A", Verdict.OK), ("B", Verdict.REVIEW)], 1
        )
    ]
    study = study_of_records([*records, made_record(9)], {"A": False, "B": True, "C": True})
    assert study.appraisers == ("Line 1", "Sato")
    line, sato = study.figures
    assert (line.right.count, sato.right.count) == (2, 1)
    assert sato.missed.count == 2
    # who decided about some of the parts only cannot be compared
    some = [*records[:3], made_record(4, Verdict.NG, serial="B", station="Line 1")]
    assert study_of_records(some, {"A": False, "B": True}).appraisers == ("Line 1",)


def test_without_a_table_the_decisions_of_people_are_the_truth() -> None:
    def judged(n: int, serial: str, decision: Decision | None) -> Record:
        return made_record(
            n, Verdict.NG, serial=serial, station="Line 1", decision=decision, decided_by="Sato"
        )

    records = [judged(1, "A", Decision.OK), judged(2, "B", Decision.NG)]
    records += [judged(3, "A", None), judged(4, "B", None)]
    study = study_of_records(records)
    assert study.appraisers == ("Line 1",)
    assert study.truth == {"A": False, "B": True}
    assert study.figures[0].false_alarms.count == 2
    with pytest.raises(RequestError, match="“A” was decided OK once and NG another time"):
        study_of_records([*records, judged(5, "A", Decision.NG)])


@pytest.mark.parametrize(
    ("truth", "words"), [(None, "serial number"), ({"X": True}, "of the truth")]
)
def test_verdicts_without_serial_numbers(truth: dict[str, bool] | None, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        study_of_records([made_record(1)], truth)
