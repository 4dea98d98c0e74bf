"""``multilingual-v1``: the same kinds of question asked in German, French, Spanish, Italian, Portuguese and Dutch.

Levels: 1 a sum; 2 who did what; 3 the weekday some days on, and a number in words to be written in digits; 4 a story
whose numbers are words; 5 a number to be written in words. The whole conversation is in the language.
"""

from dataclasses import dataclass

from evals.suites.base import BuiltSuite, Item, draw
from evals.suites.dice import Dice
from evals.suites.number_words import in_words

SLUG = "multilingual-v1"
SEED = 1
PER_LEVEL = 18  # three in each language
NAMES = ("Anna", "Bruno", "Clara", "David", "Emma", "Hugo", "Julia", "Martin", "Paula", "Victor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Sentences with {holes}, and the days from Monday on."""

    code: str
    sum: str
    who: str
    day: str
    digits: str
    story: str
    spell: str
    days: tuple[str, ...]


LANGUAGES = (
    Language(
        code="de",
        sum="Wie viel ist {a} plus {b}? Antworte nur mit der Zahl.",
        who="{a} gibt {b} ein Buch. {b} liest es und schenkt es dann {c}. Wer hat das Buch jetzt? Antworte nur mit dem Namen.",
        day="Heute ist {day}. Welcher Wochentag ist in {n} Tagen? Antworte nur mit dem Tag.",
        digits="Schreibe diese Zahl in Ziffern: {word}. Antworte nur mit der Zahl.",
        story="{a} hat {x} Äpfel und verkauft {y} davon. Danach bekommt {a} noch {z} Äpfel geschenkt. Wie viele Äpfel hat {a} "
        "jetzt? Antworte nur mit der Zahl in Ziffern.",
        spell="Schreibe die Zahl {n} auf Deutsch in Worten. Antworte nur mit dem Zahlwort.",
        days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    ),
    Language(
        code="fr",
        sum="Combien font {a} plus {b} ? Réponds seulement par le nombre.",
        who="{a} donne un livre à {b}. {b} le lit, puis l'offre à {c}. Qui a le livre maintenant ? Réponds seulement par le "
        "prénom.",
        day="Aujourd'hui, c'est {day}. Quel jour de la semaine serons-nous dans {n} jours ? Réponds seulement par le jour.",
        digits="Écris ce nombre en chiffres : {word}. Réponds seulement par le nombre.",
        story="{a} a {x} pommes et en vend {y}. Ensuite, {a} en reçoit encore {z} en cadeau. Combien de pommes a {a} "
        "maintenant ? Réponds seulement par le nombre en chiffres.",
        spell="Écris le nombre {n} en toutes lettres, en français de France. Réponds seulement par le nombre en lettres.",
        days=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    ),
    Language(
        code="es",
        sum="¿Cuánto es {a} más {b}? Responde solo con el número.",
        who="{a} le da un libro a {b}. {b} lo lee y después se lo regala a {c}. ¿Quién tiene el libro ahora? Responde solo con "
        "el nombre.",
        day="Hoy es {day}. ¿Qué día de la semana será dentro de {n} días? Responde solo con el día.",
        digits="Escribe este número en cifras: {word}. Responde solo con el número.",
        story="{a} vende {y} manzanas de un total de {x}. Después recibe {z} manzanas de regalo. ¿Cuántas manzanas tiene {a} "
        "ahora? Responde solo con el número en cifras.",
        spell="Escribe el número {n} con palabras, en español. Responde solo con el número en palabras.",
        days=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    ),
    Language(
        code="it",
        sum="Quanto fa {a} più {b}? Rispondi solo con il numero.",
        who="{a} dà un libro a {b}. {b} lo legge e poi lo regala a {c}. Chi ha il libro adesso? Rispondi solo con il nome.",
        day="Oggi è {day}. Che giorno della settimana sarà tra {n} giorni? Rispondi solo con il giorno.",
        digits="Scrivi questo numero in cifre: {word}. Rispondi solo con il numero.",
        story="{a} ha {x} mele e ne vende {y}. Poi ne riceve in regalo altre {z}. Quante mele ha {a} adesso? Rispondi solo con "
        "il numero in cifre.",
        spell="Scrivi il numero {n} in lettere, in italiano. Rispondi solo con il numero in lettere.",
        days=("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
    ),
    Language(
        code="pt",
        sum="Quanto é {a} mais {b}? Responda só com o número.",
        who="{a} dá um livro a {b}. {b} lê o livro e depois oferece-o a {c}. Quem tem o livro agora? Responda só com o nome.",
        day="Hoje é {day}. Que dia da semana será daqui a {n} dias? Responda só com o dia.",
        digits="Escreva este número em algarismos: {word}. Responda só com o número.",
        story="{a} vende {y} maçãs de um total de {x}. Depois recebe {z} maçãs de presente. Quantas maçãs tem {a} agora? "
        "Responda só com o número em algarismos.",
        spell="Escreva o número {n} por extenso, em português. Responda só com o número por extenso.",
        days=(
            "segunda-feira",
            "terça-feira",
            "quarta-feira",
            "quinta-feira",
            "sexta-feira",
            "sábado",
            "domingo",
        ),
    ),
    Language(
        code="nl",
        sum="Hoeveel is {a} plus {b}? Antwoord alleen met het getal.",
        who="{a} geeft een boek aan {b}. {b} leest het en geeft het daarna aan {c}. Wie heeft het boek nu? Antwoord alleen met "
        "de naam.",
        day="Vandaag is het {day}. Welke dag van de week is het over {n} dagen? Antwoord alleen met de dag.",
        digits="Schrijf dit getal in cijfers: {word}. Antwoord alleen met het getal.",
        story="{a} heeft {x} appels en verkoopt er {y}. Daarna krijgt {a} er nog {z} cadeau. Hoeveel appels heeft {a} nu? "
        "Antwoord alleen met het getal in cijfers.",
        spell="Schrijf het getal {n} in woorden, in het Nederlands. Antwoord alleen met het getal in woorden.",
        days=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    ),
)


def build(*, seed: int = SEED) -> BuiltSuite:
    """The suite: 90 items, the same every time for one seed."""
    return BuiltSuite(
        slug=SLUG,
        name="Six languages, version 1",
        description=(
            "90 questions in German, French, Spanish, Italian, Portuguese and Dutch, in five levels: sums, who did what, "
            "weekdays, and numbers in words. Generated with a fixed seed."
        ),
        max_output_tokens=400,
        items=draw(slug=SLUG, seed=seed, levels=range(1, 6), per_level=PER_LEVEL, make=_item),
    )


def _item(level: int, n: int, dice: Dice) -> Item:
    language = LANGUAGES[n % len(LANGUAGES)]
    prompt, target, scorer, among = _question(level, n // len(LANGUAGES), language, dice)
    return Item(
        key=f"level{level}-{n:02}",
        category=f"{language.code}/{level}",
        prompt=prompt,
        target=target,
        scorer=scorer,
        scorer_options={"among": among} if among else {},
    )


def _question(level: int, n: int, language: Language, dice: Dice) -> tuple[str, str | list[str], str, list[str]]:
    if level == 1:
        low, high = ((2, 9), (11, 79), (110, 480))[n]
        a, b = dice.between(low, high), dice.between(low, high)
        return language.sum.format(a=a, b=b), str(a + b), "numeric", []
    if level == 2:
        names = dice.some(NAMES, 3)
        return language.who.format(a=names[0], b=names[1], c=names[2]), names[2], "exact", names
    if level == 3 and n == 0:
        start, steps = dice.below(7), dice.between(2, 25)
        day = language.days[(start + steps) % 7]
        return language.day.format(day=language.days[start], n=steps), day, "exact", list(language.days)
    if level == 3:
        number = dice.between(21, 99) if n == 1 else dice.between(121, 999)
        return language.digits.format(word=in_words(language.code, number)[0]), str(number), "numeric", []
    if level == 4:
        # No number ends in one or two: before a noun they change with its gender in some of these languages.
        x, y = dice.between(5, 9) * 10 + dice.between(3, 9), dice.between(2, 4) * 10 + dice.between(3, 9)
        z = dice.between(4, 19)
        words = {key: in_words(language.code, number)[0] for key, number in (("x", x), ("y", y), ("z", z))}
        return language.story.format(a=dice.pick(NAMES), **words), str(x - y + z), "numeric", []
    low, high = ((21, 69), (70, 99), (101, 999))[n]
    spelled = dice.between(low, high)
    return language.spell.format(n=spelled), in_words(language.code, spelled), "exact", []
