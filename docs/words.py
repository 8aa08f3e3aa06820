"""Writes docs/words.md: the guarded words with their conditions, and every template, from the code.

Run as ``make docs``.
"""

from __future__ import annotations

from pathlib import Path

from helpers.note import lexicon, printed, sentences

HERE = Path(__file__).parent
HEAD = """# Words

A sentence of a note is made from a template, and a template can print three things: text that asserts nothing, the
text of a finding, and a guarded word. A guarded word is written as a call, with the findings that bear it out in the
brackets:

```jinja
{{ subject }} traded at {{ f.high }}, {{ above(f.high, bar) }} its {{ span }}-day high of {{ bar }}.
```

`above` is printed only if the high is larger than the bar. If it is not, the code picks the sentence's twin; had it
picked the wrong one, the sentence would be withheld and the note would say so under Data. Templates are checked when
they are read: a typed digit, or a guarded word typed as text, is an error that names the sentence and the word.

## Your own wording

Put files ending in `.toml` into a folder `templates/` beside `notebooks/`, and repeat there only what you change, under
the same name:

```toml
[so_what]
neither = "Nobody has made a {{ no_high_on(mid, market) }} since the base turned."
```

Your sentence is held to the same rules and can use what the sentence it replaces is given, no more. Where a guarded
word of yours does not hold on some day, the sentence of the package is printed instead, and the note says so under
Data. `breadthbook verify` reads your templates from the run, so a note can be checked without them.

"""


def page() -> str:
    """The whole page."""
    rows = [
        f"| {guard.title} | {', '.join(f'`{name}`' for name in guard.said)} | {guard.rule} | {', '.join(guard.forms)} |"
        for guard in lexicon.GUARDS
    ]
    filters = [
        f"| `{name}` | {(function.__doc__ or '').split(chr(10))[0]} |" for name, function in printed.FILTERS.items()
    ]
    groups: dict[str, list[str]] = {}
    for name, text in sentences.sources().items():
        group, _, rest = name.partition(".")
        groups.setdefault(group, []).append(f"{rest} = {text}")
    templates = [f"### {group}\n\n```jinja\n" + "\n".join(lines) + "\n```\n" for group, lines in groups.items()]
    return (
        HEAD
        + "## Guarded words\n\n"
        + "| about | call | may be said where | may not be typed |\n| --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n\n## Forms of a finding\n\nWritten after a bar, as in `{{ found|side }}`; "
        + "the word follows the sign that is printed.\n\n| form | prints |\n| --- | --- |\n"
        + "\n".join(filters)
        + "\n\n## Every sentence\n\n"
        + "\n".join(templates)
    )


if __name__ == "__main__":
    (HERE / "words.md").write_text(page(), encoding="utf-8")
