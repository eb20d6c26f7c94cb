"""People of the catalog with large heads and eyes, as in drawings: two lines each."""

from .person import person

# Name | caption | kind | age, height (cm), weight | skin, hair, style; then top | bottom | shoes, each with
# its colour and its texture, if it has one.
DRAWN = (
    person(
        "Mona | a cartoon woman in pink | woman | 25 158 0.9 | pale pink pigtails",
        "dress magenta dots | mini white | boots white",
        is_cartoon=True,
    ),
    person(
        "Nico | a cartoon boy in blue | boy | 9 126 0.98 | tan brown quiff",
        "hoodie sky | shorts orange | sneakers white",
        is_cartoon=True,
    ),
    person(
        "Otto | a round cartoon man | man | 50 164 1.35 | light red crown",
        "sweater green wide-stripes | trousers brown | plain black",
        is_cartoon=True, beard="moustache",
    ),
    person(
        "Pia | a cartoon girl with green hair | girl | 8 120 0.96 | light green bob",
        "tshirt yellow | skirt purple | boots purple",
        is_cartoon=True,
    ),
    person(
        "Remy | a cartoon cook | man | 38 172 1.1 | light red curly",
        "polo white | trousers red checks | sneakers yellow",
        is_cartoon=True, hat="beanie", hat_color="white", beard="moustache",
    ),
    person(
        "Stella | a cartoon explorer | woman | 33 165 0.96 | brown dark ponytail",
        "shirt khaki | shorts olive | boots brown",
        is_cartoon=True, hat="fedora", hat_color="camel",
    ),
    person(
        "Theo | a cartoon skater | man | 20 174 0.86 | dark black dreads",
        "tank lime | wide purple | sneakers red",
        is_cartoon=True, hat="cap", hat_color="charcoal", glasses="sun",
    ),
)  # fmt: skip
