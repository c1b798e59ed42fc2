"""The language of diagrams, as written: Python expressions, less what they do not need. Parsed here, never evaluated.

An expression is values, operators, comprehensions, calls of known functions and of the methods of text, lists and
dictionaries. `a.b` is the field `b` of `a`. An ISO 8601 date, instant, duration or cycle needs no quotes.
Everything else is refused before it comes near the sandbox.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

MAX_EXPRESSION = 4_000
MAX_SCRIPT = 20_000
MAX_ASSIGNMENTS = 100
MAX_NESTING = 60
MAX_BRACKETS = 40

# `round` is not among them: it is what a consultation round is called.
BUILTINS = frozenset(
    "abs all any bool dict enumerate float int len list max min range reversed set sorted str sum tuple zip".split()
)
METHODS = frozenset(
    "capitalize casefold count difference endswith find get index intersection isalpha isdigit issubset issuperset"
    " items join keys lower lstrip removeprefix removesuffix replace rstrip split splitlines startswith strip title"
    " union upper values".split()
)
_ALLOWED = (
    *(ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Compare, ast.Call, ast.keyword, ast.Constant, ast.Name),
    *(ast.Attribute, ast.Subscript, ast.Slice, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.JoinedStr),
    *(ast.FormattedValue, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.comprehension),
    *(ast.boolop, ast.operator, ast.unaryop, ast.cmpop, ast.expr_context),
)
_WORDS = {"lambda": ast.Lambda, "await": ast.Await, ":=": ast.NamedExpr, "*": ast.Starred, "yield": ast.Yield}
_ISO = (
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?"
    r"|(?:R\d*/)?P(?=[\dT])(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?"
)
_TOKEN = re.compile(rf"""(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<![\w.])(?P<iso>{_ISO})(?![\w/])""", re.DOTALL)

Path = tuple[str, ...]
"""A name and the fields that follow it: `route.next` is `("route", "next")`."""


class BadExpression(ValueError):
    """The text is not an expression of the language: a Swedish sentence that says why."""


@dataclass(frozen=True)
class Expression:
    """A parsed expression. Exactly one of `path`, `literal` and `code` tells how to answer it."""

    source: str
    tree: ast.expr
    code: str
    """What the sandbox runs: names and their fields replaced by `_v0`, `_v1` ..., other fields by `_field(x, "b")`."""
    paths: tuple[Path, ...]
    """What `_v0`, `_v1` ... stand for."""
    functions: frozenset[str]
    """Functions called that are not the language's own."""
    path: Path | None = None
    """The whole expression is a name, with fields or without."""
    is_literal: bool = False
    literal: object = None

    @property
    def names(self) -> frozenset[str]:
        """The variables and objects it reads."""
        return frozenset(path[0] for path in self.paths)


@dataclass(frozen=True)
class Script:
    """A parsed script: assignments in order."""

    assignments: tuple[tuple[str, Expression], ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.assignments)


@lru_cache(maxsize=2048)
def parse(source: str) -> Expression:
    """Parse one expression. Raises `BadExpression`."""
    text = _readable(source, MAX_EXPRESSION)
    if not text.strip():
        raise BadExpression("Uttrycket är tomt.")
    tree = _syntax(f"({text}\n)", "eval")
    assert isinstance(tree, ast.Expression)
    if isinstance(tree.body, ast.Tuple) and not tree.body.elts and not text.startswith("("):
        raise BadExpression("Uttrycket är bara en kommentar.")
    return _expression(source, tree.body)


@lru_cache(maxsize=256)
def parse_script(source: str) -> Script:
    """Parse a script: assignments `name = expression`, one a line. Raises `BadExpression`."""
    tree = _syntax(_readable(source, MAX_SCRIPT), "exec")
    assert isinstance(tree, ast.Module)
    if not 0 < len(tree.body) <= MAX_ASSIGNMENTS:
        raise BadExpression(f"Skriptet måste ha mellan 1 och {MAX_ASSIGNMENTS} tilldelningar.")
    return Script(tuple(_assignment(statement) for statement in tree.body))


def quote_iso(text: str) -> str:
    """Put quotes around the ISO 8601 literals outside strings: `d < 2026-04-14` -> `d < '2026-04-14'`."""
    return _TOKEN.sub(lambda token: f"'{token['iso']}'" if token["iso"] else token[0], text)


def _readable(source: str, limit: int) -> str:
    if len(source) > limit:
        raise BadExpression(f"Uttrycket är längre än {limit} tecken.")
    if not source.isprintable() and re.search(r"[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", source):
        raise BadExpression("Uttrycket innehåller otillåtna tecken.")
    _refuse_deep_brackets(source)
    return quote_iso(source.strip())


def _refuse_deep_brackets(source: str) -> None:
    depth = 0
    for character in source:
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_BRACKETS:
            raise BadExpression("Uttrycket har för många parenteser i varandra.")


def _syntax(text: str, mode: str) -> ast.AST:
    try:
        return ast.parse(text, mode=mode)
    except (SyntaxError, ValueError) as error:
        raise BadExpression(f"Uttrycket går inte att läsa ({_brief(error)}).") from None
    except (RecursionError, MemoryError):
        raise BadExpression("Uttrycket är för djupt nästlat.") from None


def _brief(error: Exception) -> str:
    return (error.msg if isinstance(error, SyntaxError) else str(error))[:120]


