"""People of the catalog, A to Z: two lines each."""

from .person import person

# Name | caption | kind | age, height (cm), weight | skin, hair, style; then top | bottom | shoes, each with
# its colour and its texture, if it has one.
FIRST = (
    person(
        "Chiara | a woman in a red coat | woman | 34 169 0.96 | olive dark wavy",
        "coat red | trousers black | boots black",
    ),
    person(
        "Dmitri | a man in a grey suit | man | 45 181 1.05 | light brown side",
        "blazer grey pinstripes | trousers grey pinstripes | plain black",
        tie_color="wine",
    ),
    person(
        "Elena | a woman in a flowered dress | woman | 27 165 0.95 | tan brown long",
        "dress sky flowers | mini white | plain camel",
    ),
    person(
        "Farid | a man in a hoodie | man | 24 176 0.95 | brown black curly",
        "hoodie charcoal | jeans denim | sneakers white",
        beard="stubble",
    ),
    person(
        "Greta | an old woman in a cardigan | woman | 74 158 1.05 | pale white bun",
        "cardigan lilac knit | long-skirt charcoal | plain black",
        glasses="gold", inner_color="cream",
    ),
    person(
        "Hugo | an old man with a hat | man | 71 172 1.06 | light white crown",
        "sweater olive knit | trousers brown | plain brown",
        hat="fedora", hat_color="brown", beard="moustache",
    ),
    person(
        "Ines | a girl in a yellow dress | girl | 8 128 0.97 | tan dark pigtails",
        "dress yellow dots | mini white | sneakers white",
    ),
    person(
        "Jonas | a boy in a striped T-shirt | boy | 9 134 0.98 | light blond bowl",
        "tshirt blue wide-stripes | shorts khaki | sneakers red",
    ),
    person(
        "Keiko | a woman in a black turtleneck | woman | 31 160 0.9 | light black bangs",
        "turtleneck black ribs | wide camel | plain black",
    ),
    person(
        "Lamar | a tall man in a basketball shirt | man | 26 196 1.02 | dark black buzz",
        "tank orange | shorts orange | sneakers white",
    ),
    person(
        "Maya | a woman with an afro | woman | 29 171 0.97 | dark black afro",
        "tshirt white | jeans denim | sneakers yellow",
        lips=(0.55, 0.18, 0.2),
    ),
    person(
        "Nils | a man in a plaid shirt | man | 38 187 1.04 | pale red short",
        "shirt red plaid | jeans denim | boots brown",
        beard="full", iris=(0.25, 0.4, 0.55),
    ),
    person(
        "Olga | a woman in a camel coat | woman | 52 167 1.16 | pale blond bob",
        "coat camel | trousers wine | boots wine",
        lips=(0.72, 0.2, 0.22),
    ),
    person(
        "Pedro | a heavy man in a polo shirt | man | 48 174 1.30 | tan black slick",
        "polo teal | trousers khaki | plain brown",
        beard="moustache",
    ),
    person(
        "Qiang | a man in a blue jacket | man | 33 173 0.98 | light black quiff",
        "jacket blue | trousers charcoal | sneakers black",
    ),
    person(
        "Rosa | a woman in a cream shirt | woman | 41 163 1.12 | olive dark ponytail",
        "shirt cream | jeans pale-denim | sneakers teal",
    ),
    person(
        "Sven | a man in running clothes | man | 30 184 0.95 | pale blond short",
        "tshirt lime | shorts black | sneakers orange",
    ),
    person(
        "Tara | a woman in sports clothes | woman | 25 170 0.92 | brown black ponytail",
        "tank magenta | leggings black | sneakers magenta",
    ),
    person(
        "Umar | a man in a long white robe | man | 42 178 1.02 | brown black buzz",
        "gown white | trousers white | plain brown",
        beard="full",
    ),
    person(
        "Vera | a woman in a green gown | woman | 36 174 0.94 | light red wavy",
        "gown green | mini white | plain green",
        lips=(0.7, 0.22, 0.22),
    ),
    person(
        "Wei | a girl in a pink sweater | girl | 6 115 0.98 | light black bangs",
        "sweater pink knit | leggings grey | boots pink",
    ),
    person(
        "Xavier | a man with dreadlocks | man | 28 180 0.96 | dark black dreads",
        "tshirt green | wide cream | sneakers white",
        beard="goatee",
    ),
    person(
        "Yara | a woman in a headscarf | woman | 30 164 1.0 | olive dark bald",
        "gown navy | wide navy | plain black",
        hat="scarf", hat_color="teal",
    ),
    person(
        "Zoe | a woman with blue hair | woman | 22 162 0.93 | pale blue bob",
        "hoodie lilac | mini black | boots black",
        glasses="black",
    ),
    person(
        "Amir | a man in a leather jacket | man | 35 179 1.0 | tan black slick",
        "jacket black leather | jeans charcoal | boots black",
        glasses="sun", beard="stubble",
    ),
    person(
        "Bea | a woman in a raincoat | woman | 39 168 1.02 | light sand bob",
        "coat yellow | leggings navy | boots olive",
    ),
    person(
        "Carl | a builder with a helmet | man | 44 182 1.14 | light brown short",
        "jacket orange | jeans olive | boots camel",
        hat="helmet", hat_color="yellow", beard="stubble",
    ),
    person(
        "Dana | a woman in a blazer | woman | 37 172 0.97 | tan brown bun",
        "blazer navy | trousers navy | plain black",
        inner_color="sky",
    ),
    person(
        "Emil | a boy in a hoodie | boy | 12 152 0.92 | pale sand side",
        "hoodie red | jeans denim | sneakers blue",
    ),
    person(
        "Fatou | a woman in a patterned dress | woman | 33 173 1.05 | deep black topknot",
        "dress orange flowers | mini white | plain brown",
    ),
    person(
        "Georg | a bald man in a turtleneck | man | 55 183 1.04 | light grey bald",
        "turtleneck charcoal ribs | trousers black | plain black",
        glasses="black", beard="stubble",
    ),
    person(
        "Hana | a woman in a wide sun hat | woman | 46 161 0.98 | light black long",
        "shirt white | long-skirt sky dots | plain cream",
        hat="sun", hat_color="cream",
    ),
)  # fmt: skip
