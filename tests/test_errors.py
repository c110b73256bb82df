"""What the log holds of an error: where it came from, and nothing it says."""

import json
from pathlib import Path

import pytest

from medgan_viewer import settings
from medgan_viewer.errors import ReadError, described


def _raised(action: object) -> BaseException:
    assert callable(action)
    with pytest.raises(Exception) as caught:
        action()
    return caught.value


def test_an_error_is_named_by_its_type_and_the_place_it_came_from() -> None:
    def fail() -> None:
        raise ValueError("Doe^Jane")

    text = described(_raised(fail))
    line = fail.__code__.co_firstlineno + 1
    assert text == f"ValueError at tests.test_errors:{line} in fail"


def test_causes_are_named_with_places_in_this_package_and_without_paths(tmp_path: Path) -> None:
    path = tmp_path / "Doe^Jane.json"
    path.write_text("{")
    text = described(_raised(lambda: settings.load(path)))
    own, cause = text.split("; after ")
    assert own.startswith("ReadError at medgan_viewer.settings:")
    assert cause.startswith(f"{json.JSONDecodeError.__name__} at json.decoder:")
    assert ", medgan_viewer.settings:" in cause
    assert "Doe" not in text
    assert str(tmp_path) not in text


def test_the_number_of_a_system_error_is_kept(tmp_path: Path) -> None:
    text = described(_raised((tmp_path / "Doe^Jane").read_bytes))
    assert text.startswith("FileNotFoundError 2 at pathlib")
    assert "Doe" not in text


def test_an_error_that_was_never_raised_is_its_type() -> None:
    assert described(ReadError("Doe^Jane.dcm", "It is cut off.")) == "ReadError"


def test_a_hidden_context_is_left_out_and_an_endless_one_is_cut() -> None:
    error = ValueError()
    error.__context__ = KeyError()
    assert described(error) == "ValueError; after KeyError"
    error.__suppress_context__ = True
    assert described(error) == "ValueError"
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert described(first).count("ValueError") == 3
