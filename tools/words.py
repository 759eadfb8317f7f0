"""`python -m tools.words`: brings the catalogues of the phone's screens up to what the sources say.

New texts are added without a translation, those that are gone are dropped, translations stay. Then translate what it names.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from mobile_app.ui.catalogue import read_entries

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "mobile_app"
LOCALE = SOURCES / "locale"
_IN_KV = re.compile(r"""(?<![\w.])_\(('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)""")


def gathered() -> dict[str, list[str]]:
    """Where each text stands, as file names; a plural as gettext keeps it, its forms parted by a zero byte."""
    found: dict[str, list[str]] = {}
    for path in sorted(SOURCES.rglob("*")):
        if path.suffix in (".py", ".kv") and "locale" not in path.parts:
            texts = _of_python(path.read_text()) if path.suffix == ".py" else _of_kv(path.read_text())
            for text in texts:
                places = found.setdefault(text, [])
                name = str(path.relative_to(ROOT))
                places += [name] if name not in places else []
    return found


def written(language: str) -> str:
    """The catalogue as it should be, with what is translated already."""
    path = LOCALE / language / "LC_MESSAGES" / "cahot.po"
    known = read_entries(path.read_text(encoding="utf-8")) if path.exists() else {}
    header = known.get("", _header(language))
    blocks = [f'msgid ""\nmsgstr ""\n{_quoted_lines(header)}']
    for text, places in sorted(gathered().items(), key=lambda item: (item[1][0], item[0])):
        blocks.append(_block(text, known.get(text, ""), places))
    return "\n\n".join(blocks) + "\n"


def main() -> int:
    untranslated = 0
    for folder in sorted(path for path in LOCALE.iterdir() if path.is_dir()):
        text = written(folder.name)
        (folder / "LC_MESSAGES" / "cahot.po").write_text(text, encoding="utf-8")
        missing = [source for source, translated in read_entries(text).items() if not translated]
        untranslated += len(missing)
        for source in missing:
            print(f"{folder.name}: not translated: {source!r}")
    return 1 if untranslated else 0


def _of_python(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_", "n_"):
            wanted = 2 if node.func.id == "n_" else 1
            forms = [one.value for one in node.args[:wanted] if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(forms) == wanted and all(forms):
                yield "\0".join(forms)


def _of_kv(text: str) -> Iterator[str]:
    for match in _IN_KV.finditer(text):
        yield str(ast.literal_eval(match[1]))


def _block(text: str, translated: str, places: list[str]) -> str:
    source, _, plural = text.partition("\0")
    lines = [f"#: {' '.join(places)}"]
    if "{" in text:
        lines.append("#, python-brace-format")
    lines.append(f"msgid {_quoted(source)}")
    if not plural:
        return "\n".join([*lines, f"msgstr {_quoted(translated)}"])
    forms = translated.split("\0") if translated else ["", ""]
    return "\n".join(
        [*lines, f"msgid_plural {_quoted(plural)}", *(f"msgstr[{n}] {_quoted(form)}" for n, form in enumerate(forms))]
    )


def _header(language: str) -> str:
    plural = "nplurals=2; plural=(n > 1);" if language == "fr" else "nplurals=2; plural=(n != 1);"
    kind = "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit"
    return f"Language: {language}\n{kind}\nPlural-Forms: {plural}\n"


def _quoted_lines(text: str) -> str:
    return "\n".join(_quoted(line + "\n") for line in text.splitlines())


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    sys.exit(main())
