"""``languages-v1``: small questions asked in German, French, Spanish, Italian and Portuguese."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from evals.suites.base import BuiltSuite, Item, items_of

SEED = 20261109
NAMES = ("Anna", "Bruno", "Clara", "David", "Emma", "Lucas", "Maria", "Oscar", "Paula", "Victor")


@dataclass(frozen=True, slots=True)
class Language:
    """Sentences of one language, with {holes}, and its words for numbers one to twelve and for the days."""

    code: str
    sum: str
    story: str
    who: str
    word: str
    day: str
    numbers: tuple[str, ...]
    days: tuple[str, ...]


LANGUAGES = (
    Language(
        "de",
        "Wie viel ist {a} plus {b}? Antworte nur mit der Zahl.",
        "{name} hat {a} Bücher und verschenkt {b} davon. Wie viele Bücher hat {name} noch? Antworte nur mit der Zahl.",
        "{name} ging ins Kino, {other} blieb zu Hause. Wer ging ins Kino? Antworte nur mit dem Namen.",
        "Schreibe die Zahl {n} auf Deutsch als Wort. Antworte nur mit dem Wort.",
        "Heute ist {day}. Welcher Tag ist morgen? Antworte nur mit dem Tag.",
        ("eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"),
        ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    ),
    Language(
        "fr",
        "Combien font {a} plus {b} ? Réponds seulement par le nombre.",
        "{name} a {a} livres et en donne {b}. Combien de livres reste-t-il à {name} ? Réponds seulement par le nombre.",
        "{name} est allé au cinéma, {other} est resté à la maison. Qui est allé au cinéma ? Réponds par le prénom seul.",
        "Écris le nombre {n} en lettres, en français. Réponds seulement par le mot.",
        "Aujourd'hui, c'est {day}. Quel jour serons-nous demain ? Réponds seulement par le jour.",
        ("un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"),
        ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    ),
    Language(
        "es",
        "¿Cuánto es {a} más {b}? Responde solo con el número.",
        "{name} tiene {a} libros y regala {b}. ¿Cuántos libros le quedan a {name}? Responde solo con el número.",
        "{name} fue al cine y {other} se quedó en casa. ¿Quién fue al cine? Responde solo con el nombre.",
        "Escribe el número {n} con letras, en español. Responde solo con la palabra.",
        "Hoy es {day}. ¿Qué día es mañana? Responde solo con el día.",
        ("uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce"),
        ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    ),
    Language(
        "it",
        "Quanto fa {a} più {b}? Rispondi solo con il numero.",
        "{name} ha {a} libri e ne regala {b}. Quanti libri restano a {name}? Rispondi solo con il numero.",
        "{name} è andato al cinema, {other} è rimasto a casa. Chi è andato al cinema? Rispondi solo con il nome.",
        "Scrivi il numero {n} in lettere, in italiano. Rispondi solo con la parola.",
        "Oggi è {day}. Che giorno è domani? Rispondi solo con il giorno.",
        ("uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "undici", "dodici"),
        ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
    ),
    Language(
        "pt",
        "Quanto é {a} mais {b}? Responde só com o número.",
        "{name} tem {a} livros e oferece {b}. Com quantos livros fica {name}? Responde só com o número.",
        "{name} foi ao cinema e {other} ficou em casa. Quem foi ao cinema? Responde só com o nome.",
        "Escreve o número {n} por extenso, em português. Responde só com a palavra.",
        "Hoje é {day}. Que dia é amanhã? Responde só com o dia.",
        ("um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez", "onze", "doze"),
        ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"),
    ),
)


def build() -> BuiltSuite:
    """The suite, the same every time."""
    rng = random.Random(SEED)
    return BuiltSuite(
        slug="languages-v1",
        name="Five languages, version 1",
        description="Sums, stories, who did what, number words and weekdays in five languages, scored in each.",
        max_output_tokens=256,
        items=items_of(*(_questions(language, rng) for language in LANGUAGES)),
    )


def _questions(language: Language, rng: random.Random) -> Iterator[Item]:
    def item(key: str, prompt: str, target: object, scorer: str) -> Item:
        return Item(key=f"{language.code}-{key}", category=language.code, prompt=prompt, target=target, scorer=scorer)

    for n in range(4):
        a, b = (rng.randint(2, 9), rng.randint(2, 9)) if n < 2 else (rng.randint(120, 890), rng.randint(120, 890))
        yield item(f"sum-{n}", language.sum.format(a=a, b=b), str(a + b), "numeric")
    for n in range(3):
        a, b = rng.randint(20, 60), rng.randint(3, 15)
        story = language.story.format(name=rng.choice(NAMES), a=a, b=b)
        yield item(f"story-{n}", story, str(a - b), "numeric")
    for n in range(3):
        name, other = rng.sample(NAMES, 2)
        mention = {"contains": [name], "contains_none": [other], "max_words": 20}
        yield item(f"who-{n}", language.who.format(name=name, other=other), mention, "constraints")
    for n, number in enumerate(rng.sample(range(1, 13), 3)):
        yield item(f"word-{n}", language.word.format(n=number), language.numbers[number - 1], "exact")
    for n, day in enumerate(rng.sample(range(7), 2)):
        asked = language.day.format(day=language.days[day])
        yield item(f"day-{n}", asked, language.days[(day + 1) % 7], "exact")
