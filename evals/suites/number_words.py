"""Whole numbers from 0 to 999 in words, in six languages. Several spellings where a language has several."""

from collections.abc import Callable

_DE = (
    "null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf",
    "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn",
)  # fmt: skip
_DE_TENS = ("", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_FR = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze", "treize",
    "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
)  # fmt: skip
_FR_TENS = ("", "", "vingt", "trente", "quarante", "cinquante", "soixante")
_ES = (
    "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece",
    "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno", "veintidós",
    "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve",
)  # fmt: skip
_ES_TENS = ("", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
_ES_HUNDREDS = (
    "", "ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos", "setecientos",
    "ochocientos", "novecientos",
)  # fmt: skip
_IT = (
    "zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici", "dodici",
    "tredici", "quattordici", "quindici", "sedici", "diciassette", "diciotto", "diciannove",
)  # fmt: skip
_IT_TENS = ("", "", "venti", "trenta", "quaranta", "cinquanta", "sessanta", "settanta", "ottanta", "novanta")
_PT = (
    "zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze", "doze", "treze",
    "catorze", "quinze", "dezesseis", "dezessete", "dezoito", "dezenove",
)  # fmt: skip
_PT_TENS = ("", "", "vinte", "trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa")
_PT_HUNDREDS = (
    "", "cento", "duzentos", "trezentos", "quatrocentos", "quinhentos", "seiscentos", "setecentos", "oitocentos",
    "novecentos",
)  # fmt: skip
_NL = (
    "nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf", "dertien",
    "veertien", "vijftien", "zestien", "zeventien", "achttien", "negentien",
)  # fmt: skip
_NL_TENS = ("", "", "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig")


def _german(n: int) -> list[str]:
    if n < 20:
        return [_DE[n]]
    if n < 100:
        tens, one = divmod(n, 10)
        return [(("ein" if one == 1 else _DE[one]) + "und" if one else "") + _DE_TENS[tens]]
    hundreds, rest = divmod(n, 100)
    tail = _german(rest)[0] if rest else ""
    starts = ["einhundert", "hundert"] if hundreds == 1 else [_DE[hundreds] + "hundert"]
    return [start + tail for start in starts]


def _french(n: int) -> list[str]:
    traditional = _french_word(n)
    return list(dict.fromkeys([traditional, traditional.replace(" ", "-")]))


def _french_word(n: int) -> str:
    if n < 20:
        return _FR[n]
    if n < 70:
        tens, one = divmod(n, 10)
        return _FR_TENS[tens] + ("" if not one else " et un" if one == 1 else f"-{_FR[one]}")
    if n < 80:
        return "soixante et onze" if n == 71 else f"soixante-{_FR[n - 60]}"
    if n < 100:
        return "quatre-vingts" if n == 80 else f"quatre-vingt-{_FR[n - 80]}"
    hundreds, rest = divmod(n, 100)
    start = "cent" if hundreds == 1 else f"{_FR[hundreds]} cent{'' if rest else 's'}"
    return f"{start} {_french_word(rest)}" if rest else start


def _spanish(n: int) -> list[str]:
    if n < 30:
        return [_ES[n]]
    if n < 100:
        tens, one = divmod(n, 10)
        return [_ES_TENS[tens] + (f" y {_ES[one]}" if one else "")]
    if n == 100:
        return ["cien"]
    hundreds, rest = divmod(n, 100)
    return [_ES_HUNDREDS[hundreds] + (f" {_spanish(rest)[0]}" if rest else "")]


def _italian(n: int) -> list[str]:
    if n < 20:
        return [_IT[n]]
    if n < 100:
        tens, one = divmod(n, 10)
        word = _IT_TENS[tens][:-1] if one in (1, 8) else _IT_TENS[tens]
        return [word + ("tré" if one == 3 else _IT[one] if one else "")]
    hundreds, rest = divmod(n, 100)
    start = ("" if hundreds == 1 else _IT[hundreds]) + "cento"
    tail = ("tré" if rest == 3 else _italian(rest)[0]) if rest else ""
    shortened = [start[:-1] + tail] if tail.startswith("o") else []
    return [start + tail, *shortened]


def _portuguese(n: int) -> list[str]:
    word = _portuguese_word(n)
    european = word
    for brazilian, other in (("dezesseis", "dezasseis"), ("dezessete", "dezassete"), ("dezenove", "dezanove")):
        european = european.replace(brazilian, other)
    return list(dict.fromkeys([word, european, word.replace("catorze", "quatorze")]))


def _portuguese_word(n: int) -> str:
    if n < 20:
        return _PT[n]
    if n < 100:
        tens, one = divmod(n, 10)
        return _PT_TENS[tens] + (f" e {_PT[one]}" if one else "")
    if n == 100:
        return "cem"
    hundreds, rest = divmod(n, 100)
    return _PT_HUNDREDS[hundreds] + (f" e {_portuguese_word(rest)}" if rest else "")


def _dutch(n: int) -> list[str]:
    if n < 20:
        return list(dict.fromkeys([_NL[n], _NL[n].replace("een", "één")])) if n == 1 else [_NL[n]]
    if n < 100:
        tens, one = divmod(n, 10)
        joint = "ën" if one in (2, 3) else "en"
        return [(_NL[one] + joint if one else "") + _NL_TENS[tens]]
    hundreds, rest = divmod(n, 100)
    start = ("" if hundreds == 1 else _NL[hundreds]) + "honderd"
    if not rest:
        return [start]
    tail = _dutch(rest)[0]
    return [start + tail, f"{start}en{tail}"] if rest < 13 else [start + tail]


_SPOKEN: dict[str, Callable[[int], list[str]]] = {
    "de": _german,
    "fr": _french,
    "es": _spanish,
    "it": _italian,
    "pt": _portuguese,
    "nl": _dutch,
}


def in_words(language: str, n: int) -> list[str]:
    """Every accepted spelling of ``n``, the usual one first. ``language`` is de, fr, es, it, pt or nl; 0 <= n < 1000."""
    if not 0 <= n < 1_000:
        raise ValueError(f"{n} has no words here; the numbers from 0 to 999 have.")
    return _SPOKEN[language](n)
