"""More people of the catalog: two lines each."""

from .person import person

# Name | caption | kind | age, height (cm), weight | skin, hair, style; then top | bottom | shoes, each with
# its colour and its texture, if it has one.
MORE = (
    person(
        "Ivan | a heavy man with a long beard | man | 50 185 1.24 | pale grey crown",
        "sweater wine knit | jeans charcoal | boots brown",
        beard="long",
    ),
    person(
        "Julia | a woman in a denim jacket | woman | 23 167 0.94 | pale blond wavy",
        "jacket pale-denim denim | mini charcoal | sneakers white",
    ),
    person(
        "Kofi | a man in a white shirt | man | 32 186 0.98 | deep black buzz",
        "shirt white | trousers navy | plain brown",
    ),
    person(
        "Lena | a girl in a green jacket | girl | 10 140 0.95 | light red ponytail",
        "jacket green | jeans denim | boots brown",
    ),
    person(
        "Marco | a cook in white | man | 40 175 1.15 | olive dark short",
        "jacket white | trousers charcoal checks | plain black",
        hat="beanie", hat_color="white", beard="goatee",
    ),
    person(
        "Nadia | a woman in a tracksuit | woman | 28 166 1.0 | tan black bun",
        "jacket purple | trousers purple | sneakers white",
    ),
    person(
        "Oscar | a man in a cap | man | 21 177 0.92 | light brown short",
        "tshirt black | wide olive | sneakers red",
        hat="cap", hat_color="red",
    ),
    person(
        "Petra | an old woman in a blue coat | woman | 69 162 1.12 | pale grey bob",
        "coat navy | trousers grey | plain black",
        glasses="black",
    ),
    person(
        "Quinn | a person with pink hair | woman | 26 170 0.92 | light pink mohawk",
        "jacket black leather | leggings wine plaid | boots black",
    ),
    person(
        "Ravi | a man in a cardigan | man | 36 175 1.02 | brown black side",
        "cardigan mustard knit | trousers brown | plain brown",
        glasses="black", beard="stubble", inner_color="white",
    ),
    person(
        "Selma | a woman in a short skirt | woman | 24 168 0.93 | olive black long",
        "tank white | skirt red | sneakers white",
        lips=(0.75, 0.2, 0.25),
    ),
    person(
        "Timo | a boy in a raincoat | boy | 5 110 1.0 | pale blond bowl",
        "coat red | trousers navy | boots yellow",
    ),
    person(
        "Uma | a woman in a magenta gown | woman | 43 159 1.08 | brown black bun",
        "gown magenta | long-skirt magenta | plain camel",
        lips=(0.6, 0.15, 0.2),
    ),
    person(
        "Viktor | a thin tall man | man | 47 192 0.86 | pale grey slick",
        "shirt pink | trousers grey | plain black",
        nose=1.2,
    ),
    person(
        "Wanda | a heavy woman in a tunic | woman | 45 166 1.32 | light auburn bob",
        "gown teal flowers | leggings black | plain black",
    ),
    person(
        "Yusuf | a man in camouflage | man | 29 181 1.06 | olive black buzz",
        "jacket khaki camouflage | trousers khaki camouflage | boots brown",
        hat="cap", hat_color="olive",
    ),
    person(
        "Zainab | a girl in a headscarf | girl | 11 146 0.96 | brown dark bald",
        "gown purple | leggings black | sneakers white",
        hat="scarf", hat_color="pink",
    ),
    person(
        "Alma | a woman with white hair in red | woman | 63 170 0.96 | light white short",
        "dress red | mini white | plain red",
        lips=(0.7, 0.15, 0.18),
    ),
    person(
        "Boris | an old man in a brown coat | man | 78 170 0.96 | pale white crown",
        "coat brown | trousers charcoal | plain black",
        beard="full", glasses="gold",
    ),
    person(
        "Clara | a woman in a checked shirt | woman | 32 175 0.98 | pale brown ponytail",
        "shirt blue checks | jeans denim | boots camel",
    ),
    person(
        "Diego | a man in a football shirt | man | 27 178 0.98 | tan black quiff",
        "tshirt sky wide-stripes | shorts white | sneakers black",
        beard="stubble",
    ),
    person(
        "Esther | a woman in a turtleneck dress | woman | 38 169 1.06 | dark black topknot",
        "gown mustard ribs | mini black | boots brown",
    ),
    person(
        "Finn | a boy with a cap | boy | 7 122 0.95 | light red short",
        "tshirt orange dots | shorts denim denim | sneakers green",
        hat="cap", hat_color="blue",
    ),
    person(
        "Gina | a jogger in blue | woman | 35 164 0.94 | light sand ponytail",
        "tshirt blue | leggings navy | sneakers lime",
    ),
    person(
        "Henk | a man in a woollen hat | man | 31 190 1.0 | pale sand wavy",
        "coat olive | jeans charcoal | boots camel",
        hat="beanie", hat_color="mustard", beard="full",
    ),
    person(
        "Isla | a teenage girl in a hoodie | girl | 15 161 0.92 | light blond long",
        "hoodie teal | shorts pale-denim denim | sneakers white",
    ),
    person(
        "Jamal | a man in a purple suit | man | 34 183 1.0 | deep black afro",
        "blazer purple | trousers purple | plain white",
        tie_color="yellow", glasses="gold",
    ),
    person(
        "Kira | a woman in grey work clothes | woman | 30 171 1.0 | tan auburn side",
        "jacket grey | trousers grey | boots charcoal",
    ),
    person(
        "Luis | a heavy boy in shorts | boy | 10 143 1.22 | olive black short",
        "polo red | shorts navy | sneakers white",
    ),
)  # fmt: skip
