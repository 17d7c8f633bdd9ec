"""
Check digits of the numbers that Japanese public life runs on.

* A matching check digit is a hint and never a proof: a driving licence has twelve digits
  too, and about one in eleven passes the check of a My Number by chance.
* Only ASCII digits are understood here; whoever reads free text folds it first.
"""

__all__ = [
    "corporate_number_check_digit",
    "is_corporate_number",
    "is_municipality_code",
    "is_my_number",
    "municipality_check_digit",
    "my_number_check_digit",
]

_MUNICIPALITY_WEIGHTS = (6, 5, 4, 3, 2)
_MUNICIPALITY_DIGITS = 5
_CORPORATE_DIGITS = 12
_MY_NUMBER_DIGITS = 11
_MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def municipality_check_digit(code: str) -> int:
    """
    Return the check digit of a five-digit 全国地方公共団体コード.

    Raises:
        ValueError: ``code`` is not five ASCII digits.

    Source:
        Ministry of Internal Affairs, 全国地方公共団体コード仕様 (weights 6 to 2, modulus 11).
    """
    digits = _digits(code, _MUNICIPALITY_DIGITS)
    total = sum(d * w for d, w in zip(digits, _MUNICIPALITY_WEIGHTS, strict=True))
    return (11 - total % 11) % 10


def is_municipality_code(code: str) -> bool:
    """Whether ``code`` is six ASCII digits whose last is the check digit of the others."""
    return _is_plain(code, _MUNICIPALITY_DIGITS + 1) and (
        municipality_check_digit(code[:-1]) == int(code[-1])
    )


def corporate_number_check_digit(number: str) -> int:
    """
    Return the check digit that stands before a twelve-digit corporate number (法人番号).

    The modulus applies to the whole sum; the bracket printed in the order says otherwise.

    Raises:
        ValueError: ``number`` is not twelve ASCII digits.

    Source:
        法人番号の指定等に関する省令 2条.
    """
    from_right = reversed(_digits(number, _CORPORATE_DIGITS))
    total = sum(d * (1 + place % 2) for place, d in enumerate(from_right))
    return 9 - total % 9


def is_corporate_number(number: str) -> bool:
    """Whether ``number`` is thirteen ASCII digits whose first is the check digit."""
    return _is_plain(number, _CORPORATE_DIGITS + 1) and (
        corporate_number_check_digit(number[1:]) == int(number[0])
    )


def my_number_check_digit(number: str) -> int:
    """
    Return the check digit of the first eleven digits of a My Number (個人番号).

    Raises:
        ValueError: ``number`` is not eleven ASCII digits.

    Source:
        平成26年総務省令85号 5条 (weights by place from the right: 2 to 7, then 2 to 6).
    """
    digits = _digits(number, _MY_NUMBER_DIGITS)
    rest = sum(d * w for d, w in zip(digits, _MY_NUMBER_WEIGHTS, strict=True)) % 11
    return 0 if rest <= 1 else 11 - rest


def is_my_number(number: str) -> bool:
    """Whether ``number`` is twelve ASCII digits whose last is a My Number's check digit."""
    return _is_plain(number, _MY_NUMBER_DIGITS + 1) and (
        my_number_check_digit(number[:-1]) == int(number[-1])
    )


def _is_plain(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def _digits(text: str, length: int) -> tuple[int, ...]:
    if not _is_plain(text, length):
        raise ValueError(f"expected {length} ASCII digits")
    return tuple(map(int, text))
