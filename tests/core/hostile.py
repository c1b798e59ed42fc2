"""Expressions that mean harm. Tests run them at every place where a diagram can hold an expression.

`ESCAPES` try to reach what lies outside the sandbox; one that got through would write the file named by `CANARY`,
start a process, open a socket or read a secret. `BOMBS` try to use up time or memory. None may run, nor stop the next.
"""

from __future__ import annotations

import os
import tempfile

CANARY = os.path.join(tempfile.gettempdir(), "kunskapsflode-canary")
SECRET = "kunskapsflode-hemlig"
"""Environment variable whose value no expression may ever give."""

_WRITE = f"open({CANARY!r}, 'w').write('x')"
_SYSTEM = f"system('touch {CANARY}')"

ESCAPES = [
    _WRITE,
    f"__import__('os').{_SYSTEM}",
    f"import os\nos.{_SYSTEM}",
    f"from os import system\n{_SYSTEM}",
    f"eval({_WRITE!r})",
    f"exec({_WRITE!r})",
    f"compile({_WRITE!r}, 'x', 'eval')",
    f"__builtins__['open']({CANARY!r}, 'w')",
    f"__builtins__.open({CANARY!r}, 'w')",
    f"getattr(__builtins__, 'open')({CANARY!r}, 'w')",
    "().__class__.__base__.__subclasses__()",
    "''.__class__.__mro__[-1].__subclasses__()",
    f"[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'Popen'][0](['touch', {CANARY!r}])",
    "(lambda: 0).__globals__",
    f"(lambda o: o({CANARY!r}, 'w'))(open)",
    "'{0.__class__.__init__.__globals__}'.format(today)",
    "f'{().__class__.__base__.__subclasses__()}'",
    "[e.gi_frame.f_back.f_globals for e in [(x for x in [1])]]",
    "workday.__globals__",
    "workday.__self__",
    f"workday.__globals__['__builtins__']['open']({CANARY!r}, 'w')",
    "globals()",
    "vars()",
    "dir()",
    "type('X', (), {})",
    "breakpoint()",
    "help('os')",
    "input()",
    "exit()",
    f"(x := __import__('os')) and x.{_SYSTEM}",
    f"getattr('', '__cl' + 'ass__')",  # noqa: F541
    "a.ｅval('1')",
    "().__ｃlass__",
    "().＿＿class＿＿",
    "max([1], key=open)",
    f"sorted([{CANARY!r}], key=open)",
    f"__import__('pathlib').Path({CANARY!r}).touch()",
    "__import__('socket').create_connection(('127.0.0.1', 9))",
    f"__import__('os').environ['{SECRET}']",
    "await x",
    "yield 1",
    f"class X:\n    y = {_WRITE}",
    f"def f(x={_WRITE}): pass",
    f"assert {_WRITE}",
    f"${{{_WRITE}}}",
    f"#{{{_WRITE}}}",
    f'today + "${{{_WRITE}}}" + {_WRITE}',
]

BOMBS = [
    "9 ** 9 ** 9 ** 9",
    "2 ** 10 ** 8",
    "'a' * 10 ** 10",
    "'a' * 5 * 10 ** 7",
    "[0] * 10 ** 10",
    "list(range(10 ** 12))",
    "[x for x in range(10 ** 12)]",
    "sum(x for x in range(10 ** 12))",
    "any(False for x in range(10 ** 12))",
    "max(range(10 ** 12))",
    "[[[a + b + c for a in range(10 ** 4)] for b in range(10 ** 4)] for c in range(10 ** 4)]",
    "len([0 for a in range(10 ** 6) for b in range(10 ** 6)])",
    "('ab' * 1000).replace('a', 'b' * 10000).replace('b', 'c' * 10000)",
    "'x'.join(['y' * 10 ** 6] * 10 ** 5)",
    "str(10 ** 10 ** 6)",
    "int('9' * 10 ** 7)",
    "f'{1:>1000000000}'",
    "'%1000000000d' % 1",
    "1 << 10 ** 12",
    "[[x, x] for x in [[y, y] for y in [[z, z] for z in range(10 ** 5)]]]",
    "workday(list(range(10 ** 7)), 1)",
    "[workday(today, x) for x in range(10 ** 7)]",
    "(" * 5_000 + ")" * 5_000,
    "[" * 50_000,
    "-" * 3_900 + "1",
    "not " * 900 + "True",
    "1" + "+1" * 1_900,
    "a" + ".a" * 1_900,
    "a" + "[0]" * 1_300,
    "f(" * 1_900,
    "{" * 3_900,
    "lambda:" * 500 + "1",
    "1 if 1 else " * 300 + "1",
    "'" + "a" * 49_998 + "'",
    "a" * 50_000,
    "9" * 3_999,
    "'\ud800'",
    "'a\0b'",
    "1e999",
    "1e308 * 10",
    "1e999 - 1e999",
    "{1: 2}",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
]

SCRIPT_BOMB = "x = [1]\n" + "x = [x, x]\n" * 40
"""Small where it is made, and without end once written out."""
