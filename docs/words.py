"""Writes docs/words.md: the guarded words with their conditions, and every template, from the code.

Run as ``make docs``.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from helpers.note import forms, lexicon, printed, sentences, template_own

HERE = Path(__file__).parent
_INDENT = {"initial_indent": "  ", "subsequent_indent": "  "}
HEAD = """# Words

A sentence of a note is made from a template, and a template can print three things: text that asserts nothing, the
text of a finding, and a guarded word. A guarded word is written as a call, with the findings that bear it out in the
brackets:

```jinja
{{ subject }} traded at {{ f.high }}, {{ above(f.high, bar) }} its {{ span }}-day high of {{ bar }}.
```

`above` is printed only if the high is larger than the bar. If it is not, the code picks the sentence's twin; had it
picked the wrong one, the sentence would be withheld and the note would say so under Data. Templates are checked when
they are read: a typed number, in digits or in words, or a guarded word typed as text, is an error that names the
sentence and the word.

## Your own wording

Put files ending in `.toml` into a folder `templates/` beside `notebooks/`, and repeat there only what you change, under
the same name:

```toml
[watch]
none = "Nothing is due within six weeks."
```

Your sentence is held to the rules above and to a few of its own. What breaks one is an error before anything is
computed; it names the file, the sentence and what to write instead.

- It can use what the sentence it replaces is given, no more. Of a finding it may print the finding itself,
  @PRINTED@, `.key.<setting>`, `.text(...)` with `signed`, `absolute` or `decimals`, and `.interval_text()`. In
  `{% if ... %}` it may also ask for @ASKED@. A list is gone through
  with `{% for item in items %}` or joined with `|join(', ')`.
- Words in the table below that are marked "sentence" are true only in the sentence they stand in: `if_above` prints
  "above" for a close that nobody has seen yet. Keep that sentence as it is, or the part after a semicolon that begins
  with "a close"; "any close" and "would be" may stand for "a close" and "is". Around it, write what you like. Words
  marked "words before" count cases; keep what stands between them and the value before.
- No "not", "never" or "without" beside a guarded word: there is a word or a twin that says so.
- Typed text is plain English letters and marks. A word in capitals is read as a ticker. Letters of other scripts, signs
  that are not seen and signs that mark text up are refused.
- These phrases of the package hold a number or a guarded word, and may be typed where its sentence has them:
@PHRASES@

As your sentence is printed, what of it was typed is read once more, so that a word put together from parts is found.
Where that fails, or where a guarded word of yours does not hold on some day, the sentence of the package is printed
instead, and the note says so under Data. `breadthbook verify` reads your templates from the run, so a note can be
checked without them.

"""


def page() -> str:
    """The whole page."""
    rows = [
        f"| {guard.title} | {', '.join(f'`{name}`' for name in guard.said)} | {guard.rule} | {guard.kept} "
        f"| {', '.join(guard.forms)} |"
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
        HEAD.replace("@PRINTED@", ", ".join(f"`.{name}`" for name in template_own.PRINTED))
        .replace("@ASKED@", ", ".join(f"`.{name}`" for name in template_own.ASKED))
        .replace("@PHRASES@", textwrap.fill(", ".join(map('"{}"'.format, forms.SET_PHRASES)) + ".", 118, **_INDENT))
        + "## Guarded words\n\n"
        + "| about | call | may be said where | an own template keeps | may not be typed |\n"
        + "| --- | --- | --- | --- | --- |\n"
        + "\n".join(rows)
        + "\n\n## Forms of a finding\n\nWritten after a bar, as in `{{ found|side }}`; "
        + "the word follows the sign that is printed.\n\n| form | prints |\n| --- | --- |\n"
        + "\n".join(filters)
        + "\n\n## Every sentence\n\n"
        + "\n".join(templates)
    )


if __name__ == "__main__":
    (HERE / "words.md").write_text(page(), encoding="utf-8")
