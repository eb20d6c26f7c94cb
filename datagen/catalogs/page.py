"""The page of a catalog: every asset with its pictures, name, size, tags and caption."""

from html import escape

from .items import CatalogItems, Item, size_text

_STYLE = """
body { font: 15px/1.4 system-ui, sans-serif; color: #222; margin: 2rem auto; max-width: 78rem; }
input { font: inherit; padding: .3rem .6rem; width: 22rem; max-width: 100%; }
article { border-top: 1px solid #ddd; padding: .8rem 0; }
article h3 { margin: 0 0 .2rem; font-size: 1.05rem; }
article h3 a { color: inherit; text-decoration: none; }
article p { margin: 0 0 .5rem; color: #555; }
article img { max-width: 100%; height: auto; }
.tag { background: #eef1f4; border-radius: .6rem; padding: .05rem .5rem; font-size: .85rem; }
"""
# Shows the assets whose text has every word of the filter.
_SCRIPT = """
document.getElementById("filter").addEventListener("input", event => {
  const words = event.target.value.toLowerCase().split(/\\s+/).filter(Boolean);
  for (const article of document.querySelectorAll("article")) {
    const text = article.textContent.toLowerCase();
    article.hidden = !words.every(word => text.includes(word));
  }
});
"""


def page_html(items: CatalogItems) -> str:
    """One HTML page, which shows the pictures beside it; it needs no network."""
    counts = ", ".join(f"{len(assets)} {kind}" for kind, assets in items.by_kind.items() if assets)
    sections = "".join(
        f'<h2 id="{kind}">{kind.capitalize()}</h2>{"".join(_article(kind, item) for item in assets)}'
        for kind, assets in items.by_kind.items()
        if assets
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Catalog</title>'
        f"<style>{_STYLE}</style></head><body><h1>Catalog</h1><p>{counts}</p>"
        '<p><input id="filter" type="search" placeholder="filter: words of names, tags, captions"></p>'
        f"{sections}<script>{_SCRIPT}</script></body></html>\n"
    )


def _article(kind: str, item: Item) -> str:
    tags = " ".join(f'<span class="tag">{escape(tag)}</span>' for tag in item.tags)
    known = [text for text in (escape(item.caption), escape(size_text(item))) if text]
    name = escape(item.name)
    return (
        f'<article id="{kind}-{name}"><h3><a href="#{kind}-{name}">{name}</a></h3>'
        f"<p>{' &middot; '.join(known)} {tags}</p>"
        f'<a href="{kind}/{name}.jpg"><img loading="lazy" src="{kind}/{name}.jpg"'
        f' alt="{name}: {escape(item.caption)}"></a></article>'
    )