def _assignment(statement: ast.stmt) -> tuple[str, Expression]:
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        target: ast.expr = statement.target
        old = ast.Name(statement.target.id, ast.Load())
        value: ast.expr = ast.BinOp(old, statement.op, statement.value)
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
    else:
        raise BadExpression("Ett skript får bara innehålla tilldelningar, som «status = 'KLAR'».")
    if not isinstance(target, ast.Name):
        raise BadExpression("En tilldelning måste ha ett namn till vänster, utan punkt eller hakparentes.")
    _refuse_name(target.id)
    if target.id in BUILTINS:
        raise BadExpression(f"«{target.id}» är en inbyggd funktion och kan inte tilldelas ett värde.")
    _refuse_foreign(value)
    return target.id, _expression(ast.unparse(value), value)


def _expression(source: str, tree: ast.expr) -> Expression:
    _refuse_foreign(tree)
    literal, path = _literal(tree), path_of(tree)
    translation = _Translation(tree)
    return Expression(
        source,
        tree,
        translation.code,
        tuple(translation.paths),
        frozenset(translation.functions),
        path,
        is_literal=literal is not None,
        literal=literal[0] if literal else None,
    )


def _refuse_foreign(tree: ast.AST) -> None:
    """Refuse every construct and name that is not of the language. Walks level by level, so depth costs no stack."""
    level: list[ast.AST] = [tree]
    for _ in range(MAX_NESTING):
        level = [child for node in level for child in _checked_children(node)]
        if not level:
            return
    raise BadExpression("Uttrycket är för djupt nästlat.")


def _checked_children(node: ast.AST) -> Iterable[ast.AST]:
    if not isinstance(node, _ALLOWED):
        word = next((word for word, kind in _WORDS.items() if isinstance(node, kind)), type(node).__name__)
        raise BadExpression(f"«{word}» får inte användas i ett uttryck.")
    if isinstance(node, ast.Name):
        _refuse_name(node.id)
    elif isinstance(node, ast.Attribute):
        _refuse_name(node.attr)
    elif isinstance(node, ast.Constant):
        _refuse_constant(node.value)
    elif isinstance(node, ast.Call):
        _refuse_call(node)
    elif isinstance(node, ast.comprehension) and node.is_async:
        raise BadExpression("«async» får inte användas i ett uttryck.")
    return ast.iter_child_nodes(node)


def _refuse_name(name: str) -> None:
    if name.startswith("_"):
        raise BadExpression(f"Namnet «{name[:60]}» är inte tillåtet: ett namn får inte börja med understreck.")


def _refuse_constant(value: object) -> None:
    if value is not None and not isinstance(value, bool | int | float | str):
        raise BadExpression(f"Ett värde av slaget {type(value).__name__} får inte användas i ett uttryck.")


def _refuse_call(call: ast.Call) -> None:
    if isinstance(call.func, ast.Attribute):
        if call.func.attr not in METHODS and not call.func.attr.startswith("_"):
            raise BadExpression(f"Det finns ingen metod som heter «{call.func.attr[:60]}».")
    elif not isinstance(call.func, ast.Name):
        raise BadExpression("Bara en namngiven funktion kan anropas.")
    if any(keyword.arg is None for keyword in call.keywords):
        raise BadExpression("«**» får inte användas i ett anrop.")


def _literal(tree: ast.expr) -> tuple[object] | None:
    if isinstance(tree, ast.Constant):
        return (tree.value,)
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub) and isinstance(tree.operand, ast.Constant):
        number = tree.operand.value
        return (-number,) if isinstance(number, int | float) and not isinstance(number, bool) else None
    return None


def path_of(tree: ast.expr) -> Path | None:
    """`a.b.c` -> `("a", "b", "c")`; None for anything else."""
    fields: list[str] = []
    while isinstance(tree, ast.Attribute):
        fields.append(tree.attr)
        tree = tree.value
    return (tree.id, *reversed(fields)) if isinstance(tree, ast.Name) else None


class _Translation(ast.NodeTransformer):
    """Turns a tree into sandbox code: values that the host can look up become `_v0`, `_v1` ..., so that only what an
    expression reads is sent there, and a field of a computed value becomes a call of `_field`."""

    def __init__(self, tree: ast.expr) -> None:
        self.bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and _is_store(node)}
        self.paths: list[Path] = []
        self.functions: set[str] = set()
        # The tree itself stays as written: type checking reads it.
        self.code = ast.unparse(self.visit(ast.parse(ast.unparse(tree), mode="eval").body))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return node if node.id in self.bound else self._slot((node.id,))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        path = path_of(node)
        if path and path[0] not in self.bound:
            return self._slot(path)
        field = ast.Constant(node.attr)
        return ast.Call(ast.Name("_field", ast.Load()), [self.visit(node.value), field], [])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
        elif isinstance(node.func, ast.Name) and node.func.id not in BUILTINS:
            self.functions.add(node.func.id)
        node.args = [self.visit(each) for each in node.args]
        node.keywords = [ast.keyword(each.arg, self.visit(each.value)) for each in node.keywords]
        return node

    def _slot(self, path: Path) -> ast.expr:
        if path not in self.paths:
            self.paths.append(path)
        return ast.Name(f"_v{self.paths.index(path)}", ast.Load())


def _is_store(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)
