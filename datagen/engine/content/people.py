"""The people of the catalog, two lines each: who they are, what their heads are like, and what they wear."""

from dataclasses import dataclass

from .cuts import Outfit
from .meshes import Rgb
from .unreal_space import Number

SKIN: dict[str, Rgb] = {
    "pale": (0.97, 0.82, 0.74), "light": (0.92, 0.72, 0.60), "tan": (0.84, 0.62, 0.47),
    "olive": (0.76, 0.56, 0.42), "brown": (0.62, 0.43, 0.31), "dark": (0.53, 0.36, 0.26),
    "deep": (0.42, 0.29, 0.22),
}  # fmt: skip
HAIR: dict[str, Rgb] = {
    "black": (0.09, 0.08, 0.08), "dark": (0.20, 0.13, 0.09), "brown": (0.36, 0.22, 0.13),
    "auburn": (0.42, 0.18, 0.10), "red": (0.66, 0.28, 0.12), "blond": (0.82, 0.64, 0.36),
    "sand": (0.62, 0.48, 0.31), "grey": (0.58, 0.57, 0.56), "white": (0.88, 0.87, 0.85),
    "pink": (0.92, 0.45, 0.62), "blue": (0.22, 0.38, 0.72), "green": (0.25, 0.58, 0.35),
}  # fmt: skip
COLOR: dict[str, Rgb] = {
    "white": (0.94, 0.94, 0.92), "cream": (0.92, 0.86, 0.72), "grey": (0.58, 0.59, 0.61),
    "charcoal": (0.25, 0.26, 0.28), "black": (0.12, 0.12, 0.13), "navy": (0.15, 0.20, 0.36),
    "blue": (0.22, 0.42, 0.76), "sky": (0.55, 0.76, 0.92), "teal": (0.14, 0.54, 0.54),
    "green": (0.22, 0.55, 0.30), "olive": (0.45, 0.46, 0.28), "lime": (0.65, 0.82, 0.28),
    "yellow": (0.96, 0.80, 0.24), "mustard": (0.82, 0.62, 0.18), "orange": (0.93, 0.50, 0.16),
    "red": (0.80, 0.18, 0.17), "wine": (0.48, 0.12, 0.20), "pink": (0.94, 0.60, 0.70),
    "magenta": (0.78, 0.22, 0.52), "purple": (0.46, 0.28, 0.62), "lilac": (0.74, 0.64, 0.86),
    "brown": (0.42, 0.28, 0.19), "camel": (0.76, 0.58, 0.38), "khaki": (0.70, 0.63, 0.47),
    "denim": (0.24, 0.36, 0.58), "pale-denim": (0.50, 0.63, 0.80),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person of the catalog: ``kind`` is woman, man, girl or boy; ``weight`` 1 is usual."""

    name: str
    caption: str
    kind: str
    age: Number
    height_cm: Number
    weight: Number
    skin: str
    hair: str
    style: str
    outfit: Outfit
    beard: str = ""
    glasses: str = ""
    hat: str = ""
    hat_color: Rgb = (0.2, 0.2, 0.25)
    iris: Rgb = (0.25, 0.16, 0.10)
    lips: Rgb | None = None
    nose: Number = 1.0
    is_cartoon: bool = False


def _person(person: str, clothes: str, **more: object) -> Person:
    """A person of two lines of the table: columns are separated by bars."""
    who, caption, kind, body, head = person.split(" | ")
    top, bottom, shoes = clothes.split(" | ")
    age, height, weight = body.split()
    skin, hair, style = head.split()
    top_cut, top_color, *top_texture = top.split()
    bottom_cut, bottom_color, *bottom_texture = bottom.split()
    shoe, shoe_color = shoes.split()
    details = {key: COLOR[str(value)] if "color" in key else value for key, value in more.items()}
    of_outfit = {key: details.pop(key) for key in ("inner_color", "tie_color") if key in details}
    default_bottom = {"jeans": "denim", "leggings": "smooth"}.get(bottom_cut, "fabric")
    outfit = Outfit(
        top=top_cut,
        top_color=COLOR[top_color],
        top_texture=top_texture[0] if top_texture else "fabric",
        bottom=bottom_cut,
        bottom_color=COLOR[bottom_color],
        bottom_texture=bottom_texture[0] if bottom_texture else default_bottom,
        shoes=shoe,
        shoes_color=COLOR[shoe_color],
        **of_outfit,  # type: ignore[arg-type]
    )
    return Person(
        name=who,
        caption=caption,
        kind=kind,
        age=float(age),
        height_cm=float(height),
        weight=float(weight),
        skin=skin,
        hair=hair,
        style=style,
        outfit=outfit,
        **details,  # type: ignore[arg-type]
    )


# Name | caption | kind | age, height (cm), weight | skin, hair, style; then top | bottom | shoes, each with
# its colour and its texture, if it has one.
PEOPLE = (
    _person(
        "Chiara | a woman in a red coat | woman | 34 169 0.96 | olive dark wavy",
        "coat red | trousers black | boots black",
    ),
    _person(
        "Dmitri | a man in a grey suit | man | 45 181 1.05 | light brown side",
        "blazer grey pinstripes | trousers grey pinstripes | plain black",
        tie_color="wine",
    ),
    _person(
        "Elena | a woman in a flowered dress | woman | 27 165 0.95 | tan brown long",
        "dress sky flowers | mini white | plain camel",
    ),
    _person(
        "Farid | a man in a hoodie | man | 24 176 0.95 | brown black curly",
        "hoodie charcoal | jeans denim | sneakers white",
        beard="stubble",
    ),
    _person(
        "Greta | an old woman in a cardigan | woman | 74 158 1.05 | pale white bun",
        "cardigan lilac knit | long-skirt charcoal | plain black",
        glasses="gold", inner_color="cream",
    ),
    _person(
        "Hugo | an old man with a hat | man | 71 172 1.06 | light white crown",
        "sweater olive knit | trousers brown | plain brown",
        hat="fedora", hat_color="brown", beard="moustache",
    ),
    _person(
        "Ines | a girl in a yellow dress | girl | 8 128 0.97 | tan dark pigtails",
        "dress yellow dots | mini white | sneakers white",
    ),
    _person(
        "Jonas | a boy in a striped T-shirt | boy | 9 134 0.98 | light blond bowl",
        "tshirt blue wide-stripes | shorts khaki | sneakers red",
    ),
    _person(
        "Keiko | a woman in a black turtleneck | woman | 31 160 0.9 | light black bangs",
        "turtleneck black ribs | wide camel | plain black",
    ),
    _person(
        "Lamar | a tall man in a basketball shirt | man | 26 196 1.02 | dark black buzz",
        "tank orange | shorts orange | sneakers white",
    ),
    _person(
        "Maya | a woman with an afro | woman | 29 171 0.97 | dark black afro",
        "tshirt white | jeans denim | sneakers yellow",
        lips=(0.55, 0.18, 0.2),
    ),
    _person(
        "Nils | a man in a plaid shirt | man | 38 187 1.04 | pale red short",
        "shirt red plaid | jeans denim | boots brown",
        beard="full", iris=(0.25, 0.4, 0.55),
    ),
    _person(
        "Olga | a woman in a camel coat | woman | 52 167 1.16 | pale blond bob",
        "coat camel | trousers wine | boots wine",
        lips=(0.72, 0.2, 0.22),
    ),
    _person(
        "Pedro | a heavy man in a polo shirt | man | 48 174 1.30 | tan black slick",
        "polo teal | trousers khaki | plain brown",
        beard="moustache",
    ),
    _person(
        "Qiang | a man in a blue jacket | man | 33 173 0.98 | light black quiff",
        "jacket blue | trousers charcoal | sneakers black",
    ),
    _person(
        "Rosa | a woman in a cream shirt | woman | 41 163 1.12 | olive dark ponytail",
        "shirt cream | jeans pale-denim | sneakers teal",
    ),
    _person(
        "Sven | a man in running clothes | man | 30 184 0.95 | pale blond short",
        "tshirt lime | shorts black | sneakers orange",
    ),
    _person(
        "Tara | a woman in sports clothes | woman | 25 170 0.92 | brown black ponytail",
        "tank magenta | leggings black | sneakers magenta",
    ),
    _person(
        "Umar | a man in a long white robe | man | 42 178 1.02 | brown black buzz",
        "gown white | trousers white | plain brown",
        beard="full",
    ),
    _person(
        "Vera | a woman in a green gown | woman | 36 174 0.94 | light red wavy",
        "gown green | mini white | plain green",
        lips=(0.7, 0.22, 0.22),
    ),
    _person(
        "Wei | a girl in a pink sweater | girl | 6 115 0.98 | light black bangs",
        "sweater pink knit | leggings grey | boots pink",
    ),
    _person(
        "Xavier | a man with dreadlocks | man | 28 180 0.96 | dark black dreads",
        "tshirt green | wide cream | sneakers white",
        beard="goatee",
    ),
    _person(
        "Yara | a woman in a headscarf | woman | 30 164 1.0 | olive dark bald",
        "gown navy | wide navy | plain black",
        hat="scarf", hat_color="teal",
    ),
    _person(
        "Zoe | a woman with blue hair | woman | 22 162 0.93 | pale blue bob",
        "hoodie lilac | mini black | boots black",
        glasses="black",
    ),
    _person(
        "Amir | a man in a leather jacket | man | 35 179 1.0 | tan black slick",
        "jacket black leather | jeans charcoal | boots black",
        glasses="sun", beard="stubble",
    ),
    _person(
        "Bea | a woman in a raincoat | woman | 39 168 1.02 | light sand bob",
        "coat yellow | leggings navy | boots olive",
    ),
    _person(
        "Carl | a builder with a helmet | man | 44 182 1.14 | light brown short",
        "jacket orange | jeans olive | boots camel",
        hat="helmet", hat_color="yellow", beard="stubble",
    ),
    _person(
        "Dana | a woman in a blazer | woman | 37 172 0.97 | tan brown bun",
        "blazer navy | trousers navy | plain black",
        inner_color="sky",
    ),
    _person(
        "Emil | a boy in a hoodie | boy | 12 152 0.92 | pale sand side",
        "hoodie red | jeans denim | sneakers blue",
    ),
    _person(
        "Fatou | a woman in a patterned dress | woman | 33 173 1.05 | deep black topknot",
        "dress orange flowers | mini white | plain brown",
    ),
    _person(
        "Georg | a bald man in a turtleneck | man | 55 183 1.04 | light grey bald",
        "turtleneck charcoal ribs | trousers black | plain black",
        glasses="black", beard="stubble",
    ),
    _person(
        "Hana | a woman in a wide sun hat | woman | 46 161 0.98 | light black long",
        "shirt white | long-skirt sky dots | plain cream",
        hat="sun", hat_color="cream",
    ),
    _person(
        "Ivan | a heavy man with a long beard | man | 50 185 1.24 | pale grey crown",
        "sweater wine knit | jeans charcoal | boots brown",
        beard="long",
    ),
    _person(
        "Julia | a woman in a denim jacket | woman | 23 167 0.94 | pale blond wavy",
        "jacket pale-denim denim | mini charcoal | sneakers white",
    ),
    _person(
        "Kofi | a man in a white shirt | man | 32 186 0.98 | deep black buzz",
        "shirt white | trousers navy | plain brown",
    ),
    _person(
        "Lena | a girl in a green jacket | girl | 10 140 0.95 | light red ponytail",
        "jacket green | jeans denim | boots brown",
    ),
    _person(
        "Marco | a cook in white | man | 40 175 1.15 | olive dark short",
        "jacket white | trousers charcoal checks | plain black",
        hat="beanie", hat_color="white", beard="goatee",
    ),
    _person(
        "Nadia | a woman in a tracksuit | woman | 28 166 1.0 | tan black bun",
        "jacket purple | trousers purple | sneakers white",
    ),
    _person(
        "Oscar | a man in a cap | man | 21 177 0.92 | light brown short",
        "tshirt black | wide olive | sneakers red",
        hat="cap", hat_color="red",
    ),
    _person(
        "Petra | an old woman in a blue coat | woman | 69 162 1.12 | pale grey bob",
        "coat navy | trousers grey | plain black",
        glasses="black",
    ),
    _person(
        "Quinn | a person with pink hair | woman | 26 170 0.92 | light pink mohawk",
        "jacket black leather | leggings wine plaid | boots black",
    ),
    _person(
        "Ravi | a man in a cardigan | man | 36 175 1.02 | brown black side",
        "cardigan mustard knit | trousers brown | plain brown",
        glasses="black", beard="stubble", inner_color="white",
    ),
    _person(
        "Selma | a woman in a short skirt | woman | 24 168 0.93 | olive black long",
        "tank white | skirt red | sneakers white",
        lips=(0.75, 0.2, 0.25),
    ),
    _person(
        "Timo | a boy in a raincoat | boy | 5 110 1.0 | pale blond bowl",
        "coat red | trousers navy | boots yellow",
    ),
    _person(
        "Uma | a woman in a magenta gown | woman | 43 159 1.08 | brown black bun",
        "gown magenta | long-skirt magenta | plain camel",
        lips=(0.6, 0.15, 0.2),
    ),
    _person(
        "Viktor | a thin tall man | man | 47 192 0.86 | pale grey slick",
        "shirt pink | trousers grey | plain black",
        nose=1.2,
    ),
    _person(
        "Wanda | a heavy woman in a tunic | woman | 45 166 1.32 | light auburn bob",
        "gown teal flowers | leggings black | plain black",
    ),
    _person(
        "Yusuf | a man in camouflage | man | 29 181 1.06 | olive black buzz",
        "jacket khaki camouflage | trousers khaki camouflage | boots brown",
        hat="cap", hat_color="olive",
    ),
    _person(
        "Zainab | a girl in a headscarf | girl | 11 146 0.96 | brown dark bald",
        "gown purple | leggings black | sneakers white",
        hat="scarf", hat_color="pink",
    ),
    _person(
        "Alma | a woman with white hair in red | woman | 63 170 0.96 | light white short",
        "dress red | mini white | plain red",
        lips=(0.7, 0.15, 0.18),
    ),
    _person(
        "Boris | an old man in a brown coat | man | 78 170 0.96 | pale white crown",
        "coat brown | trousers charcoal | plain black",
        beard="full", glasses="gold",
    ),
    _person(
        "Clara | a woman in a checked shirt | woman | 32 175 0.98 | pale brown ponytail",
        "shirt blue checks | jeans denim | boots camel",
    ),
    _person(
        "Diego | a man in a football shirt | man | 27 178 0.98 | tan black quiff",
        "tshirt sky wide-stripes | shorts white | sneakers black",
        beard="stubble",
    ),
    _person(
        "Esther | a woman in a turtleneck dress | woman | 38 169 1.06 | dark black topknot",
        "gown mustard ribs | mini black | boots brown",
    ),
    _person(
        "Finn | a boy with a cap | boy | 7 122 0.95 | light red short",
        "tshirt orange dots | shorts denim denim | sneakers green",
        hat="cap", hat_color="blue",
    ),
    _person(
        "Gina | a jogger in blue | woman | 35 164 0.94 | light sand ponytail",
        "tshirt blue | leggings navy | sneakers lime",
    ),
    _person(
        "Henk | a man in a woollen hat | man | 31 190 1.0 | pale sand wavy",
        "coat olive | jeans charcoal | boots camel",
        hat="beanie", hat_color="mustard", beard="full",
    ),
    _person(
        "Isla | a teenage girl in a hoodie | girl | 15 161 0.92 | light blond long",
        "hoodie teal | shorts pale-denim denim | sneakers white",
    ),
    _person(
        "Jamal | a man in a purple suit | man | 34 183 1.0 | deep black afro",
        "blazer purple | trousers purple | plain white",
        tie_color="yellow", glasses="gold",
    ),
    _person(
        "Kira | a woman in grey work clothes | woman | 30 171 1.0 | tan auburn side",
        "jacket grey | trousers grey | boots charcoal",
    ),
    _person(
        "Luis | a heavy boy in shorts | boy | 10 143 1.22 | olive black short",
        "polo red | shorts navy | sneakers white",
    ),
    _person(
        "Mona | a cartoon woman in pink | woman | 25 158 0.9 | pale pink pigtails",
        "dress magenta dots | mini white | boots white",
        is_cartoon=True,
    ),
    _person(
        "Nico | a cartoon boy in blue | boy | 9 126 0.98 | tan brown quiff",
        "hoodie sky | shorts orange | sneakers white",
        is_cartoon=True,
    ),
    _person(
        "Otto | a round cartoon man | man | 50 164 1.35 | light red crown",
        "sweater green wide-stripes | trousers brown | plain black",
        is_cartoon=True, beard="moustache",
    ),
    _person(
        "Pia | a cartoon girl with green hair | girl | 8 120 0.96 | light green bob",
        "tshirt yellow | skirt purple | boots purple",
        is_cartoon=True,
    ),
    _person(
        "Remy | a cartoon cook | man | 38 172 1.1 | tan black curly",
        "jacket white | trousers navy checks | plain black",
        is_cartoon=True, hat="beanie", hat_color="white", beard="goatee",
    ),
    _person(
        "Stella | a cartoon explorer | woman | 33 165 0.96 | brown dark ponytail",
        "shirt khaki | shorts olive | boots brown",
        is_cartoon=True, hat="fedora", hat_color="camel",
    ),
    _person(
        "Theo | a cartoon skater | man | 20 174 0.86 | dark black dreads",
        "tank lime | wide purple | sneakers red",
        is_cartoon=True, hat="cap", hat_color="charcoal", glasses="sun",
    ),
)  # fmt: skip
