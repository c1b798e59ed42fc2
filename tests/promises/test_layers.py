"""The table of rooms in CONTRIBUTING.md, read from the imports; and the things that the house has only one of."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import pytest

from tests.promises import house

OURS = ("engine", "store", "webhooks", "web", "tests")

MAY_IMPORT_OF_OURS = {
    "engine/core": ("engine.core",),
    "engine": ("engine", "store"),
    "store": ("store",),
    "webhooks": ("webhooks", "engine", "store"),
    "web": ("web", "webhooks", "engine", "store"),
}

MAY_IMPORT_OF_OTHERS = {
    "SpiffWorkflow": ("engine/core/",),
    "lxml": ("engine/core/", "engine/record/"),
    "pydantic_monty": ("engine/core/sandbox.py",),
    "sqlalchemy": ("store/",),
    "alembic": ("store/",),
    "psycopg": ("store/",),
    "flask": ("web/",),
    "werkzeug": ("web/",),
    "waitress": ("web/",),
    "click": ("web/",),
    "apscheduler": ("web/worker.py",),
    "marshmallow": ("engine/", "web/"),
    "authlib": ("web/login/",),
    "joserfc": ("web/login/",),
    "holidays": ("engine/calendar.py",),
    "weasyprint": ("engine/record/typesetting.py",),
    "pm4py": (),
    "argon2": ("store/", "engine/", "web/"),
    "pickle": (),
    "marshal": (),
    "shelve": (),
}
"""Third party and risky modules -> where they may stand. What is not listed is free."""

OUTBOUND = ("urllib.request", "http.client", "requests", "httpx", "urllib3", "aiohttp", "authlib.integrations")
"""What speaks HTTP to the outside. Authlib's integrations bring clients of their own; its core is handed ours."""


def wrong_arrows(path: str, imported: Iterable[str]) -> list[str]:
    room = house.room(path)
    ours = MAY_IMPORT_OF_OURS[room]
    wrong = []
    for each in imported:
        top = each.partition(".")[0]
        if top in OURS and not any(f"{each}.".startswith(f"{allowed}.") for allowed in ours):
            wrong.append(f"{path} ({room}) imports {each}")
        places = MAY_IMPORT_OF_OTHERS.get(top)
        if places is not None and not any(path.startswith(place) for place in places):
            wrong.append(f"{path} imports {each}, which stands in {', '.join(places) or 'no room'}")
    return wrong


def _is_clock(call: str) -> bool:
    return call.endswith(("datetime.now", "datetime.utcnow", "datetime.today", "date.today")) or call in (
        "time.time",
        "time.time_ns",
        "time.localtime",
        "time.gmtime",
        "func.now",
        "func.current_timestamp",
    )


def _is_transaction(call: str) -> bool:
    return call.rpartition(".")[2] in ("begin", "begin_nested", "commit", "rollback", "create_engine", "sessionmaker")


def _is_evaluator(call: str) -> bool:
    return call in ("eval", "exec", "compile", "builtins.eval", "builtins.exec")


def _is_xml_parser(call: str) -> bool:
    return call.rpartition(".")[2] in ("XMLParser", "fromstring", "XML", "iterparse", "parseString") or call in (
        "etree.parse",
        "ElementTree.parse",
        "ET.parse",
        "minidom.parse",
    )


def _is_unsafe_yaml(call: str) -> bool:
    return call in ("yaml.load", "yaml.unsafe_load", "yaml.full_load", "yaml.load_all")


ONLY = {
    "the clock": (_is_clock, ("store/database.py",)),
    "transactions": (_is_transaction, ("store/database.py", "store/migrations/")),
    "evaluators": (_is_evaluator, ()),
    "XML parser entries": (_is_xml_parser, ("engine/core/xml.py",)),
}
"""What the house has one of -> how a call shows it, and where it stands."""


def strays(thing: str, path: str, module: ast.Module) -> list[str]:
    shows, places = ONLY[thing]
    if any(path.startswith(place) for place in places):
        return []
    return [f"{path}: {call}()" for call in house.calls(module) if shows(call)]


