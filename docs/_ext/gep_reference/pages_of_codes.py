"""The page of problem codes: all that `gep check --explain` tells, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

from gep.report.codes import CodeDocument, code_document, known_codes
from gep.study.checks import checks_of
from gep_reference import markdown as md


def codes_page() -> str:
    """Every code by group: severity, whether it may be waived, what it means, and what it says."""
    documents = [code_document(code) for code in known_codes()]
    groups = dict.fromkeys(document["group"] for document in documents)
    blocks = [
        md.heading(1, "Checks and their codes (检查与代码)", "codes"),
        "What `gep check` and `gep run` may say of inputs and results. An error stops the run and no account is "
        "written; what is waivable may be let pass by code, name and reason under `[waivers]` of the project file, and "
        "every output says so. A message may be more severe than its code where more depends on it. "
        "`gep check --explain U03` tells the same in a terminal, `--lang zh` in Chinese.\n",
    ]
    for group in groups:
        mine = [document for document in documents if document["group"] == group]
        blocks.append(md.heading(2, md.escape(f"{group.to('en')} ({group.to('zh')})")))
        for document in mine:
            blocks += _code(document)
    return md.page(*blocks)


def _code(document: CodeDocument) -> Iterator[str]:
    title, why = document["title"], document["why"]
    state = document["severity"] + (", waivable" if document["waivable"] else "")
    yield md.heading(3, f"{document['code']}: {md.escape(title.to('en'))}", md.key("code", document["code"]))
    yield f"*{state}* · {md.escape(title.to('zh'))}\n"
    yield md.rich(why.to("en")) + "\n"
    yield md.rich(why.to("zh")) + "\n"
    if checks := checks_of(document["code"]):
        names = [md.code(f"{check.find.__module__}.{check.find.__name__}") for check in checks]
        yield f"Found by {', '.join(names)}.\n"
    said = [message["message"] for message in document["messages"]]
    yield md.table(("what it says", "提示"), [(md.rich(text.to("en")), md.rich(text.to("zh"))) for text in said])
