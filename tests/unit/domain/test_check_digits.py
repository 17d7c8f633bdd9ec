"""Check digits of municipality codes, corporate numbers and My Numbers."""

import pytest

from gateway.domain.codes import (
    corporate_number_check_digit,
    is_corporate_number,
    is_municipality_code,
    is_my_number,
    municipality_check_digit,
    my_number_check_digit,
)


@pytest.mark.parametrize("code", ["", "3100", "310000", "3100a", "３１０００", "-3100", "31 00"])
def test_municipality_check_digit_of_anything_but_five_digits_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="5 ASCII digits"):
        municipality_check_digit(code)


@pytest.mark.parametrize("number", ["", "1234567890", "123456789012a", "１２３４５６７８９０１２"])
def test_corporate_check_digit_of_anything_but_twelve_digits_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="12 ASCII digits"):
        corporate_number_check_digit(number)


@pytest.mark.parametrize("number", ["", "1234567890", "123456789018", "１２３４５６７８９０１"])
def test_my_number_check_digit_of_anything_but_eleven_digits_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="11 ASCII digits"):
        my_number_check_digit(number)


@pytest.mark.parametrize(
    ("code", "digit"),
    [("31000", 0), ("31201", 1), ("38000", 8), ("38203", 5), ("40100", 5), ("44207", 1)],
)
def test_municipality_code_accepts_its_check_digit_and_no_other(code: str, digit: int) -> None:
    accepted = [d for d in range(10) if is_municipality_code(f"{code}{d}")]

    assert digit == municipality_check_digit(code)
    assert [digit] == accepted


@pytest.mark.parametrize(("number", "digit"), [("123456789012", 7), ("000012010038", 8)])
def test_corporate_number_accepts_its_check_digit_and_no_other(number: str, digit: int) -> None:
    accepted = [d for d in range(10) if is_corporate_number(f"{d}{number}")]

    assert digit == corporate_number_check_digit(number)
    assert [digit] == accepted


@pytest.mark.parametrize(
    ("number", "digit"),
    [
        ("12345678901", 8),
        ("00000000000", 0),  # a rest of 0 gives 0, not 11
        ("00000000006", 0),  # a rest of 1 gives 0, not 10
        ("00000000001", 9),  # the place on the right weighs 2
        ("00000100000", 4),  # the sixth place weighs 7
        ("00001000000", 9),  # the seventh place weighs 2 again
        ("10000000000", 5),  # the eleventh place weighs 6
    ],
)
def test_my_number_accepts_its_check_digit_and_no_other(number: str, digit: int) -> None:
    accepted = [d for d in range(10) if is_my_number(f"{number}{d}")]

    assert digit == my_number_check_digit(number)
    assert [digit] == accepted


@pytest.mark.parametrize("text", ["", "12345678901", "1234567890182", "１２３４５６７８９０１８"])
def test_is_my_number_for_another_length_or_script_is_false(text: str) -> None:
    assert not is_my_number(text)