def test_imports_follow_the_table() -> None:
    wrong = [
        each
        for path in house.python_files()
        for each in wrong_arrows(house.name(path), house.imports(house.tree(path)))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("thing", ONLY)
def test_there_is_one_place_for(thing: str) -> None:
    found = [each for path in house.python_files() for each in strays(thing, house.name(path), house.tree(path))]
    assert not found, f"{thing} outside {ONLY[thing][1]}:\n" + "\n".join(found)


def test_yaml_is_never_loaded_unsafely() -> None:
    """`yaml.load` is allowed only with a loader that the same file derives from `SafeLoader`."""
    wrong = []
    for path in house.python_files():
        module = house.tree(path)
        safe = {
            each.name
            for each in ast.walk(module)
            if isinstance(each, ast.ClassDef) and any("SafeLoader" in ast.unparse(base) for base in each.bases)
        }
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and _is_unsafe_yaml(ast.unparse(node.func)):
                given = {ast.unparse(each) for each in [*node.args[1:], *(k.value for k in node.keywords)]}
                if not given or not given <= safe:
                    wrong.append(f"{house.name(path)}:{node.lineno}")
    assert not wrong, wrong


def test_one_reader_of_region_profiles() -> None:
    """No other file names the folder that the profiles lie in."""
    found = [
        house.name(path)
        for path in house.python_files()
        if any(
            isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and ast.unparse(node.right) == "'regions'"
            for node in ast.walk(house.tree(path))
        )
    ]
    assert found == ["engine/regions.py"], found


def test_one_outbound_http_client() -> None:
    found = [
        house.name(path)
        for path in house.python_files()
        if any(f"{each}.".startswith(f"{client}.") for each in house.imports(house.tree(path)) for client in OUTBOUND)
    ]
    assert len(found) <= 1, found


def reached(module: str) -> set[str]:
    """Every module of ours that a module imports, and those that these import."""
    files = {house.dotted(path): path for path in house.python_files()}
    seen: set[str] = set()
    pending = [module]
    while pending:
        found = next((each for each in (pending[-1], pending[-1].rpartition(".")[0]) if each in files), None)
        pending.pop()
        if found is not None and found not in seen:
            seen.add(found)
            pending += house.imports(house.tree(files[found]))
    return seen


def test_effects_do_not_know_the_steps_that_apply_them() -> None:
    """So they can be read, and imported, without the moves."""
    assert "engine.steps" in reached("engine.tasks")
    assert "engine.steps" not in reached("engine.effects")


def test_no_folder_for_leftovers() -> None:
    leftovers = {"utils", "helpers", "services", "models", "common", "misc"}
    found = [
        house.name(path)
        for path in house.python_files()
        if leftovers & set(house.name(path).removesuffix(".py").split("/"))
    ]
    assert not found, found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("store/cases.py", "from engine import steps"),
        ("engine/cases.py", "import flask"),
        ("engine/core/stepping.py", "from store import cases"),
        ("engine/core/stepping.py", "import engine.forms"),
        ("engine/tasks.py", "from SpiffWorkflow.task import Task"),
        ("web/inbox/tasks.py", "def view():\n    import sqlalchemy"),
        ("webhooks/mail.py", "from web.settings import Settings"),
        ("web/cli.py", "import pickle"),
    ],
)
def test_a_wrong_arrow_is_seen(path: str, source: str) -> None:
    assert wrong_arrows(path, house.imports(ast.parse(source)))


@pytest.mark.parametrize(
    ("thing", "source"),
    [
        ("the clock", "datetime.now(UTC)"),
        ("the clock", "datetime.date.today()"),
        ("transactions", "self.connection.commit()"),
        ("transactions", "with engine.begin(): pass"),
        ("evaluators", "eval(condition)"),
        ("XML parser entries", "etree.fromstring(source)"),
    ],
)
def test_a_stray_is_seen(thing: str, source: str) -> None:
    assert strays(thing, "engine/elsewhere.py", ast.parse(source))
