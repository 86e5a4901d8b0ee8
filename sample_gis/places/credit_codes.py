"""Unified social credit codes (GB 32100-2015) and organisation codes (GB 11714-1997), with checks.

The codes made here are obviously synthetic: the organisation code begins with ``XXXX``, which no registry has
given out.
"""

from __future__ import annotations

from geo.errors import BadInput

# GB 32100-2015, table 1: digits and letters without I, O, S, V, Z; the value is the place in the text.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# GB 32100-2015, 4.6: weight of place i is 3 to the power i - 1, modulo 31.
WEIGHTS = [pow(3, place, 31) for place in range(17)]
# GB 11714-1997: digits and all letters, weights of the eight places of the body.
ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def organisation_check(body: str) -> str:
    """Return the check character of an organisation code.

    Parameters
    ----------
    body : str
        Eight characters.

    Notes
    -----
    GB 11714-1997: C9 = 11 - (sum of value times weight) mod 11; 10 is written X and 11 is written 0.

    Examples
    --------
    >>> organisation_check("D2143569")
    'X'
    """
    total = sum(
        ORGANISATION_ALPHABET.index(letter) * weight
        for letter, weight in zip(body, ORGANISATION_WEIGHTS, strict=True)
    )
    check = 11 - total % 11
    return {10: "X", 11: "0"}.get(check, str(check))


def check_character(body: str) -> str:
    """Return the check character of a unified social credit code.

    Parameters
    ----------
    body : str
        The first seventeen characters.

    Raises
    ------
    BadInput
        Where the body has another length or a character that the standard does not use.

    Notes
    -----
    GB 32100-2015, 4.6: C18 = 31 - (sum of value times weight) mod 31; 31 is written 0.

    Examples
    --------
    >>> check_character("91350100M000100Y4")
    '3'
    """
    if len(body) != 17 or any(letter not in ALPHABET for letter in body):
        raise BadInput(f"{body!r} is no body of a unified social credit code: 17 of {ALPHABET}", body=body)
    total = sum(ALPHABET.index(letter) * weight for letter, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def is_valid(code: str) -> bool:
    """Tell whether a text is a unified social credit code with the right check character.

    Examples
    --------
    >>> is_valid("91350100M000100Y43"), is_valid("91350100M000100Y44")
    (True, False)
    """
    well_formed = len(code) == 18 and all(letter in ALPHABET for letter in code)
    return well_formed and check_character(code[:17]) == code[17]


def synthetic_code(registry: str, division: str, number: int) -> str:
    """Return a synthetic code.

    Parameters
    ----------
    registry : str
        Two characters, who registers and what: ``91`` company, ``92`` sole trader, ``93`` cooperative, ``11``
        authority, ``12`` institution, ``51`` association, ``N2`` village collective.
    division : str
        Six digits.
    number : int
        1 to 9999.

    Examples
    --------
    >>> is_valid(synthetic_code("91", "341504", 1))
    True
    """
    organisation = f"XXXX{number:04d}"
    body = f"{registry}{division}{organisation}{organisation_check(organisation)}"
    return body + check_character(body)
