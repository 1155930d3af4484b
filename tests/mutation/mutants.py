"""The mutants of a module: each the module's text with one thing changed, as mutmut's operators change it."""

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import libcst as cst
from attrs import frozen
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, MutationVisitor, deep_replace
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

from tests.mutation.equivalent import Change

# What is not changed, and why.
# A list of exports is read by `import *` and by tools; that the names are there, every import of them tests.
EXPORTS = "__all__"
# A literal of several words is a sentence for people: an error's text, a remedy, where a fact stands. That it is there
# is tested (it may not be None, nor left out), its case and its marks are not. But these are held against the words of
# a vendor, and so are no sentences of ours.
COMPARED = {"LOCKED", "EARLY", "STATUS_CODE"}


@frozen(eq=False, slots=False)
class Source:
    """A module as it stands."""

    module: str
    path: Path

    @cached_property
    def wrapped(self) -> MetadataWrapper:
        return MetadataWrapper(cst.parse_module(self.path.read_text("utf-8")))

    @cached_property
    def text(self) -> str:
        return self.wrapped.module.code

    @cached_property
    def places(self) -> Mapping[cst.CSTNode, CodeRange]:
        return self.wrapped.resolve(PositionProvider)

    @cached_property
    def syntax(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def beginnings(self) -> list[int]:
        """Where each line begins."""
        lines = self.text.splitlines(keepends=True)
        return [sum(map(len, lines[:n])) for n in range(len(lines) + 1)]

    def span(self, node: cst.CSTNode) -> slice:
        """Where a node stands in the text."""
        place = self.places[node]
        first, last = (self.beginnings[point.line - 1] + point.column for point in (place.start, place.end))
        return slice(first, last)


@frozen(eq=False, slots=False)
class Mutant:
    """One change to one module."""

    source: Source
    mutation: Mutation

    @property
    def module(self) -> str:
        return self.source.module

    @property
    def path(self) -> Path:
        return self.source.path

    @cached_property
    def text(self) -> str:
        """The module's text with the change."""
        was, becomes = self.mutation.original_node, self.mutation.mutated_node
        tree, text = self.source.wrapped.module, self.source.text
        span = self.source.span(was)
        if text[span] == tree.code_for_node(was):
            return text[: span.start] + tree.code_for_node(becomes) + text[span.stop :]
        changed = deep_replace(tree, was, becomes)  # what stands in blank space of its own
        return changed.code if isinstance(changed, cst.Module) else ""

    @cached_property
    def change(self) -> Change:
        """Where the change is, and what."""
        before, after = self.source.text.splitlines(), self.text.splitlines()
        first = _alike(before, after)
        last = _alike(before[first:][::-1], after[first:][::-1])
        was, becomes = (_line(lines[first : len(lines) - last]) for lines in (before, after))
        return Change(".".join([self.module, *self.names]), was, becomes)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of what is changed: class, function, or the table that it is a row of."""
        return tuple(_names(self.source.syntax, self.source.places[self.mutation.original_node].start.line))

    @cached_property
    def function(self) -> str:
        """The function or method whose code is changed, by its name in the module; empty for what is in no code."""
        holder = self.mutation.contained_by_top_level_function
        if not isinstance(holder, cst.FunctionDef) or self._starts(holder.body.body[0]) > self._starts(
            self.mutation.original_node
        ):
            return ""
        classes = (node for node in self.source.wrapped.module.body if isinstance(node, cst.ClassDef))
        owner = next((f"{node.name.value}." for node in classes if holder in node.body.body), "")
        return owner + holder.name.value

    def _starts(self, node: cst.CSTNode) -> tuple[int, int]:
        place = self.source.places[node].start
        return place.line, place.column

    @property
    def judged(self) -> bool:
        """Whether a test has to notice the change: it is neither an export nor the look of a sentence."""
        return EXPORTS not in self.names and (not self._restyled or bool(COMPARED & set(self.names)))

    @property
    def _restyled(self) -> bool:
        was, becomes = self.mutation.original_node, self.mutation.mutated_node
        return isinstance(was, cst.SimpleString) and isinstance(becomes, cst.SimpleString) and " " in _value(was)


def mutants_of(module: str, path: Path) -> Iterator[Mutant]:
    """Every mutant of a module that is Python, once."""
    source = Source(module, path)
    visitor = MutationVisitor(mutation_operators, IgnoredCode(set(), set(), set()))
    source.wrapped.visit(visitor)
    seen = {source.text}
    for mutation in visitor.mutations:
        mutant = Mutant(source, mutation)
        if mutant.judged and mutant.text not in seen and _is_python(mutant.text):
            yield mutant
        seen.add(mutant.text)


def _is_python(text: str) -> bool:
    try:
        compile(text, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def _value(literal: cst.SimpleString) -> str:
    value = literal.evaluated_value
    return value if isinstance(value, str) else ""


def _alike(some: list[str], others: list[str]) -> int:
    """How many lines at the beginning are the same."""
    pairs = enumerate(zip(some, others, strict=False))
    return next((n for n, (one, other) in pairs if one != other), min(len(some), len(others)))


def _line(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def _names(node: ast.AST, line: int) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt) and child.lineno <= line <= (child.end_lineno or 0):
            if isinstance(child, ast.ClassDef | ast.FunctionDef):
                yield child.name
            elif isinstance(child, ast.Assign | ast.AnnAssign) and isinstance(node, ast.Module | ast.ClassDef):
                targets = child.targets if isinstance(child, ast.Assign) else [child.target]
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            yield from _names(child, line)
            return
