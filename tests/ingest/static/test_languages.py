"""Two languages, of which neither lacks a word."""

from __future__ import annotations

import re

from town_server import TownServer
from visit import Visitor

SAME = {"Cahot", "OpenStreetMap", "Google Maps", "Apple Maps", "Waze", "English", "GPX", "GeoJSON", "±", "", "note"}
CATALOGUES = """async () => {
  const words = (catalogue) => {
    const found = {};
    const walk = (value, name) => {
      if (typeof value === 'function') found[name] = String(value);
      else if (typeof value === 'string') found[name] = value;
      else for (const [key, inner] of Object.entries(value)) walk(inner, `${name}.${key}`);
    };
    for (const [name, value] of Object.entries(catalogue)) walk(value, name);
    return found;
  };
  return [words(await import('./js/texts/en.js')), words(await import('./js/texts/fr.js'))];
}"""
TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    if (walker.currentNode.parentElement.closest('script, style, noscript') === null) found.push(walker.currentNode.data.trim());
  }
  for (const node of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
    found.push(node.ariaLabel, node.title, node.placeholder);
  }
  return found.filter(Boolean);
}"""
ALIKE = re.compile(
    r"^[\W\d]*$|joint|Pause|\$\{when\}|count\(n\)|decimal|minutes|Minutes", re.I
)  # the same in both, or only figures


def test_both_languages_have_the_same_words_and_say_them_differently(town_server: TownServer, visit: Visitor) -> None:
    english, french = visit(town_server.url).drawn().page.evaluate(CATALOGUES)
    assert english.keys() == french.keys()
    untranslated = {name: text for name, text in english.items() if french[name] == text and not ALIKE.search(text)}
    assert untranslated == {}


def test_a_french_browser_reads_french_and_nothing_else(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(f"{town_server.url}#defect=d0003", locale="fr-FR").drawn_in("à jour")
    visitor.page.locator("#detail .chart").wait_for()
    assert visitor.page.evaluate("document.documentElement.lang") == "fr"
    assert visitor.page.title() == "Cahot · défauts de la route"
    english, french = visitor.page.evaluate(CATALOGUES)
    only_english = {text for text in english.values() if "=>" not in text} - set(french.values())
    seen = set(visitor.page.evaluate(TEXTS))
    assert "Nid-de-poule" in seen
    assert seen & (only_english - SAME) == set()


def test_the_language_is_switched_by_one_press_and_what_is_open_stays(town_server: TownServer, visit: Visitor) -> None:
    visitor = visit(f"{town_server.url}#status=new&sort=severity").drawn()
    visitor.page.get_by_role("button", name="Français").click()
    visitor.drawn_in("à jour")
    assert "status=new" in visitor.page.url
    assert visitor.page.locator("#shown").inner_text() == "38 affichés"
    assert visitor.page.locator("#sort").input_value() == "severity"
    visitor.page.goto(town_server.url)  # remembered
    visitor.drawn_in("à jour")
    visitor.page.get_by_role("button", name="English").click()
    visitor.drawn()
