"""What a rule's selectors reach.

**By path.** `a.b` is that leaf, `a.*` the leaves one level below `a`, `a.**` all leaves below it; list items are
written `items[].name`. A path selector reaches by path alone, whatever the categories of the leaf.

**By category.** A field may count as several categories: its own, those that a narrative contains, and
`protected_whereabouts` for a flagged child. The direction of the rule decides what a partial match means:

- a *permit* reaches a field only if **all** of its categories are among the rule's: permission to share health
  information is no permission to share a health account that also speaks of somebody else;
- a *limit* or *forbid* reaches it if **any** is: what is forbidden stays so in whatever company it travels.

So a field that gains a category can only lose, never gain, by it: both directions fail closed.
"""

from collections.abc import Callable, Collection, Iterable

from contracts.categories import EVERY_CATEGORY, Category
from contracts.fields import Leaf
from contracts.protocol import Forbid, Limit, Permit
from contracts.values import Kind

Reaches = Callable[[str, frozenset[Category]], bool]
"""Whether a rule reaches the leaf of this path while it counts as these categories."""


def path_matches(selector: str, path: str) -> bool:
    """Say whether a path selector reaches the leaf of this contract path."""
    if selector.endswith(".**"):
        return path.startswith(selector[:-2])
    if selector.endswith(".*"):
        return path.startswith(selector[:-1]) and "." not in path[len(selector) - 1 :]
    return path == selector


def keeps_back(selector: str, path: str) -> bool:
    """Say whether a publisher's `-field:` mark keeps this leaf back.

    Wider than `path_matches`, because a mark can only narrow: an object's path keeps back all that it holds, and a
    path into a value that is shared as a whole (half a place is still a place) keeps back the whole value.
    """
    bare = selector.removesuffix(".**").removesuffix(".*").replace("[]", "")
    plain = path.replace("[]", "")
    return (
        path_matches(selector, path)
        or bare in ("*", "**")
        or (not selector.endswith("*") and (plain == bare or plain.startswith(f"{bare}.")))
        or bare.startswith(f"{plain}.")
    )


def unmatched(marks: Iterable[str], leaves: Collection[Leaf]) -> tuple[str, ...]:
    """Return the `-field:` marks that keep nothing of a contract back: the publisher should be told of a slip."""
    return tuple(mark for mark in marks if not any(keeps_back(mark, leaf.path) for leaf in leaves))


def reach_of(rule: Permit | Limit | Forbid) -> Reaches:
    """Return the test of what a rule reaches."""
    if rule.fields is not None:
        selectors = rule.fields
        return lambda path, _: any(path_matches(selector, path) for selector in selectors)
    selected = frozenset(rule.categories or ())
    if isinstance(rule, Permit):
        return lambda _, categories: categories <= selected
    return lambda _, categories: not categories.isdisjoint(selected)


def floor(leaf: Leaf) -> frozenset[Category]:
    """Return the fewest categories that the leaf can count as: an account marked to contain nothing, no flag."""
    return leaf.categories | {Category.NARRATIVE} if leaf.kind is Kind.NARRATIVE else leaf.categories


def ceiling(leaf: Leaf) -> frozenset[Category]:
    """Return the most categories that the leaf can count as: an unmarked account, a flagged child."""
    if leaf.kind is Kind.NARRATIVE:
        return EVERY_CATEGORY
    return leaf.categories | {Category.PROTECTED_WHEREABOUTS} if leaf.whereabouts else leaf.categories
