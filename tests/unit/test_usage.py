"""What a command says of words that it does not take: one Swedish sentence, and that nothing was done."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestration.cli import main
from orchestration.errors import ExitCode


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("explian", "kommandot explian finns inte; se bistand --help."),
        ("explain", "INDICATOR saknas; se bistand explain --help."),
        ("explain x", "--kommun saknas; se bistand explain --help."),
        ("explain x --kommun", "--kommun behöver ett värde; se bistand --help."),
        ("explain x y --kommun a", "det står fler ord än kommandot tar; se bistand explain --help."),
        ("explain x --kommun a", "Ange --year eller --period, en av dem; se bistand explain --help."),
        ("report --kommun a --year i_fjol", "--year ska vara ett helt tal; se bistand report --help."),
        (
            "run --profile hemlig",
            "--profile ska vara public eller internal eller both; se bistand run --help.",
        ),
        ("run --snabbt", "--snabbt finns inte; se bistand run --help."),
        ("serve --port 99999", "--port ska vara ett helt tal från 1 till 65535; se bistand serve --help."),
    ],
)
def test_wrong_words_are_one_swedish_sentence(
    words: str,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("BISTAND_HOME", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["bistand", *words.split()])
    with pytest.raises(SystemExit) as end:
        main.main()
    assert (end.value.code, capsys.readouterr().err) == (ExitCode.USAGE, f"Fel: {sentence}\n")


def test_a_file_that_cannot_be_written_is_named_before_anything_is_made(tmp_path: Path) -> None:
    from orchestration.cli.figures import _writable
    from orchestration.errors import PlainError

    assert _writable(tmp_path / "bok.xlsx") == tmp_path / "bok.xlsx"
    for wrong in (tmp_path, tmp_path / "saknas" / "bok.xlsx"):
        with pytest.raises(PlainError, match="går inte att skriva; ange med --to en fil"):
            _writable(wrong)
