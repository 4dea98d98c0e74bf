"""Names, towns and things that the generators draw from. Changing a list changes the suites made with it."""

NAMES = (
    "Amara", "Bruno", "Chidi", "Dalia", "Emil", "Farah", "Goran", "Hana", "Ines", "Jonas", "Keiko", "Luca", "Mina",
    "Nils", "Olga", "Petra", "Quentin", "Rosa", "Samir", "Tara", "Umar", "Vera", "Wanda", "Yusuf",
)  # fmt: skip
TOWNS = (
    "Bergen", "Cork", "Dakar", "Esch", "Gdansk", "Hobart", "Izmir", "Jaffna", "Kisumu", "Lima", "Mombasa", "Nantes",
    "Odense", "Perth", "Quito", "Rabat", "Seville", "Tampere", "Utrecht", "Vilnius",
)  # fmt: skip
THINGS = (
    "apples", "books", "candles", "eggs", "lamps", "mugs", "pencils", "shirts", "stamps", "tickets", "bowls", "chairs",
    "forks", "kites", "plates",
)  # fmt: skip
COLOURS = ("red", "blue", "green", "white", "black", "yellow", "orange", "purple")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WORDS = (
    "anchor", "blanket", "copper", "dragon", "ember", "forest", "garden", "harbour", "island", "jacket", "kettle",
    "ladder", "meadow", "needle", "orchard", "pebble", "quarry", "ribbon", "saddle", "thunder", "umbrella", "velvet",
    "window", "yarrow",
)  # fmt: skip
